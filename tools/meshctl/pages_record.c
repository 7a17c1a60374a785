/* A recording of what goes over a radio's link, as tests/vectors/README.md says. */
#include "client.h"
#include "errors.h"
#include "pages.h"
#include "tables.h"
#include "text.h"
#include "units.h"
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FETCH_MS = 500 };
static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static int64_t
now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
write_line(FILE *file, const json_t *line)
{
	fprintf(file, "{\"t_ms\": %lld, \"from\": \"%s\", ",
	    (long long)json_integer_value(json_object_get(line, "t_ms")),
	    json_string_value(json_object_get(line, "from")));
	if (json_is_true(json_object_get(line, "eof")))
		fprintf(file, "\"eof\": true}\n");
	else
		fprintf(file, "\"hex\": \"%s\"}\n",
		    json_string_value(json_object_get(line, "hex")));
}

struct recording {
	FILE *file;
	unsigned long long frames, lost;
	size_t latest; /* lines of the last answer */
};

static enum exit_code
fetch(const struct options *o, const char *path, struct recording *r)
{
	struct reply reply = client_ask(o, "POST", path, "{}");
	enum exit_code code;
	json_t *body = errors_answer(o, &reply, &code);
	const json_t *items = json_object_get(body, "items"), *line;
	size_t i;
	r->latest = json_array_size(items);
	json_array_foreach(items, i, line)
	{
		const json_t *lost = json_object_get(line, "lost");
		write_line(r->file, line);
		r->frames += json_object_get(line, "hex") != NULL;
		if (lost != NULL)
			r->lost = (unsigned long long)json_integer_value(lost);
	}
	fflush(r->file);
	json_decref(body);
	reply_free(&reply);
	return code;
}

static enum exit_code
record(const struct options *o, const char *path, int64_t for_ms, struct recording *r)
{
	struct sigaction act = { .sa_handler = on_interrupt };
	struct timespec pause = { 0, (long)FETCH_MS * 1000000 };
	int64_t end = now_ms() + for_ms;
	sigaction(SIGINT, &act, NULL);
	for (;;) {
		enum exit_code code = fetch(o, path, r);
		if (code != EXIT_OK)
			return code;
		if (interrupted || (for_ms > 0 && now_ms() >= end))
			return EXIT_OK;
		if (r->latest == 0)
			nanosleep(&pause, NULL);
	}
}

/* What the link is doing, if nothing went over it. */
static enum exit_code
explain(const struct options *o, const char *radio)
{
	static const struct column state = { "state", "", COLUMN_TEXT, 0, KEPT };
	static const struct column error = { "error", "", COLUMN_TEXT, 0, KEPT };
	char path[512], is[32], why[256];
	enum exit_code code;
	snprintf(path, sizeof path, "/radios/%s", radio);
	struct reply reply = client_ask(o, "GET", path, NULL);
	json_t *shown = errors_answer(o, &reply, &code);
	cell_text(&state, shown, 0, is, sizeof is);
	cell_text(&error, shown, 0, why, sizeof why);
	if (shown != NULL)
		fprintf(stderr,
		    "meshctl: nothing went over its link in that time: the radio is "
		    "%s%s%s\n",
		    is, why[0] != '\0' ? ": " : "", why);
	json_decref(shown);
	reply_free(&reply);
	return code == EXIT_OK ? EXIT_FAILED : code;
}

/* A file without a frame would only stand in the way of the next attempt. */
static enum exit_code
close_file(const struct recording *r, const char *path)
{
	if (fclose(r->file) == 0 && (r->frames > 0 || unlink(path) == 0))
		return EXIT_OK;
	fprintf(stderr, "meshctl: %s: %s\n", path, strerror(errno));
	return EXIT_FAILED;
}

enum exit_code
page_radio_record(const struct options *o, const struct arguments *a)
{
	const char *span = argument(a, "for");
	char path[512], name[256];
	int64_t for_ms = 0;
	struct recording r = { 0 };
	if (a->word_count != 2) {
		fprintf(stderr, "meshctl: radio record NAME FILE\n");
		return EXIT_USAGE;
	}
	if (span != NULL &&
	    (units_parse(text(span), UNIT_MS, &for_ms) != MESH_OK || for_ms < 1)) {
		fprintf(stderr, "meshctl: --for %s: not a span such as 30s\n", span);
		return EXIT_USAGE;
	}
	r.file = fopen(a->words[1], "wx");
	if (r.file == NULL) {
		fprintf(stderr, "meshctl: %s: %s\n", a->words[1], strerror(errno));
		return EXIT_FAILED;
	}
	client_encode(a->words[0], name, sizeof name);
	snprintf(path, sizeof path, "/radios/%s/record", name);
	enum exit_code code = record(o, path, for_ms, &r);
	enum exit_code closed = close_file(&r, a->words[1]);
	if (code == EXIT_OK)
		code = closed;
	if (code == EXIT_OK && r.frames == 0)
		code = explain(o, name);
	if (code == EXIT_OK && !o->quiet)
		printf("%llu frames\n", r.frames);
	if (r.lost > 0)
		fprintf(stderr, "%llu frames found no room and are missing\n", r.lost);
	return code;
}
