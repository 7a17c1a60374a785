# Real daemons: only where no sanitizer slows them, so in the optimised build.
find_package(Python3 COMPONENTS Interpreter)
function(mesh_e2e name script label seconds)
  add_test(NAME ${label}.${name} COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${ARGN})
  set_tests_properties(${label}.${name} PROPERTIES LABELS ${label} TIMEOUT ${seconds}
    SKIP_RETURN_CODE 77 ENVIRONMENT "MESHD_BIN=${PROJECT_BINARY_DIR}")
endfunction()
if(Python3_FOUND AND NOT MESHD_SANITIZE AND NOT MESHD_COVERAGE)
  mesh_e2e(line e2e/line.py e2e 120)
  mesh_e2e(ring e2e/line.py e2e 120 ring)
  mesh_e2e(death e2e/death.py e2e 180)
  mesh_e2e(reach e2e/reach.py e2e 120)
  mesh_e2e(kill_loop e2e/kill_loop.py e2e 600)
  mesh_e2e(stop e2e/stop.py e2e 120)
  mesh_e2e(own_backup e2e/own_log.py e2e 180 backup)
  mesh_e2e(own_database e2e/own_log.py e2e 180 database)
  mesh_e2e(own_clone e2e/own_log.py e2e 180 clone)
  mesh_e2e(own_line e2e/own_log.py e2e 240 line)
  mesh_e2e(own_fork e2e/own_log.py e2e 240 fork)
  mesh_e2e(radio_faults e2e/radio_faults.py e2e 300)
  mesh_e2e(alerts e2e/alerts.py e2e 120)
  mesh_e2e(recordings e2e/recordings.py e2e 120 tcp)
  mesh_e2e(recordings_serial e2e/recordings.py e2e 120 pty)
  mesh_e2e(api e2e/api.py e2e 120)
  mesh_e2e(doors e2e/doors.py e2e 120)
  foreach(case nat_flush ipv6 ipv6_seed roam seed_name punch seed_dead metered)
    mesh_e2e(wan_${case} e2e/wan.py e2e 120 ${case})
  endforeach()
  mesh_e2e(versions_build e2e/versions.py e2e 900 build)
  mesh_e2e(versions e2e/versions.py e2e 90)
  set_tests_properties(e2e.versions_build PROPERTIES FIXTURES_SETUP previous)
  set_tests_properties(e2e.versions PROPERTIES FIXTURES_REQUIRED previous)
  mesh_e2e(demo e2e/demo.py e2e 600)
  mesh_e2e(page web/page.py web 240)
  mesh_e2e(examples doc/examples.py doc 180)
  mesh_e2e(ancestors check_ancestors.py unit 60)
  add_test(NAME fuzz.coverage COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_SOURCE_DIR}/check_coverage.py)
  set_tests_properties(fuzz.coverage PROPERTIES LABELS fuzz TIMEOUT 900 SKIP_RETURN_CODE 77
    ENVIRONMENT "MESHD_BIN=${PROJECT_BINARY_DIR}")
endif()

# docgen knows every table, so it links nearly everything.
add_test(NAME docs.current COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
  -DDOCGEN=$<TARGET_FILE:docgen> -DOUT=${CMAKE_CURRENT_BINARY_DIR}/docs
  -P ${CMAKE_CURRENT_SOURCE_DIR}/check_docs.cmake)
set_tests_properties(docs.current PROPERTIES LABELS unit)
