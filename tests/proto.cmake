# tests of libmeshproto/mech and libmeshproto/wire
foreach(name seal merkle dedup replay runs rate rtt deadline pool sort table
    shape pack tree_pack wire messages record bundle rows envelope mesh_record mesh_shelf)
  mesh_check(${name} meshproto_inside)
endforeach()
foreach(name shape wire invite)
  mesh_fuzz(${name} meshproto_inside)
endforeach()
