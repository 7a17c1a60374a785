# tests of libmeshproto/base
foreach(name bytes text units id tree fields describe)
  mesh_check(${name})
endforeach()
