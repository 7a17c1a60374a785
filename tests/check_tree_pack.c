#include "arena.h"
#include "bytes.h"
#include "check_mesh.h"
#include "pack.h"
#include "text.h"
#include "tree.h"
#include "tree_pack.h"

static uint8_t wire[4096];
static _Alignas(16) uint8_t carved[1 << 17], scratch[1 << 17];

static enum mesh_err
read_tree(struct bytes_view v, struct tree_view *tree, size_t room)
{
	struct arena arena = arena_init(carved, room),
		     more = arena_init(scratch, sizeof scratch);
	struct pack p;
	ck_assert_int_eq(pack_unpack(&p, v, &more), MESH_OK);
	enum mesh_err err = tree_pack_read(&p.top, tree, &arena);
	pack_done(&p);
	return err;
}

START_TEST(each_shape_has_one_writing)
{
	/* clang-format off */
	static const struct { const char *hex; size_t items; const char *why; } row[] = {
		{ "80", 0, "an empty map has no items" },
		{ "81a16101", 1, "a map's members are the top" },
		{ "82a16181a16201" "a163c0", 3, "map in map, nil" },
		{ "90", 1, "an empty list" },
		{ "9201" "9181a161c401ff", 5, "list, list, map, bin" },
		{ "07", 1, "a bare number" },
		{ "a3616263", 1, "a bare text" },
		{ "81a0a0", 1, "an empty name and an empty text" },
		{ "ca3f800000", 1, "f32" },
		{ "cb3ff0000000000000", 1, "f64" },
		{ "c3", 1, "true" },
		{ "d3ffffffff7fffffff", 1, "a negative number" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct tree_view tree;
		struct bytes_out out = bytes_out(wire, sizeof wire);
		ck_assert_int_eq(
		    read_tree(hex(row[i].hex), &tree, sizeof carved), MESH_OK);
		ck_assert_msg(
		    tree.items != NULL && tree.count == row[i].items, "%s", row[i].why);
		tree_pack(tree, &out);
		ck_assert_msg(bytes_equal(bytes_written(&out), hex(row[i].hex)), "%s",
		    row[i].why);
	}
}
START_TEST(numbers_keep_their_value_not_their_sign)
{
	struct tree_view tree;
	ck_assert_int_eq(read_tree(hex("cf7fffffffffffffff"), &tree, 1024), MESH_OK);
	ck_assert(tree.items[0].kind == TREE_I64 && tree.items[0].as.i == INT64_MAX);
	ck_assert_int_eq(read_tree(hex("cf8000000000000000"), &tree, 1024), MESH_OK);
	ck_assert(tree.items[0].kind == TREE_U64);
	ck_assert(tree.items[0].as.u == (uint64_t)INT64_MAX + 1);
	ck_assert_int_eq(read_tree(hex("ff"), &tree, 1024), MESH_OK);
	ck_assert(tree.items[0].kind == TREE_I64 && tree.items[0].as.i == -1);
}
START_TEST(too_many_items_and_no_room_are_told)
{
	static uint8_t many[3 + TREE_ITEMS + 1] = { 0xdc, (TREE_ITEMS - 1) >> 8,
		(TREE_ITEMS - 1) & 0xff };
	struct tree_view tree;
	struct bytes_view v = bytes_view(many, 3 + TREE_ITEMS - 1);
	ck_assert_int_eq(read_tree(v, &tree, sizeof carved), MESH_OK);
	ck_assert_uint_eq(tree.count, TREE_ITEMS);
	ck_assert_int_eq(read_tree(v, &tree, 100), MESH_FULL);
	many[1] = TREE_ITEMS >> 8;
	many[2] = TREE_ITEMS & 0xff;
	v.len++;
	ck_assert_int_eq(read_tree(v, &tree, sizeof carved), MESH_MALFORMED);
	many[2]++;
	v.len++;
	ck_assert_int_eq(read_tree(v, &tree, sizeof carved), MESH_MALFORMED);
}
CHECK_MODULE(tree_pack, NULL, each_shape_has_one_writing,
    numbers_keep_their_value_not_their_sign, too_many_items_and_no_room_are_told)
