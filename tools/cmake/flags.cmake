# meshd_flags: what every target of ours is compiled with.  Link it PRIVATE.
option(MESHD_WERROR "Warnings are errors" OFF)
option(MESHD_HARDEN "Hardening and link-time optimisation" OFF)
option(MESHD_FUZZ "Build libFuzzer targets" OFF)
option(MESHD_COVERAGE "Source-based coverage (clang)" OFF)
set(MESHD_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# CMake adds -DNDEBUG to every optimised build type; our asserts stay in.
foreach(type RELEASE RELWITHDEBINFO MINSIZEREL)
  string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${type} "${CMAKE_C_FLAGS_${type}}")
endforeach()

add_library(meshd_flags INTERFACE)
target_compile_definitions(meshd_flags INTERFACE _POSIX_C_SOURCE=200809L
  MESHD_VERSION="${PROJECT_VERSION}")
target_compile_options(meshd_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes
  -Wold-style-definition -Wundef -Wvla -Wwrite-strings -Wcast-align -Wcast-qual
  -Wformat=2 -Wswitch-enum -Wpointer-arith -Wnull-dereference -Wimplicit-fallthrough
  -Wdouble-promotion -Wframe-larger-than=16384
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(meshd_flags INTERFACE -Wlogical-op -Wduplicated-cond
    -Wduplicated-branches -Wjump-misses-init)
endif()
if(MESHD_WERROR)
  target_compile_options(meshd_flags INTERFACE -Werror)
endif()
if(MESHD_HARDEN)
  target_compile_options(meshd_flags INTERFACE -D_FORTIFY_SOURCE=2
    -fstack-protector-strong -fstack-clash-protection -fcf-protection
    -ffunction-sections -fdata-sections)
  target_link_options(meshd_flags INTERFACE -Wl,-z,relro,-z,now,--as-needed,--gc-sections)
endif()
if(MESHD_SANITIZE)
  target_compile_options(meshd_flags INTERFACE -fsanitize=${MESHD_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  string(REPLACE "fuzzer-no-link," "" link_sanitize "${MESHD_SANITIZE}")
  target_link_options(meshd_flags INTERFACE -fsanitize=${link_sanitize})
endif()
if(MESHD_COVERAGE)
  target_compile_options(meshd_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(meshd_flags INTERFACE -fprofile-instr-generate)
endif()
