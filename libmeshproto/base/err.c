#include "err.h"

const char *
mesh_err_str(enum mesh_err err)
{
#define TEXT_CASE(name, number, sentence)                                              \
	case MESH_##name:                                                              \
		return sentence;
	switch (err) {
		MESH_ERRORS(TEXT_CASE)
	}
#undef TEXT_CASE
	return "unknown error";
}

const char *
mesh_err_name(enum mesh_err err)
{
#define NAME_CASE(name, number, sentence)                                              \
	case MESH_##name:                                                              \
		return #name;
	switch (err) {
		MESH_ERRORS(NAME_CASE)
	}
#undef NAME_CASE
	return "UNKNOWN";
}
