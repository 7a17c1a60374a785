/* tree.h - a value whose shape is not known at compile time: metadata, alert data, a
 * decoded payload, the value of a state key.
 *
 * A tree is a flat array in reading order.  An item with children (MAP, LIST) says how
 * many items, itself included, its subtree spans; the next sibling is item + span.  The
 * top is a map without a head item when its items have names, or one bare value when
 * count > 0 and items[0].name.ptr is NULL.  Limits are the caller's arena and
 * TREE_DEPTH; both are errors, never truncation.  Floor 0.  Pure. */
#ifndef MESH_TREE_H
#define MESH_TREE_H
#include "types.h"

enum { TREE_DEPTH = 8, TREE_ITEMS = 1024 };
enum tree_kind {
	TREE_NULL,
	TREE_BOOL,
	TREE_I64,
	TREE_U64,
	TREE_F32,
	TREE_F64,
	TREE_TEXT,
	TREE_BYTES,
	TREE_MAP,
	TREE_LIST
};
struct tree_item {
	struct text_view name; /* ptr NULL inside a LIST or for a bare top value */
	enum tree_kind kind;
	uint32_t span; /* items of this subtree; 1 for a leaf */
	union {
		bool b;
		int64_t i;
		uint64_t u;
		float f;
		double d;
		struct text_view text;
		struct bytes_view bytes;
	} as;
};

struct tree_out {                /* builder; sticky error like bytes_out */
	struct tree_item *items; /* borrowed */
	size_t cap, count;
	size_t open[TREE_DEPTH]; /* heads of the containers that are open */
	size_t depth;
	bool failed;
};
struct tree_out tree_out(struct tree_item *items, size_t cap);
/* `name` NULL inside a list.  Texts and bytes are borrowed, not copied. */
void tree_put_null(struct tree_out *t, const char *name);
void tree_put_bool(struct tree_out *t, const char *name, bool b);
void tree_put_i64(struct tree_out *t, const char *name, int64_t i);
void tree_put_u64(struct tree_out *t, const char *name, uint64_t u);
void tree_put_f32(struct tree_out *t, const char *name, float f);
void tree_put_f64(struct tree_out *t, const char *name, double d);
void tree_put_text(struct tree_out *t, const char *name, struct text_view text);
void tree_put_bytes(struct tree_out *t, const char *name, struct bytes_view bytes);
void tree_put_item(struct tree_out *t, struct text_view name, struct tree_item leaf);
void tree_open_map(struct tree_out *t, const char *name);
void tree_open_list(struct tree_out *t, const char *name);
void tree_open_map_named(struct tree_out *t, struct text_view name);
void tree_open_list_named(struct tree_out *t, struct text_view name);
void tree_shut(struct tree_out *t);
/* The finished tree; empty if something failed or is still open. */
struct tree_view tree_done(const struct tree_out *t);

/* The item at a dotted path ("user.long_name"), or NULL. */
const struct tree_item *tree_find(struct tree_view t, struct text_view path);
/* Numbers by value whatever their width; false if absent or not a number. */
bool tree_i64(struct tree_view t, const char *path, int64_t *out);
bool tree_f64(struct tree_view t, const char *path, double *out);
struct text_view tree_text(struct tree_view t, const char *path); /* empty if absent */
bool tree_equal(struct tree_view a, struct tree_view b);
/* Deep copy, texts and bytes included; count 0 and items NULL if it does not fit. */
struct tree_view tree_copy(struct tree_view t, struct arena *into);
#endif
