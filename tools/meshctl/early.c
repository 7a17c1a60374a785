#include "early.h"
#include "document.h"
#include "tables.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES = 10, LINE = 512 };
struct early {
	const struct options *o;
	int lines;   /* on the terminal, above the last one */
	size_t hits; /* that sites found, some perhaps twice */
};
static const struct column cells[] = {
	{ "score", "", COLUMN_SNR, 0, KEPT },
	{ "hash", "", COLUMN_TEXT, 0, KEPT },
	{ "type", "", COLUMN_TEXT, 0, KEPT },
	{ "site", "", COLUMN_TEXT, 0, KEPT },
	{ 0 },
};

bool
early_is_wanted(const struct options *o, const struct op *op)
{
	const char *term = getenv("TERM");
	bool obeys = term != NULL && strcmp(term, "dumb") != 0;
	if (op == NULL || !op->early || o->output == OUTPUT_JSON)
		return false;
	return o->output == OUTPUT_JSONL ||
	    (!o->quiet && obeys && isatty(STDERR_FILENO));
}

/* --- on a terminal --- */

/* At most `room` bytes, cut between characters. */
static void
cut_line(char *line, int room)
{
	size_t cut = room > 0 ? (size_t)room : 0;
	if (strlen(line) <= cut)
		return;
	while (cut > 0 && ((unsigned char)line[cut] & 0xc0) == 0x80)
		cut--;
	line[cut] = '\0';
}

static void
print_hit(struct early *e, const json_t *hit)
{
	char line[LINE] = "", cell[LINE];
	size_t used = 0;
	for (size_t i = 0; cells[i].path != NULL; i++) {
		cell_text(&cells[i], hit, 0, cell, sizeof cell);
		int len = snprintf(line + used, sizeof line - used, "%s%s",
		    used > 0 ? "  " : "", cell);
		used += len > 0 && (size_t)len < sizeof line - used ? (size_t)len : 0;
	}
	cut_line(line, e->o->width - 1);
	fprintf(stderr, "%s\n", line);
	e->lines++;
}

static long long
count_of(const json_t *object, const char *name)
{
	const json_t *complete = json_object_get(object, "complete");
	return json_integer_value(json_object_get(complete, name));
}

static void
show(struct early *e, const json_t *object)
{
	const json_t *hits = json_object_get(object, "hits");
	fputs("\r\033[K", stderr);
	for (size_t i = 0; i < json_array_size(hits) && e->lines < LINES; i++)
		print_hit(e, json_array_get(hits, i));
	e->hits += json_array_size(hits);
	fprintf(stderr, "%lld of %lld sites have answered, %zu hits",
	    count_of(object, "answered"), count_of(object, "known"), e->hits);
}

/* The answer stands in their place. */
static void
wipe(const struct early *e)
{
	fputs("\r\033[K", stderr);
	for (int i = 0; i < e->lines; i++)
		fputs("\033[A\033[K", stderr);
}

/* --- */

static bool
take(void *ctx, const char *line)
{
	static const char mark[] = "{\"partial\":true,";
	struct early *e = ctx;
	json_error_t why;
	if (strncmp(line, mark, strlen(mark)) != 0)
		return false;
	if (e->o->output == OUTPUT_JSONL) {
		document_print_text(text(line)); /* with its newline */
		fflush(stdout);
		return true;
	}
	json_t *object = document_read(text(line), 0, &why);
	if (object != NULL)
		show(e, object);
	json_decref(object);
	return true;
}

/* What goes wrong when lines went out already is the last of them: its status counts.
 */
static void
read_status(struct reply *r)
{
	json_error_t why;
	if (r->status != 200 || r->body == NULL)
		return;
	json_t *end = document_read((struct text_view){ r->body, r->len }, 0, &why);
	json_int_t status = json_integer_value(json_object_get(end, "status"));
	if (json_object_get(end, "schema") == NULL && status >= 400)
		r->status = (long)status;
	json_decref(end);
}

struct reply
early_ask(
    const struct options *o, const char *method, const char *path, const char *body)
{
	struct early e = { .o = o };
	struct reply r = client_ask_early(o, method, path, body, take, &e);
	if (o->output != OUTPUT_JSONL)
		wipe(&e);
	read_status(&r);
	return r;
}
