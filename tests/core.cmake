# tests of libmeshproto's overlay, log and core
mesh_check(mesh_site meshsim_world)
