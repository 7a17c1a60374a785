# What can be asked, and the doors it is asked through.
mesh_check(op_table meshoptable)

# A site without a disk or a mesh: its objects come first, so they stand for the store's
# and the core's functions.
add_library(fake_world OBJECT support/fake_world.c)
target_include_directories(fake_world PUBLIC support)
target_link_libraries(fake_world PUBLIC meshops PRIVATE meshd_flags)
target_include_directories(fake_world PUBLIC ${PROJECT_SOURCE_DIR}/meshd/store)

mesh_check(call fake_world meshops dep::jansson)
mesh_check(ops_reach fake_world meshops dep::jansson)
mesh_check(ops_join fake_world meshops dep::jansson)
mesh_check(ops_entry fake_world meshops dep::jansson)
mesh_check(ops_search fake_world meshops dep::jansson)
mesh_check(merging meshregistry)
mesh_check(answering fake_world meshregistry meshops)
mesh_check(expiring fake_world meshregistry meshops)
mesh_check(app_leases fake_world meshapps meshops)
mesh_check(app_actions fake_world meshapps meshops)
mesh_check(apps fake_world meshapps meshops)
mesh_check(problem meshhttp)
mesh_check(host_check meshhttp)
mesh_check(sse fake_world meshhttp meshops)
mesh_check(http_server fake_world meshhttp meshops)
mesh_fuzz(doors fake_world meshapps meshhttp meshops meshedge)
