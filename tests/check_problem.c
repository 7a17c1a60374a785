#include "check_mesh.h"
#include "problem.h"
#include "text.h"

static void
nothing(void)
{
}

START_TEST(every_problem_says_type_title_status_and_exit)
{
	for (size_t i = 0; i < problem_count; i++) {
		char room[512], wanted[64];
		struct bytes_out out = bytes_out(room, sizeof room);
		problem_write(problem_rows[i].status, text("why \"so\""), &out);
		text_end(&out);
		snprintf(wanted, sizeof wanted,
		    "\"status\":%u,\"detail\":\"why \\\"so\\\"\"",
		    problem_rows[i].status);
		ck_assert_msg(strstr(room, wanted) != NULL, "%s", room);
		ck_assert_ptr_nonnull(strstr(room, "{\"type\":\"urn:meshd:problem:"));
		ck_assert_ptr_nonnull(strstr(room, "\"exit\":"));
	}
}
START_TEST(exits_are_those_of_the_command_line)
{
	/* clang-format off */
	static const struct { uint16_t status; unsigned exit; } row[] = { { 400, 2 },
		{ 403, 5 }, { 404, 4 }, { 503, 1 }, { 504, 6 }, { 499, 1 } };
	/* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_uint_eq(problem_of(row[i].status)->exit, row[i].exit);
}
CHECK_MODULE(problem, nothing, every_problem_says_type_title_status_and_exit,
    exits_are_those_of_the_command_line)
