#include "arena.h"
#include "check_mesh.h"
#include "describe.h"
#include "json_in.h"
#include "mt_admin.h"
#include "mt_recording.h"
#include "mt_wish.h"
#include "stream.h"
#include "text.h"
#include "tree.h"

enum { NODE = 16, ROWS = 32 };
static uint8_t block[1 << 20], cache_block[1 << 16], orders_block[8192];
static struct arena arena;
static struct mt_cache_entry entries[384];
static struct mt_cache cache;
static struct radio_difference rows[ROWS];
static struct radio_plan plan;
static char why[256];

/* As a recorded radio told it. */
static void
setup(void)
{
	static uint8_t stream_block[1 << 16];
	struct mt_recording r = mt_recording_read("handshake_cli_info");
	struct stream stream = stream_init(stream_block, sizeof stream_block);
	struct stream_frame frame;
	arena = arena_init(block, sizeof block);
	cache = (struct mt_cache){ cache_block, sizeof cache_block, 0, entries,
		LENGTH(entries), 0 };
	plan = (struct radio_plan){ rows, ROWS, 0,
		bytes_out(orders_block, sizeof orders_block), false };
	for (size_t i = 0; i < r.count; i++)
		if (strcmp(r.chunks[i].from, "radio") == 0)
			(void)stream_put(
			    &stream, bytes_view(r.chunks[i].ptr, r.chunks[i].len));
	while (stream_next(&stream, &frame)) {
		struct bytes_in in = bytes_in(frame.payload), inner;
		struct protobuf_item f, first = { 0 };
		if (!protobuf_next(&in, &f) || f.wire != WIRE_LEN)
			continue;
		inner = bytes_in(f.bytes);
		bool any = protobuf_next(&inner, &first);
		bool by_value = f.number == FROM_NODE_INFO || f.number == FROM_CHANNEL;
		uint32_t key = !any ? 0
		    : !by_value     ? first.number
		    : first.wire == WIRE_VARINT && first.number == 1
		    ? (uint32_t)first.value
		    : 0;
		ck_assert(mt_cache_put(&cache, f.number, key, f.bytes));
	}
	mt_recording_free(&r);
}

static enum mesh_err
wish(const char *section, const char *json)
{
	struct bytes_out complaint = bytes_out(why, sizeof why - 1);
	struct tree_view tree;
	struct json_error fault;
	ck_assert_msg(
	    json_in_tree(text(json), &arena, &tree, &fault) == MESH_OK, "%s", json);
	const struct mt_wish w = { &cache, NODE, text(section), tree };
	enum mesh_err err = mt_wish_compare(&w, &arena, &plan, &complaint);
	why[complaint.len] = '\0';
	return err;
}

/* What the section is now, as JSON with its secrets. */
static const char *
now_set(const char *section)
{
	static char room[4096];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct json_out j = json_out(&out);
	struct radio_setting s;
	for (size_t i = 0; mt_settings_get(&cache, NODE, i, true, &arena, &s); i++)
		if (text_is(s.section, section))
			describe_tree(s.values, &j);
	return text_end(&out);
}

static const char *
shown(struct tree_view v)
{
	static char rooms[2][256];
	static size_t turn;
	struct bytes_out out = bytes_out(rooms[turn ^= 1], sizeof rooms[0]);
	struct json_out j = json_out(&out);
	if (v.count > 0)
		describe_tree(v, &j);
	return text_end(&out);
}

START_TEST(what_a_section_is_changes_nothing)
{
	struct mt_section s;
	for (size_t i = 0; mt_section_at(i, NODE, &s); i++) {
		struct radio_setting now;
		ck_assert(mt_settings_get(&cache, NODE, i, true, &arena, &now));
		if (!now.told)
			continue;
		enum mesh_err err = wish(s.name, now_set(s.name));
		ck_assert_msg(err == MESH_OK, "%s: %s", s.name, why);
		ck_assert_msg(plan.count == 0, "%s.%.*s: %s, %s", s.name,
		    (int)rows[0].name.len, rows[0].name.ptr, shown(rows[0].from),
		    shown(rows[0].to));
		arena_reset(&arena);
	}
	ck_assert_uint_eq(plan.orders.len, 0);
}
START_TEST(a_text_of_its_own_is_the_message_that_sets_it)
{
	/* clang-format off */
	static const struct { const char *section, *told, *json; enum mesh_err err; const char *orders, *why; } row[] = {
		{ "ringtone", NULL, "{}", MESH_MALFORMED, "", "it was not told" },
		{ "ringtone", "", "{}", MESH_OK, "", "none, and none is wanted" },
		{ "ringtone", "", "{\"ringtone\":\"a:b\"}", MESH_OK, "0006aa0203613a62", "it had none" },
		{ "ringtone", "aa0203613a62", "{\"ringtone\":\"a:b\"}", MESH_OK, "", "the same" },
		{ "ringtone", "aa0203613a62", "{}", MESH_OK, "0003aa0200", "back to none" },
		{ "canned_messages", "a2020148", "{\"messages\":\"I\"}", MESH_OK, "0004a2020149", "another" },
		{ "canned_messages", "a2020148", "{\"message\":\"I\"}", MESH_MALFORMED, "", "no such member" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		char orders[64];
		struct bytes_out out = bytes_out(orders, sizeof orders);
		uint32_t key = strcmp(row[i].section, "ringtone") == 0 ? 14 : 10;
		setup();
		if (row[i].told != NULL)
			ck_assert(
			    mt_cache_put(&cache, FROM_ANSWERS, key, hex(row[i].told)));
		ck_assert_msg(
		    wish(row[i].section, row[i].json) == row[i].err, "%s", row[i].why);
		text_put_hex(&out, bytes_written(&plan.orders));
		ck_assert_msg(strcmp(text_end(&out), row[i].orders) == 0, "%s: %s",
		    row[i].why, orders);
	}
}
START_TEST(a_text_may_be_as_long_as_a_radio_has_room)
{
	static const struct {
		const char *section, *name;
		uint32_t key;
		size_t most;
	} row[] = { { "canned_messages", "messages", 10, 200 },
		{ "ringtone", "ringtone", 14, 229 } };
	for (size_t i = 0; i < LENGTH(row); i++)
		for (size_t more = 0; more < 2; more++) {
			char json[300], value[240] = { 0 };
			memset(value, 'x', row[i].most + more);
			snprintf(
			    json, sizeof json, "{\"%s\":\"%s\"}", row[i].name, value);
			setup();
			ck_assert(mt_cache_put(
			    &cache, FROM_ANSWERS, row[i].key, bytes_view("", 0)));
			enum mesh_err wanted = more == 0 ? MESH_OK : MESH_MALFORMED;
			ck_assert_msg(wish(row[i].section, json) == wanted,
			    "%s %zu: %s", row[i].section, more, why);
			ck_assert_uint_eq(
			    plan.orders.len, more == 0 ? 2 + 2 + 2 + row[i].most : 0);
		}
}
START_TEST(differences_are_named_one_by_one)
{
	/* clang-format off */
	static const struct { const char *section, *json, *name, *from, *to, *why; } row[] = {
		{ "mqtt", "{\"address\":\"mqtt.meshtastic.org\",\"username\":\"meshdev\",\"password\":null,\"encryption_enabled\":true,\"root\":\"x\"}",
			"root", "\"msh/EU_868\"", "\"x\"", "a text" },
		{ "position", "{\"position_broadcast_secs\":900,\"position_broadcast_smart_enabled\":true,\"fixed_position\":true,\"gps_update_interval\":120,\"position_flags\":811,\"broadcast_smart_minimum_distance\":100,\"broadcast_smart_minimum_interval_secs\":300,\"gps_mode\":\"NOT_PRESENT\"}",
			"position_broadcast_secs", "3600", "900", "a number" },
		{ "channel_1", "{\"settings\":{\"psk\":null,\"name\":\"other\"},\"role\":\"SECONDARY\"}",
			"settings.name", "\"vec128\"", "\"other\"", "inside a message" },
		{ "channel_1", "{\"settings\":{\"psk\":\"ffffffffffffffffffffffffffffffff\",\"name\":\"vec128\"},\"role\":\"SECONDARY\"}",
			"settings.psk", "\"(secret)\"", "\"(secret)\"", "a secret is not shown" },
		{ "channel_4", "{\"settings\":{\"name\":\"new\"}}", "settings.name", "", "\"new\"", "it had its default" },
		{ "bluetooth", "{\"enabled\":true,\"mode\":\"NO_PIN\",\"fixed_pin\":null}", "mode", "\"FIXED_PIN\"", "\"NO_PIN\"", "a word" },
		{ "neighbor_info", "{\"#77\":5}", "#77", "", "5", "what no table knows" },
		{ "display", "{}", "screen_on_secs", "600", "", "back to its default" },
		{ "security", "{\"public_key\":null,\"private_key\":null}", "serial_enabled", "true", "", "null keeps" },
		{ "owner", "{\"long_name\":\"Talstation N\",\"short_name\":\"TALN\",\"is_unmessagable\":false}", "long_name", NULL, "\"Talstation N\"", "the owner" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		setup();
		enum mesh_err err = wish(row[i].section, row[i].json);
		ck_assert_msg(err == MESH_OK, "%s: %s", row[i].why, why);
		ck_assert_msg(plan.count == 1, "%s: %zu", row[i].why, plan.count);
		ck_assert(text_is(rows[0].section, row[i].section));
		ck_assert_msg(text_is(rows[0].name, row[i].name), "%s: %.*s",
		    row[i].why, (int)rows[0].name.len, rows[0].name.ptr);
		if (row[i].from != NULL)
			ck_assert_str_eq(shown(rows[0].from), row[i].from);
		ck_assert_str_eq(shown(rows[0].to), row[i].to);
		ck_assert_uint_gt(plan.orders.len, 0);
	}
}
START_TEST(what_a_radio_could_not_take_is_named)
{
	/* clang-format off */
	static const struct { const char *section, *json; enum mesh_err err; const char *says; } row[] = {
		{ "nosuch", "{}", MESH_NOT_FOUND, "" },
		{ "lora", "{\"speed\":3}", MESH_MALFORMED, "lora.speed: no such setting" },
		{ "lora", "{\"region\":\"MOON\"}", MESH_MALFORMED, "lora.region: not one of its words" },
		{ "lora", "{\"hop_limit\":\"three\"}", MESH_MALFORMED, "lora.hop_limit: wrong type" },
		{ "lora", "{\"hop_limit\":-1}", MESH_MALFORMED, "lora.hop_limit: wrong type or range" },
		{ "lora", "{\"hop_limit\":4294967296}", MESH_MALFORMED, "lora.hop_limit: wrong type or range" },
		{ "lora", "{\"hop_limit\":{\"a\":1}}", MESH_MALFORMED, "lora.hop_limit: wrong type" },
		{ "lora", "{\"hop_limit\":[1]}", MESH_MALFORMED, "lora.hop_limit: wrong type" },
		{ "lora", "{\"ignore_incoming\":[1,\"x\"]}", MESH_MALFORMED, "lora.ignore_incoming: wrong type" },
		{ "lora", "{\"ignore_incoming\":7}", MESH_MALFORMED, "lora.ignore_incoming: wrong type" },
		{ "lora", "{\"#8\":9}", MESH_MALFORMED, "lora.#8: it has a name" },
		{ "lora", "{\"#008:i32\":9}", MESH_MALFORMED, "lora.#008:i32: it has a name" },
		{ "owner", "{\"#1\":\"00\"}", MESH_MALFORMED, "owner.#1: it has a name" },
		{ "channel_1", "{\"settings\":{\"#2\":\"0000\"}}", MESH_MALFORMED, "channel_1.settings.#2: it has a name" },
		{ "lora", "{\"#300\":[]}", MESH_MALFORMED, "lora.#300: wrong type" },
		{ "lora", "{\"#300\":\"xyz\"}", MESH_MALFORMED, "lora.#300: wanted bytes as hex digits" },
		{ "channel_1", "{\"settings\":{\"psk\":\"zz\"}}", MESH_MALFORMED, "channel_1.settings.psk: wanted bytes as hex" },
		{ "channel_1", "{\"settings\":{\"name\":\"twelve bytes\"}}", MESH_MALFORMED, "channel_1.settings.name: longer" },
		{ "channel_1", "{\"settings\":{\"psk\":\"0000000000000000000000000000000000\"}}", MESH_MALFORMED, "channel_1.settings.psk: not a key" },
		{ "channel_1", "{\"index\":2}", MESH_MALFORMED, "channel_1.index: told by the radio" },
		{ "channel_4", "{\"settings\":{\"psk\":null}}", MESH_MALFORMED, "channel_4.settings.psk: null leaves" },
		{ "owner", "{\"id\":\"!00000001\"}", MESH_MALFORMED, "owner.id: told by the radio" },
		{ "owner", "{\"short_name\":\"12345\"}", MESH_MALFORMED, "owner.short_name: longer" },
		{ "tak", "{}", MESH_MALFORMED, "tak: this radio has not told it" },
		{ "fixed_position", "{\"latitude_i\":1}", MESH_MALFORMED, "fixed_position: latitude_i and longitude_i" },
		{ "fixed_position", "{\"altitude\":1}", MESH_MALFORMED, "fixed_position: latitude_i and longitude_i" },
		{ "fixed_position", "{\"latitude_i\":900000001,\"longitude_i\":0}", MESH_MALFORMED, "fixed_position: no place" },
		{ "fixed_position", "{\"latitude_i\":0,\"longitude_i\":-1800000001}", MESH_MALFORMED, "fixed_position: no place" },
		{ "fixed_position", "{\"time\":1}", MESH_MALFORMED, "fixed_position.time: told by the radio" },
		{ "security", "{\"private_key\":\"00\"}", MESH_MALFORMED, "security.private_key: not a key" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		setup();
		enum mesh_err err = wish(row[i].section, row[i].json);
		ck_assert_msg(err == row[i].err && strstr(why, row[i].says) == why,
		    "%s: %d %s", row[i].says, err, why);
		ck_assert_uint_eq(plan.count + plan.orders.len, 0);
	}
}
/* A PositionConfig with nothing but its flag, and a NodeInfo with nothing but its
 * place: 52.5 N, 13.4 E, 34 m, found by GPS at some time. */
static void
stand(bool fixed)
{
	setup();
	ck_assert(
	    mt_cache_put(&cache, FROM_CONFIG, 2, hex(fixed ? "12021801" : "1200")));
	ck_assert(mt_cache_put(&cache, FROM_NODE_INFO, NODE,
	    hex("08101a130d40dd4a1f1580adfc07182225010203042802")));
}
START_TEST(a_fixed_position_is_there_while_it_is_fixed)
{
	/* clang-format off */
	static const struct { bool fixed; const char *json, *orders; size_t count; bool aloud; const char *why; } row[] = {
		{ false, "{}", "", 0, false, "found, not fixed: none, and none is wanted" },
		{ true, "{\"latitude_i\":525000000,\"longitude_i\":134000000,\"altitude\":34}", "", 0, false, "the same" },
		{ true, "{}", "0003d00201", 3, false, "taken away" },
		{ true, "{\"latitude_i\":525000001,\"longitude_i\":134000000,\"altitude\":34}",
			"000fca020c0d41dd4a1f1580adfc071822", 1, true, "another" },
		{ false, "{\"latitude_i\":0,\"longitude_i\":0,\"altitude\":0}", "000dca020a0d000000001500000000", 2, true, "zero is a place" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		char orders[128];
		struct bytes_out out = bytes_out(orders, sizeof orders);
		stand(row[i].fixed);
		enum mesh_err err = wish("fixed_position", row[i].json);
		ck_assert_msg(err == MESH_OK, "%s: %s", row[i].why, why);
		text_put_hex(&out, bytes_written(&plan.orders));
		ck_assert_msg(
		    plan.count == row[i].count, "%s: %zu", row[i].why, plan.count);
		ck_assert_msg(strcmp(text_end(&out), row[i].orders) == 0, "%s: %s",
		    row[i].why, orders);
		ck_assert_msg(plan.transmits == row[i].aloud, "%s", row[i].why);
	}
}
START_TEST(a_full_plan_is_an_error_and_no_part)
{
	plan.cap = 1;
	ck_assert_int_eq(wish("lora", "{}"), MESH_FULL);
}
CHECK_MODULE(mt_wish, setup, a_text_of_its_own_is_the_message_that_sets_it,
    a_text_may_be_as_long_as_a_radio_has_room, what_a_section_is_changes_nothing,
    differences_are_named_one_by_one, a_fixed_position_is_there_while_it_is_fixed,
    what_a_radio_could_not_take_is_named, a_full_plan_is_an_error_and_no_part)
