# tests of link
mesh_check(noise meshproto_inside dep::jansson)
set_tests_properties(unit.noise PROPERTIES SKIP_RETURN_CODE 77)
