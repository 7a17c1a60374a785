/* What a session keeps an eye on beside the words: who the radio is, what came before
 * it said so, what it only remembers, and how long it may be silent. */
#include "id.h"
#include "mt_driver.h"
#include "mt_hold.h"
#include "mt_repeats.h"
#include "radio_counters.h"
#include "text.h"
#include "tree.h"

static void
setup(void)
{
	mt_driver_start(text(""));
}

/* --- who the radio is, and was --- */

static void
greet_as(const char *my_info, bool version)
{
	uint32_t nonce = ask();
	say(hex(my_info));
	if (version)
		say(hex("6a0c0a0a322e372e32362e353465"));
	complete(nonce);
}

START_TEST(a_radio_that_started_anew_or_is_another_is_told)
{
	static const struct {
		const char *my_info; /* my_node_num, reboot_count */
		enum radio_change change;
	} rows[] = {
		{ "1a04"
		  "0810"
		  "4005",
		    CHANGE_NONE }, /* the first time */
		{ "1a04"
		  "0810"
		  "4005",
		    CHANGE_NONE },
		{ "1a04"
		  "0810"
		  "4006",
		    CHANGE_REBOOTED },
		{ "1a04"
		  "0810"
		  "4009",
		    CHANGE_REBOOTED },
		{ "1a04"
		  "0810"
		  "4001",
		    CHANGE_RESET },
		{ "1a04"
		  "0811"
		  "4001",
		    CHANGE_NODE },
		{ "1a02"
		  "0811",
		    CHANGE_RESET }, /* none: never started before */
		{ "1a04"
		  "0811"
		  "4001",
		    CHANGE_REBOOTED },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		enum radio_change said = CHANGE_NONE;
		ops->link_up(radio, now);
		greet_as(rows[i].my_info, true);
		while (ops->next_event(radio, &event) && event.kind != RADIO_READY)
			if (event.kind == RADIO_CHANGED)
				said = (enum radio_change)event.reason;
		ck_assert_int_eq(event.kind, RADIO_READY);
		ck_assert_msg(said == rows[i].change, "%zu: %d", i, (int)said);
		ops->link_down(radio, now);
	}
}
START_TEST(a_reboot_under_an_open_link_is_told_once)
{
	become_ready();
	say(hex("4001"));
	ck_assert(!next_of(RADIO_CHANGED));
	wait_ms(0);
	uint32_t nonce = (uint32_t)sent().value;
	say(hex("1a0408105801"));
	complete(nonce);
	ck_assert(next_of(RADIO_CHANGED));
	ck_assert_uint_eq(event.reason, CHANGE_REBOOTED);
	ck_assert(next_of(RADIO_READY) && !next_of(RADIO_CHANGED));
}

/* --- packets before it said who it is --- */

static void
say_early(uint8_t id)
{
	/* From node 16, which nobody knows yet to be the radio itself. */
	static char fields[] = "0d10000000"
			       "15ffffffff"
			       "2206080112026869"
			       "3500020304";
	snprintf(fields + strlen(fields) - 8, 9, "%02x020304", id);
	say_packet(fields);
}

START_TEST(packets_before_my_info_wait_and_are_attributed)
{
	uint32_t nonce = ask();
	say_early(1);
	ck_assert(!next_of(RADIO_RECEPTION));
	wait_ms(500);
	say(hex("1a020810"));
	complete(nonce);
	ck_assert(next_of(RADIO_READY));
	ck_assert(next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(event.reception.via, VIA_ECHO | VIA_BACKLOG);
	ck_assert_int_eq(event.reception.time_ms, now.unix_ms - 500);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_EARLY), 1);
}
START_TEST(packets_do_not_wait_for_ever_nor_without_bound)
{
	ask();
	say_early(1);
	ck_assert(!next_of(RADIO_RECEPTION));
	wait_ms(MT_HOLD_MS - 1);
	ck_assert(!next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(ops->deadline(radio), now.ms + 1);
	wait_ms(1);
	ck_assert(next_of(RADIO_RECEPTION) && event.reception.via == VIA_BACKLOG);
	unsigned told = 0;
	for (uint8_t i = 0; i < MT_HOLD_MAX + 5; i++) {
		say_early((uint8_t)(i + 2));
		told += next_of(RADIO_RECEPTION);
	}
	ck_assert_uint_eq(told, 5);
	ops->link_down(radio, now); /* nothing is lost with the link */
	while (next_of(RADIO_RECEPTION))
		told++;
	ck_assert_uint_eq(told, MT_HOLD_MAX + 5);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_TAKEN),
	    ops->counter(radio, COUNT_PORT_PACKETS_SEEN));
}

/* --- what the radio remembers is no reception --- */

START_TEST(old_news_from_the_radios_memory_are_no_receptions)
{
	static const char version_28[] = "6a0c0a0a322e382e30302e353465";
	static const char version_27[] = "6a0c0a0a322e372e32362e353465";
	static const char old[] = "3d9cf05365", fresh[] = "3d00f15365";
	static const char rssi[] = "60b6ffffffffffffffff01", none[] = "";
	static const char place[] = "220e"
				    "0803"
				    "120a"
				    "0d0065cd1d"
				    "15002ba905";
	static const char words[] = "2206080112026869", over_udp[] = "a80106";
	static const struct {
		const char *version, *payload, *time, *more, *why;
		bool reception;
	} rows[] = {
		{ version_28, place, old, none, "old, and nobody heard it", false },
		{ version_28, place, none, none, "no time, and nobody heard it",
		    false },
		{ version_28, place, old, rssi, "heard while we were away", true },
		{ version_28, place, fresh, none, "just now", true },
		{ version_28, words, old, none, "a text is never remembered", true },
		{ version_28, place, old, over_udp, "not by air", true },
		{ version_27, place, old, none, "2.7 remembers nothing", true },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char fields[200];
		ops->link_up(radio, now);
		uint32_t nonce = ask();
		say(hex("1a020810"));
		say(hex(rows[i].version));
		complete(nonce);
		ck_assert(next_of(RADIO_READY));
		snprintf(fields, sizeof fields,
		    "0d1100000015ffffffff%s35010203%02x%s%s", rows[i].payload,
		    (unsigned)i, rows[i].time, rows[i].more);
		say_packet(fields);
		ck_assert(ops->next_event(radio, &event));
		ck_assert_msg((event.kind == RADIO_RECEPTION) == rows[i].reception,
		    "%s", rows[i].why);
		if (rows[i].reception)
			continue;
		ck_assert(event.kind == RADIO_NODE && id_number(&event.node) == 17);
		ck_assert_ptr_nonnull(tree_find(event.facts, text("position.lat")));
	}
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_RECALLED), 2);
}

START_TEST(one_delivery_handed_out_twice_is_one_reception)
{
	static const struct {
		const char *more; /* relay_node, transport */
		uint32_t after_ms;
		bool reception;
	} rows[] = { { "", 0, true }, { "", 0, false }, { "980107", 0, true },
		{ "a80106", 0, true }, { "980107", MT_REPEATS_MS - 5000, false },
		{ "", 5000, true }, { "", 0, false } };
	uint64_t repeated = 0;
	become_ready();
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char fields[120];
		wait_ms(rows[i].after_ms);
		ops->link_up(radio, now); /* and around a reconnect */
		become_ready();
		snprintf(fields, sizeof fields,
		    "0d1100000015ffffffff22060801120268693501020304%s", rows[i].more);
		say_packet(fields);
		ck_assert_msg(next_of(RADIO_RECEPTION) == rows[i].reception, "%zu", i);
		repeated += !rows[i].reception;
	}
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_REPEATED), repeated);
}

/* --- silence --- */

START_TEST(silence_is_known_when_it_is_over)
{
	static const uint32_t rows[][2] = { { 30000, 90000 }, { 600000, 90000 },
		{ 30000, 10000 }, { 1000, 2000 }, { 60000, 3600000 } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct radio_params params = {
			.seed = 7, .heartbeat_ms = rows[i][0], .silence_ms = rows[i][1]
		};
		ops->destroy(radio);
		radio = ops->create(&params);
		ops->link_up(radio, now);
		become_ready();
		mesh_time_ms heard = now.ms;
		while (!next_of(RADIO_STUCK)) {
			mesh_time_ms due = ops->deadline(radio);
			ck_assert_msg(due != MESH_NEVER, "%zu: never", i);
			wait_ms((uint32_t)(due - now.ms));
		}
		ck_assert_msg(now.ms - heard == rows[i][1], "%zu: %llu", i,
		    (unsigned long long)(now.ms - heard));
	}
}
CHECK_MODULE(mt_supervision, setup, a_radio_that_started_anew_or_is_another_is_told,
    a_reboot_under_an_open_link_is_told_once,
    packets_before_my_info_wait_and_are_attributed,
    packets_do_not_wait_for_ever_nor_without_bound,
    old_news_from_the_radios_memory_are_no_receptions,
    one_delivery_handed_out_twice_is_one_reception, silence_is_known_when_it_is_over)
