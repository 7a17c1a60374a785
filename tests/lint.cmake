# Layout and static analysis, in the sanitizer build, whose compile commands they read.
if(MESHD_SANITIZE AND NOT MESHD_FUZZ)
  add_test(NAME lint.format COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
    -P ${CMAKE_CURRENT_SOURCE_DIR}/check_format.cmake)
  add_test(NAME lint.tidy COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/check_tidy.sh ${PROJECT_SOURCE_DIR}
    ${PROJECT_BINARY_DIR})
  set_tests_properties(lint.format lint.tidy PROPERTIES LABELS lint TIMEOUT 3600)
endif()
