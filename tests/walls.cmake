# Floors, walls and purity: each with a planted offender that must be caught.
add_test(NAME walls.layers COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
  -P ${CMAKE_CURRENT_SOURCE_DIR}/check_layers.cmake)
add_test(NAME walls.layers_planted COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DPLANT=1
  -P ${CMAKE_CURRENT_SOURCE_DIR}/check_layers.cmake)
set_tests_properties(walls.layers_planted PROPERTIES
  PASS_REGULAR_EXPRESSION "libmeshproto/base/text.c .floor 0.: includes libmeshproto/include/meshproto.h")

add_test(NAME walls.antenna COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
  -P ${CMAKE_CURRENT_SOURCE_DIR}/check_antenna.cmake)
add_test(NAME walls.antenna_planted COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DPLANT=1
  -P ${CMAKE_CURRENT_SOURCE_DIR}/check_antenna.cmake)
set_tests_properties(walls.antenna_planted PROPERTIES
  PASS_REGULAR_EXPRESSION "meshd/ops/ops_radio.c: hands requests to a radio past meshd/site/air.c")

# Sanitizers bring symbols of their own, so purity is looked at in plain objects.
if(NOT MESHD_SANITIZE AND NOT MESHD_COVERAGE)
  add_library(offender STATIC support/offender.c)
  foreach(library meshbase meshproto meshradio meshmodel meshsite)
    add_test(NAME walls.symbols_${library} COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM}
      -DOBJDUMP=${CMAKE_OBJDUMP} -DLIBRARY=$<TARGET_FILE:${library}>
      -P ${CMAKE_CURRENT_SOURCE_DIR}/check_symbols.cmake)
  endforeach()
  add_test(NAME walls.symbols_planted COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM}
    -DOBJDUMP=${CMAKE_OBJDUMP} -DLIBRARY=$<TARGET_FILE:offender>
    -P ${CMAKE_CURRENT_SOURCE_DIR}/check_symbols.cmake)
  set_tests_properties(walls.symbols_planted PROPERTIES
    PASS_REGULAR_EXPRESSION "uses time.*has the writable global offender_count")
endif()
get_property(all DIRECTORY PROPERTY TESTS)
foreach(test IN LISTS all)
  if(test MATCHES "^walls\\.")
    set_tests_properties(${test} PROPERTIES LABELS unit)
  endif()
endforeach()
