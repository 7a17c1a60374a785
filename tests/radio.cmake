# tests of radio
add_library(mt_recording STATIC support/mt_recording.c support/mt_random.c support/mt_driver.c support/mt_crypto.c)
target_compile_definitions(mt_recording PRIVATE
  TEST_VECTORS="${CMAKE_CURRENT_SOURCE_DIR}/vectors")
target_link_libraries(mt_recording PUBLIC check_mesh meshradio_inside dep::jansson
  PRIVATE meshd_flags m)

foreach(name protobuf stream mt_vectors mt_cache mt_keys mt_opening mt_ether mt_envelope mt_facts mt_coarse mt_settings mt_admin mt_session mt_supervision mt_bad_input mt_sending airtime pacing radio inspect)
  mesh_check(${name} mt_recording meshradio_inside)
endforeach()

mesh_check(mt_wish mt_recording meshradio_inside meshmodel)
add_library(mt_play STATIC support/mt_play.c support/mt_play_compare.c)
target_link_libraries(mt_play PUBLIC mt_recording PRIVATE meshd_flags)
mesh_check(mt_device mt_play mt_recording meshradio_inside)
mesh_check(mt_device_rules mt_recording meshradio_inside)
mesh_check(recorder mt_recording meshradio_inside)

# Agreement with the official library; `10000` is the full run, about four minutes.
add_executable(protobuf_peer clients/protobuf_peer.c)
target_compile_options(protobuf_peer PRIVATE -Wno-frame-larger-than)
target_link_libraries(protobuf_peer PRIVATE meshd_flags mt_recording)
add_test(NAME clients.protobuf COMMAND sh -c
  "exec \"\${MESHD_PYTHON:-python3}\" \"$1\" \"$2\" \"\${MESHD_PEER_MESSAGES:-200}\"" sh
  ${CMAKE_CURRENT_SOURCE_DIR}/clients/protobuf_peer.py $<TARGET_FILE:protobuf_peer>)
set_tests_properties(clients.protobuf PROPERTIES LABELS clients SKIP_RETURN_CODE 77 TIMEOUT 1800)

add_test(NAME clients.simradio COMMAND sh -c "exec \"\${MESHD_PYTHON:-python3}\" \"$1\" \"$2\"" sh
  ${CMAKE_CURRENT_SOURCE_DIR}/clients/simradio.py $<TARGET_FILE:simradio>)
set_tests_properties(clients.simradio PROPERTIES LABELS clients SKIP_RETURN_CODE 77 TIMEOUT 900)

mesh_fuzz(meshtastic_codec meshradio_inside)
mesh_fuzz(mt_device meshradio_inside)

mesh_check(radio_link meshradio_links)
target_include_directories(check_radio_link PRIVATE ${PROJECT_SOURCE_DIR}/radio/link)
target_compile_definitions(check_radio_link PRIVATE _GNU_SOURCE)

mesh_check(player meshradio meshradio_links)
target_compile_definitions(check_player PRIVATE _GNU_SOURCE PLAYER="$<TARGET_FILE:player>")
add_dependencies(check_player player)
