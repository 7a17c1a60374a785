/* What local programs say and hear, as msgpack. */
#include "app_format.h"
#include "check_mesh.h"
#include "text.h"
#include <stdio.h>

static uint8_t block[512 * 1024];
static uint8_t packed_room[64 * 1024];
static char json_room[64 * 1024];

static void
setup(void)
{
	rng_restart(check_seed());
}

static enum mesh_err
pack(const char *json, struct bytes_view *out)
{
	struct arena arena = arena_init(block, sizeof block);
	struct bytes_out packed = bytes_out(packed_room, sizeof packed_room);
	enum mesh_err err = app_format_pack(text(json), &arena, &packed);
	*out = bytes_written(&packed);
	return err;
}

static const char *
unpack(struct bytes_view packed)
{
	struct arena arena = arena_init(block, sizeof block);
	struct bytes_out json = bytes_out(json_room, sizeof json_room - 1);
	if (app_format_unpack(packed, &arena, &json) != MESH_OK)
		return NULL;
	return text_end(&json);
}

START_TEST(what_is_packed_comes_back)
{
	static const char *const rows[] = { "{}", "{\"op\":\"ok\"}",
		"{\"a\":[1,-2,{\"b\":null}],\"c\":true,\"d\":{}}",
		"{\"big\":9007199254740993,\"half\":0.5,\"list\":[0.5,0.5,0.5,0.5,0.5,"
		"0.5]}",
		"{\"text\":\"\\u0001 \303\244\"}" };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct bytes_view packed;
		ck_assert_int_eq(pack(rows[i], &packed), MESH_OK);
		ck_assert(app_format_is_packed(packed));
		ck_assert_str_eq(unpack(packed), rows[i]);
	}
}
START_TEST(bytes_come_in_as_hex)
{
	ck_assert_str_eq(unpack(hex("81a468617368c402abcd")), "{\"hash\":\"abcd\"}");
}
START_TEST(what_is_no_sound_map_is_refused)
{
	static const struct {
		const char *hex, *why;
	} rows[] = {
		{ "", "nothing" },
		{ "7b7d", "JSON" },
		{ "91a0", "a list" },
		{ "81", "ends early" },
		{ "81a1610100", "something behind it" },
		{ "8101a161", "a number for a key" },
		{ "82a16101a16102", "a key twice" },
		{ "81a161cc01", "not the shortest form" },
		{ "81a161cb7ff8000000000000", "not a number" },
		{ "81a161d40100", "an extension" },
		{ "81a161a1ff", "not UTF-8" },
		{ "dfffffffff", "more than there is" },
		{ "81a16191919191919191919101", "too deep" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct bytes_view said = hex(rows[i].hex);
		ck_assert_msg(!app_format_is_packed(said) || unpack(said) == NULL, "%s",
		    rows[i].why);
	}
}
START_TEST(any_bytes_are_survived)
{
	struct bytes_view packed;
	static uint8_t copy[256];
	ck_assert_int_eq(pack("{\"op\":\"sub\",\"topics\":[\"alert\",\"peer\"],"
			      "\"since\":7,\"x\":{\"y\":0.5}}",
			     &packed),
	    MESH_OK);
	for (size_t i = 0; i < 20000; i++) {
		memcpy(copy, packed.ptr, packed.len);
		size_t len = i < packed.len ? i : packed.len;
		for (uint32_t flips = rng_u32() % 4; flips > 0 && len > 0; flips--)
			copy[rng_u32() % len] ^= (uint8_t)(1U << rng_u32() % 8);
		(void)unpack(bytes_view(copy, len));
	}
}
START_TEST(what_has_no_room_is_refused)
{
	struct bytes_view packed;
	ck_assert_int_eq(pack("{\"op\":\"ok\",\"text\":\"four\"}", &packed), MESH_OK);
	uint8_t small[8];
	struct arena none = arena_init(block, 8),
		     arena = arena_init(block, sizeof block);
	struct bytes_out out = bytes_out(small, sizeof small);
	ck_assert_int_eq(app_format_unpack(packed, &none, &out), MESH_FULL);
	ck_assert_int_eq(app_format_unpack(packed, &arena, &out), MESH_FULL);
	out = bytes_out(small, sizeof small);
	arena = arena_init(block, sizeof block);
	ck_assert_int_eq(
	    app_format_pack(text("{\"op\":\"ok\",\"text\":\"four\"}"), &arena, &out),
	    MESH_FULL);
}
CHECK_MODULE(app_format, setup, what_is_packed_comes_back, bytes_come_in_as_hex,
    what_is_no_sound_map_is_refused, any_bytes_are_survived,
    what_has_no_room_is_refused)
