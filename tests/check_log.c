#include "check_mesh.h"
#include "clock.h"
#include "log_sinks.h"
#include "text.h"
#include <fcntl.h>
#include <unistd.h>

static int ends[2];
static struct log *logger;
static char room[65536];

static void
setup(void)
{
	log_free(logger);
	if (ends[1] > 0) {
		close(ends[0]);
		close(ends[1]);
	}
	ck_assert_int_eq(pipe(ends), 0);
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	logger = log_new(ends[1], false);
	ck_assert_ptr_nonnull(logger);
}

static const char *
written(void)
{
	ssize_t n = read(ends[0], room, sizeof room - 1);
	room[n > 0 ? n : 0] = '\0';
	return room;
}

static const char *
line_text(const struct log_field *fields, bool journal)
{
	struct log_line line = { LEVEL_WARN, EVENT_PEER_CHANGED, 1763721003042, 0,
		fields };
	struct bytes_out out = bytes_out(room, sizeof room);
	log_line_text(&line, journal, &out);
	return text_end(&out);
}

static const char *
line_json(const struct log_field *fields, uint64_t suppressed)
{
	struct log_line line = { LEVEL_WARN, EVENT_PEER_CHANGED, 1763721003042,
		suppressed, fields };
	struct bytes_out out = bytes_out(room, sizeof room);
	log_line_json(&line, &out);
	return text_end(&out);
}

START_TEST(a_line_of_text_has_time_level_event_and_fields)
{
	struct mesh_key key = { { 0xab, 0xcd, 0xef, 0x01 } };
	const struct log_field fields[] = { EVENT(PEER_CHANGED), KEY("site", &key),
		STRING("state", "alive"), STRING("name", "a \"b\"\n\x1b[31m"),
		NUMBER("hops", 2), SIGNED("rssi", -92), STRING("empty", ""),
		ERRNO("error", -2), { 0 } };
	ck_assert_str_eq(line_text(fields, false),
	    "2025-11-21T10:30:03.042Z warn peer.changed site=abcdef01 state=alive "
	    "name=\"a \\\"b\\\"[31m\" hops=2 rssi=-92 empty=\"\" "
	    "error=\"No such file or directory\"\n");
	ck_assert_str_eq(line_text(fields + 7, true),
	    "<4>warn peer.changed error=\"No such file or directory\"\n");
}
START_TEST(a_line_of_json_has_the_same)
{
	const struct log_field fields[] = { EVENT(PEER_CHANGED),
		STRING("name", "a \"b\""), NUMBER("hops", 2), SIGNED("rssi", -92),
		{ 0 } };
	ck_assert_str_eq(line_json(fields, 0),
	    "{\"time_ms\":1763721003042,\"level\":\"warn\",\"event\":\"peer.changed\","
	    "\"name\":\"a \\\"b\\\"\",\"hops\":2,\"rssi\":-92}\n");
	ck_assert_str_eq(line_json(fields + 3, 7),
	    "{\"time_ms\":1763721003042,\"level\":\"warn\",\"event\":\"peer.changed\","
	    "\"suppressed\":7,\"rssi\":-92}\n");
}
START_TEST(long_lines_are_cut_and_still_end)
{
	static char text_of[5000];
	memset(text_of, 'x', sizeof text_of - 1);
	struct log_field fields[8] = { EVENT(PEER_CHANGED) };
	for (size_t i = 1; i < 7; i++)
		fields[i] = (struct log_field)STRING("text", text_of);
	char small[LOG_LINE];
	struct log_line line = { LEVEL_WARN, EVENT_PEER_CHANGED, 0, 0, fields };
	struct bytes_out out = bytes_out(small, sizeof small);
	log_line_text(&line, false, &out);
	ck_assert(out.len <= sizeof small && small[out.len - 1] == '\n');
	out = bytes_out(small, sizeof small);
	log_line_json(&line, &out);
	ck_assert(out.len > 0 && small[out.len - 1] == '\n');
}
START_TEST(levels_choose_by_noun)
{
	struct text_view bad = text("");
	log_debug(logger, EVENT(RADIO_CHANGED));
	ck_assert_str_eq(written(), "");
	ck_assert_int_eq(
	    log_set_levels(logger, text("radio:debug peer:warning"), &bad), MESH_OK);
	log_debug(logger, EVENT(RADIO_CHANGED));
	ck_assert(strstr(written(), "debug radio.changed\n") != NULL);
	log_info(logger, EVENT(PEER_CHANGED));
	ck_assert_str_eq(written(), "");
	ck_assert_int_eq(
	    log_set_levels(logger, text("mesh:debug rado:info"), &bad), MESH_MALFORMED);
	ck_assert(text_is(bad, "rado:info"));
	ck_assert_msg(log_wants(logger, LEVEL_DEBUG, EVENT_RADIO_CHANGED),
	    "a refused list changes nothing");
	ck_assert_int_eq(log_set_level(logger, text("peer"), text("debug")), MESH_OK);
	ck_assert_int_eq(log_set_level(logger, text(""), text("error")), MESH_OK);
	ck_assert(log_wants(logger, LEVEL_DEBUG, EVENT_PEER_CHANGED));
	ck_assert(!log_wants(logger, LEVEL_WARN, EVENT_MESH_BOUND));
	ck_assert_int_eq(
	    log_set_level(logger, text("nix"), text("info")), MESH_NOT_FOUND);
	ck_assert_int_eq(log_set_level(logger, text(""), text("loud")), MESH_NOT_FOUND);
}
START_TEST(a_flood_is_cut_and_counted)
{
	size_t lines = 0;
	for (int i = 0; i < 1000; i++)
		log_info(logger, EVENT(PEER_CHANGED));
	written();
	for (const char *c = room; *c != '\0'; c++)
		lines += *c == '\n';
	ck_assert_msg(lines >= LOG_BURST && lines < 100, "%zu lines", lines);
	log_info(logger, EVENT(RADIO_CHANGED));
	ck_assert_msg(
	    strstr(written(), "radio.changed") != NULL, "others are not held back");
}
START_TEST(json_is_chosen_by_format)
{
	log_set_format(logger, LOG_JSON);
	log_error(logger, EVENT(STORE_FAILED), STRING("why", "disk"));
	ck_assert(
	    strstr(written(), "\"event\":\"store.failed\",\"why\":\"disk\"}") != NULL);
}
START_TEST(the_journal_is_known_by_its_stream)
{
	ck_assert(unsetenv("JOURNAL_STREAM") == 0 && !log_under_journal(ends[1]));
	ck_assert(
	    setenv("JOURNAL_STREAM", "1:1", 1) == 0 && !log_under_journal(ends[1]));
	unsetenv("JOURNAL_STREAM");
}
START_TEST(event_names_are_noun_dot_verb_and_unique)
{
	for (size_t i = 0; i < LOG_EVENT_COUNT; i++) {
		struct text_view noun = log_event_noun((enum log_event)i);
		const char *name = log_event_rows[i].name;
		ck_assert_msg(noun.len > 0 && name[noun.len] == '.' &&
			strchr(name + noun.len + 1, '.') == NULL,
		    "%s", name);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(name, log_event_rows[k].name);
	}
}
START_TEST(both_clocks_move_forward)
{
	struct mesh_now a = clock_now(), b = clock_now();
	ck_assert(b.ms >= a.ms && a.unix_ms > 1700000000000);
}
CHECK_MODULE(log, setup, a_line_of_text_has_time_level_event_and_fields,
    a_line_of_json_has_the_same, long_lines_are_cut_and_still_end,
    levels_choose_by_noun, a_flood_is_cut_and_counted, json_is_chosen_by_format,
    the_journal_is_known_by_its_stream, event_names_are_noun_dot_verb_and_unique,
    both_clocks_move_forward)
