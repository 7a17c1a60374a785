#include "arena.h"
#include "bytes.h"
#include "check_mesh.h"
#include "random_object.h"
#include "text.h"
#include "tree.h"
#include "wire.h"

struct inner {
	int32_t depth;
	struct text_view word;
};
struct bare {
	struct bytes_view bytes;
};
struct all_kinds {
	uint64_t has;
	bool flag;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	int32_t i32;
	int64_t i64;
	float f32;
	double f64;
	struct mesh_key key;
	struct id id;
	struct text_view text;
	struct bytes_view bytes;
	struct list_view list, bares;
	struct tree_view tree;
	struct inner inner;
};
/* clang-format off */
static const struct field inner_rows[] = {
	FIELD(struct inner, depth, UNIT_NONE, FIELD_REQUIRED, -5, 5, "a"),
	FIELD(struct inner, word, UNIT_NONE, 0, 0, 9, "b"),
};
static const struct field_table inner_table = { "inner", inner_rows, LENGTH(inner_rows), sizeof(struct inner), FIELD_NO_HAS, false };
static const struct field bare_rows[] = {
	FIELD(struct bare, bytes, UNIT_NONE, FIELD_REQUIRED, 1, 4, "a"),
};
static const struct field_table bare_table = { "bare", bare_rows, LENGTH(bare_rows), sizeof(struct bare), FIELD_NO_HAS, true };
static const struct field all_rows[] = {
	FIELD(struct all_kinds, u8, UNIT_NONE, FIELD_REQUIRED, 0, 0, "first and required"),
	FIELD(struct all_kinds, flag, UNIT_NONE, 0, 0, 0, "a"),
	FIELD(struct all_kinds, u16, UNIT_NONE, 0, 3, 700, "a"),
	FIELD(struct all_kinds, u32, UNIT_NONE, 0, 0, 0, "a"),
	FIELD(struct all_kinds, u64, UNIT_NONE, 0, 0, 0, "a"),
	FIELD(struct all_kinds, i32, UNIT_NONE, 0, 0, 0, "a"),
	FIELD(struct all_kinds, i64, UNIT_NONE, 0, 0, 0, "a"),
	FIELD(struct all_kinds, f32, UNIT_NONE, 0, 0, 0, "a"),
	FIELD(struct all_kinds, f64, UNIT_NONE, 0, -90, 90, "a"),
	FIELD(struct all_kinds, key, UNIT_NONE, 0, 0, 0, "a"),
	FIELD(struct all_kinds, id, UNIT_NONE, 0, 0, 0, "a"),
	FIELD(struct all_kinds, text, UNIT_NONE, 0, 0, 300, "a"),
	FIELD(struct all_kinds, bytes, UNIT_NONE, 0, 0, 0, "a"),
	FIELD_SUB(struct all_kinds, list, &inner_table, 0, 0, 5, "a"),
	FIELD_SUB(struct all_kinds, bares, &bare_table, 0, 0, 20, "a"),
	FIELD(struct all_kinds, tree, UNIT_NONE, 0, 0, 0, "a"),
	FIELD_SUB(struct all_kinds, inner, &inner_table, 0, 0, 0, "a"),
};
/* clang-format on */
static const struct field_table all_table = { "all", all_rows, LENGTH(all_rows),
	sizeof(struct all_kinds), offsetof(struct all_kinds, has), false };

static uint8_t made[65536], carved[65536], wire[65536];

static struct arena
fresh(void)
{
	return arena_init(carved, sizeof carved);
}

static struct bytes_view
encoded(const struct all_kinds *o)
{
	struct bytes_out out = bytes_out(wire, sizeof wire);
	ck_assert_int_eq(wire_encode(&all_table, o, &out), MESH_OK);
	return bytes_written(&out);
}

static struct bytes_view
any(struct all_kinds *o)
{
	struct arena arena = arena_init(made, sizeof made);
	ck_assert(random_object(&all_table, o, &arena));
	return encoded(o);
}

START_TEST(what_goes_out_comes_back)
{
	for (int i = 0; i < 5000; i++) {
		struct all_kinds a, b;
		struct arena arena = fresh();
		struct bytes_view v = any(&a);
		ck_assert_int_eq(wire_decode(&all_table, v, &b, &arena), MESH_OK);
		ck_assert_msg(fields_equal(&all_table, &a, &b), "round %d", i);
		ck_assert_uint_eq(arena.cap, sizeof carved);
	}
}
START_TEST(equal_objects_have_equal_bytes)
{
	static uint8_t again[65536];
	for (int i = 0; i < 500; i++) {
		struct all_kinds a, b;
		struct arena arena = fresh();
		struct bytes_view v = any(&a);
		struct bytes_out out = bytes_out(again, sizeof again);
		ck_assert_int_eq(wire_decode(&all_table, v, &b, &arena), MESH_OK);
		ck_assert_int_eq(wire_encode(&all_table, &b, &out), MESH_OK);
		ck_assert(bytes_equal(v, bytes_written(&out)));
	}
}

/* Whatever the bytes are: an error and zeroes, or an object that encodes again. */
static bool
harmless(struct bytes_view v)
{
	static const struct all_kinds zero;
	static uint8_t again[65536], more[65536];
	struct all_kinds a, b;
	struct arena arena = fresh(), second = arena_init(more, sizeof more);
	struct bytes_out out = bytes_out(again, sizeof again);
	if (wire_decode(&all_table, v, &a, &arena) != MESH_OK)
		return memcmp(&a, &zero, sizeof a) == 0;
	return wire_encode(&all_table, &a, &out) == MESH_OK &&
	    wire_decode(&all_table, bytes_written(&out), &b, &second) == MESH_OK &&
	    fields_equal(&all_table, &a, &b);
}

START_TEST(every_truncation_is_told)
{
	for (int i = 0; i < 50; i++) {
		struct all_kinds a;
		struct bytes_view v = any(&a);
		for (size_t len = 0; len < v.len; len++) {
			uint8_t *exact = malloc(len + 1);
			struct arena arena = fresh();
			memcpy(exact, v.ptr, len);
			enum mesh_err err = wire_decode(
			    &all_table, bytes_view(exact, len), &a, &arena);
			ck_assert_int_eq(err, MESH_TRUNCATED);
			free(exact);
		}
	}
}
START_TEST(every_flipped_bit_is_refused_or_harmless)
{
	for (int i = 0; i < 40; i++) {
		struct all_kinds a;
		struct bytes_view v = any(&a);
		for (size_t bit = 0; bit < 8 * v.len; bit++) {
			uint8_t *copy = malloc(v.len);
			memcpy(copy, v.ptr, v.len);
			copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
			ck_assert_msg(
			    harmless(bytes_view(copy, v.len)), "bit %zu", bit);
			free(copy);
		}
	}
}
START_TEST(older_and_newer_shapes_are_understood)
{
	struct all_kinds o;
	struct arena arena = fresh();
	ck_assert_int_eq(wire_decode(&all_table, hex("9107"), &o, &arena), MESH_OK);
	ck_assert_msg(o.u8 == 7 && o.has == 1, "missing rows are absent");
	ck_assert_int_eq(
	    wire_decode(&inner_table, hex("9403a16181a178919293c0"), &o, NULL),
	    MESH_TRUNCATED);
	struct inner in;
	ck_assert_int_eq(wire_decode(&inner_table,
			     hex("9403a16181a1789192c002"
				 "cb0000000000000000"),
			     &in, NULL),
	    MESH_OK);
	ck_assert_msg(
	    in.depth == 3 && text_is(in.word, "a"), "elements behind are ignored");
}
START_TEST(empty_is_not_absent)
{
	struct inner a = { 1, text("") }, b;
	struct bytes_out out = bytes_out(wire, sizeof wire);
	ck_assert_int_eq(wire_encode(&inner_table, &a, &out), MESH_OK);
	ck_assert_int_eq(
	    wire_decode(&inner_table, bytes_written(&out), &b, NULL), MESH_OK);
	ck_assert_ptr_nonnull(b.word.ptr);
	ck_assert_int_eq(wire_decode(&inner_table, hex("9201c0"), &b, NULL), MESH_OK);
	ck_assert_ptr_null(b.word.ptr);
}
START_TEST(bad_objects_are_refused)
{
	/* clang-format off */
	static const struct { const char *hex; const char *why; } row[] = {
		{ "90", "the required row is missing" },
		{ "91c0", "the required row is nil" },
		{ "07", "no array" },
		{ "81a16101", "a map" },
		{ "91cd0100", "256 is no u8" },
		{ "91ff", "-1 is no u8" },
		{ "91a137", "a text" },
		{ "920701", "1 is no bool" },
		{ "9307c002", "2 is below the bound" },
		{ "9307c0cd02bd", "701 is above the bound" },
		{ "9807c0c0c0c0c0c001", "an integer is no float" },
		{ "9807c0c0c0c0c0c0cb3ff0000000000000", "a double is no float" },
		{ "9a07c0c0c0c0c0c0c0c0c403aabbcc", "a key of 3 bytes" },
		{ "9b07c0c0c0c0c0c0c0c0c0c40100", "an id without bytes" },
		{ "9b07c0c0c0c0c0c0c0c0c0c4050001020304", "an id of no kind" },
		{ "9e07c0c0c0c0c0c0c0c0c0c0c0c0969000909090" "90", "six where five are allowed" },
		{ "9e07c0c0c0c0c0c0c0c0c0c0c0c09190", "an element without its required row" },
		{ "9e07c0c0c0c0c0c0c0c0c0c0c0c0919106", "an element out of bounds" },
		{ "9f07c0c0c0c0c0c0c0c0c0c0c0c0c091c0", "a bare element that is nil" },
		{ "9f07c0c0c0c0c0c0c0c0c0c0c0c0c091c400", "a bare element too short" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct all_kinds o;
		struct arena arena = fresh();
		enum mesh_err err = wire_decode(
		    &all_table, hex(row[i].hex), &o, &arena);
		ck_assert_msg(err == MESH_MALFORMED, "%s: %d", row[i].why, err);
	}
}
START_TEST(no_room_is_told_and_changes_nothing)
{
	struct all_kinds o, back;
	struct bytes_view v;
	do {
		v = any(&o);
	} while (o.list.count < 3 || o.tree.count < 3);
	static uint8_t small[65536];
	for (size_t cap = 0; cap < v.len; cap++) {
		struct bytes_out out = bytes_out(small, cap);
		ck_assert_int_eq(wire_encode(&all_table, &o, &out), MESH_FULL);
		ck_assert(out.len == 0 && !out.failed);
	}
	for (size_t cap = 0;; cap++) {
		struct arena arena = arena_init(carved, cap);
		enum mesh_err err = wire_decode(&all_table, v, &back, &arena);
		ck_assert_uint_eq(arena.cap, cap);
		if (err == MESH_OK)
			break;
		ck_assert_int_eq(err, MESH_FULL);
	}
	ck_assert(fields_equal(&all_table, &o, &back));
	ck_assert_msg(
	    wire_decode(&all_table, v, &back, NULL) == MESH_FULL, "lists need room");
	v = hex("9e07c0c0c0c0c0c0c0c0c0c0c0c096900090909090");
	ck_assert_msg(wire_decode(&all_table, v, &back, NULL) == MESH_MALFORMED,
	    "a list too long takes none");
}
START_TEST(what_others_would_refuse_is_not_sent)
{
	struct bytes_out out = bytes_out(wire, sizeof wire);
	struct inner in = { .depth = 6 };
	ck_assert_int_eq(wire_encode(&inner_table, &in, &out), MESH_MALFORMED);
	in.depth = 5;
	in.word = (struct text_view){ "\xff", 1 };
	ck_assert_msg(
	    wire_encode(&inner_table, &in, &out) == MESH_MALFORMED, "not UTF-8");
	struct tree_item deep[TREE_DEPTH + 1];
	struct tree_out tree = tree_out(deep, LENGTH(deep));
	for (int i = 0; i < TREE_DEPTH; i++)
		tree_open_list(&tree, NULL);
	for (int i = 0; i < TREE_DEPTH; i++)
		tree_shut(&tree);
	struct all_kinds o = { .has = 1 | 1U << 15, .tree = tree_done(&tree) };
	ck_assert_ptr_nonnull(o.tree.items);
	ck_assert_msg(wire_encode(&all_table, &o, &out) == MESH_MALFORMED, "nine deep");
	ck_assert(out.len == 0 && !out.failed);
}
START_TEST(a_count_of_four_billion_costs_nothing)
{
	struct all_kinds o;
	struct arena none = arena_init(NULL, 0);
	static const char *const bombs[] = { "ddffffffff",
		"9e07c0c0c0c0c0c0c0c0c0c0c0c0ddffffffff", "dfffffffff", "c6ffffffff",
		"91dd00010000" };
	for (size_t i = 0; i < LENGTH(bombs); i++)
		ck_assert_int_eq(
		    wire_decode(&all_table, hex(bombs[i]), &o, &none), MESH_TRUNCATED);
}
START_TEST(a_number_can_stand_in_front)
{
	struct inner a = { 3, text("abc") }, b;
	struct bytes_out out = bytes_out(wire, sizeof wire);
	ck_assert_int_eq(wire_encode_numbered(&inner_table, 200, &a, &out), MESH_OK);
	ck_assert(bytes_equal(bytes_written(&out), hex("93ccc803a3616263")));
	ck_assert_int_eq(
	    wire_decode_numbered(&inner_table, bytes_written(&out), &b, NULL), MESH_OK);
	ck_assert(fields_equal(&inner_table, &a, &b));
	ck_assert_int_eq(
	    wire_decode_numbered(&inner_table, hex("90"), &b, NULL), MESH_MALFORMED);
}
CHECK_MODULE(wire, NULL, what_goes_out_comes_back, equal_objects_have_equal_bytes,
    every_truncation_is_told, every_flipped_bit_is_refused_or_harmless,
    older_and_newer_shapes_are_understood, empty_is_not_absent, bad_objects_are_refused,
    no_room_is_told_and_changes_nothing, what_others_would_refuse_is_not_sent,
    a_count_of_four_billion_costs_nothing, a_number_can_stand_in_front)
