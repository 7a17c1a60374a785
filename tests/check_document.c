/* JSON as meshctl reads and prints it: nothing that a node said hides the rest, and
 * nothing that is printed moves a cursor. */
#include "check_mesh.h"
#include "document.h"
#include "text.h"
#include <math.h>
#include <stdlib.h>

static json_t *value;
static json_error_t why;

static void
setup(void)
{
	json_decref(value);
	value = NULL;
	why.text[0] = '\0';
}

static const char *
reads_as(const char *json)
{
	static char shown[256];
	setup();
	value = document_read(text(json), JSON_DECODE_ANY, &why);
	char *all = document_text(value, JSON_ENCODE_ANY | JSON_COMPACT);
	snprintf(shown, sizeof shown, "%s", all != NULL ? all : "nothing");
	free(all);
	return shown;
}

START_TEST(what_jansson_has_no_form_for_is_read)
{
	/* clang-format off */
	static const struct { const char *in, *want, *why; } row[] = {
		{ "{\"a\":\"x\\u0000y\"}", "{\"a\":\"x\\u0000y\"}", "NUL in a text" },
		{ "{\"a\\u0000b\":\"x\\\\u0000\"}", "{\"a\xef\xbf\xbd" "b\":\"x\\\\u0000\"}", "NUL in a name" },
		{ "[18446744073709551615,-3]", "[18446744073709551615,-3]", "u64" },
		{ "[99999999999999999999999,\"1234567890123456789012\",1.5e3]", "[1e+23,\"1234567890123456789012\",1500.0]", "only whole numbers" },
		{ "{\"\\u0000\" \t\r\n:\"x\\u0000\",\"b\":[\"\\u0000\"]}", "{\"\xef\xbf\xbd\":\"x\\u0000\",\"b\":[\"\\u0000\"]}", "texts beside such a name" },
		{ "{\"\\\"\\u0000\\\\\":\"\\\"\\u0000:\"}", "{\"\\\"\xef\xbf\xbd\\\\\":\"\\\"\\u0000:\"}", "quotes inside" },
		{ "{\"a\\u0000\":1,\"b\":1234567890123456789}", "{\"a\xef\xbf\xbd\":1,\"b\":1234567890123456789}", "19 digits beside such a name" },
		{ "[9223372036854775807,9223372036854775808,-9223372036854775808,-9223372036854775809]", "[9223372036854775807,9223372036854775808,-9223372036854775808,-9.2233720368547758e18]", "the ends of int64" },
		{ "[18446744073709551615,\"\\u0000\"]", "[18446744073709551615,\"\\u0000\"]", "a text beside a long number" },
		{ "[18446744073709551616]", "[1.8446744073709552e19]", "2^64" },
		{ "{\"a\":[18446744073709551615,9223372036854775808],\"b\":\"1\"}", "{\"a\":[18446744073709551615,9223372036854775808],\"b\":\"1\"}", "several" },
		{ "18446744073709551615", "18446744073709551615", "alone" },
		{ "{\"a\":", "nothing", "cut off" },
		{ "", "nothing", "empty" },
		{ "{\"a\\u0000\":\"", "nothing", "cut off behind a repair" },
		{ "{\"a\\u0000\":\"\\", "nothing", "cut off inside an escape" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		const char *shown = reads_as(row[i].in);
		ck_assert_msg(
		    strcmp(shown, row[i].want) == 0, "%s: %s", row[i].why, shown);
		ck_assert_msg(value != NULL || why.text[0] != '\0', "%s", row[i].why);
	}
}
/* Another number would be another text; a whole one would be another kind. */
START_TEST(fractions_are_as_short_as_they_can_be)
{
	static const char *const same[] = { "[0.9,0.1,-0.25,1.0,100000.0,0.3]", "0.5",
		"{\"a\":0.1,\"0.90000000000000002\":\"0.90000000000000002\"}",
		"[0.30000000000000004,1e+300,1e-07,5e-324]",
		"[10000000000000000000,1000000000000000000]",
		"[\"\\\"0.90000000000000002\"]" };
	for (size_t i = 0; i < LENGTH(same); i++)
		ck_assert_str_eq(reads_as(same[i]), same[i]);
	for (int i = 0; i < 2000; i++) {
		char text_of[64];
		uint64_t bits = (uint64_t)rng_u32() << 32 | rng_u32();
		double n, back;
		memcpy(&n, &bits, sizeof n);
		if (!isnormal(n))
			continue;
		snprintf(text_of, sizeof text_of, "[%.17e]", n);
		const char *shown = reads_as(text_of);
		ck_assert(json_is_real(json_array_get(value, 0)));
		back = strtod(shown + 1, NULL);
		ck_assert_msg(
		    memcmp(&back, &n, sizeof n) == 0, "%s: %s", text_of, shown);
		ck_assert(strpbrk(shown, ".e") != NULL);
	}
}
START_TEST(a_nul_cuts_no_text)
{
	reads_as("\"before\\u0000behind\"");
	ck_assert_uint_eq(json_string_length(value), strlen("before") + 1 + 6);
}
START_TEST(what_is_printed_moves_no_cursor)
{
	/* clang-format off */
	static const struct { const char *in, *want, *why; } row[] = {
		{ "\"\\u202etxt.exe\"", "\"\\u202etxt.exe\"", "right-to-left override" },
		{ "\"a\xc2\x9b" "31m\"", "\"a\\u009b31m\"", "a C1 control" },
		{ "\"a\x7f\"", "\"a\\u007f\"", "DEL" },
		{ "\"\xf3\xa0\x81\xa1\"", "\"\\udb40\\udc61\"", "a tag beyond U+FFFF" },
		{ "\"Nord \xc3\xb6 \xf0\x9f\x98\x80\"", "\"Nord \xc3\xb6 \xf0\x9f\x98\x80\"", "what is harmless stays" },
		{ "\"\\u0007\"", "\"\\u0007\"", "a bell" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		const char *shown = reads_as(row[i].in);
		ck_assert_msg(
		    strcmp(shown, row[i].want) == 0, "%s: %s", row[i].why, shown);
		json_t *again = document_read(text(shown), JSON_DECODE_ANY, &why);
		ck_assert_msg(json_equal(value, again), "%s: another text", row[i].why);
		json_decref(again);
	}
	setup();
}
CHECK_MODULE(document, setup, what_jansson_has_no_form_for_is_read,
    fractions_are_as_short_as_they_can_be, a_nul_cuts_no_text,
    what_is_printed_moves_no_cursor)
