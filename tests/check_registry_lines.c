/* Lines of JSON as entries: what export writes goes in again, and what would be lost is
 * refused. */
#include "check_mesh.h"
#include "registry_lines.h"

enum { NOW = 1000000 };
static char *body;
static struct embedding_fault why;

static enum line_sort
read_line(const char *line)
{
	free(body);
	body = NULL;
	why.text[0] = '\0';
	return registry_line_read(line, strlen(line), NOW, &body, &why);
}

START_TEST(an_exported_entry_becomes_what_adds_it)
{
	ck_assert_int_eq(
	    read_line("{\"hash\":\"aa\",\"type\":\"face\",\"site\":\"v\",\"dtype\":"
		      "\"i8\",\"dim\":2,\"metadata\":{\"a\":[1]},\"version\":{\"epoch\""
		      ":1,\"seq\":2},\"time_ms\":5,\"expires_ms\":1060000,"
		      "\"embedding\":\"0102\",\"scale\":0.5}\n"),
	    LINE_ENTRY);
	ck_assert_str_eq(body,
	    "{\"hash\":\"aa\",\"type\":\"face\",\"dtype\":\"i8\",\"meta\":{\"a\":[1]},"
	    "\"ttl\":\"60000ms\",\"embedding\":\"0102\",\"scale\":0.5}");
	ck_assert_int_eq(
	    read_line("{\"hash\":\"aa\",\"type\":\"face\",\"dtype\":\"none\"}"),
	    LINE_ENTRY);
	ck_assert_str_eq(body, "{\"hash\":\"aa\",\"type\":\"face\"}");
	ck_assert_int_eq(read_line("{\"hash\":\"aa\",\"type\":\"t\",\"embedding\":[1,"
				   "2.5],\"meta\":{},\"ttl\":\"1d\"}"),
	    LINE_ENTRY);
	ck_assert_str_eq(body,
	    "{\"hash\":\"aa\",\"type\":\"t\",\"embedding\":[1,2.5],\"meta\":{},"
	    "\"ttl\":\"1d\"}");
}
START_TEST(what_is_over_or_empty_is_passed)
{
	ck_assert_int_eq(read_line(""), LINE_EMPTY);
	ck_assert_int_eq(read_line(" \t\r\n"), LINE_EMPTY);
	ck_assert_int_eq(
	    read_line("{\"hash\":\"aa\",\"type\":\"face\",\"expires_ms\":1000999}"),
	    LINE_OVER);
	ck_assert_int_eq(
	    read_line("{\"expires_ms\":-9223372036854775807,\"hash\":\"aa\","
		      "\"type\":\"face\"}"),
	    LINE_OVER);
	ck_assert(body == NULL);
}
START_TEST(a_line_that_is_no_entry_is_refused_with_its_reason)
{
	static const struct {
		const char *line, *reason;
	} table[] = { { "nonsense", "not JSON" }, { "[]", "not a JSON object" },
		{ "7", "not JSON" }, { "{\"hash\":\"a\",\"hash\":\"b\"}", "not JSON" },
		{ "{\"type\":\"t\"}", "hash" },
		{ "{\"hash\":1,\"type\":\"t\"}", "hash" },
		{ "{\"hash\":\"aa\"}", "type" },
		{ "{\"hash\":\"aa\",\"type\":\"t\",\"vector\":[1]}",
		    "no field of an entry: vector" },
		{ "{\"hash\":\"aa\",\"type\":\"t\",\"meta\":{},\"metadata\":{}}",
		    "said twice: metadata" },
		{ "{\"hash\":\"aa\",\"type\":\"t\",\"expires_ms\":\"soon\"}",
		    "no whole number: expires_ms" },
		{ "{\"hash\":\"aa\",\"type\":\"t\"} x", "not JSON" } };
	for (size_t i = 0; i < LENGTH(table); i++) {
		ck_assert_int_eq(read_line(table[i].line), LINE_BAD);
		ck_assert_msg(strstr(why.text, table[i].reason) != NULL, "%s: %s",
		    table[i].line, why.text);
		ck_assert(body == NULL);
	}
}
CHECK_MODULE(registry_lines, NULL, an_exported_entry_becomes_what_adds_it,
    what_is_over_or_empty_is_passed, a_line_that_is_no_entry_is_refused_with_its_reason)
