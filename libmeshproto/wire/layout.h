/* layout.h - how the tables of frames.c and bodies.c are written down.  Floor 2. */
#ifndef MESH_LAYOUT_H
#define MESH_LAYOUT_H
#include "fields.h"

#define TABLE_OF(table, type, label)                                                   \
	const struct field_table table##_table = { label, table##_rows,                \
		LENGTH(table##_rows), sizeof(type), FIELD_NO_HAS, false }
#define BARE_TABLE_OF(table, type, label)                                              \
	const struct field_table table##_table = { label, table##_rows,                \
		LENGTH(table##_rows), sizeof(type), FIELD_NO_HAS, true }
enum { REQ = FIELD_REQUIRED };
#endif
