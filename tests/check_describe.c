#include "check_mesh.h"
#include "describe.h"
#include "id.h"
#include "text.h"

struct inner {
	uint64_t value;
};
struct shown {
	uint64_t has;
	uint8_t network;
	struct id packet;
	int32_t rssi;
	float snr;
	struct text_view text, password;
	struct bytes_view raw;
	struct list_view numbers;
	uint64_t big;
};
/* clang-format off */
static const char *const networks[] = { "", "meshtastic", "meshcore", NULL };
static const struct field inner_rows[] = { FIELD(struct inner, value, UNIT_NONE, 0, 0, 0, "one") };
static const struct field_table inner_table = { "inner", inner_rows, 1, sizeof(struct inner),
	FIELD_NO_HAS, true };
static const struct field shown_rows[] = {
	FIELD_WORDS(struct shown, network, 0, networks, "whose"),
	FIELD(struct shown, packet, UNIT_NONE, 0, 0, 0, "its name"),
	FIELD(struct shown, rssi, UNIT_DBM, 0, 0, 0, "strength"),
	FIELD(struct shown, snr, UNIT_DB, 0, 0, 0, "over noise"),
	FIELD(struct shown, text, UNIT_NONE, FIELD_PRIVATE, 0, 0, "words"),
	FIELD(struct shown, password, UNIT_NONE, FIELD_SECRET, 0, 0, "never"),
	FIELD(struct shown, raw, UNIT_BYTES, 0, 0, 0, "bytes"),
	FIELD_SUB(struct shown, numbers, &inner_table, 0, 0, 0, "bare numbers"),
	FIELD(struct shown, big, UNIT_NONE, 0, 0, 0, "large"),
};
/* clang-format on */
static const struct field_table shown_table = { "shown", shown_rows, LENGTH(shown_rows),
	sizeof(struct shown), offsetof(struct shown, has), false };
static const struct inner numbers[] = { { 1 }, { 2 } };
static char chars[1024];

static struct shown
full(void)
{
	return (struct shown){ .has = 0x1ff,
		.network = 1,
		.packet = id_of_packet(ID_MT_PACKET, 0xa1b2c3d4, 0x0badcafe),
		.rssi = -71,
		.snr = 6.25F,
		.text = text("a\"b\n"),
		.password = text("hunter2"),
		.raw = { (const uint8_t *)"\x94\xc3", 2 },
		.numbers = { numbers, 2 },
		.big = UINT64_MAX };
}

static const char *
json_of(const struct shown *s, enum audience audience)
{
	struct bytes_out out = bytes_out(chars, sizeof chars);
	struct json_out j = json_out(&out);
	describe_json(&shown_table, s, audience, &j);
	return text_end(&out);
}

START_TEST(objects_read_as_their_rows_say)
{
	struct shown s = full();
	ck_assert_str_eq(json_of(&s, AUDIENCE_VIEWER),
	    "{\"network\":\"meshtastic\",\"packet\":\"mt:a1b2c3d4:0badcafe\",\"rssi\":-"
	    "71,"
	    "\"snr\":6.25,\"text\":\"a\\\"b\\n\",\"raw\":\"94c3\",\"numbers\":[1,2],"
	    "\"big\":18446744073709551615}");
}
START_TEST(absent_rows_are_left_out)
{
	struct shown s = full();
	s.has = 4;
	ck_assert_str_eq(json_of(&s, AUDIENCE_OPERATOR), "{\"rssi\":-71}");
	s.has = 0;
	ck_assert_str_eq(json_of(&s, AUDIENCE_OPERATOR), "{}");
}
START_TEST(the_public_sees_no_private_row_and_nobody_a_secret)
{
	struct shown s = full();
	ck_assert_ptr_null(strstr(json_of(&s, AUDIENCE_PUBLIC), "\"text\""));
	ck_assert_ptr_nonnull(strstr(json_of(&s, AUDIENCE_VIEWER), "\"text\""));
	ck_assert_ptr_null(strstr(json_of(&s, AUDIENCE_OPERATOR), "hunter2"));
}
START_TEST(unknown_words_show_as_numbers)
{
	struct shown s = full();
	s.has = 1;
	s.network = 77;
	ck_assert_str_eq(json_of(&s, AUDIENCE_VIEWER), "{\"network\":77}");
	s.network = 0;
	ck_assert_str_eq(json_of(&s, AUDIENCE_VIEWER), "{\"network\":0}");
}
START_TEST(text_is_aligned_with_units)
{
	struct shown s = full();
	struct bytes_out out = bytes_out(chars, sizeof chars);
	s.has = 0xf;
	describe_text(&shown_table, &s, AUDIENCE_VIEWER, &out);
	ck_assert_str_eq(text_end(&out),
	    "network:  meshtastic\n"
	    "packet:   mt:a1b2c3d4:0badcafe\n"
	    "rssi:     -71 dBm\n"
	    "snr:      6.25 dB\n");
}
START_TEST(a_small_buffer_fails_and_never_overruns)
{
	struct shown s = full();
	size_t needed = strlen(json_of(&s, AUDIENCE_VIEWER));
	for (size_t cap = 0; cap < needed + 5; cap++) {
		char *exact = malloc(
		    cap > 0 ? cap : 1); /* ASan sees one byte too far */
		struct bytes_out out = bytes_out(exact, cap);
		struct json_out j = json_out(&out);
		describe_json(&shown_table, &s, AUDIENCE_VIEWER, &j);
		ck_assert(out.failed == (cap < needed));
		free(exact);
	}
}
START_TEST(doubtful_text_becomes_valid_json)
{
	struct bytes_out out = bytes_out(chars, sizeof chars);
	struct json_out j = json_out(&out);
	json_put_text(&j, (struct text_view){ "a\xff\xc3\xb6\xe2\x82", 6 });
	ck_assert_str_eq(text_end(&out), "\"a\xef\xbf\xbdö\xef\xbf\xbd\xef\xbf\xbd\"");
}
START_TEST(what_a_terminal_would_obey_goes_out_by_number)
{
	/* clang-format off */
	static const struct { const char *text, *json, *why; } row[] = {
		{ "a\xc2\x9b" "31m", "\"a\\u009b31m\"", "C1: begins a sequence" },
		{ "\xc2\xa0\xc3\xbc", "\"\xc2\xa0\xc3\xbc\"", "the same first byte, and a letter" },
		{ "\xe2\x80\xae" "exe\xe2\x80\xac", "\"\\u202eexe\\u202c\"", "right-to-left override" },
		{ "x\xe2\x81\xa6y\xe2\x81\xa9", "\"x\\u2066y\\u2069\"", "isolates" },
		{ "\xd8\x9c\xd8\xa7", "\"\\u061c\xd8\xa7\"", "the Arabic mark, and a letter" },
		{ "\xe2\x82\xac\xe2\x80\x94", "\"\xe2\x82\xac\xe2\x80\x94\"", "a sign and a dash" },
		{ "\xef\xbb\xbf\xef\xbf\xbd", "\"\\ufeff\xef\xbf\xbd\"", "a byte order mark" },
		{ "\xf3\xa0\x81\xa7.", "\"\\udb40\\udc67.\"", "a tag, as two halves" },
		{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80", "\"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80\"", "a joined emoji" },
		{ "\xff\xc2\x9b", "\"\xef\xbf\xbd\\u009b\"", "among what is no UTF-8" },
		{ "\x7f\x1b[1m", "\"\\u007f\\u001b[1m\"", "as ever" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct bytes_out out = bytes_out(chars, sizeof chars);
		struct json_out j = json_out(&out);
		json_put_text(&j, text(row[i].text));
		ck_assert_msg(strcmp(text_end(&out), row[i].json) == 0, "%s: %s",
		    row[i].why, chars);
	}
}
CHECK_MODULE(describe, NULL, objects_read_as_their_rows_say, absent_rows_are_left_out,
    the_public_sees_no_private_row_and_nobody_a_secret, unknown_words_show_as_numbers,
    text_is_aligned_with_units, a_small_buffer_fails_and_never_overruns,
    doubtful_text_becomes_valid_json, what_a_terminal_would_obey_goes_out_by_number)
