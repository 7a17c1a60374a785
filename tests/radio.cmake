# tests of radio
add_library(mt_recording STATIC support/mt_recording.c support/mt_random.c)
target_compile_definitions(mt_recording PRIVATE
  TEST_VECTORS="${CMAKE_CURRENT_SOURCE_DIR}/vectors")
target_link_libraries(mt_recording PUBLIC check_mesh meshradio_inside dep::jansson
  PRIVATE meshd_flags m)

foreach(name protobuf stream mt_vectors mt_session radio inspect)
  mesh_check(${name} mt_recording meshradio_inside)
endforeach()
