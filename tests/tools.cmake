# tests of tools
mesh_check(registry_files meshctl_files)
mesh_check(document meshctl_files dep::jansson)
mesh_check(radio_backup meshctl_files)
mesh_check(registry_lines meshctl_files)
mesh_check(verdict meshctl_radio)
mesh_check(radio_taken meshctl_radio)
mesh_fuzz(embedding meshctl_files meshbase)

# A noun of several commands tells them all.
add_test(NAME unit.noun_help COMMAND meshctl registry --help)
set_tests_properties(unit.noun_help PROPERTIES LABELS unit TIMEOUT 600
  PASS_REGULAR_EXPRESSION "usage: meshctl registry COMMAND.*registry import file.*registry remove id")
