/* Attack 23: who is on the machine, and names that want to be more than names. */
#include "check_mesh.h"
#include "confine.h"
#include "listen.h"
#include "log_sinks.h"
#include "statedir.h"
#include "tables.h"
#include "text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- names --- */

enum { EVIL_MOST = 64 };
/* clang-format off */
static const struct { const char *name, *why; } evil[] = {
	{ "a\n2026-01-01T00:00:00.000Z error store.failed", "a line of its own" },
	{ "a\r<3>error store.failed", "a line of its own, in the journal" },
	{ "x state=dead", "a field of its own" },
	{ "x\" state=dead y=\"", "out of its quotes" },
	{ "x\\\" state=dead", "out of its quotes by an escape" },
	{ "x\",\"event\":\"store.failed\",\"y\":\"", "a member of its own" },
	{ "\x1b[2J\x1b[31mred\x07", "escapes for a terminal" },
	{ "\xc2\x9b" "2J", "the same in C1" },
	{ "\x9b" "2J\xff\xfe\xc3", "the same, and no UTF-8" },
	{ "\xe2\x80\xae" "evil\xe2\x81\xa6", "the line turned around" },
	{ "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c", "line and paragraph separator" },
	{ "a\xc2\x85" "b\x0b" "c\x0c", "other ends of a line" },
	{ "a\x08\x08\x08" "bc\x7f", "backspaces" },
	{ "\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x81\x81", "what one cannot see" },
}; /* clang-format on */

static char room[LOG_LINE];

static struct text_view
line_with(const char *name, bool json)
{
	const struct log_field fields[] = { EVENT(PEER_CHANGED),
		TEXT("name", text(name)), NUMBER("hops", 2), { 0 } };
	struct log_line line = { LEVEL_INFO, EVENT_PEER_CHANGED, 0, 0, fields };
	struct bytes_out out = bytes_out(room, sizeof room);
	if (json)
		log_line_json(&line, &out);
	else
		log_line_text(&line, false, &out);
	ck_assert(!out.failed);
	return text_written(&out);
}
/* In UTF-8: C1, the separators and what turns a line around. */
static bool
is_at_work(const char *at, size_t left)
{
	const unsigned char *c = (const unsigned char *)at;
	if (left >= 2 && c[0] == 0xc2)
		return c[1] < 0xa0;
	if (left < 3 || c[0] != 0xe2)
		return false;
	return (c[1] == 0x80 && (c[2] & 0xf8) == 0xa8) || /* U+2028 .. U+202F */
	    (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
}
/* What a terminal or a reader of lines takes for more than a character. */
static void
shows_as_one_line(struct text_view line, const char *why)
{
	ck_assert_msg(line.len > 0 && line.ptr[line.len - 1] == '\n', "%s", why);
	line.len--;
	ck_assert_msg(text_is_utf8(bytes_view(line.ptr, line.len)), "%s", why);
	for (size_t i = 0; i < line.len; i++)
		ck_assert_msg((unsigned char)line.ptr[i] >= 0x20 &&
			line.ptr[i] != 0x7f && !is_at_work(line.ptr + i, line.len - i),
		    "%s: %.*s", why, (int)line.len, line.ptr);
}
/* Blanks outside quotes: one before each field, whatever the fields say. */
static unsigned
fields_of(struct text_view line)
{
	unsigned blanks = 0;
	bool quoted = false;
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '\\' && quoted)
			i++;
		else if (line.ptr[i] == '"')
			quoted = !quoted;
		else if (line.ptr[i] == ' ' && !quoted)
			blanks++;
	}
	ck_assert(!quoted);
	return blanks;
}

START_TEST(a_name_stays_a_name_in_the_log)
{
	unsigned fields = fields_of(line_with("plain", false));
	for (size_t i = 0; i < LENGTH(evil); i++) {
		struct text_view line = line_with(evil[i].name, false);
		shows_as_one_line(line, evil[i].why);
		ck_assert_msg(fields_of(line) == fields, "%s: %.*s", evil[i].why,
		    (int)line.len, line.ptr);
	}
}
START_TEST(a_name_stays_a_name_in_the_log_as_json)
{
	for (size_t i = 0; i < LENGTH(evil); i++) {
		struct text_view line = line_with(evil[i].name, true);
		size_t quotes = 0;
		shows_as_one_line(line, evil[i].why);
		for (size_t k = 0; k < line.len; k++) {
			if (line.ptr[k] == '\\')
				k++;
			else
				quotes += line.ptr[k] == '"';
		}
		/* time_ms, level and event with their words, name and its text, hops */
		ck_assert_msg(
		    quotes == 2 * 8, "%s: %.*s", evil[i].why, (int)line.len, line.ptr);
	}
}
START_TEST(any_bytes_of_a_name_stay_a_name)
{
	for (unsigned round = 0; round < 300; round++) {
		char name[EVIL_MOST + 1];
		rng_bytes((uint8_t *)name, EVIL_MOST);
		for (size_t i = 0; i < EVIL_MOST; i++)
			name[i] = (char)(name[i] == '\0' ? '"' : name[i] & 0x7f);
		name[EVIL_MOST] = '\0';
		struct text_view line = line_with(name, false);
		shows_as_one_line(line, "noise");
		ck_assert_uint_eq(fields_of(line), fields_of(line_with("a", false)));
		shows_as_one_line(line_with(name, true), "noise");
	}
}

/* What meshctl writes of one object: stdout, for a moment a file. */
static struct text_view
printed(json_t *object)
{
	static const struct options plain = { .width = 4000 };
	FILE *file = tmpfile();
	int kept = dup(STDOUT_FILENO);
	ck_assert_ptr_nonnull(file);
	fflush(stdout);
	ck_assert_int_ge(dup2(fileno(file), STDOUT_FILENO), 0);
	object_print(&plain, object, 0);
	fflush(stdout);
	ck_assert_int_ge(dup2(kept, STDOUT_FILENO), 0);
	close(kept);
	rewind(file);
	size_t len = fread(room, 1, sizeof room, file);
	fclose(file);
	json_decref(object);
	return (struct text_view){ room, len };
}
START_TEST(a_name_stays_a_name_on_the_terminal)
{
	static const struct column name = { "name", "NAME", COLUMN_TEXT, 0, false };
	for (size_t i = 0; i < LENGTH(evil); i++) {
		char cell[200], line[220];
		/* what jansson takes, so what a reply can hold */
		json_t *text_of = json_string_nocheck(evil[i].name);
		json_t *item = json_object();
		json_object_set(item, "name", text_of);
		cell_text(&name, item, 0, cell, sizeof cell);
		snprintf(line, sizeof line, "%s\n", cell);
		shows_as_one_line(text(line), evil[i].why);
		shows_as_one_line(printed(item), evil[i].why);
		item = json_object();
		json_object_set_new_nocheck(item, evil[i].name, json_true());
		json_decref(text_of);
		shows_as_one_line(printed(item), evil[i].why);
	}
}

/* --- memory and files --- */

START_TEST(the_memory_of_a_crash_stays_here)
{
	struct rlimit core = { 1, 1 };
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
	core.rlim_cur = core.rlim_max = 4096;
	(void)setrlimit(RLIMIT_CORE, &core);
	confine_memory();
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &core), 0);
	ck_assert(core.rlim_cur == 0 && core.rlim_max == 0);
}

static unsigned long
locked_kib(void)
{
	char line[200];
	unsigned long kib = 0;
	FILE *f = fopen("/proc/self/status", "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "VmLck:", 6) == 0)
			kib = strtoul(line + 6, NULL, 10);
	fclose(f);
	return kib;
}
/* Or it is said that they do not: the limit may be nothing. */
START_TEST(secrets_stay_out_of_the_swap)
{
	static uint8_t secret[64 * 1024];
	unsigned long before = locked_kib();
	int error = confine_secret(secret, sizeof secret);
	ck_assert(error == 0 || error == -ENOMEM || error == -EPERM);
	if (error == 0)
		ck_assert_uint_ge(locked_kib(), before + sizeof secret / 1024);
	else
		ck_assert_uint_eq(locked_kib(), before);
}

static char folder[128];
static void
in_a_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%s/attack_local.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	umask(0); /* the worst that who starts us can have */
}
static unsigned
mode_of(const char *path)
{
	struct stat st;
	ck_assert_msg(stat(path, &st) == 0, "%s", path);
	return st.st_mode & 07777;
}

START_TEST(others_cannot_reach_the_control_socket)
{
	char path[160], said[200];
	struct bytes_out complaint = bytes_out(said, sizeof said);
	in_a_folder();
	snprintf(path, sizeof path, "%s/sock", folder);
	int fd = listen_unix(path, &complaint);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(mode_of(path), 0660);
	close(fd);
	unlink(path);
	rmdir(folder);
}
START_TEST(nobody_else_reads_the_keys_and_a_link_is_not_followed)
{
	char path[160], target[160], link_path[180], said[300];
	struct bytes_out complaint = bytes_out(said, sizeof said);
	struct statedir *d = NULL;
	struct statedir_file file;
	struct mesh_identity id;
	in_a_folder();
	snprintf(path, sizeof path, "%s/state", folder);
	snprintf(target, sizeof target, "%s/elsewhere", folder);
	ck_assert_int_eq(statedir_open(&d, path, &complaint), 0);
	ck_assert_uint_eq(mode_of(path), 0750);
	/* a link where the temporary file goes */
	snprintf(link_path, sizeof link_path, "%s/identity.key.new", path);
	ck_assert_int_eq(symlink(target, link_path), 0);
	ck_assert_int_lt(statedir_identity(d, &id, &file, &complaint), 0);
	ck_assert_int_ne(access(target, F_OK), 0);
	unlink(link_path);
	ck_assert_int_eq(statedir_identity(d, &id, &file, &complaint), 0);
	ck_assert_uint_eq(mode_of(file.path), 0600);
	ck_assert_int_eq(chmod(file.path, 0664), 0);
	ck_assert_int_eq(statedir_identity(d, &id, &file, &complaint), 0);
	ck_assert(file.protected && mode_of(file.path) == 0600);
	statedir_close(d);
}

CHECK_MODULE(attack_local, NULL, a_name_stays_a_name_in_the_log,
    a_name_stays_a_name_in_the_log_as_json, any_bytes_of_a_name_stay_a_name,
    a_name_stays_a_name_on_the_terminal, secrets_stay_out_of_the_swap,
    the_memory_of_a_crash_stays_here, others_cannot_reach_the_control_socket,
    nobody_else_reads_the_keys_and_a_link_is_not_followed)
