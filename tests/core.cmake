# tests of libmeshproto's overlay, log and core
foreach(name beacon peers liveness suspect neighbours flood reach holdings own)
  mesh_check(${name} meshproto_inside)
endforeach()
foreach(name mesh_site peering receive)
  mesh_check(${name} meshsim_world meshproto_inside)
endforeach()
mesh_fuzz(site meshsim_world meshproto_inside)
