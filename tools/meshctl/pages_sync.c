/* registry sync: are we level with our neighbours? */
#include "client.h"
#include "document.h"
#include "errors.h"
#include "pages.h"
#include "progress.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 30000 };

struct lack {            /* toward the neighbours: direct peers that are alive */
	int64_t records; /* that they have and we lack */
	unsigned neighbours,
	    unknown; /* all; those which have not said what they hold */
};

static void
add_peer(struct lack *l, const json_t *peer)
{
	const char *state = json_string_value(json_object_get(peer, "state"));
	const json_t *behind = json_object_get(peer, "behind");
	if (state == NULL || strcmp(state, "alive") != 0 ||
	    !json_is_true(json_object_get(peer, "direct")))
		return;
	l->neighbours++;
	l->unknown += behind == NULL;
	l->records += json_integer_value(behind);
}

static enum exit_code
look(const struct options *o, struct lack *l)
{
	struct reply r = client_ask(o, "GET", "/peers", NULL);
	enum exit_code code;
	json_t *answer = errors_answer(o, &r, &code), *peer;
	size_t i;
	*l = (struct lack){ .records = 0 };
	json_array_foreach(json_object_get(answer, "items"), i, peer) add_peer(l, peer);
	json_decref(answer);
	reply_free(&r);
	return code;
}

static bool
is_level(const struct lack *l)
{
	return l->neighbours > 0 && l->records == 0 && l->unknown == 0;
}

static void
say(const struct lack *l, FILE *to, const char *begin, const char *end)
{
	if (l->neighbours == 0) {
		fprintf(to, "%sno neighbour answers%s", begin, end);
		return;
	}
	fprintf(to, "%sbehind: %lld records", begin, (long long)l->records);
	if (l->unknown > 0)
		fprintf(to, ", and %u peers are not compared yet", l->unknown);
	fputs(end, to);
}

static void
print_lack(const struct lack *l, bool level)
{
	json_t *all = json_pack("{s:s, s:b, s:I, s:I, s:I}", "schema", "meshd.sync/1",
	    "level", level, "behind", (json_int_t)l->records, "neighbours",
	    (json_int_t)l->neighbours, "not_compared", (json_int_t)l->unknown);
	document_print(all, JSON_COMPACT);
	json_decref(all);
}

/* Twice: what was compared before the last entry came may say nothing is lacked.
 * `over` is set when the time is. */
static enum exit_code
wait_until_level(const struct options *o, struct lack *l, bool *over)
{
	int64_t limit_ms = o->timeout_given ? o->timeout_ms : WAIT_MS;
	int64_t until = progress_clock_ms(CLOCK_MONOTONIC) + limit_ms;
	bool shown = !o->quiet && isatty(STDERR_FILENO);
	enum exit_code code = EXIT_OK;
	for (int calm = is_level(l); calm < 2 && code == EXIT_OK;) {
		if (progress_clock_ms(CLOCK_MONOTONIC) >= until) {
			say(l, stderr, shown ? "\rmeshctl: still " : "meshctl: still ",
			    "");
			fprintf(stderr, " after %lld ms\n", (long long)limit_ms);
			*over = true;
			return EXIT_OK;
		}
		if (shown)
			say(l, stderr, "\r", "   ");
		nanosleep(&(struct timespec){ 0, 500000000 }, NULL);
		code = look(o, l);
		calm = is_level(l) ? calm + 1 : 0;
	}
	if (shown)
		fputs("\n", stderr);
	return code;
}

enum exit_code
page_registry_sync(const struct options *o, const struct arguments *a)
{
	struct lack l;
	bool over = false;
	enum exit_code code = look(o, &l);
	if (code == EXIT_OK && argument(a, "wait") != NULL)
		code = wait_until_level(o, &l, &over);
	if (code != EXIT_OK)
		return code;
	if (o->output != OUTPUT_TABLE)
		print_lack(&l, !over && is_level(&l));
	else if (!over && !o->quiet)
		say(&l, stdout, "", "\n");
	return over ? EXIT_TIMEOUT : EXIT_OK;
}
