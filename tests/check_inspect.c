#include "arena.h"
#include "check_mesh.h"
#include "describe.h"
#include "inspect.h"
#include "json_out.h"
#include "text.h"
#include "tree.h"

static uint8_t arena_block[1 << 17];
static struct arena arena;

static void
setup(void)
{
	arena = arena_init(arena_block, sizeof arena_block);
}

/* A packet from 0x11223344 with this Data. */
static struct bytes_view
packet(const char *data)
{
	static uint8_t block[512];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct bytes_view v = hex(data);
	bytes_put_view(&out, hex("0d4433221115ffffffff3504030201"));
	bytes_put_u8(&out, 0x22);
	bytes_put_u8(&out, (uint8_t)v.len);
	bytes_put_view(&out, v);
	return bytes_written(&out);
}

static const char *
json_of(struct tree_view tree)
{
	static char block[8192];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct json_out j = json_out(&out);
	describe_tree(tree, &j);
	return text_end(&out);
}

static const char *
contents(enum radio_network network, const char *data)
{
	struct tree_view tree;
	setup();
	ck_assert_msg(
	    inspect(network, packet(data), &arena, &tree) == MESH_OK, "%s", data);
	return json_of(tree);
}

START_TEST(contents_are_in_our_words)
{
	/* clang-format off */
	static const struct { const char *data, *json, *why; } rows[] = {
		{ "0801120568656c6c6f", "{\"text\":\"hello\"}", "text" },
		{ "080a12024f4b", "{\"text\":\"OK\"}", "detection sensor" },
		{ "080b120566697265213d07000000", "{\"text\":\"fire!\",\"reply_id\":7}", "alert, a reply" },
		{ "0801120141" "4501000000", "{\"text\":\"A\",\"emoji\":true}", "tapback" },
		{ "080112" "02c328", "{\"payload\":\"c328\"}", "no UTF-8" },
		{ "0805" "12021800" "3504030201", "{\"error_reason\":\"NONE\",\"request_id\":16909060}", "acknowledgement" },
		{ "0805" "12021827", "{\"error_reason\":\"PKI_SEND_FAIL_PUBLIC_KEY\"}", "error 39" },
		{ "0803" "1215" "0d" "20b52c1c" "15" "a820cc06" "18be04" "b8010d" "251c000000",
		  "{\"position\":{\"lat\":47.2692,\"lon\":11.4041,\"alt_m\":574,\"precision\":13,\"time_ms\":28000}}", "position" },
		{ "0804" "120e" "1203487574" "1a0148" "2809" "3802" "4801",
		  "{\"user\":{\"long_name\":\"Hut\",\"short_name\":\"H\",\"hardware\":\"RAK4631\",\"role\":\"ROUTER\",\"is_unmessagable\":true}}", "user" },
		{ "0843" "1209" "1207" "0865" "1500000000", "{\"device_metrics\":{\"battery_level\":101,\"voltage\":0}}", "telemetry" },
		{ "0846" "12200a040d0c0b0a120b18ecffffffffffffffff011a04ffffffff2205" "80ffffff0f",
		  "{\"route\":[\"!0a0b0c0d\"],\"snr_towards\":[6,-5],\"route_back\":[null],\"snr_back\":[null]}", "traceroute" },
		{ "0847" "1212" "0811" "10" "11" "220c" "0812" "1500004040" "1d05000000",
		  "{\"node_id\":\"!00000011\",\"last_sent_by_id\":\"!00000011\",\"neighbors\":[{\"node_id\":\"!00000012\",\"snr\":3,\"last_rx_ms\":5000}]}", "neighbours" },
		{ "088002" "1203010203", "{\"payload\":\"010203\"}", "a private port" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_msg(strcmp(contents(NETWORK_MESHTASTIC, rows[i].data),
				  rows[i].json) == 0,
		    "%s: %s", rows[i].why, contents(NETWORK_MESHTASTIC, rows[i].data));
}
START_TEST(the_simulated_network_has_names_of_its_own)
{
	ck_assert_str_eq(contents(NETWORK_SIM,
			     "0846"
			     "12060a040d0c0b0a"),
	    "{\"route\":[\"~0a0b0c0d\"]}");
}
START_TEST(what_nobody_can_read_says_so)
{
	struct tree_view tree;
	ck_assert_int_eq(inspect(NETWORK_MESHTASTIC,
			     hex("0d44332211"
				 "15ffffffff"
				 "2a03abcdef"
				 "3501000000"),
			     &arena, &tree),
	    MESH_OK);
	ck_assert_str_eq(json_of(tree), "{\"encrypted\":true}");
}
START_TEST(a_damaged_payload_is_kept_as_bytes)
{
	struct tree_view tree;
	ck_assert_int_eq(inspect(NETWORK_MESHTASTIC,
			     packet("08031203"
				    "0d0102"),
			     &arena, &tree),
	    MESH_MALFORMED);
	ck_assert_str_eq(json_of(tree), "{\"payload\":\"0d0102\"}");
	ck_assert_int_eq(
	    inspect(NETWORK_MESHTASTIC, hex("0d4433"), &arena, &tree), MESH_MALFORMED);
	ck_assert_int_eq(
	    inspect(NETWORK_MESHCORE, packet("0801"), &arena, &tree), MESH_NOT_FOUND);
	ck_assert_uint_eq(tree.count, 0);
}
START_TEST(types_have_names_or_numbers)
{
	ck_assert(
	    text_is(inspect_type(NETWORK_MESHTASTIC, 1, &arena), "TEXT_MESSAGE_APP"));
	ck_assert(text_is(inspect_type(NETWORK_SIM, 67, &arena), "TELEMETRY_APP"));
	ck_assert(text_is(inspect_type(NETWORK_MESHTASTIC, 300, &arena), "300"));
	ck_assert(text_is(inspect_type(NETWORK_MESHCORE, 65535, &arena), "65535"));
}
START_TEST(senders_are_described_in_node_words)
{
	/* clang-format off */
	static const struct { const char *data, *json, *why; } rows[] = {
		{ "0803" "1212" "0d" "20b52c1c" "15" "a820cc06" "18be04" "b8010d" "0000",
		  "{}", "a damaged position says nothing" },
		{ "0803" "1210" "0d" "20b52c1c" "15" "a820cc06" "18be04" "b8010d",
		  "{\"position\":{\"lat\":47.2692,\"lon\":11.4041,\"alt_m\":574,\"precision\":13}}", "position" },
		{ "0803" "1205" "0d20b52c1c", "{}", "half a position is none" },
		{ "0804" "1205" "1203487574", "{\"long_name\":\"Hut\",\"role\":\"CLIENT\"}", "the role's default" },
		{ "0843" "1209" "1207" "0865" "1500000000", "{\"battery\":{\"percent\":100,\"external\":true}}", "on mains" },
		{ "0843" "1209" "1207" "0832" "1500008040", "{\"battery\":{\"percent\":50,\"volts\":4}}", "on battery" },
		{ "0843" "1204" "1a020800", "{}", "other telemetry" },
		{ "0801" "12024f4b", "{}", "text" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		struct tree_view tree = inspect_node(
		    NETWORK_MESHTASTIC, packet(rows[i].data), &arena);
		const char *json = tree.count > 0 ? json_of(tree) : "{}";
		ck_assert_msg(
		    strcmp(json, rows[i].json) == 0, "%s: %s", rows[i].why, json);
	}
}
START_TEST(a_placeholder_name_is_no_news)
{
	/* long_name "Meshtastic abcd", no hardware, no key: made up by a radio */
	struct tree_view tree = inspect_node(NETWORK_MESHTASTIC,
	    packet("0804"
		   "1211"
		   "120f"
		   "4d657368746173746963206162"
		   "6364"),
	    &arena);
	ck_assert_uint_eq(tree.count, 0);
}
START_TEST(names_that_are_no_utf8_are_cleaned)
{
	struct tree_view tree = inspect_node(NETWORK_MESHTASTIC,
	    packet("0804"
		   "1206"
		   "120448c37574"),
	    &arena);
	ck_assert(text_is(tree_text(tree, "long_name"), "H\uFFFDut"));
}
START_TEST(any_bytes_are_borne)
{
	for (int i = 0; i < 20000; i++) {
		size_t len = rng_u32() % 64;
		uint8_t *exact = malloc(len > 0 ? len : 1);
		struct tree_view tree;
		setup();
		rng_bytes(exact, len);
		if (len > 2 && i % 2 == 0) { /* a Data with a likely port */
			exact[0] = 0x22;
			exact[1] = (uint8_t)(len - 2);
		}
		(void)!inspect(
		    NETWORK_MESHTASTIC, bytes_view(exact, len), &arena, &tree);
		(void)inspect_node(NETWORK_SIM, bytes_view(exact, len), &arena);
		free(exact);
	}
}
CHECK_MODULE(inspect, setup, contents_are_in_our_words,
    the_simulated_network_has_names_of_its_own, what_nobody_can_read_says_so,
    a_damaged_payload_is_kept_as_bytes, types_have_names_or_numbers,
    senders_are_described_in_node_words, a_placeholder_name_is_no_news,
    names_that_are_no_utf8_are_cleaned, any_bytes_are_borne)
