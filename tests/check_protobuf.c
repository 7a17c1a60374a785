#include "arena.h"
#include "check_mesh.h"
#include "mt_random.h"
#include "mt_tables.h"
#include "protobuf.h"
#include "text.h"

static uint8_t arena_block[1 << 18];
static struct arena arena;

static void
setup(void)
{
	arena = arena_init(arena_block, sizeof arena_block);
}

static struct tree_view
decoded(const struct protobuf_table *t, const char *bytes)
{
	struct tree_view tree;
	ck_assert_msg(
	    protobuf_decode(t, hex(bytes), &arena, &tree) == MESH_OK, "%s", bytes);
	return tree;
}

static int64_t
number(struct tree_view t, const char *path)
{
	int64_t n = INT64_MIN;
	ck_assert_msg(tree_i64(t, path, &n), "no number at %s", path);
	return n;
}

START_TEST(zero_members_of_a_oneof_are_on_the_wire)
{
	struct tree_view tree = decoded(&mt_routing, "1800");
	ck_assert_uint_eq(tree.count, 1);
	ck_assert(text_is(tree_text(tree, "error_reason"), "NONE"));
	uint8_t block[8];
	struct bytes_out out = bytes_out(block, sizeof block);
	ck_assert_int_eq(protobuf_encode(&mt_routing, tree, &out), MESH_OK);
	ck_assert(bytes_equal(bytes_written(&out), hex("1800")));
}
START_TEST(plain_fields_with_their_default_are_absent)
{
	ck_assert_uint_eq(decoded(&mt_mesh_packet, "18007800").count, 0);
	ck_assert_uint_eq(decoded(&mt_data, "1200").count, 0);
	ck_assert_uint_eq(
	    decoded(&mt_data, "4800").count, 1); /* bitfield is optional */
}
START_TEST(negative_numbers_take_ten_bytes_or_zig_zag)
{
	struct tree_view tree = decoded(&mt_mesh_packet, "60b6ffffffffffffffff01");
	ck_assert_int_eq(number(tree, "rx_rssi"), -74);
	ck_assert_int_eq(number(decoded(&mt_position, "4803"), "altitude_hae"), -2);
	ck_assert_int_eq(number(decoded(&mt_position, "0dffffffff"), "latitude_i"), -1);
}
START_TEST(lists_are_alike_packed_and_loose)
{
	struct tree_view loose = decoded(&mt_route_discovery, "0d010000000d02000000");
	struct tree_view packed = decoded(&mt_route_discovery, "0a080100000002000000");
	struct tree_view mixed = decoded(&mt_route_discovery, "0a04010000000d02000000");
	ck_assert_uint_eq(loose.count, 3);
	ck_assert(tree_equal(loose, packed) && tree_equal(loose, mixed));
	ck_assert_uint_eq(decoded(&mt_route_discovery, "0a001200").count, 0);
}
START_TEST(list_apart_on_the_wire_is_one_list)
{
	struct tree_view tree = decoded(
	    &mt_route_discovery, "0d01000000120218140d02000000");
	ck_assert_uint_eq(tree.count, 6);
	ck_assert_uint_eq(tree.items[0].span, 3);
}
START_TEST(the_last_value_wins_and_messages_merge)
{
	ck_assert_int_eq(number(decoded(&mt_mesh_packet, "48034805"), "hop_limit"), 5);
	struct tree_view tree = decoded(&mt_mesh_packet,
	    "22020801"
	    "48032203120178"
	    "22021801");
	ck_assert(text_is(tree_text(tree, "decoded.portnum"), "TEXT_MESSAGE_APP"));
	ck_assert(tree_find(tree, text("decoded.payload")) != NULL);
	ck_assert(tree_find(tree, text("decoded.want_response")) != NULL);
}
START_TEST(a_later_member_of_a_oneof_pushes_out_the_earlier)
{
	struct tree_view tree = decoded(&mt_mesh_packet,
	    "22020801"
	    "2a01ff");
	ck_assert(tree_find(tree, text("decoded")) == NULL);
	ck_assert(tree_find(tree, text("encrypted")) != NULL);
	tree = decoded(&mt_mesh_packet,
	    "22020801"
	    "2a01ff"
	    "22021801");
	ck_assert(tree_find(tree, text("encrypted")) == NULL);
	ck_assert(tree_find(tree, text("decoded.portnum")) == NULL);
}
START_TEST(unknown_fields_are_kept_and_written_back)
{
	/* varint 100, i32 101, i64 102, bytes 103, group 104, known field of a wrong
	 * type */
	const char *bytes = "a00605"
			    "ad0601020304"
			    "b1060102030405060708"
			    "ba0602abcd"
			    "c3060801c406"
			    "480d"
			    "0801";
	struct tree_view tree = decoded(&mt_mesh_packet, bytes);
	ck_assert_int_eq(number(tree, "#100"), 5);
	ck_assert_int_eq(number(tree, "#101:i32"), 0x04030201);
	ck_assert_int_eq(number(tree, "#102:i64"), 0x0807060504030201);
	ck_assert(tree_find(tree, text("#103"))->kind == TREE_BYTES);
	ck_assert(tree_find(tree, text("#104:group"))->as.bytes.len == 2);
	ck_assert_int_eq(number(tree, "#1"), 1);
	uint8_t block[64];
	struct bytes_out out = bytes_out(block, sizeof block);
	ck_assert_int_eq(protobuf_encode(&mt_mesh_packet, tree, &out), MESH_OK);
	ck_assert(bytes_equal(bytes_written(&out), hex(bytes)));
}
START_TEST(text_that_is_not_utf8_stays_bytes)
{
	struct tree_view tree = decoded(&mt_user, "1202c328");
	ck_assert_int_eq(tree.items[0].kind, TREE_BYTES);
}
START_TEST(damage_is_refused)
{
	/* clang-format off */
	static const struct { const char *bytes, *why; } rows[] = {
		{ "ff",                     "a key that does not end" },
		{ "00",                     "field number 0" },
		{ "48",                     "a key without a value" },
		{ "4880",                   "a varint that does not end" },
		{ "48ffffffffffffffffffff01", "a varint of eleven bytes" },
		{ "0d010203",               "three bytes of a fixed32" },
		{ "2a05ff",                 "length behind the end" },
		{ "2affffffffffffffffff01", "length of 2^64 - 1" },
		{ "0e",                     "wire type 6" },
		{ "0f",                     "wire type 7" },
		{ "0c",                     "the end of a group that is not open" },
		{ "0b10",                   "a group that does not end" },
		{ "0b14",                   "a group that another number ends" },
		{ "220208",                 "length behind the end, nested" },
		{ "220108",                 "a nested key without a value" },
		{ "f8ffffff7f01",           "a field number above 2^29 - 1" },
	}; /* clang-format on */
	struct tree_view tree;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		enum mesh_err err = protobuf_decode(
		    &mt_mesh_packet, hex(rows[i].bytes), &arena, &tree);
		ck_assert_msg(err == MESH_MALFORMED, "%s: %d", rows[i].why, err);
		ck_assert_uint_eq(tree.count, 0);
	}
}
START_TEST(what_does_not_fit_the_arena_is_said)
{
	struct tree_view tree;
	struct bytes_view bytes = hex(
	    "0d100000001512000000220a0845120208461801480235b3027bed");
	uint8_t small[4096];
	for (size_t size = 0; size < sizeof small; size += 16) {
		struct arena a = arena_init(small, size);
		enum mesh_err err = protobuf_decode(&mt_mesh_packet, bytes, &a, &tree);
		ck_assert(err == MESH_FULL || err == MESH_OK);
		ck_assert(err == MESH_OK || tree.count == 0);
	}
}
static const struct protobuf_table self; /* a message within itself */
static const struct protobuf_field self_rows[] = { { 1, PROTOBUF_SUB, PROTOBUF_OPTIONAL,
    "in", &self, NULL } };
static const struct protobuf_table self = { "Self", self_rows, 1 };

START_TEST(nesting_ends_where_the_tree_ends)
{
	struct tree_view tree;
	ck_assert_int_eq(protobuf_decode(&self, hex("0a0e0a0c0a0a0a080a060a040a020a00"),
			     &arena, &tree),
	    MESH_OK);
	ck_assert_int_eq(
	    protobuf_decode(
		&self, hex("0a100a0e0a0c0a0a0a080a060a040a020a00"), &arena, &tree),
	    MESH_FULL);
}
START_TEST(a_value_that_its_kind_cannot_hold_is_not_written)
{
	struct tree_item item = { .name = text("hop_limit"), .span = 1 };
	struct tree_view tree = { &item, 1 };
	uint8_t block[32];
	struct bytes_out out = bytes_out(block, sizeof block);
	item.kind = TREE_U64;
	item.as.u = UINT64_C(1) << 32;
	ck_assert_int_eq(protobuf_encode(&mt_mesh_packet, tree, &out), MESH_MALFORMED);
	item.kind = TREE_TEXT;
	item.as.text = text("three");
	ck_assert_int_eq(protobuf_encode(&mt_mesh_packet, tree, &out), MESH_MALFORMED);
	item.name = text("hops");
	ck_assert_int_eq(protobuf_encode(&mt_mesh_packet, tree, &out), MESH_MALFORMED);
}
START_TEST(every_table_is_in_order)
{
	for (const struct protobuf_table *const *t = mt_all_tables; *t != NULL; t++)
		for (size_t i = 0; i < (*t)->count; i++) {
			const struct protobuf_field *row = &(*t)->rows[i];
			ck_assert(i == 0 || row[-1].number < row->number);
			ck_assert((row->kind == PROTOBUF_SUB) == (row->sub != NULL));
			ck_assert((row->kind == PROTOBUF_ENUM) == (row->words != NULL));
			for (size_t k = 0; k < i; k++)
				ck_assert_str_ne(row->name, (*t)->rows[k].name);
		}
}

static struct bytes_view
encoded(const struct protobuf_table *t, struct tree_view tree)
{
	static uint8_t block[1 << 15];
	struct bytes_out out = bytes_out(block, sizeof block);
	ck_assert_msg(protobuf_encode(t, tree, &out) == MESH_OK, "%s", t->name);
	return bytes_written(&out);
}

START_TEST(random_messages_come_back_as_they_were)
{
	for (const struct protobuf_table *const *t = mt_all_tables; *t != NULL; t++)
		for (int i = 0; i < 50; i++) {
			setup();
			struct tree_view tree = mt_random(*t, &arena), again;
			struct bytes_view bytes = encoded(*t, tree);
			ck_assert_int_eq(
			    protobuf_decode(*t, bytes, &arena, &again), MESH_OK);
			ck_assert_msg(tree_equal(tree, again), "%s", (*t)->name);
		}
}
START_TEST(cut_and_flipped_messages_never_read_too_far)
{
	for (const struct protobuf_table *const *t = mt_all_tables; *t != NULL; t++)
		for (int i = 0; i < 20; i++) {
			setup();
			struct bytes_view bytes = encoded(*t, mt_random(*t, &arena));
			size_t len = bytes.len > 0 ? rng_u32() % (bytes.len + 1) : 0;
			uint8_t *exact = malloc(len > 0 ? len : 1); /* for ASan */
			struct tree_view tree;
			if (len > 0) {
				memcpy(exact, bytes.ptr, len);
				exact[rng_u32() % len] ^= (uint8_t)(1U
				    << rng_u32() % 8);
			}
			(void)!protobuf_decode(
			    *t, bytes_view(exact, len), &arena, &tree);
			free(exact);
		}
}
CHECK_MODULE(protobuf, setup, zero_members_of_a_oneof_are_on_the_wire,
    plain_fields_with_their_default_are_absent,
    negative_numbers_take_ten_bytes_or_zig_zag, lists_are_alike_packed_and_loose,
    list_apart_on_the_wire_is_one_list, the_last_value_wins_and_messages_merge,
    a_later_member_of_a_oneof_pushes_out_the_earlier,
    unknown_fields_are_kept_and_written_back, text_that_is_not_utf8_stays_bytes,
    damage_is_refused, what_does_not_fit_the_arena_is_said,
    nesting_ends_where_the_tree_ends, a_value_that_its_kind_cannot_hold_is_not_written,
    every_table_is_in_order, random_messages_come_back_as_they_were,
    cut_and_flipped_messages_never_read_too_far)
