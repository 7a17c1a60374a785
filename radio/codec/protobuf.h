/* protobuf.h - Protocol Buffers from tables: bytes to a tree of named values and back.
 *
 * A message is a table of rows (number, kind, rule, name); no code is generated.  Read
 * as proto3 reads: the last value of a field wins, two copies of a message merge, a
 * later member of a oneof pushes out an earlier one, packed and loose lists are alike,
 * a plain field that holds its default is absent.  Fields without a row, or with
 * another wire type than their row says, stay in the tree as `#NUMBER` (varint),
 * `#NUMBER:i32`, `#NUMBER:i64`, `#NUMBER` with bytes, `#NUMBER:group`, in the order in
 * which they came, and are written back as they were.  Text that is not UTF-8 stays as
 * bytes.  Nesting ends at TREE_DEPTH; nothing recurses; memory is the caller's arena.
 * Source: protobuf.dev, "Encoding".  Floor 1.  Pure. */
#ifndef RADIO_PROTOBUF_H
#define RADIO_PROTOBUF_H
#include "arena.h"
#include "bytes.h"
#include "tree.h"

enum protobuf_kind {
	PROTOBUF_U32,
	PROTOBUF_I32, /* a negative one takes ten bytes */
	PROTOBUF_S32, /* zig-zag */
	PROTOBUF_U64,
	PROTOBUF_BOOL,
	PROTOBUF_ENUM,
	PROTOBUF_FX32,
	PROTOBUF_SFX32,
	PROTOBUF_F32,
	PROTOBUF_TEXT,
	PROTOBUF_BYTES,
	PROTOBUF_SUB
};
enum protobuf_rule {
	PROTOBUF_PLAIN,    /* absent when it holds its default */
	PROTOBUF_OPTIONAL, /* present even as zero */
	PROTOBUF_REPEATED,
	PROTOBUF_ONEOF /* ONEOF + n: member of the message's n-th choice; as OPTIONAL */
};
struct protobuf_word { /* an enum's; the list ends with name NULL */
	int32_t value;
	const char *name;
};
struct protobuf_table {
	const char *name;                  /* "MeshPacket" */
	const struct protobuf_field *rows; /* ascending by number */
	size_t count;
};
struct protobuf_field {
	uint32_t number;
	uint8_t kind, rule; /* enum protobuf_kind; enum protobuf_rule */
	const char *name;   /* the official one: JSON key and filter word */
	const struct protobuf_table *sub;  /* PROTOBUF_SUB */
	const struct protobuf_word *words; /* PROTOBUF_ENUM */
};

/* Views in `out` point into `bytes` or `into`.  MESH_MALFORMED: not a message;
 * MESH_FULL: more than the arena, TREE_ITEMS or TREE_DEPTH hold.  Then `out` is empty.
 */
MESH_MUST_CHECK enum mesh_err protobuf_decode(const struct protobuf_table *t,
    struct bytes_view bytes, struct arena *into, struct tree_view *out);
/* What is in the tree is written, in its order, zeros too.  MESH_MALFORMED: a name
 * without a row, or a value that does not fit it; MESH_FULL: `out` is too small. */
MESH_MUST_CHECK enum mesh_err protobuf_encode(
    const struct protobuf_table *t, struct tree_view tree, struct bytes_out *out);

/* One field as it stands on the wire, for readers that want a few numbers and no tree.
 */
enum protobuf_wire {
	WIRE_VARINT = 0,
	WIRE_I64 = 1,
	WIRE_LEN = 2,
	WIRE_GROUP = 3,
	WIRE_I32 = 5
};
struct protobuf_item {
	uint32_t number;
	uint8_t wire;            /* enum protobuf_wire */
	uint64_t value;          /* VARINT, I32, I64 */
	struct bytes_view bytes; /* LEN, GROUP: what is inside */
};
/* False at the end and on damage; then in->failed tells which. */
bool protobuf_next(struct bytes_in *in, struct protobuf_item *out);
/* What stands behind the key of `out`, which is no group: the next of a packed list. */
void protobuf_take(struct bytes_in *in, struct protobuf_item *out);
/* The same for writers: a field's number and wire type, and what stands behind. */
void protobuf_put_key(struct bytes_out *o, uint32_t number, uint8_t wire);
void protobuf_put_varint(struct bytes_out *o, uint64_t n);
float protobuf_float(uint64_t value);   /* of an I32 item */
uint8_t protobuf_wire_of(uint8_t kind); /* of one value, not of a packed list */
const struct protobuf_field *protobuf_row(
    const struct protobuf_table *t, uint32_t number);
#endif
