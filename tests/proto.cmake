# tests of libmeshproto/mech and libmeshproto/wire
foreach(name seal merkle dedup replay runs rate rtt deadline pool table
    shape pack wire)
  mesh_check(${name} meshproto_inside)
endforeach()
