#include "client.h"
#include "document.h"
#include "errors.h"
#include "pages.h"
#include "tables.h"
#include "text.h"
#include "units.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- msg wait --- */

enum { LOOK_MS = 300, WAIT_MS = 120000, ASK_MS = 5000, PATH_CAP = 512 };

static const char *
word_at(const json_t *object, const char *path)
{
	const char *word = json_string_value(member_at(object, path));
	return word != NULL ? word : "";
}

/* What is waited for: an answer to a question, the other end's confirmation of what is
 * for one node, a neighbour's repeating of what is for all. */
static const char *
goal_of(const json_t *message)
{
	const char *kind = word_at(message, "kind");
	if (strcmp(kind, "text") != 0 && strcmp(kind, "waypoint") != 0)
		return "answered";
	return json_object_get(message, "to") != NULL ? "acked" : "relayed";
}

/* NULL: the daemon said why, and `*code` is what to leave with. */
static json_t *
look(const struct options *o, const char *path, enum exit_code *code)
{
	struct reply r = client_ask(o, "GET", path, NULL);
	json_t *object = errors_answer(o, &r, code);
	reply_free(&r);
	return object;
}

static void
show(const struct options *o, json_t *object)
{
	if (o->output == OUTPUT_TABLE) {
		object_print(o, object, (int64_t)time(NULL) * 1000);
		return;
	}
	document_print(
	    object, o->output == OUTPUT_JSONL ? JSON_COMPACT : JSON_INDENT(2));
}

/* An answer is known before the store has committed it: some looks until it is there.
 */
static void
wait_until_kept(const struct options *o, const char *path)
{
	const struct timespec pause = { 0, 100L * 1000000 };
	for (int looks = 0; looks < 10; looks++) {
		struct reply r = client_ask(o, "GET", path, NULL);
		bool kept = r.status != 404;
		reply_free(&r);
		if (kept)
			return;
		nanosleep(&pause, NULL);
	}
}

/* The packet that is the answer, where it is kept by now. */
static enum exit_code
show_answer(const struct options *o, const json_t *message)
{
	char path[PATH_CAP], id[PATH_CAP / 2];
	enum exit_code code = EXIT_OK;
	const char *answer = word_at(message, "answer");
	if (answer[0] == '\0')
		return EXIT_OK;
	client_encode(answer, id, sizeof id);
	snprintf(path, sizeof path, "/packets/%s", id);
	wait_until_kept(o, path);
	json_t *packet = look(o, path, &code);
	if (packet != NULL)
		show(o, packet);
	json_decref(packet);
	return code;
}

static enum exit_code
outcome_of(const json_t *message)
{
	const char *state = word_at(message, "state"), *goal = goal_of(message);
	/* That a question arrived answers nothing. */
	bool more = strcmp(state, "acked") == 0 && strcmp(goal, "answered") != 0;
	if (state[0] == '\0' || strcmp(state, goal) == 0 || more)
		return EXIT_OK; /* a text that was heard is there already */
	return strcmp(state, "failed") == 0 ? EXIT_FAILED : EXIT_TIMEOUT;
}

/* How long to wait at most: --for, or --timeout as for other commands that wait. */
static bool
read_span(const struct options *o, const struct arguments *a, int64_t *out)
{
	const char *span = argument(a, "for");
	*out = o->timeout_given ? o->timeout_ms : WAIT_MS;
	if (span == NULL ||
	    (units_parse(text(span), UNIT_MS, out) == MESH_OK && *out > 0))
		return true;
	fprintf(stderr, "meshctl: --for %s: not a span such as 30s\n", span);
	return false;
}

static void
path_of(const struct arguments *a, char *path, size_t cap)
{
	char id[PATH_CAP / 4], name[PATH_CAP / 4];
	const char *site = argument(a, "site");
	client_encode(a->words[0], id, sizeof id);
	client_encode(site != NULL ? site : "", name, sizeof name);
	snprintf(path, cap, "/messages/%s%s%s", id, site != NULL ? "?site=" : "", name);
}

enum exit_code
page_message_wait(const struct options *o, const struct arguments *a)
{
	const struct timespec pause = { 0, (long)LOOK_MS * 1000000 };
	char path[PATH_CAP];
	int64_t left = 0;
	enum exit_code code = EXIT_USAGE;
	json_t *message;
	struct options each = *o;
	if (o->timeout_given && each.timeout_ms < ASK_MS)
		each.timeout_ms = ASK_MS; /* the first look is worth that */
	if (a->word_count != 1)
		fprintf(stderr, "meshctl: msg wait needs the request's number\n");
	if (a->word_count != 1 || !read_span(o, a, &left))
		return EXIT_USAGE;
	path_of(a, path, sizeof path);
	while ((message = look(&each, path, &code)) != NULL) {
		code = outcome_of(message);
		if (code != EXIT_TIMEOUT || left <= 0)
			break;
		json_decref(message);
		left -= LOOK_MS;
		nanosleep(&pause, NULL);
	}
	if (message == NULL)
		return code;
	show(o, message);
	if (code == EXIT_OK)
		code = show_answer(&each, message);
	json_decref(message);
	return code;
}
