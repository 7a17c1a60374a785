/* Lines of JSON as entries: what export writes goes in again, and what would be lost is
 * refused. */
#include "check_mesh.h"
#include "registry_lines.h"

enum { NOW = 1000000 };
static struct registry_line line;
static struct embedding_fault why;

static enum line_sort
read_line(const char *text)
{
	registry_line_free(&line);
	why.text[0] = '\0';
	return registry_line_read(text, strlen(text), NOW, &line, &why);
}

START_TEST(an_exported_entry_becomes_what_adds_it)
{
	ck_assert_int_eq(
	    read_line("{\"hash\":\"aa\",\"type\":\"face\",\"site\":\"v\",\"dtype\":"
		      "\"i8\",\"dim\":2,\"metadata\":{\"a\":[1]},\"version\":{\"epoch\""
		      ":1,\"seq\":2},\"time_ms\":5,\"expires_ms\":1060000,"
		      "\"embedding\":\"0102\",\"scale\":0.5}\n"),
	    LINE_ENTRY);
	ck_assert_str_eq(line.body,
	    "{\"hash\":\"aa\",\"type\":\"face\",\"dtype\":\"i8\",\"meta\":{\"a\":[1]},"
	    "\"ttl\":\"60000ms\",\"embedding\":\"0102\",\"scale\":0.5}");
	ck_assert_int_eq(
	    read_line("{\"hash\":\"aa\",\"type\":\"face\",\"dtype\":\"none\"}"),
	    LINE_ENTRY);
	ck_assert_str_eq(line.body, "{\"hash\":\"aa\",\"type\":\"face\"}");
	ck_assert_int_eq(/* as `get` shows what another site told of */
	    read_line("{\"hash\":\"aa\",\"type\":\"face\",\"told_by\":\"v\"}"),
	    LINE_ENTRY);
	ck_assert_str_eq(line.body, "{\"hash\":\"aa\",\"type\":\"face\"}");
	ck_assert_int_eq(read_line("{\"hash\":\"aa\",\"type\":\"t\",\"embedding\":[1,"
				   "2.5],\"meta\":{},\"ttl\":\"1d\"}"),
	    LINE_ENTRY);
	ck_assert_str_eq(line.body,
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
	ck_assert(line.body == NULL);
}
START_TEST(a_line_that_is_no_entry_is_refused_with_its_reason)
{
	static const struct {
		const char *line, *reason;
	} table[] = { { "nonsense", "not JSON" }, { "[]", "not a JSON object" },
		{ "7", "not JSON" }, { "{\"hash\":\"a\",\"hash\":\"b\"}", "not JSON" },
		{ "{\"type\":\"t\"}", "hash" },
		{ "{\"hash\":\"aa\",\"type\":\"t\",\"dtype\":\"f32\",\"dim\":2}",
		    "no embedding" },
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
		ck_assert(line.body == NULL);
	}
}
/* As the daemon orders what several sites say of a hash. */
START_TEST(more_confidence_stands_first_and_then_what_is_newer)
{
	static const char *const best_first[] = {
		"{\"hash\":\"AA\",\"type\":\"t\",\"metadata\":{\"confidence\":0.9}}",
		"{\"hash\":\"aa\",\"type\":\"t\",\"meta\":{\"confidence\":0.5},\"time_"
		"ms\":8}",
		"{\"hash\":\"aa\",\"type\":\"t\",\"meta\":{\"confidence\":0.5},\"time_"
		"ms\":7}",
		"{\"hash\":\"aa\",\"type\":\"t\",\"meta\":{\"confidence\":\"much\"},"
		"\"time_ms\":9}",
		"{\"hash\":\"aa\",\"type\":\"t\"}",
		"{\"hash\":\"aa\",\"type\":\"t\",\"meta\":{\"confidence\":-1},\"time_"
		"ms\":9}"
	};
	for (size_t a = 0; a < LENGTH(best_first); a++) {
		ck_assert_int_eq(read_line(best_first[a]), LINE_ENTRY);
		struct registry_line first = line;
		line = (struct registry_line){ .body = NULL };
		for (size_t b = 0; b < LENGTH(best_first); b++) {
			ck_assert_int_eq(read_line(best_first[b]), LINE_ENTRY);
			ck_assert(registry_line_same(&first, &line));
			ck_assert_msg(registry_line_before(&first, &line) == (a < b),
			    "%zu, %zu", a, b);
		}
		registry_line_free(&first);
	}
	ck_assert_int_eq(read_line("{\"hash\":\"ab\",\"type\":\"t\"}"), LINE_ENTRY);
	struct registry_line other = line;
	line = (struct registry_line){ .body = NULL };
	ck_assert_int_eq(read_line(best_first[0]), LINE_ENTRY);
	ck_assert(!registry_line_same(&other, &line));
	registry_line_free(&other);
	registry_line_free(&line);
}
CHECK_MODULE(registry_lines, NULL, an_exported_entry_becomes_what_adds_it,
    what_is_over_or_empty_is_passed, a_line_that_is_no_entry_is_refused_with_its_reason,
    more_confidence_stands_first_and_then_what_is_newer)
