#include "arena.h"
#include "json_in.h"
#include "json_out.h"
#include "model_world.h"
#include "random_object.h"
#include "schemas.h"
#include "status.h"
#include "text.h"
#include <jansson.h>

static uint8_t block[256 * 1024], other[256 * 1024];

static const char *
round_trip(const char *json, enum mesh_err wanted)
{
	static char shown[32 * 1024];
	struct arena arena = arena_init(block, sizeof block);
	struct bytes_out out = bytes_out(shown, sizeof shown);
	struct json_out j = json_out(&out);
	struct json_error why;
	struct tree_view tree;
	enum mesh_err err = json_in_tree(text(json), &arena, &tree, &why);
	ck_assert_msg(err == wanted, "%s: %d %s", json, err, why.text);
	ck_assert((err == MESH_OK) == (why.text[0] == '\0'));
	describe_tree(tree, &j);
	return text_end(&out);
}

START_TEST(what_goes_in_comes_out)
{
	static const char *const same[] = {
		"{}",
		"{\"a\":1}",
		"{\"a\":-5,\"b\":1.5,\"c\":true,\"d\":null,\"e\":\"x\\ny\"}",
		"{\"a\":{\"b\":{\"c\":[1,[2,[]],{\"d\":{}}]}},\"e\":[]}",
		"[1,\"two\",[3],{\"four\":4}]",
		"\"text\"",
		"17",
		"true",
		"[]",
		"{\"\":0}",
		"[0,9223372036854775807,9223372036854775808,18446744073709551615]",
		"[-1,-9223372036854775808,1.8446744073709552e+19]",
	};
	for (size_t i = 0; i < LENGTH(same); i++)
		ck_assert_str_eq(round_trip(same[i], MESH_OK), same[i]);
}
START_TEST(bad_text_names_its_place)
{
	struct arena arena = arena_init(block, sizeof block);
	struct json_error why;
	struct tree_view tree;
	ck_assert_int_eq(json_in_tree(text("{\"a\":1,\n \"b\":}"), &arena, &tree, &why),
	    MESH_MALFORMED);
	ck_assert_uint_eq(why.line, 2);
	static const char *const bad[] = { "", "{", "{\"a\":1,\"a\":2}", "{} x",
		"{\"a\":01}", "\"\xff\"", "nul", "99999999999999999999", "[1,]",
		"18446744073709551616", "-9223372036854775809", "-", "1.", "1e", "+1",
		".5", "0x10", "{\"a\" 1}", "{a:1}", "{,}", "[,1]", "[1 2]", "\"\\x\"",
		"\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\u12\"",
		"\"a\nb\"", "]", "\"a", "{\"a\":1}}", "{\"\\u0000\":1}",
		"\xef\xbb\xbf{}", "[\"\xed\xa0\x80\"]",
		"{\"a\":{\"b\":1,\"c\":2,\"b\":3}}", "[1e999]", "NaN", "[-Infinity]" };
	for (size_t i = 0; i < LENGTH(bad); i++)
		round_trip(bad[i], MESH_MALFORMED);
}
START_TEST(a_place_is_the_last_character_of_what_is_wrong)
{
	static const struct {
		const char *json;
		unsigned line, column;
		const char *says;
	} row[] = {
		{ "{\"a\":1,\n \"b\":}", 2, 6, "no JSON value" },
		{ "{\"b\":1,\"b\":2}", 1, 10, "that name was said before" },
		{ "[1e999]", 1, 6, "a number that no 64-bit float holds" },
		{ "[1,\n\n18446744073709551616]", 3, 20,
		    "a whole number above 2^64-1; with .0 it is a float" },
		{ "[NaN]", 1, 2, "no JSON value" },
		{ "{\"a\":[1", 1, 7, "it ends too early" },
		{ "[[[[[[[[[1]]]]]]]]]", 1, 9, "too deep: values may lie eight deep" },
		{ "\"a\tb\"", 1, 3, "a control character in a text: escape it" },
		{ "[1e]", 1, 4, "a number wants digits" },
		{ "[1.]", 1, 4, "a number wants digits" },
		{ "[0.123456789012345678901234567890123456789012345678901234567890123]",
		    1, 66, "a number of more than 63 characters" },
	};
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct arena arena = arena_init(block, sizeof block);
		struct json_error why;
		struct tree_view tree;
		ck_assert_int_ne(
		    json_in_tree(text(row[i].json), &arena, &tree, &why), MESH_OK);
		ck_assert_str_eq(why.text, row[i].says);
		ck_assert_msg(why.line == row[i].line && why.column == row[i].column,
		    "%s: line %u, column %u", row[i].json, why.line, why.column);
	}
}
START_TEST(escapes_are_the_characters_they_name)
{
	ck_assert_str_eq(
	    round_trip("\"\\u0041\\u00e4\\u20ac\\ud83d\\ude00\\/\\\\\"", MESH_OK),
	    "\"A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80/\\\\\"");
	ck_assert_str_eq(round_trip("\"\\u0000\"", MESH_OK), "\"\\u0000\"");
	ck_assert_str_eq(/* the first and the last of each length */
	    round_trip("\"\\u0020\\u007e\\u00a1\\u07ff\\u0800\\uffff\\ud800\\udc00\"",
		MESH_OK),
	    "\" ~\xc2\xa1\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\"");
	struct arena arena = arena_init(block, sizeof block);
	struct json_error why;
	struct tree_view tree;
	ck_assert_int_eq(
	    json_in_tree((struct text_view){ "\"\\\0\"", 4 }, &arena, &tree, &why),
	    MESH_MALFORMED);
	ck_assert_str_eq(why.text, "no such escape");
	ck_assert_str_eq(round_trip(" [ 1 , -0 , 2.5E+1 ] ", MESH_OK), "[1,0,25]");
}
START_TEST(depth_and_size_are_bounded)
{
	static char deep[4096], wide[8192], long_text[JSON_IN_BYTES + 64];
	memset(deep, '[', 30);
	memset(deep + 30, ']', 30);
	round_trip(deep, MESH_FULL);
	strcpy(wide, "[0");
	for (int i = 0; i < 2000; i++)
		strcat(wide, ",0");
	strcat(wide, "]");
	round_trip(wide, MESH_FULL);
	memset(long_text, ' ', sizeof long_text - 1);
	round_trip(long_text, MESH_FULL);
	struct arena small = arena_init(block, 64);
	struct json_error why;
	struct tree_view tree;
	ck_assert_int_eq(
	    json_in_tree(text("{\"a\":\"0123456789\"}"), &small, &tree, &why),
	    MESH_FULL);
}
START_TEST(an_object_has_the_rows_of_its_table_and_no_others)
{
	struct arena arena = arena_init(block, sizeof block);
	struct json_error why;
	struct radio_status s;
	memset(&s, 0xff, sizeof s);
	ck_assert_int_eq(
	    json_in_object(&radio_status_table,
		text("{\"name\":\"roof\",\"state\":\"failed\",\"rx_packets\":7}"), &s,
		&arena, &why),
	    MESH_OK);
	ck_assert(
	    text_is(s.name, "roof") && s.state == RADIO_FAILED && s.rx_packets == 7);
	ck_assert_msg(s.tx_packets == 0, "what is not said is zero");
	ck_assert_int_eq(json_in_object(&radio_status_table,
			     text("{\"node.name\":\"x\"}"), &s, &arena, &why),
	    MESH_MALFORMED);
	ck_assert_str_eq(why.text, "node.name: no such member");
	ck_assert_int_eq(json_in_object(&radio_status_table, text("{\"nam\":\"x\"}"),
			     &s, &arena, &why),
	    MESH_MALFORMED);
	ck_assert_str_eq(why.text, "nam: no such member");
	ck_assert_int_eq(json_in_object(&radio_status_table,
			     text("{\"state\":\"broken\"}"), &s, &arena, &why),
	    MESH_MALFORMED);
	ck_assert_str_eq(why.text, "state: wrong type, length or range");
	ck_assert_int_eq(json_in_object(&radio_status_table,
			     text("{\"simulated\":28173}"), &s, &arena, &why),
	    MESH_MALFORMED);
	ck_assert_str_eq(why.text, "simulated: wrong type, length or range");
	ck_assert_int_eq(
	    json_in_object(&radio_status_table, text("[1]"), &s, &arena, &why),
	    MESH_MALFORMED);
	ck_assert_str_eq(why.text, "an object is wanted");
}
START_TEST(every_truncation_and_flip_is_refused_or_harmless)
{
	static const char json[] =
	    "{\"name\":\"roof\",\"node\":{\"name\":\"x\"},\"rx_bytes\":12}";
	char copy[sizeof json];
	struct json_error why;
	struct radio_status s;
	for (size_t len = 0; len < sizeof json - 1; len++) {
		struct arena arena = arena_init(block, sizeof block);
		char *exact = malloc(len + 1); /* ASan sees one byte too far */
		memcpy(exact, json, len);
		ck_assert_int_ne(
		    json_in_object(&radio_status_table,
			(struct text_view){ exact, len }, &s, &arena, &why),
		    MESH_OK);
		free(exact);
	}
	for (int i = 0; i < 20000; i++) {
		struct arena arena = arena_init(block, sizeof block);
		memcpy(copy, json, sizeof json);
		copy[rng_u32() % (sizeof json - 1)] ^= (char)(1 << rng_u32() % 8);
		enum mesh_err err = json_in_object(&radio_status_table,
		    (struct text_view){ copy, sizeof json - 1 }, &s, &arena, &why);
		ck_assert((err == MESH_OK) == (why.text[0] == '\0'));
	}
}
/* One mistake, or none. */
static size_t
spoil(char *to, const char *json)
{
	static const char with[] = "{}[]:,\"\\u0123456789abcdefE+-. \ntrl\xc3\xa4";
	size_t len = strlen(json), at = rng_u32() % len;
	memcpy(to, json, len);
	if (rng_u32() % 2 == 0) {
		to[at] = with[rng_u32() % (sizeof with - 1)];
		return len;
	}
	memmove(to + at, to + at + 1, len - at - 1);
	return len - 1;
}
START_TEST(what_another_reader_takes_is_taken_and_no_more)
{
	static const char *const seeds[] = {
		"{\"a\":[1,2.5e3,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"d\":true}",
		"[1,-2,3.25,\"\\ud83d\\ude00\",[],{},false]", "\"t\\\"ext\\\\\"",
		"-12.5E-3", " { \"k\" : [ 0 , -0 ] } ",
		"{\"\":{\"a\":{\"a\":1}},\"aa\":\"\xc3\xa4\xe2\x82\xac\"}"
	};
	unsigned taken = 0;
	for (int i = 0; i < 20000; i++) {
		char json[128];
		struct arena arena = arena_init(block, sizeof block);
		struct json_error why;
		struct tree_view tree;
		json_error_t fault;
		size_t len = spoil(json, seeds[rng_u32() % LENGTH(seeds)]);
		json_t *theirs = json_loadb(json, len,
		    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &fault);
		enum mesh_err err = json_in_tree(
		    (struct text_view){ json, len }, &arena, &tree, &why);
		ck_assert_msg((err == MESH_OK) == (theirs != NULL), "%.*s: %s, %s",
		    (int)len, json, why.text, fault.text);
		taken += theirs != NULL;
		json_decref(theirs);
	}
	ck_assert_uint_gt(taken, 500);
}
START_TEST(what_describe_says_is_read_back) /* every table, JSON both ways */
{
	static uint8_t object[16 * 1024], back[16 * 1024];
	unsigned good = 0;
	for (const struct field_table *const *t = schema_tables; *t != NULL; t++) {
		for (int round = 0; round < 100; round++) {
			struct arena a = arena_init(block, sizeof block);
			struct arena b = arena_init(other, sizeof other);
			struct json_error why;
			ck_assert(random_object(*t, object, &a));
			const char *json = world_json(*t, object);
			enum mesh_err err = json_in_object(
			    *t, text(json), back, &b, &why);
			if (err != MESH_OK) /* a tree too deep */
				continue;
			good++;
			ck_assert_str_eq(world_json(*t, back), json);
		}
	}
	ck_assert_uint_gt(good, 500);
}
CHECK_MODULE(json_in, NULL, what_goes_in_comes_out, bad_text_names_its_place,
    a_place_is_the_last_character_of_what_is_wrong,
    escapes_are_the_characters_they_name, depth_and_size_are_bounded,
    an_object_has_the_rows_of_its_table_and_no_others,
    every_truncation_and_flip_is_refused_or_harmless,
    what_another_reader_takes_is_taken_and_no_more, what_describe_says_is_read_back)
