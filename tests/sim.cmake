# tests of radio/sim
mesh_check(sim_cell meshradio_inside m)
mesh_check(sim_session meshradio_inside m)
# tests of tools/meshsim
mesh_check(world_standin meshsim_world meshproto_inside)
mesh_check(world_faults meshsim_world meshproto_inside)

# Virtual time: every scenario holds its invariants and finds its way back to peace.  What
# takes longer is a swarm, by hand: CONTRIBUTING.md.
foreach(run "idle --duration 20" "alert --nodes 20 --duration 5 --loss 0.3"
    "partition --duration 15" "churn --duration 30" "attack --duration 10"
    "flood --duration 5" "faults --nodes 5 --duration 15 --seed 3")
  string(REGEX REPLACE " .*" "" name "${run}")
  separate_arguments(words UNIX_COMMAND "${run}")
  add_test(NAME sim.${name} COMMAND meshsim ${words} --json)
  set_tests_properties(sim.${name} PROPERTIES LABELS sim TIMEOUT 1200
    PASS_REGULAR_EXPRESSION "\"violations\":\\[\\]}")
endforeach()
# Neither of two origins gets less than two fifths of a narrow link.  Seed 7 gave 0.26 when
# whoever was asked for first had all the window.
add_test(NAME sim.share
  COMMAND meshsim share --duration 5 --seed 7 --crypto standin --json)
set_tests_properties(sim.share PROPERTIES LABELS sim TIMEOUT 1200
  PASS_REGULAR_EXPRESSION "\"least_share\":0\\.(4[0-9]+|5),.*\"violations\":\\[\\]}")
