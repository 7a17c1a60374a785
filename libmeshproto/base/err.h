/* err.h - what an enum mesh_err says.  The table is MESH_ERRORS in types.h.  Floor 0.
 */
#ifndef MESH_ERR_H
#define MESH_ERR_H
#include "types.h"

const char *mesh_err_str(enum mesh_err err);  /* "input ends inside a field" */
const char *mesh_err_name(enum mesh_err err); /* "TRUNCATED" */
#endif
