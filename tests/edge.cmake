# tests of meshd/host, meshd/net
foreach(name log spare statedir moving udp)
  mesh_check(${name} meshedge)
endforeach()
set_tests_properties(unit.udp PROPERTIES RESOURCE_LOCK loopback_ports)

# The program itself, started and stopped.
mesh_check(meshd)
add_dependencies(check_meshd meshd)
target_compile_definitions(check_meshd PRIVATE _GNU_SOURCE MESHD_BIN="$<TARGET_FILE:meshd>")
set_tests_properties(unit.meshd PROPERTIES RESOURCE_LOCK loopback_ports)

# meshd/daemon, its pure part.
mesh_check(sections meshsections)
mesh_check(turn meshturn)
target_include_directories(check_turn PRIVATE ${PROJECT_SOURCE_DIR}/meshd/store)

# Names of radios: the resolver and what lies behind the radios stand in the test itself.
mesh_check(radio_edge meshturn meshsections meshradio_inside)
target_sources(check_radio_edge PRIVATE ${PROJECT_SOURCE_DIR}/meshd/daemon/radio_edge.c)
target_compile_definitions(check_radio_edge PRIVATE _GNU_SOURCE)
