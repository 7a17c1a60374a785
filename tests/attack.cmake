# Attacks on the mesh, each against the code as it is (attack.GROUP: all must hold) and against the code
# without its defence (attack.without_NAME: the test must fail).  attacks.txt is the table.
include(attack/table.cmake)
set(attack_table ${CMAKE_CURRENT_SOURCE_DIR}/attack/attacks.txt)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${attack_table})

add_library(attack STATIC attack/attack.c)
target_include_directories(attack PUBLIC attack)
target_link_libraries(attack PUBLIC check_mesh meshsim_world meshproto_inside PRIVATE meshd_flags)

# What else the programs of a group link.
add_library(attack_meshctl STATIC ${PROJECT_SOURCE_DIR}/tools/meshctl/tables.c
  ${PROJECT_SOURCE_DIR}/tools/meshctl/document.c)
target_include_directories(attack_meshctl PUBLIC ${PROJECT_SOURCE_DIR}/tools/meshctl)
target_link_libraries(attack_meshctl PUBLIC meshbase dep::jansson dep::smartcols PRIVATE meshd_flags)
target_compile_definitions(attack_meshctl PRIVATE _GNU_SOURCE)
set(attack_links_local meshedge attack_meshctl)
set(attack_links_conf_load config_sample)

# attack_tests(NAME SOURCE): compiled once for all programs of the group.
function(attack_tests group source)
  add_library(attack_${group}_tests OBJECT ${source})
  target_compile_definitions(attack_${group}_tests PRIVATE
    TEST_VECTORS="${CMAKE_CURRENT_SOURCE_DIR}/vectors")
  target_compile_options(attack_${group}_tests PRIVATE -Wno-missing-prototypes -Wno-frame-larger-than
    -Wno-null-dereference)
  target_link_libraries(attack_${group}_tests PRIVATE meshd_flags attack ${attack_links_${group}})
endfunction()

# attack_group(NAME): the tests of attack/attack_NAME.c.
function(attack_group group)
  attack_tests(${group} attack/attack_${group}.c)
  attack_program(attack_${group} ${group})
  add_test(NAME attack.${group} COMMAND attack_${group})
  set_tests_properties(attack.${group} PROPERTIES LABELS unit TIMEOUT 1200)
  if(MESHD_SANITIZE)
    set_tests_properties(attack.${group} PROPERTIES ENVIRONMENT CK_FORK=no)
  endif()
endfunction()

# attack_program(TARGET GROUP [SOURCE]): SOURCE stands before the library, whose own copy is not taken then.
function(attack_program target group)
  add_executable(${target} $<TARGET_OBJECTS:attack_${group}_tests> ${ARGN})
  target_compile_options(${target} PRIVATE -w)
  target_link_libraries(${target} PRIVATE meshd_flags attack ${attack_links_${group}})
  if(group STREQUAL "session") # it counts curve operations
    target_link_options(${target} PRIVATE -Wl,--wrap=crypto_scalarmult,--wrap=crypto_scalarmult_base)
  endif()
endfunction()

function(attack_without name)
  attack_row(${attack_table} ${name} row)
  string(REGEX REPLACE "\\..*" "" group "${row_test}")
  string(REGEX REPLACE ".*\\." "" test "${row_test}")
  set(from ${PROJECT_SOURCE_DIR}/${row_file})
  set(to ${CMAKE_CURRENT_BINARY_DIR}/without/${name}.c)
  add_custom_command(OUTPUT ${to} DEPENDS ${from} ${attack_table} attack/without.cmake attack/table.cmake
    COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DTO=${to} -DNAME=${name}
      -P ${CMAKE_CURRENT_SOURCE_DIR}/attack/without.cmake VERBATIM)
  attack_program(attack_without_${name} ${group} ${to})
  # Not merely "it failed": this test, by a check of its own, of the code's (which aborts, hence the
  # shell around it) or of a sanitizer.  One without its defence never ends; the longest of the others takes 7 s.
  add_test(NAME attack.without_${name} COMMAND sh -c "\"$1\" 2>&1; true" sh
    $<TARGET_FILE:attack_without_${name}>)
  set(fork "")
  if(MESHD_SANITIZE)
    set(fork "CK_FORK=no;ASAN_OPTIONS=detect_leaks=0;")
  endif()
  set_tests_properties(attack.without_${name} PROPERTIES LABELS unit TIMEOUT 1200
    ENVIRONMENT "${fork}CK_RUN_CASE=${test};MESH_TEST_END=60"
    PASS_REGULAR_EXPRESSION ":[FE]:${test}:;AddressSanitizer: ;Assertion .* failed;runtime error: ")
endfunction()

mesh_check(versions attack)

foreach(group replay forge session numbers shape flood path fork local clock repair frag invite sybil eclipse)
  attack_group(${group})
endforeach()
foreach(group asking stamps neighbours guests charter gaps finding table apply quotas holdings sketch sketching conf_load) # these run as unit.GROUP; their defences are taken out here
  attack_tests(${group} check_${group}.c)
endforeach()
attack_names(${attack_table} names)
foreach(name IN LISTS names)
  attack_without(${name})
endforeach()

add_test(NAME attack.table COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
  -P ${CMAKE_CURRENT_SOURCE_DIR}/attack/without.cmake)
add_test(NAME docs.attacks COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DCHECK=1
  -DOUT=${CMAKE_CURRENT_BINARY_DIR}/SECURITY-TESTS.md -P ${CMAKE_CURRENT_SOURCE_DIR}/attack/document.cmake)
set_tests_properties(attack.table docs.attacks PROPERTIES LABELS unit)
