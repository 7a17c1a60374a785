/* fields.h - what a struct looks like, said once.
 *
 * A table row names a member; everything that must know a struct's shape reads the row
 * instead of repeating it: wire.c (msgpack), describe.c (JSON, text), the filter
 * (words), the store (columns), docgen, the random generator and the fuzzers.  The
 * row's name IS the JSON key, the filter word and the word in docs.  The kind is
 * derived from the member's type, so table and struct cannot disagree.  Floor 0.  Pure.
 */
#ifndef MESH_FIELDS_H
#define MESH_FIELDS_H
#include "types.h"

enum field_kind {
	FIELD_BOOL,
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_I32,
	FIELD_I64,
	FIELD_F32,
	FIELD_F64,
	FIELD_KEY,
	FIELD_ID,
	FIELD_TEXT,
	FIELD_BYTES,
	FIELD_LIST,
	FIELD_TREE,
	FIELD_STRUCT
};
enum field_unit {
	UNIT_NONE,
	UNIT_MS,
	UNIT_UNIX_MS,
	UNIT_S,
	UNIT_DB,
	UNIT_DBM,
	UNIT_DEGREE,
	UNIT_M,
	UNIT_PERCENT,
	UNIT_VOLT,
	UNIT_BYTES,
	UNIT_COUNT
};
enum field_flag {
	FIELD_REQUIRED = 1, /* absence is MESH_MALFORMED */
	FIELD_PRIVATE = 2,  /* not for the public: positions, message texts */
	FIELD_SECRET = 4,   /* leaves the process through no door at all */
	FIELD_SERIES = 8,   /* numeric: becomes a metric by itself */
	FIELD_REASONS = 16, /* of a STRUCT: one metric, its rows say why */
};
#define KIND_OF(T, m)                                                                  \
	_Generic(((T *)0)->m, bool                                                     \
		 : FIELD_BOOL, uint8_t                                                 \
		 : FIELD_U8, uint16_t                                                  \
		 : FIELD_U16, uint32_t                                                 \
		 : FIELD_U32, uint64_t                                                 \
		 : FIELD_U64, int32_t                                                  \
		 : FIELD_I32, int64_t                                                  \
		 : FIELD_I64, float                                                    \
		 : FIELD_F32, double                                                   \
		 : FIELD_F64, struct mesh_key                                          \
		 : FIELD_KEY, struct id                                                \
		 : FIELD_ID, struct text_view                                          \
		 : FIELD_TEXT, struct bytes_view                                       \
		 : FIELD_BYTES, struct tree_view                                       \
		 : FIELD_TREE, struct list_view                                        \
		 : FIELD_LIST, default                                                 \
		 : FIELD_STRUCT)
/* lo, hi: both 0 = no bound beyond the type.  For TEXT, BYTES, LIST: of the length. */
#define FIELD(T, m, unit, flags, lo, hi, doc)                                          \
	{                                                                              \
#		m, KIND_OF(T, m), unit, flags, offsetof(T, m), lo, hi, NULL, NULL,    \
		    doc                                                                \
	}
/* A small number with words: JSON shows words[value]; NULL ends the list. */
#define FIELD_WORDS(T, m, flags, words, doc)                                           \
	{                                                                              \
#		m, KIND_OF(T, m), UNIT_NONE, flags, offsetof(T, m), 0, 0, NULL,       \
		    words, doc                                                         \
	}
#define FIELD_SUB(T, m, table, flags, lo, hi, doc)                                     \
	{                                                                              \
#		m, KIND_OF(T, m), UNIT_NONE, flags, offsetof(T, m), lo, hi, table,    \
		    NULL, doc                                                          \
	}

/* fields.has_offset of a struct without `has`: then a BYTES, TEXT, LIST or TREE is
 * absent when its ptr is NULL, an ID when kind is 0, and everything else is always
 * present. */
#define FIELD_NO_HAS SIZE_MAX

struct field_table {
	const char *name;         /* "packet"; schema "meshd.packets/1" */
	const struct field *rows; /* wire order: rows are only ever added at the end */
	size_t count, object_bytes;
	size_t has_offset; /* of `uint64_t has`: bit i set = row i is present */
	bool bare; /* one row, and a list's element is written as its value alone */
};
struct field {
	const char *name;
	enum field_kind kind;
	enum field_unit unit;
	unsigned flags; /* enum field_flag, or-ed */
	size_t offset;
	int64_t lo, hi;                /* inclusive */
	const struct field_table *sub; /* FIELD_STRUCT, FIELD_LIST: the element */
	const char *const *words; /* FIELD_U8, FIELD_U16: NULL-terminated, or NULL */
	const char *doc;          /* one sentence; WIRE.md, OpenAPI, help */
};

/* The row called `name`, or NULL.  Dots step inward: "position.lat". */
const struct field *field_find(const struct field_table *t, struct text_view name);
bool field_is_present(const struct field_table *t, size_t row, const void *object);
/* Set or clear the `has` bit of row i; without `has` a no-op. */
void field_mark(const struct field_table *t, size_t row, void *object, bool present);
/* Bounds and required rows.  MESH_MALFORMED sets `*bad` to the first row at fault. */
MESH_MUST_CHECK enum mesh_err fields_check(
    const struct field_table *t, const void *object, const struct field **bad);
bool fields_equal(const struct field_table *t, const void *a, const void *b);
/* Deep copy, views and lists included, into `into`; NULL if it does not fit. */
void *fields_copy(const struct field_table *t, const void *object, struct arena *into);
/* Scalars of any numeric kind as they would be written: for filter, metrics, SQL. */
bool field_i64(const struct field *f, const void *object, int64_t *out);
bool field_f64(const struct field *f, const void *object, double *out);
#endif
