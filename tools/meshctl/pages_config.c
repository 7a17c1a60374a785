/* What a radio is set to: looking, keeping, restoring. */
#include "client.h"
#include "errors.h"
#include "pages.h"
#include "radio_backup.h"
#include "tables.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct target { /* the radio that is meant */
	const struct options *o;
	char name[128], path[512]; /* /radios/NAME */
};

static const char *
text_in(const json_t *object, const char *path)
{
	const char *s = json_string_value(member_at(object, path));
	return s != NULL ? s : "";
}

static json_t *
ask(const struct options *o, const char *method, const char *path, const char *body,
    enum exit_code *code)
{
	struct reply r = client_ask(o, method, path, body);
	*code = errors_report(o, &r);
	json_t *answer = *code == EXIT_OK ? json_loads(r.body, 0, NULL) : NULL;
	reply_free(&r);
	return answer;
}

/* --- which radio --- */

/* The only one of this site that has settings, if nobody named one. */
static enum exit_code
only_radio(const struct options *o, struct target *t)
{
	enum exit_code code;
	json_t *all = ask(o, "GET", "/radios", NULL, &code), *radio;
	size_t i, count = 0;
	json_array_foreach(json_object_get(all, "items"), i, radio)
	{
		if (strcmp(text_in(radio, "driver"), "meshtastic") != 0)
			continue;
		count++;
		snprintf(t->name, sizeof t->name, "%s", text_in(radio, "name"));
	}
	json_decref(all);
	if (code != EXIT_OK || count == 1)
		return code;
	fprintf(stderr, "meshctl: %s\n",
	    count == 0 ? "no radio of this site has settings"
		       : "this site has several radios: say which, with --radio NAME");
	return count == 0 ? EXIT_NOT_FOUND : EXIT_USAGE;
}

static enum exit_code
find_target(const struct options *o, const struct arguments *a, struct target *t)
{
	char name[400];
	const char *said = argument(a, argument(a, "id") != NULL ? "id" : "radio");
	enum exit_code code = EXIT_OK;
	*t = (struct target){ .o = o };
	snprintf(t->name, sizeof t->name, "%s", said != NULL ? said : "");
	if (said == NULL)
		code = only_radio(o, t);
	client_encode(t->name, name, sizeof name);
	snprintf(t->path, sizeof t->path, "/radios/%s", name);
	return code;
}

/* --- looking --- */

static void
print_lines(const struct options *o, const json_t *items)
{
	static const struct column columns[] = { { "name", "NAME", COLUMN_TEXT, 0.5,
						     true },
		{ "value", "VALUE", COLUMN_JSON, 0.5, true }, { 0 } };
	json_t *lines = radio_backup_lines(items);
	table_print(o, columns, lines, 0);
	json_decref(lines);
}

enum exit_code
page_radio_config_get(const struct options *o, const struct arguments *a)
{
	struct target t;
	char path[1024], section[256];
	enum exit_code code = find_target(o, a, &t);
	const char *said = a->word_count > 0 ? a->words[0] : argument(a, "section");
	client_encode(said != NULL ? said : "", section, sizeof section);
	snprintf(path, sizeof path, "%s/config%s%s", t.path,
	    said != NULL ? "?section=" : "", section);
	json_t *answer = code == EXIT_OK ? ask(o, "GET", path, NULL, &code) : NULL;
	if (answer != NULL && o->output == OUTPUT_TABLE)
		print_lines(o, json_object_get(answer, "items"));
	else if (answer != NULL) {
		json_dumpf(answer, stdout, JSON_COMPACT);
		printf("\n");
	}
	json_decref(answer);
	return code;
}

/* --- keeping --- */

/* A new file that only its owner reads, or standard output. */
static enum exit_code
write_backup(const json_t *backup, const char *path)
{
	int fd = path != NULL
	    ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
	    : STDOUT_FILENO;
	FILE *file = fd < 0 ? NULL : path != NULL ? fdopen(fd, "w") : stdout;
	bool written = file != NULL && json_dumpf(backup, file, JSON_INDENT(2)) == 0 &&
	    fputc('\n', file) != EOF && fflush(file) == 0;
	if (file != NULL && path != NULL && fclose(file) != 0)
		written = false;
	if (written)
		return EXIT_OK;
	fprintf(stderr, "meshctl: %s: %s\n", path != NULL ? path : "standard output",
	    strerror(errno));
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
tell_export(const struct options *o, const json_t *backup, size_t untold)
{
	json_t *settings = json_object_get(backup, "settings");
	size_t hidden = radio_backup_secrets(settings);
	if (untold > 0)
		fprintf(stderr,
		    "%zu sections are missing: the radio has not told them\n", untold);
	if (hidden > 0 && !o->quiet)
		fprintf(stderr,
		    "%zu keys, passwords and PINs are left out; a restore leaves them "
		    "as they are.  With them: --secrets\n",
		    hidden);
}

enum exit_code
page_radio_config_export(const struct options *o, const struct arguments *a)
{
	struct target t;
	char path[600];
	size_t untold = 0;
	const char *body = argument(a, "secrets") != NULL ? "{\"secrets\":true}" : "{}";
	const char *file = a->word_count > 0 ? a->words[0] : NULL;
	enum exit_code code = find_target(o, a, &t);
	json_t *radio = code == EXIT_OK ? ask(o, "GET", t.path, NULL, &code) : NULL;
	snprintf(path, sizeof path, "%s/config/export", t.path);
	json_t *answer = code == EXIT_OK ? ask(o, "POST", path, body, &code) : NULL;
	if (answer != NULL) {
		json_t *backup = radio_backup_make(
		    json_object_get(answer, "items"), radio, wall_ms(), &untold);
		code = write_backup(backup, file);
		if (code == EXIT_OK)
			tell_export(o, backup, untold);
		json_decref(backup);
	}
	json_decref(answer);
	json_decref(radio);
	return code;
}
