# tests of meshd/config
add_library(config_sample STATIC support/config_sample.c)
target_include_directories(config_sample PUBLIC support)
target_link_libraries(config_sample PUBLIC meshmodel PRIVATE meshd_flags)
mesh_check(conf_parse meshmodel)
foreach(name conf_load conf_changes conf_print)
  mesh_check(${name} config_sample)
endforeach()
mesh_fuzz(config config_sample)
