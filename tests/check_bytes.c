#include "arena.h"
#include "bytes.h"
#include "check_mesh.h"

START_TEST(integers_are_big_endian_both_ways)
{
	uint8_t room[16];
	struct bytes_out out = bytes_out(room, sizeof room);
	bytes_put_u8(&out, 0x01);
	bytes_put_u16(&out, 0x0203);
	bytes_put_u32(&out, 0x04050607);
	bytes_put_u64(&out, 0x08090a0b0c0d0e0f);
	ck_assert_uint_eq(out.len, 15);
	for (uint8_t i = 0; i < 15; i++)
		ck_assert_uint_eq(room[i], i + 1);
	struct bytes_in in = bytes_in(bytes_written(&out));
	ck_assert_uint_eq(bytes_u8(&in), 0x01);
	ck_assert_uint_eq(bytes_u16(&in), 0x0203);
	ck_assert_uint_eq(bytes_u32(&in), 0x04050607);
	ck_assert(bytes_u64(&in) == 0x08090a0b0c0d0e0f);
	ck_assert(!in.failed && in.left == 0);
}
START_TEST(reading_past_the_end_sticks)
{
	struct bytes_in in = bytes_in(hex("010203"));
	ck_assert_uint_eq(bytes_u32(&in), 0);
	ck_assert(in.failed);
	ck_assert_uint_eq(bytes_u8(&in), 0);
	ck_assert(bytes_take(&in, 0).len == 0);
}
START_TEST(writing_past_the_end_changes_nothing_more)
{
	uint8_t room[2];
	struct bytes_out out = bytes_out(room, sizeof room);
	bytes_put_u8(&out, 7);
	bytes_put_u32(&out, 1);
	ck_assert(out.failed && out.len == 1);
	bytes_put_u8(&out, 8);
	ck_assert_uint_eq(out.len, 1);
	ck_assert_ptr_null(bytes_room(&out, 1));
}
START_TEST(an_arena_gives_aligned_zeroes_until_it_is_used_up)
{
	static uint8_t block[257];
	memset(block, 0xee, sizeof block);
	struct arena a = arena_init(block + 1, sizeof block - 1); /* not aligned */
	size_t taken = 0;
	for (uint64_t *p; (p = arena_take(&a, 3, sizeof *p)) != NULL; taken++) {
		ck_assert_uint_eq((uintptr_t)p % sizeof *p, 0);
		ck_assert(p[0] == 0 && p[2] == 0);
	}
	ck_assert_uint_ge(taken, 7);
	ck_assert_ptr_null(arena_take(&a, SIZE_MAX / 2, 4));
	arena_reset(&a);
	ck_assert_ptr_nonnull(arena_take(&a, 1, 1));
}
CHECK_MODULE(bytes, NULL, integers_are_big_endian_both_ways,
    reading_past_the_end_sticks, writing_past_the_end_changes_nothing_more,
    an_arena_gives_aligned_zeroes_until_it_is_used_up)
