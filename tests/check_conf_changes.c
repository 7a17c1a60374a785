#include "check_mesh.h"
#include "config_sample.h"
#include "text.h"

static struct config *
load(const char *file)
{
	char room[1024];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct config_source s = { CONF_FILE, "f", text(file) };
	struct config *c = config_load(sample_sections, &s, 1, &out);
	ck_assert_msg(c != NULL, "%s", text_end(&out));
	return c;
}

static const char *
walk(const char *a, const char *b)
{
	static char room[512];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct config *before = a != NULL ? load(a) : NULL, *after = load(b);
	struct config_change change;
	size_t place = 0;
	while (config_next_change(before, after, &place, &change)) {
		ck_assert((change.before == NULL) == (change.kind == SECTION_ADDED));
		ck_assert((change.after == NULL) == (change.kind == SECTION_REMOVED));
		text_printf(&out, "%c%d %s.%s ", "+*-"[change.kind], change.applies,
		    change.section->name, change.instance);
	}
	config_free(before);
	config_free(after);
	return text_end(&out);
}

START_TEST(differences_are_found_and_weighed)
{
	/* clang-format off */
	static const struct { const char *before, *after, *changes, *why; } row[] = {
		{ "", "", "", "nothing" },
		{ "[mesh]\nport=4470\n", "", "", "a default said aloud is no change" },
		{ "[mesh]\nport=1\n", "", "*2 mesh. ", "a port needs a restart" },
		{ "[mesh]\nsize=1KiB\ninterfaces=lo\n", "", "*1 mesh. ", "the most disruptive row counts" },
		{ "[mesh]\nseed=aaa\n", "[mesh]\nseed=bbb\n", "*0 mesh. ", "another seed" },
		{ "[mesh]\nseed=aaa\n", "[mesh]\nseed=aaa\nseed=bbb\n", "*0 mesh. ", "one more seed" },
		{ "[mesh]\nlatitude=1\n", "[mesh]\nlatitude=1.5\n", "*0 mesh. ", "a float" },
		{ "", "[radio \"a\"]\ndriver=sim\n", "+1 radio.a ", "a new radio" },
		{ "[radio \"a\"]\ndriver=sim\n", "", "-1 radio.a ", "a radio gone" },
		{ "[radio \"a\"]\ndriver=sim\n", "[radio \"b\"]\ndriver=sim\n", "-1 radio.a +1 radio.b ", "renamed" },
		{ "[radio \"a\"]\nhost=x\n", "[radio \"a\"]\nhost=y\n", "*1 radio.a ", "another address" },
		{ NULL, "[radio \"a\"]\ndriver=sim\n", "+1 mesh. +1 radio.a ", "from nothing" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		const char *got = walk(row[i].before, row[i].after);
		ck_assert_msg(
		    strcmp(got, row[i].changes) == 0, "%s: %s", row[i].why, got);
	}
}
CHECK_MODULE(conf_changes, NULL, differences_are_found_and_weighed)
