# tests of meshd/site, meshd/alerts
foreach(name port ports supervision leaving publish ingest rules)
  mesh_check(${name} model_world meshsite)
endforeach()
# a store and a core that note what they are told stand in the test itself
target_include_directories(check_ingest PRIVATE ${PROJECT_SOURCE_DIR}/meshd/store)
target_include_directories(check_supervision PRIVATE ${PROJECT_SOURCE_DIR}/radio/codec)
