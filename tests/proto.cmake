# tests of libmeshproto/mech and libmeshproto/wire
foreach(name seal merkle dedup replay runs rate rtt deadline pool table)
  mesh_check(${name} meshproto_inside)
endforeach()
