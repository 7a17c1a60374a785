#include "check_mesh.h"
#include "host_check.h"
#include "text.h"

static void
nothing(void)
{
}

START_TEST(only_names_of_this_machine_are_ours)
{
	/* clang-format off */
	static const struct { const char *host; bool ours; const char *why; } row[] = {
		{ "localhost", true, "as typed" },
		{ "LocalHost:4470", true, "case and port" },
		{ "127.0.0.1:14470", true, "address and port" },
		{ "[::1]:4470", true, "IPv6" },
		{ "[::1]", true, "IPv6 without port" },
		{ "meshd.lan", true, "configured" },
		{ "meshd.lan:80", true, "configured, with port" },
		{ "", false, "empty" },
		{ ":4470", false, "no name" },
		{ "evil.example", false, "rebinding" },
		{ "localhost.evil.example", false, "ours as a prefix" },
		{ "127.0.0.1.evil.example", false, "ours as a prefix" },
		{ "127.0.0.1:80:80", false, "two ports" },
		{ "127.0.0.1:80@evil", false, "not a port" },
		{ "[::1", false, "bracket not closed" },
		{ "[::1]x", false, "behind the bracket" },
		{ "localhost\n", false, "line feed" },
		{ "local", false, "half a name" },
		{ "127.0.0.2", false, "another address" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_msg(
		    host_is_ours(text(row[i].host), "meshd.lan") == row[i].ours,
		    "%s: %s", row[i].host, row[i].why);
	ck_assert(!host_is_ours(text("meshd.lan"), NULL));
	ck_assert(!host_is_ours((struct text_view){ 0 }, NULL));
}
CHECK_MODULE(host_check, nothing, only_names_of_this_machine_are_ours)
