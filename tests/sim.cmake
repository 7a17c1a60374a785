# tests of radio/sim
mesh_check(sim_cell meshradio_inside m)
mesh_check(sim_session meshradio_inside m)
# tests of tools/meshsim
mesh_check(world_standin meshsim_world meshproto_inside)
