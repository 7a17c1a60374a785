# tests of radio
add_library(mt_recording STATIC support/mt_recording.c)
target_compile_definitions(mt_recording PRIVATE
  TEST_VECTORS="${CMAKE_CURRENT_SOURCE_DIR}/vectors")
target_link_libraries(mt_recording PUBLIC check_mesh dep::jansson PRIVATE meshd_flags)

mesh_check(mt_vectors mt_recording meshradio_inside)
