# Reads attacks.txt.  Its texts are C: they may hold what CMake's lists cannot, so rows are cut out of one
# string, never out of a list.

# attack_names(TABLE OUT): the names of all rows.
function(attack_names table out)
  file(STRINGS ${table} heads REGEX "^\\[[a-z0-9_]+\\]$")
  list(TRANSFORM heads REPLACE "[][]" "")
  list(LENGTH heads count)
  list(REMOVE_DUPLICATES heads)
  list(LENGTH heads unique)
  if(count EQUAL 0 OR NOT count EQUAL unique)
    message(FATAL_ERROR "${table}: ${count} rows, ${unique} names")
  endif()
  set(${out} ${heads} PARENT_SCOPE)
endfunction()

# attack_row(TABLE NAME OUT): sets OUT_attack, OUT_test, OUT_counter, OUT_file, OUT_defence, OUT_without.
function(attack_row table name out)
  file(READ ${table} text)
  string(FIND "${text}" "[${name}]\n" at)
  if(at LESS 0)
    message(FATAL_ERROR "${table}: no row is called ${name}")
  endif()
  string(SUBSTRING "${text}" ${at} -1 text)
  string(FIND "${text}" "\n\n" end)
  string(SUBSTRING "${text}" 0 ${end} text)
  foreach(key attack test counter file defence without)
    if(NOT "${text}\n" MATCHES "\n${key}: ?([^\n]*)\n")
      message(FATAL_ERROR "${table} [${name}]: no line `${key}:`")
    endif()
    set(${out}_${key} "${CMAKE_MATCH_1}" PARENT_SCOPE)
  endforeach()
endfunction()
