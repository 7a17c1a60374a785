# tests of meshd/store
add_library(store_world STATIC support/store_world.c support/fault_vfs.c)
target_include_directories(store_world PUBLIC support)
target_compile_definitions(store_world PRIVATE _GNU_SOURCE)
target_link_libraries(store_world PUBLIC check_mesh meshstore meshproto_inside dep::sqlite
  PRIVATE meshd_flags)
foreach(name dot nearest vectors search db_vectors queue said cores log_rows batch_rows purge_rows local_rows entry_rows replica_rows mending verify_views views faults migrations retention writer syncer store store_said)
  mesh_check(${name} store_world)
  target_compile_definitions(check_${name} PRIVATE _GNU_SOURCE)
endforeach()
