# A source file without one defence: cmake -DFROM=FILE -DTO=FILE -DTABLE=attacks.txt -DNAME=ROW -P without.cmake
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/table.cmake)
attack_row(${TABLE} ${NAME} row)
file(READ ${FROM} source)

# The text as a pattern: itself, with any white space for a blank.
string(REGEX REPLACE "([][+.*()^$?|\\\\])" "\\\\\\1" pattern "${row_defence}")
string(REGEX REPLACE "[ \t]+" "[ \t\n]+" pattern "${pattern}")
string(REGEX MATCH "${pattern}" found "${source}")
string(FIND "${source}" "${found}" first)
string(FIND "${source}" "${found}" last REVERSE)
if(found STREQUAL "" OR NOT first EQUAL last)
  message(FATAL_ERROR "tests/attack/attacks.txt [${NAME}]: the defence `${row_defence}` does not stand "
    "once in ${FROM}: write there what keeps this attack out now")
endif()
string(REPLACE "${found}" "${row_without}" source "${source}")
file(WRITE ${TO} "#line 1 \"${row_file}, without ${NAME}\"\n${source}")
