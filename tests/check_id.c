#include "check_mesh.h"
#include "id.h"
#include "text.h"

static const char *
shown(const struct id *id)
{
	static char chars[ID_TEXT_MAX + 1];
	struct bytes_out out = bytes_out(chars, sizeof chars);
	id_print(id, &out);
	return text_end(&out);
}

START_TEST(each_kind_has_one_text_form)
{
	struct mesh_key key = { { 0xab, 0xcd } };
	struct id made[] = { id_of_node(ID_MT_NODE, 0xa1b2c3d4),
		id_of_packet(ID_MT_PACKET, 0xa1b2c3d4, 0x0badcafe),
		id_of_packet(ID_SIM_PACKET, 1, 2), id_of_key(&key),
		id_make(ID_RADIO, "roof", 4) };
	static const char *const want[] = { "!a1b2c3d4", "mt:a1b2c3d4:0badcafe",
		"sim:00000001:00000002",
		"abcd000000000000000000000000000000000000000000000000000000000000",
		"radio:roof" };
	for (size_t i = 0; i < LENGTH(made); i++)
		ck_assert_str_eq(shown(&made[i]), want[i]);
	ck_assert_uint_eq(id_number(&made[0]), 0xa1b2c3d4);
}
START_TEST(what_is_printed_reads_back)
{
	static const struct {
		enum id_kind kind;
		size_t least, most;
	} kind[] = { { ID_SITE, 32, 32 }, { ID_MT_NODE, 4, 4 }, { ID_MC_NODE, 6, 32 },
		{ ID_SIM_NODE, 4, 4 }, { ID_MT_PACKET, 8, 8 }, { ID_MC_PACKET, 8, 8 },
		{ ID_SIM_PACKET, 8, 8 }, { ID_HASH, 4, 32 }, { ID_ALERT, 16, 16 } };
	for (int i = 0; i < 5000; i++) {
		size_t k = rng_u32() % LENGTH(kind);
		uint8_t bytes[32];
		rng_bytes(bytes, sizeof bytes);
		size_t len = kind[k].least +
		    rng_u32() % (kind[k].most - kind[k].least + 1);
		struct id id = id_make(kind[k].kind, bytes, len), back;
		ck_assert_int_eq(id_parse(text(shown(&id)), &back), MESH_OK);
		ck_assert_msg(id_equal(&id, &back), "%s", shown(&id));
	}
}
START_TEST(what_is_no_id_is_refused)
{
	static const char *const bad[] = { "", "!", "!a1b2c3", "!a1b2c3d4e5",
		"!zzzzzzzz", "mt:a1b2c3d4", "mt:a1b2c3d4-0badcafe", "mc:12",
		"radio:", "radio:a\x01", "radio:a\xff", "radio:", "abc", "hash:12",
		"radio:123456789012345678901234567890123" };
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct id id;
		ck_assert_msg(
		    id_parse(text(bad[i]), &id) == MESH_MALFORMED, "%s", bad[i]);
		ck_assert(!id_is(&id));
	}
}
START_TEST(kinds_with_equal_bytes_differ)
{
	struct id a = id_of_node(ID_MT_NODE, 7), b = id_of_node(ID_SIM_NODE, 7);
	ck_assert(!id_equal(&a, &b));
	ck_assert(id_hash(&a, 1) != id_hash(&b, 1));
	ck_assert(id_hash(&a, 1) != id_hash(&a, 2));
}
CHECK_MODULE(id, NULL, each_kind_has_one_text_form, what_is_printed_reads_back,
    what_is_no_id_is_refused, kinds_with_equal_bytes_differ)
