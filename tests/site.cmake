# tests of meshd/site, meshd/alerts
foreach(name port ports sampler supervision leaving publish ingest lending rules)
  mesh_check(${name} model_world meshsite)
endforeach()
target_sources(check_sampler PRIVATE support/refusing_link.c)
# intents that refuse stand before the real ones
target_link_options(check_sampler PRIVATE -Wl,--wrap=intents_append)
# a store and a core that note what they are told stand in the test itself
foreach(name ingest lending)
  target_include_directories(check_${name} PRIVATE ${PROJECT_SOURCE_DIR}/meshd/store)
endforeach()
target_include_directories(check_supervision PRIVATE ${PROJECT_SOURCE_DIR}/radio/codec)
# a gate with a radio before it, and the store that the outbox asks
add_library(air_world STATIC support/air_world.c)
target_include_directories(air_world PUBLIC ${PROJECT_SOURCE_DIR}/meshd/store)
target_link_libraries(air_world PUBLIC model_world meshsite meshradio_inside PRIVATE meshd_flags)
foreach(name air outbox)
  mesh_check(${name} air_world)
endforeach()
