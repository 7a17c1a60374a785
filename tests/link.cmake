# tests of link and trust
mesh_check(noise meshproto_inside dep::jansson)
foreach(name handshake transcript session pace hop mtu frag roam identity netkey admit charter invite cert)
  mesh_check(${name} meshproto_inside)
endforeach()
mesh_fuzz(frag meshproto_inside)
set_tests_properties(unit.noise PROPERTIES SKIP_RETURN_CODE 77)

# XXpsk0 against an independent implementation; MESHD_PYTHON names a Python that has it.
add_executable(noise_psk0 clients/noise_psk0.c)
target_compile_options(noise_psk0 PRIVATE -Wno-null-dereference)
target_link_libraries(noise_psk0 PRIVATE meshd_flags meshproto_inside)
add_test(NAME clients.noise_psk0 COMMAND sh -c
  "exec \"\${MESHD_PYTHON:-python3}\" '${CMAKE_CURRENT_SOURCE_DIR}/clients/noise_psk0.py' '$<TARGET_FILE:noise_psk0>'")
set_tests_properties(clients.noise_psk0 PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 1200 LABELS unit)

# Every golden vector read by a decoder of its own, which knows the documents and none of the code.
add_test(NAME clients.decoder COMMAND sh -c
  "exec \"\${MESHD_PYTHON:-python3}\" -B '${CMAKE_CURRENT_SOURCE_DIR}/decoder/decode.py'")
set_tests_properties(clients.decoder PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 LABELS unit)
