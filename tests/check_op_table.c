#include "check_mesh.h"
#include "op.h"
#include "text.h"

static void
nothing(void)
{
}

START_TEST(every_row_says_all_of_itself)
{
	for (size_t i = 0; i < OP_COUNT; i++) {
		const struct op *op = &op_table[i];
		ck_assert_msg(op->name != NULL, "row %zu is missing", i);
		ck_assert_msg(
		    op->path[0] == '/' && op->noun[0] != '\0', "%s", op->name);
		ck_assert_msg(op->params != NULL && op->places != NULL, "%s", op->name);
		ck_assert_msg(op->help[strlen(op->help) - 1] == '.', "%s", op->name);
		ck_assert_msg((op->role == ROLE_VIEWER) == (op->method == OP_GET),
		    "%s: only questions are for viewers", op->name);
		ck_assert_ptr_eq(op_find(text(op->name)), op);
	}
}
START_TEST(every_path_leads_to_its_row_alone)
{
	for (size_t i = 0; i < OP_COUNT; i++) {
		char path[64];
		bool known;
		struct text_view id;
		const char *brace = strchr(op_table[i].path, '{');
		int fixed = brace != NULL ? (int)(brace - op_table[i].path)
					  : (int)strlen(op_table[i].path);
		snprintf(path, sizeof path, "%.*s%s%s", fixed, op_table[i].path,
		    brace != NULL ? "!a1b2c3d4" : "",
		    brace != NULL ? strchr(brace, '}') + 1 : "");
		ck_assert_ptr_eq(op_route(op_table[i].method, text(path), &id, &known),
		    &op_table[i]);
		ck_assert(known);
		ck_assert_msg(
		    text_is(id, brace != NULL ? "!a1b2c3d4" : ""), "%s", path);
	}
}
START_TEST(what_stands_in_places_is_a_parameter)
{
	for (size_t i = 0; i < OP_COUNT; i++) {
		const char *at = op_table[i].places;
		while (*at != '\0') {
			size_t len = strcspn(at, " ");
			struct text_view word = { at, len };
			ck_assert_msg(field_find(op_table[i].params, word) != NULL,
			    "%s: %s", op_table[i].name, at);
			at += len + (at[len] == ' ');
		}
	}
}
START_TEST(paths_that_are_not_ours_lead_nowhere)
{
	/* clang-format off */
	static const struct { enum op_method method; const char *path; bool known; const char *why; } row[] = {
		{ OP_GET,    "/nodes/", false, "an id is needed after the slash" },
		{ OP_GET,    "/nodes/a/b", false, "an id has no slash" },
		{ OP_GET,    "/node", false, "half a word" },
		{ OP_POST,   "/peers//ping", false, "an id is needed between the slashes" },
		{ OP_POST,   "/peers/a/b/ping", false, "an id has no slash there either" },
		{ OP_POST,   "/peers/a/pin", false, "half a word at the end" },
		{ OP_GET,    "/peers/a/ping", true, "pinging is an action" },
		{ OP_GET,    "", false, "nothing" },
		{ OP_POST,   "/nodes", true, "nodes are not made" },
		{ OP_DELETE, "/alerts", true, "alerts are not taken back" },
		{ OP_GET,    "/log/level", true, "only to be set" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct text_view id;
		bool known;
		const struct op *op = op_route(
		    row[i].method, text(row[i].path), &id, &known);
		ck_assert_msg(op == NULL && known == row[i].known, "%s", row[i].why);
	}
}
START_TEST(usage_marks_what_may_be_left_out)
{
	char words[64];
	struct bytes_out level = bytes_out(words, sizeof words);
	op_put_places(&op_table[OP_LOG_LEVEL], &level);
	ck_assert_str_eq(text_end(&level), "level [module]");
	struct bytes_out nothing_by_place = bytes_out(words, sizeof words);
	op_put_places(&op_table[OP_PEER_LIST], &nothing_by_place);
	ck_assert_str_eq(text_end(&nothing_by_place), "");
}
CHECK_MODULE(op_table, nothing, every_row_says_all_of_itself,
    every_path_leads_to_its_row_alone, what_stands_in_places_is_a_parameter,
    paths_that_are_not_ours_lead_nowhere, usage_marks_what_may_be_left_out)
