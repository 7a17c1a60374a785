# tests of meshd/model, meshd/filter, meshd/feed
add_library(model_world STATIC support/model_world.c)
target_include_directories(model_world PUBLIC support)
target_link_libraries(model_world PUBLIC check_mesh meshmodel PRIVATE meshd_flags)
foreach(name catalogue foremost sites packet message node alert named json_in state entry replica schemas
    filter_parse filter_eval)
  mesh_check(${name} model_world)
endforeach()
target_link_libraries(check_json_in PRIVATE dep::jansson) # the other reader
foreach(name feed intents live)
  mesh_check(${name} model_world meshsite)
endforeach()
