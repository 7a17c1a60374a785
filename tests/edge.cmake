# tests of meshd/host, meshd/net
foreach(name log statedir udp)
  mesh_check(${name} meshedge)
endforeach()
set_tests_properties(unit.udp PROPERTIES RESOURCE_LOCK loopback_ports)
