# tests of meshd/site, meshd/alerts
foreach(name port ports)
  mesh_check(${name} model_world meshsite)
endforeach()
