# tests of libmeshproto/base
foreach(name bytes text address units id tree fields describe)
  mesh_check(${name})
endforeach()
