/* What a radio is set to: looking, keeping, restoring. */
#include "client.h"
#include "document.h"
#include "errors.h"
#include "pages.h"
#include "radio_backup.h"
#include "radio_target.h"
#include "tables.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	LOOK_MS = 500,
	FAR_LOOK_S = 2,
	SAVE_MS = 380 * 1000, /* the daemon's patience, and some */
	BACK_MS = 90 * 1000,  /* a board that starts, and joins its network */
	STILL_MS = 45 * 1000  /* it did not start anew, and was read again */
};
static const char *
text_in(const json_t *object, const char *path)
{
	const char *s = json_string_value(member_at(object, path));
	return s != NULL ? s : "";
}

/* --- looking --- */

/* clang-format off */
static const struct column channel_columns[] = {
	{ "index", "INDEX", COLUMN_NUMBER, 5, KEPT }, { "role", "ROLE", COLUMN_TEXT, 9, KEPT },
	{ "name", "NAME", COLUMN_TEXT, 0.3, CUT }, { "key", "KEY", COLUMN_TEXT, 7, KEPT },
	{ "hash", "HASH", COLUMN_NUMBER, 4, KEPT }, { "precision", "PRECISION", COLUMN_NUMBER, 9, KEPT },
	{ "uplink", "UPLINK", COLUMN_FLAG, 6, KEPT }, { "downlink", "DOWNLINK", COLUMN_FLAG, 8, KEPT },
	{ "muted", "MUTED", COLUMN_FLAG, 5, KEPT }, { 0 } };
/* clang-format on */

enum exit_code
page_radio_channels(const struct options *o, const struct arguments *a)
{
	struct radio_target t;
	struct arguments named = *a;
	if (a->word_count > 0 && argument(a, "id") == NULL &&
	    named.pair_count < OPTION_PAIRS)
		named.pairs[named.pair_count++] = (struct pair){ "id", a->words[0] };
	enum exit_code code = radio_target_find(o, &named, &t);
	json_t *answer = code == EXIT_OK ? radio_target_channels(&t, &code) : NULL;
	const json_t *items = json_object_get(answer, "items"), *item;
	size_t i;
	if (answer != NULL && o->output == OUTPUT_TABLE)
		table_print(o, channel_columns, items, 0);
	else if (answer != NULL && o->output == OUTPUT_JSON)
		document_print(answer, JSON_COMPACT);
	json_array_foreach(o->output == OUTPUT_JSONL ? items : NULL, i, item)
	{
		document_print(item, JSON_COMPACT);
	}
	json_decref(answer);
	radio_target_free(&t);
	return code;
}

static void
print_lines(const struct options *o, const json_t *items)
{
	static const struct column columns[] = { { "name", "NAME", COLUMN_TEXT, 0.5,
						     true },
		{ "value", "VALUE", COLUMN_JSON, 0.5, CUT }, { 0 } };
	json_t *lines = radio_backup_lines(items);
	table_print(o, columns, lines, 0);
	json_decref(lines);
}

enum exit_code
page_radio_config_get(const struct options *o, const struct arguments *a)
{
	struct radio_target t;
	enum exit_code code = radio_target_find(o, a, &t);
	const char *said = a->word_count > 0 ? a->words[0] : argument(a, "section");
	json_t *answer = code == EXIT_OK ? radio_target_settings(&t, said, &code)
					 : NULL;
	if (answer != NULL && o->output == OUTPUT_TABLE)
		print_lines(o, json_object_get(answer, "items"));
	else if (answer != NULL) {
		document_print(answer, JSON_COMPACT);
	}
	json_decref(answer);
	radio_target_free(&t);
	return code;
}

/* --- keeping --- */

/* 0, or why it is not all there, as errno says it. */
static int
write_all(int fd, const char *text)
{
	for (size_t len = strlen(text); len > 0;) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			return errno;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int
write_line(int fd, const char *json)
{
	int err = write_all(fd, json);
	return err != 0 ? err : write_all(fd, "\n");
}

/* Half a file is none, and would be in the way of the next one. */
static int
write_new(const char *json, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	int err = write_line(fd, json);
	if (err == 0 && fsync(fd) < 0)
		err = errno;
	if (close(fd) < 0 && err == 0)
		err = errno;
	if (err != 0)
		unlink(path);
	return err;
}

/* A new file that only its owner reads, or standard output. */
static enum exit_code
write_backup(const json_t *backup, const char *path)
{
	char *json = document_text(backup, JSON_INDENT(2));
	int err = json == NULL ? ENOMEM
	    : path != NULL     ? write_new(json, path)
			       : write_line(STDOUT_FILENO, json);
	free(json);
	if (err == 0)
		return EXIT_OK;
	fprintf(stderr, "meshctl: %s: %s\n", path != NULL ? path : "standard output",
	    strerror(err));
	return EXIT_FAILED;
}

static int64_t
wall_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
tell_export(const struct options *o, const json_t *backup, const json_t *items)
{
	json_t *settings = json_object_get(backup, "settings"), *item;
	size_t hidden = radio_backup_secrets(settings), i, untold = 0;
	json_array_foreach(items, i, item)
	{
		if (!json_is_true(json_object_get(item, "told")))
			fprintf(stderr, "%s%s", untold++ == 0 ? "missing: " : ", ",
			    text_in(item, "section"));
	}
	if (untold > 0)
		fprintf(stderr, ": the radio has not told %s\n",
		    untold == 1 ? "it" : "them");
	if (hidden > 0 && !o->quiet)
		fprintf(stderr,
		    "%zu keys, passwords and PINs are left out; a restore leaves them "
		    "as they are.  With them: --secrets\n",
		    hidden);
}

/* Of another site's radio what it tells without being asked, and never a secret. */
static json_t *
export_far(const struct radio_target *t, bool secrets, enum exit_code *code)
{
	if (secrets) {
		fprintf(stderr,
		    "meshctl: keys and passwords do not go to another site: export "
		    "them "
		    "there\n");
		*code = EXIT_DENIED;
		return NULL;
	}
	return radio_target_settings(t, NULL, code);
}

static json_t *
export_here(const struct radio_target *t, bool secrets, enum exit_code *code)
{
	char path[600];
	struct options patient = *t->o; /* a radio may tell some of it slowly, or not */
	snprintf(path, sizeof path, "%s/config/export", t->path);
	if (!t->o->timeout_given)
		patient.timeout_ms = SAVE_MS;
	return radio_target_ask(
	    &patient, "POST", path, secrets ? "{\"secrets\":true}" : "{}", code);
}

enum exit_code
page_radio_config_export(const struct options *o, const struct arguments *a)
{
	struct radio_target t;
	bool secrets = argument(a, "secrets") != NULL;
	const char *file = a->word_count > 0 ? a->words[0] : NULL;
	enum exit_code code = radio_target_find(o, a, &t);
	json_t *radio = NULL, *answer = NULL;
	if (code == EXIT_OK)
		radio = t.site != NULL
		    ? json_incref(t.known)
		    : radio_target_ask(o, "GET", t.path, NULL, &code);
	if (code == EXIT_OK)
		answer = t.site != NULL ? export_far(&t, secrets, &code)
					: export_here(&t, secrets, &code);
	if (answer != NULL) {
		json_t *backup = radio_backup_make(
		    json_object_get(answer, "items"), radio, wall_ms());
		code = write_backup(backup, file);
		if (code == EXIT_OK)
			tell_export(o, backup, json_object_get(answer, "items"));
		json_decref(backup);
	}
	json_decref(answer);
	json_decref(radio);
	radio_target_free(&t);
	return code;
}

/* --- restoring --- */

struct restoring {
	struct radio_target target;
	struct options patient;  /* for what the radio has to be waited for */
	json_t *backup, *before; /* the radio as it was shown */
	json_t *differing;       /* sections of the file */
	bool any_node;
};

/* The differences; `dry` says them only.  Another site is told nothing but what differs
 * there. */
static json_t *
compare(const struct restoring *r, bool dry, bool any_node, enum exit_code *code)
{
	struct radio_target patient = r->target;
	bool part = !dry && patient.site != NULL;
	const struct radio_wish w = { part ? r->differing
					   : json_object_get(r->backup, "settings"),
		any_node ? "" : text_in(r->backup, "node.id"), dry };
	patient.o = &r->patient;
	return radio_target_change(&patient, &w, dry ? r->differing : NULL, code);
}

static json_t *
lines_of(const json_t *changes)
{
	json_t *lines = json_array(), *item;
	size_t i;
	json_array_foreach(changes, i, item)
	{
		char name[200];
		const json_t *from = json_object_get(item, "from");
		const json_t *to = json_object_get(item, "to");
		snprintf(name, sizeof name, "%s.%s", text_in(item, "section"),
		    text_in(item, "name"));
		json_t *line = json_pack("{s:s}", "name", name);
		json_object_set_new(line, "from",
		    from != NULL ? json_deep_copy(from) : json_string("(default)"));
		json_object_set_new(line, "to",
		    to != NULL ? json_deep_copy(to) : json_string("(default)"));
		json_array_append_new(lines, line);
	}
	return lines;
}

static void
print_changes(const struct options *o, const json_t *changes)
{
	static const struct column columns[] = { { "name", "SETTING", COLUMN_TEXT, 0.4,
						     true },
		{ "from", "THE RADIO HAS", COLUMN_JSON, 0.3, CUT },
		{ "to", "THE FILE WANTS", COLUMN_JSON, 0.3, CUT }, { 0 } };
	json_t *lines = lines_of(changes);
	table_print(o, columns, lines, 0);
	json_decref(lines);
}

static int64_t
number_in(const json_t *object, const char *path)
{
	return json_integer_value(member_at(object, path));
}

static bool
has_started_anew(const json_t *before, const json_t *now)
{
	return number_in(now, "reconnects") > number_in(before, "reconnects") ||
	    number_in(now, "changes.rebooted") > number_in(before, "changes.rebooted");
}

static enum exit_code
not_back(void)
{
	fprintf(stderr,
	    "meshctl: the radio is not back after %d s; once it is, the same command "
	    "without --yes shows what still differs\n",
	    BACK_MS / 1000);
	return EXIT_TIMEOUT;
}

/* Of another site's radio nobody here sees more than what it is set to. */
static enum exit_code
await_far(const struct restoring *r)
{
	struct timespec pause = { FAR_LOOK_S, 0 };
	const struct radio_wish w = { r->differing, "", true };
	int64_t begin = wall_ms();
	while (wall_ms() - begin < BACK_MS) {
		nanosleep(&pause, NULL);
		if (radio_target_is(&r->target, &w))
			return EXIT_OK;
	}
	return not_back();
}

/* Until the radio has started anew and told all of itself. */
static enum exit_code
await_radio(const struct restoring *r)
{
	struct timespec pause = { 0, (long)LOOK_MS * 1000000 };
	int64_t begin = wall_ms();
	enum exit_code code = EXIT_OK;
	if (!r->target.o->quiet)
		fprintf(stderr, "The radio saves it and starts anew ...\n");
	if (r->target.site != NULL)
		return await_far(r);
	for (int64_t passed = 0; passed < BACK_MS; passed = wall_ms() - begin) {
		nanosleep(&pause, NULL);
		json_t *now = radio_target_ask(
		    r->target.o, "GET", r->target.path, NULL, &code);
		if (now == NULL)
			return code;
		bool there = strcmp(text_in(now, "state"), "connected") == 0 &&
		    (has_started_anew(r->before, now) || passed > STILL_MS);
		json_decref(now);
		if (there)
			return EXIT_OK;
	}
	return not_back();
}

/* Sections of which nobody can say in what they differ. */
static void
tell_unshown(const json_t *answer, const char *then)
{
	json_t *section;
	size_t i;
	json_array_foreach(json_object_get(answer, "unshown"), i, section)
	{
		fprintf(stderr,
		    "%s: differs in more than an answer from another site holds%s\n",
		    json_string_value(section), then);
	}
}

static size_t
count_in(const json_t *answer, const char *list)
{
	return json_array_size(json_object_get(answer, list));
}

/* `done` is what the order for it was answered, if it was. */
static void
tell_restored(const json_t *done)
{
	if (json_is_array(json_object_get(done, "items")))
		fprintf(stderr, "%zu settings", count_in(done, "items"));
	else /* too many to be listed, or the answer was late */
		fprintf(stderr, "What differed is");
	fprintf(stderr, " restored; the radio says the same.\n");
}

static enum exit_code
check(const struct restoring *r, const json_t *done)
{
	enum exit_code code;
	json_t *answer = compare(r, true, true, &code);
	if (code == EXIT_OK && radio_target_differs(answer)) {
		fprintf(stderr, "meshctl: the radio says otherwise:\n");
		if (count_in(answer, "items") > 0)
			print_changes(r->target.o, json_object_get(answer, "items"));
		tell_unshown(answer, "");
		code = EXIT_FAILED;
	} else if (code == EXIT_OK && !r->target.o->quiet) {
		tell_restored(done);
	}
	json_decref(answer);
	return code;
}

static enum exit_code
apply(const struct restoring *r)
{
	enum exit_code code;
	json_t *done = compare(r, false, r->any_node, &code);
	bool unheard = r->target.site != NULL && code == EXIT_TIMEOUT;
	bool unlisted = !json_is_array(json_object_get(done, "items"));
	if (unheard || (code == EXIT_OK && (unlisted || count_in(done, "items") > 0)))
		code = await_radio(r);
	if (code == EXIT_OK)
		code = check(r, done);
	json_decref(done);
	return code;
}

static void
tell_differences(const struct restoring *r, const json_t *answer, bool yes)
{
	const struct options *o = r->target.o;
	const json_t *changes = json_object_get(answer, "items");
	if (o->output != OUTPUT_TABLE) {
		document_print(answer, JSON_COMPACT);
	} else if (json_array_size(changes) > 0) {
		print_changes(o, changes);
	}
	tell_unshown(
	    answer, yes ? "; it is restored, too" : "; --yes restores it, too");
	if (o->quiet)
		return;
	if (json_is_true(json_object_get(answer, "transmits")))
		fprintf(stderr,
		    yes ? "The radio tells its mesh the fixed position at once.\n"
			: "With it the radio tells its mesh the fixed position at "
			  "once: wants tx = yes.\n");
	if (!radio_target_differs(answer))
		fprintf(stderr, "Nothing differs.\n");
	else if (!yes)
		fprintf(stderr, "Nothing was changed; with --yes it is.\n");
}

static enum exit_code
restore(struct restoring *r, bool yes)
{
	enum exit_code code;
	json_t *answer = compare(r, true, r->any_node, &code);
	if (answer == NULL)
		return code;
	bool wanted = yes && radio_target_differs(answer);
	tell_differences(r, answer, yes);
	json_decref(answer);
	if (!wanted)
		return EXIT_OK;
	if (r->target.site == NULL)
		r->before = radio_target_ask(
		    r->target.o, "GET", r->target.path, NULL, &code);
	if (code == EXIT_OK)
		code = apply(r);
	json_decref(r->before);
	return code;
}

enum exit_code
page_radio_config_restore(const struct options *o, const struct arguments *a)
{
	char why[256];
	struct restoring r = { .patient = *o,
		.any_node = argument(a, "other_node") != NULL };
	if (a->word_count != 1) {
		fprintf(stderr, "meshctl: radio config restore FILE\n");
		return EXIT_USAGE;
	}
	if (!o->timeout_given)
		r.patient.timeout_ms = SAVE_MS;
	r.backup = radio_backup_read(a->words[0], why, sizeof why);
	if (r.backup == NULL) {
		fprintf(stderr, "meshctl: %s\n", why);
		return EXIT_FAILED;
	}
	enum exit_code code = radio_target_find(o, a, &r.target);
	r.differing = json_object();
	if (code == EXIT_OK)
		code = restore(&r, argument(a, "yes") != NULL);
	json_decref(r.backup);
	json_decref(r.differing);
	radio_target_free(&r.target);
	return code;
}
