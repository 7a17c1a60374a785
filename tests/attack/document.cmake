# docs/SECURITY-TESTS.md from attacks.txt: cmake -DROOT=DIR -DOUT=FILE [-DCHECK=1] -P document.cmake
# CHECK: OUT is only where it is made, and must be what is committed.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/table.cmake)
set(table ${ROOT}/tests/attack/attacks.txt)
set(page "# Attacks and their tests

<!-- Made by tests/attack/document.cmake from tests/attack/attacks.txt: do not edit. -->

Each attack is made in a simulated network of production cores, by an eavesdropper, by a stranger who
has the network key, or by an admitted site that lies.  Peers, have-sets, what was told, tables in use and
memory of every honest site are the same before and after; the named counter moves and no other; what is
sent in reply is bounded.  Then the same test runs against the same code without the defence: the text in
the third column taken out of that one file.  There it has to fail, as `attack.without_NAME`, so no test
here passes for another reason than the defence it names.

| attack | test | defence | counter | without |
|---|---|---|---|---|
")
attack_names(${table} names)
foreach(name IN LISTS names)
  attack_row(${table} ${name} row)
  string(REPLACE "|" "\\|" defence "${row_defence}")
  string(APPEND page "| ${row_attack} | `${row_test}` | `${defence}` in ${row_file} | ${row_counter} | `${name}` |\n")
endforeach()
file(WRITE ${OUT} "${page}")
if(CHECK)
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${OUT} ${ROOT}/docs/SECURITY-TESTS.md
    RESULT_VARIABLE differs OUTPUT_QUIET ERROR_QUIET)
  if(differs)
    message(FATAL_ERROR "stale: docs/SECURITY-TESTS.md\n"
      "  run: cmake -DROOT=. -DOUT=docs/SECURITY-TESTS.md -P tests/attack/document.cmake")
  endif()
endif()
