# tests of libmeshproto's overlay, log and core
foreach(name accused addresses places beacon peers liveness health errands suspect phase neighbours flood prune share reach stamps question holdings gaps own exchange lag sketch backstop)
  mesh_check(${name} meshproto_inside)
endforeach()
foreach(name finding mesh_site peering watch receive apply batch branch limits repair fork recover routing asking ruling purges guests rekey cargo certs sketching tombs week halves departed quotas replicas)
  mesh_check(${name} meshsim_world meshproto_inside)
endforeach()
mesh_fuzz(trust meshproto_inside)
mesh_fuzz(site meshsim_world meshproto_inside)
target_sources(fuzz_site PRIVATE fuzz/liar.c)

# Virtual time: each run holds its invariants, and equal options give equal reports.
foreach(run "converge" "relay --loss 0.1" "chain --nodes 20" "detect --duration 60")
  string(REGEX REPLACE " .*" "" name "${run}")
  separate_arguments(words UNIX_COMMAND "${run}")
  add_test(NAME sim.${name} COMMAND meshsim ${words} --json)
  set_tests_properties(sim.${name} PROPERTIES LABELS sim TIMEOUT 1200
    PASS_REGULAR_EXPRESSION "\"violations\":\\[\\]}")
endforeach()
add_test(NAME sim.both COMMAND meshsim alert --nodes 10 --duration 2 --crypto both)
set_tests_properties(sim.both PROPERTIES LABELS sim TIMEOUT 1200)
