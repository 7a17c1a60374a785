#include "check_mesh.h"
#include "text.h"

static char chars[256];
static struct bytes_out out;

static void
setup(void)
{
	out = bytes_out(chars, sizeof chars);
}

static const char *
written(void)
{
	return text_end(&out);
}

START_TEST(numbers_come_out_shortest)
{
	/* clang-format off */
	static const struct { double n; const char *want; } row[] = {
		{ 0, "0" }, { 6.25, "6.25" }, { -3.75, "-3.75" }, { 0.1, "0.1" }, { 1e300, "1e+300" },
		{ 47.2692, "47.2692" }, { 1.0 / 3, "0.3333333333333333" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		out.len = 0;
		text_put_f64(&out, row[i].n);
		ck_assert_str_eq(written(), row[i].want);
	}
	out.len = 0;
	text_put_f32(&out, 3.57F);
	ck_assert_str_eq(written(), "3.57");
}
START_TEST(any_double_reads_back)
{
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = rng_u64();
		double n, back;
		memcpy(&n, &bits, sizeof n);
		if (n - n != 0) /* NaN, infinity */
			continue;
		out.len = 0;
		text_put_f64(&out, n);
		ck_assert_int_eq(text_parse_f64(text_written(&out), &back), MESH_OK);
		ck_assert_mem_eq(&n, &back, sizeof n);
	}
}
START_TEST(integers_keep_their_ends)
{
	int64_t back;
	text_put_i64(&out, INT64_MIN);
	ck_assert_str_eq(written(), "-9223372036854775808");
	ck_assert_int_eq(text_parse_i64(text(chars), &back), MESH_OK);
	ck_assert(back == INT64_MIN);
	uint64_t u;
	ck_assert_int_eq(text_parse_u64(text("18446744073709551615"), &u), MESH_OK);
	ck_assert(u == UINT64_MAX);
	ck_assert_int_eq(
	    text_parse_u64(text("18446744073709551616"), &u), MESH_MALFORMED);
	ck_assert_int_eq(
	    text_parse_i64(text("9223372036854775808"), &back), MESH_MALFORMED);
}
START_TEST(what_is_no_number_is_refused)
{
	static const char *const bad[] = { "", "-", "1x", " 1", "+1", "0x10", "1e5",
		"--1" };
	for (size_t i = 0; i < LENGTH(bad); i++) {
		int64_t n;
		ck_assert_msg(
		    text_parse_i64(text(bad[i]), &n) == MESH_MALFORMED, "%s", bad[i]);
	}
	static const char *const not_real[] = { "", "nan", "inf", "INF", "1e999",
		"1.5x", " 1" };
	for (size_t i = 0; i < LENGTH(not_real); i++) {
		double n;
		ck_assert_msg(text_parse_f64(text(not_real[i]), &n) == MESH_MALFORMED,
		    "%s", not_real[i]);
	}
}
START_TEST(hex_and_base64url_return_what_went_in)
{
	for (size_t len = 0; len < 64; len++) {
		uint8_t in[64], back[64];
		rng_bytes(in, len);
		struct bytes_out raw = bytes_out(back, sizeof back);
		out.len = 0;
		text_put_hex(&out, bytes_view(in, len));
		ck_assert_int_eq(text_hex_decode(text_written(&out), &raw), MESH_OK);
		ck_assert(bytes_equal(bytes_written(&raw), bytes_view(in, len)));
		raw.len = out.len = 0;
		text_put_base64url(&out, bytes_view(in, len));
		ck_assert_int_eq(
		    text_base64url_decode(text_written(&out), &raw), MESH_OK);
		ck_assert(bytes_equal(bytes_written(&raw), bytes_view(in, len)));
	}
}
START_TEST(broken_encodings_are_refused)
{
	uint8_t room[4];
	/* clang-format off */
	static const struct { const char *in; bool hex; const char *why; } row[] = {
		{ "abc", true, "odd" }, { "zz", true, "no digit" }, { "0011223344", true, "no room" },
		{ "A", false, "a lone character" }, { "AB", false, "left-over bits" },
		{ "A+==", false, "the other alphabet" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct bytes_out raw = bytes_out(room, sizeof room);
		enum mesh_err err = row[i].hex
		    ? text_hex_decode(text(row[i].in), &raw)
		    : text_base64url_decode(text(row[i].in), &raw);
		ck_assert_msg(err == MESH_MALFORMED, "%s", row[i].why);
	}
}
START_TEST(a_digit_of_hex_is_one_of_sixteen_in_either_case)
{
	static const char small[] = "0123456789abcdef", large[] = "0123456789ABCDEF";
	for (int c = 0; c < 256; c++) {
		char pair[2] = { (char)c, '5' };
		const char *at = c == 0 ? NULL : strchr(small, c);
		const char *as = c == 0 ? NULL : strchr(large, c);
		long worth = at != NULL ? at - small : as != NULL ? as - large : -1;
		uint8_t byte = 0;
		struct bytes_out raw = bytes_out(&byte, 1);
		enum mesh_err err = text_hex_decode(
		    (struct text_view){ pair, sizeof pair }, &raw);
		ck_assert_msg(err == (worth < 0 ? MESH_MALFORMED : MESH_OK), "%d", c);
		ck_assert_msg(err != MESH_OK || byte == worth * 16 + 5, "%d", c);
	}
}
START_TEST(utf8_is_judged_strictly)
{
	/* clang-format off */
	static const struct { const char *bytes; size_t len; bool good; const char *why; } row[] = {
		{ "", 0, true, "empty" }, { "a", 1, true, "ASCII" }, { "\xc3\xb6", 2, true, "two bytes" },
		{ "\xf0\x9f\x98\x80", 4, true, "emoji" }, { "\xf4\x8f\xbf\xbf", 4, true, "the last one" },
		{ "\xc0\x80", 2, false, "overlong NUL" }, { "\xe0\x80\xaf", 3, false, "overlong slash" },
		{ "\xed\xa0\x80", 3, false, "surrogate" }, { "\xf4\x90\x80\x80", 4, false, "too large" },
		{ "\xf8\x88\x80\x80\x80", 5, false, "five bytes" }, { "\xc3", 1, false, "cut" },
		{ "\x80", 1, false, "lone continuation" }, { "\xff", 1, false, "never" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_msg(
		    text_is_utf8(bytes_view(row[i].bytes, row[i].len)) == row[i].good,
		    "%s", row[i].why);
}
START_TEST(names_from_the_air_lose_their_teeth)
{
	/* clang-format off */
	static const struct { const char *in; size_t max; const char *want; const char *why; } row[] = {
		{ "Talstation N\xc3\xb6rd", 40, "Talstation N\xc3\xb6rd", "plain" },
		{ "a\x1b[31mred\x07", 40, "a[31mred", "escape and bell" },
		{ "\xe2\x80\xaetxt.exe", 40, "txt.exe", "right-to-left override" },
		{ "a\xff\x62", 40, "a\xef\xbf\xbd" "b", "an invalid byte shows" },
		{ "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 6, "\xf0\x9f\x98\x80", "cut between characters" },
		{ "a\nb\tc\x7f", 40, "abc", "no new lines" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		out.len = 0;
		text_put_clean(
		    &out, bytes_view(row[i].in, strlen(row[i].in)), row[i].max);
		ck_assert_msg(
		    strcmp(written(), row[i].want) == 0, "%s: %s", row[i].why, chars);
	}
}
START_TEST(any_bytes_come_out_clean)
{
	for (int i = 0; i < 20000; i++) {
		uint8_t noise[40];
		rng_bytes(noise, sizeof noise);
		out.len = 0;
		text_put_clean(&out, bytes_view(noise, sizeof noise), 60);
		ck_assert(!out.failed && out.len <= 60);
		ck_assert(text_is_utf8(bytes_written(&out)));
	}
}
START_TEST(a_full_buffer_says_so_and_keeps_what_fits)
{
	out.cap = 4;
	text_put(&out, "abcd");
	ck_assert(!out.failed);
	text_put(&out, "e");
	ck_assert(out.failed && out.len == 4);
	ck_assert_str_eq(text_end(&out), "");
}
CHECK_MODULE(text, setup, numbers_come_out_shortest, any_double_reads_back,
    integers_keep_their_ends, what_is_no_number_is_refused,
    hex_and_base64url_return_what_went_in, broken_encodings_are_refused,
    a_digit_of_hex_is_one_of_sixteen_in_either_case, utf8_is_judged_strictly,
    names_from_the_air_lose_their_teeth, any_bytes_come_out_clean,
    a_full_buffer_says_so_and_keeps_what_fits)
