#include "check_mesh.h"
#include "pack.h"
#include "shape.h"

static uint8_t room[70000];
static struct bytes_out out;

static void
setup(void)
{
	out = bytes_out(room, sizeof room);
}

START_TEST(numbers_survive_in_their_shortest_form)
{
	for (unsigned shift = 0; shift < 64; shift++) {
		for (int64_t off = -2; off <= 2; off++) {
			uint64_t n = (1ULL << shift) + (uint64_t)off;
			setup();
			pack_uint(&out, n);
			struct bytes_view v = bytes_written(&out);
			struct bytes_in in = bytes_in(v);
			ck_assert_int_eq(shape_check(v, NULL), MESH_OK);
			ck_assert_uint_eq(pack_read_uint(&in, UINT64_MAX), n);
			ck_assert(!in.failed && in.left == 0);
			in = bytes_in(v);
			if (n > 0)
				pack_read_uint(&in, n - 1);
			ck_assert_msg(n == 0 || in.failed, "above the limit");
			setup();
			pack_int(&out, (int64_t)n);
			ck_assert_int_eq(
			    shape_check(bytes_written(&out), NULL), MESH_OK);
			setup();
			pack_int(&out, (int64_t)(0 - n));
			ck_assert_int_eq(
			    shape_check(bytes_written(&out), NULL), MESH_OK);
		}
	}
}
START_TEST(bytes_and_texts_of_every_length_class)
{
	static const size_t lengths[] = { 0, 1, 31, 32, 255, 256, 65535, 65536 };
	static char letters[65536];
	memset(letters, 'm', sizeof letters);
	for (size_t i = 0; i < LENGTH(lengths); i++) {
		setup();
		pack_bin(&out, bytes_view(letters, lengths[i]));
		struct bytes_in in = bytes_in(bytes_written(&out));
		ck_assert_int_eq(shape_check(bytes_written(&out), NULL), MESH_OK);
		struct bytes_view v = pack_read_bin(&in);
		ck_assert(
		    v.len == lengths[i] && v.ptr != NULL && in.left == 0 && !in.failed);
		setup();
		pack_text(&out, (struct text_view){ letters, lengths[i] });
		in = bytes_in(bytes_written(&out));
		ck_assert_int_eq(shape_check(bytes_written(&out), NULL), MESH_OK);
		struct text_view t = pack_read_text(&in);
		ck_assert(t.len == lengths[i] && in.left == 0 && !in.failed);
	}
}
START_TEST(the_cursor_refuses_other_kinds)
{
	struct bytes_in in = bytes_in(hex("a161"));
	pack_read_bin(&in);
	ck_assert(in.failed);
	in = bytes_in(hex("c40161"));
	pack_read_text(&in);
	ck_assert(in.failed);
	in = bytes_in(hex("ff"));
	pack_read_uint(&in, UINT64_MAX);
	ck_assert(in.failed);
	in = bytes_in(hex("ddffffffff"));
	ck_assert(pack_read_array(&in) == 0 && in.failed);
	in = bytes_in(hex(""));
	ck_assert(!pack_read_nil(&in));
	ck_assert(pack_read_array(&in) == 0 && in.failed);
}
START_TEST(elements_are_found_raw)
{
	struct bytes_view array = hex("94019202a162c403aabbccc0");
	struct bytes_view v = pack_element(array, 1);
	ck_assert_uint_eq(v.len, 4);
	ck_assert_uint_eq(v.ptr[0], 0x92);
	ck_assert_uint_eq(pack_element(array, 3).len, 1);
	ck_assert_ptr_null(pack_element(array, 4).ptr);
	ck_assert_ptr_null(pack_element(hex("01"), 0).ptr);
}
START_TEST(scratch_comes_back_and_its_lack_is_told)
{
	static uint8_t block[8192];
	struct arena arena = arena_init(block, sizeof block);
	struct pack p;
	uint8_t many[3 + 200] = { 0xdc, 0, 200 };
	struct bytes_view v = bytes_view(many, sizeof many);
	ck_assert_int_eq(pack_unpack(&p, v, &arena), MESH_OK);
	ck_assert_uint_eq(p.top.via.array.size, 200);
	ck_assert_msg(arena.cap < sizeof block - 200 * 24, "the end is lent");
	ck_assert_ptr_nonnull(arena_take(&arena, 100, 1));
	pack_done(&p);
	ck_assert_uint_eq(arena.cap, sizeof block);
	arena = arena_init(block, 1000);
	ck_assert_int_eq(pack_unpack(&p, v, &arena), MESH_FULL);
	pack_done(&p);
	ck_assert_uint_eq(arena.cap, 1000);
	ck_assert_int_eq(pack_unpack(&p, v, NULL), MESH_FULL);
	pack_done(&p);
	ck_assert_msg(
	    pack_unpack(&p, hex("93010203"), NULL) == MESH_OK, "few need none");
	pack_done(&p);
}
CHECK_MODULE(pack, setup, numbers_survive_in_their_shortest_form,
    bytes_and_texts_of_every_length_class, the_cursor_refuses_other_kinds,
    elements_are_found_raw, scratch_comes_back_and_its_lack_is_told)
