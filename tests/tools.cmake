# tests of tools
mesh_check(registry_files meshctl_files)
mesh_check(registry_lines meshctl_files)
mesh_fuzz(embedding meshctl_files meshbase)
