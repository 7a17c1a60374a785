#include "client.h"
#include "document.h"
#include "errors.h"
#include "left_out.h"
#include "pages.h"
#include "pour.h"
#include "progress.h"
#include "registry_lines.h"
#include "tables.h"
#include "text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE_ITEMS = 200 };

/* --- import --- */

struct waiting { /* to be entered */
	struct registry_line line;
	uint64_t number;
};
struct import {
	FILE *file;
	char *line; /* owned by getline */
	size_t cap;
	uint64_t number, from; /* lines: read, the first wanted */
	uint64_t over, beaten; /* past their end; another of their hash stands before */
	struct waiting best, ahead;      /* of one hash; the first of the next one */
	struct waiting sent[POUR_WIDTH]; /* under way: hashes */
	uint64_t bad;                    /* the first line that failed; 0: none */
	struct embedding_fault why;
	struct progress progress;
};

static void
fail_line(struct import *in, uint64_t number, const char *why)
{
	if (in->bad != 0 && in->bad <= number)
		return;
	in->bad = number;
	snprintf(in->why.text, sizeof in->why.text, "%.150s", why);
}

/* Of byte order, as some editors write it. */
static void
pass_mark(const char **line, ssize_t *len)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (*len < 3 || memcmp(*line, mark, 3) != 0)
		return;
	*line += 3;
	*len -= 3;
}

/* The next line that is an entry. */
static bool
read_entry(struct import *in, struct waiting *out)
{
	ssize_t len;
	while (in->bad == 0 && (len = getline(&in->line, &in->cap, in->file)) >= 0) {
		struct embedding_fault why;
		const char *line = in->line;
		in->progress.bytes += (uint64_t)len;
		out->number = ++in->number;
		if (in->number < in->from)
			continue;
		if (in->number == 1)
			pass_mark(&line, &len);
		enum line_sort sort = registry_line_read(line, (size_t)len,
		    progress_clock_ms(CLOCK_REALTIME), &out->line, &why);
		if (sort == LINE_BAD)
			fail_line(in, in->number, why.text);
		in->over += sort == LINE_OVER;
		if (out->line.body != NULL)
			return true;
	}
	if (in->bad == 0 && ferror(in->file))
		fail_line(in, in->number + 1, strerror(errno));
	return false;
}

/* An export has what all sites say of a hash side by side; we say one of it. */
static void
choose(struct import *in, struct waiting *one)
{
	struct waiting worse = *one;
	if (registry_line_before(&one->line, &in->best.line)) {
		worse = in->best;
		in->best = *one;
	}
	registry_line_free(&worse.line);
	in->beaten++;
}

static void
read_ahead(struct import *in)
{
	struct waiting one = { .number = 0 };
	while (in->ahead.line.body == NULL && read_entry(in, &one))
		if (in->best.line.body == NULL)
			in->best = one;
		else if (registry_line_same(&one.line, &in->best.line))
			choose(in, &one);
		else
			in->ahead = one;
}

/* Where the hash is kept while its entry is under way; NULL: another one is. */
static struct waiting *
place_of(struct import *in, const struct registry_line *line)
{
	struct waiting *room = NULL;
	for (size_t i = 0; i < LENGTH(in->sent); i++)
		if (in->sent[i].line.hash == NULL)
			room = &in->sent[i];
		else if (registry_line_same(&in->sent[i].line, line))
			return NULL; /* in the order of the file */
	return room;
}

static bool
is_wanted(const struct import *in)
{
	return in->best.line.body != NULL &&
	    (in->bad == 0 || in->best.number < in->bad);
}

static char *
next_entry(void *ctx, uint64_t *number)
{
	struct import *in = ctx;
	read_ahead(in);
	struct waiting *sent = is_wanted(in) ? place_of(in, &in->best.line) : NULL;
	if (sent == NULL)
		return NULL;
	*sent = in->best;
	in->best = in->ahead;
	in->ahead = (struct waiting){ .number = 0 };
	char *body = sent->line.body;
	sent->line.body = NULL; /* the caller's */
	*number = sent->number;
	return body;
}

static void
forget_sent(struct import *in, uint64_t number)
{
	for (size_t i = 0; i < LENGTH(in->sent); i++)
		if (in->sent[i].line.hash != NULL && in->sent[i].number == number)
			registry_line_free(&in->sent[i].line);
}

static void
release(struct import *in)
{
	registry_line_free(&in->best.line);
	registry_line_free(&in->ahead.line);
	for (size_t i = 0; i < LENGTH(in->sent); i++)
		registry_line_free(&in->sent[i].line);
	free(in->line);
	if (in->file != NULL && in->file != stdin)
		fclose(in->file);
}

static bool
take_answer(void *ctx, uint64_t number, const struct reply *r)
{
	struct import *in = ctx;
	forget_sent(in, number);
	if (r->status >= 200 && r->status < 300) {
		in->progress.items++;
		progress_show(&in->progress, false);
		return in->bad == 0 || is_wanted(in);
	}
	char detail[1024];
	errors_detail(r, "the daemon refused it", detail, sizeof detail);
	fail_line(in, number, r->status == 0 ? r->error : detail);
	return false;
}

/* As it ended: also where a line failed. */
static void
print_import(const struct import *in)
{
	json_t *all = json_pack("{s:s, s:I, s:I, s:I}", "schema", "meshd.import/1",
	    "entries", (json_int_t)in->progress.items, "over", (json_int_t)in->over,
	    "left_out", (json_int_t)in->beaten);
	size_t len = strlen(in->why.text);
	json_t *why = in->bad != 0 ? json_stringn(in->why.text, len) : NULL;
	while (in->bad != 0 && why == NULL && len-- > 0) /* it was cut in a letter */
		why = json_stringn(in->why.text, len);
	if (in->bad != 0)
		json_object_set_new(all, "line", json_integer((json_int_t)in->bad));
	if (why != NULL)
		json_object_set_new(all, "error", why);
	document_print(all, JSON_COMPACT);
	json_decref(all);
}

static enum exit_code
report_import(const struct options *o, struct import *in)
{
	progress_show(&in->progress, true);
	if (o->output != OUTPUT_TABLE)
		print_import(in);
	if (in->bad != 0) {
		fprintf(stderr,
		    "meshctl: line %llu: %s\n%llu entries are stored, all before that "
		    "line among them; go on with --from %llu\n",
		    (unsigned long long)in->bad, in->why.text,
		    (unsigned long long)in->progress.items,
		    (unsigned long long)in->bad);
		return EXIT_FAILED;
	}
	if (in->over > 0)
		fprintf(stderr, "%llu entries are over and were left out\n",
		    (unsigned long long)in->over);
	if (in->beaten > 0)
		fprintf(stderr,
		    "%llu lines were left out: of their hash another line stands "
		    "before\n",
		    (unsigned long long)in->beaten);
	if (o->output == OUTPUT_TABLE && !o->quiet && !in->progress.shown)
		printf("%llu entries\n", (unsigned long long)in->progress.items);
	return EXIT_OK;
}

static bool
open_import(struct import *in, const char *path)
{
	struct stat st;
	bool known = false;
	in->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	if (in->file != NULL)
		known = fstat(fileno(in->file), &st) == 0;
	if (known && S_ISDIR(st.st_mode))
		errno = EISDIR;
	if (in->file == NULL || (known && S_ISDIR(st.st_mode))) {
		fprintf(stderr, "meshctl: %s: %s\n", path, strerror(errno));
		return false;
	}
	if (known && S_ISREG(st.st_mode))
		in->progress.size = (uint64_t)st.st_size;
	return true;
}

static bool
read_from(const struct arguments *a, uint64_t *out)
{
	const char *from = argument(a, "from");
	*out = 1;
	if (from == NULL || (text_parse_u64(text(from), out) == MESH_OK && *out > 0))
		return true;
	fprintf(
	    stderr, "meshctl: registry import: --from '%s': a line, from 1\n", from);
	return false;
}

enum exit_code
page_registry_import(const struct options *o, const struct arguments *a)
{
	struct import in = { .progress = progress_begin(o) };
	struct pour all = { next_entry, take_answer, &in };
	if (a->word_count == 0) {
		fprintf(stderr, "meshctl: registry import needs a file, or -\n");
		return EXIT_USAGE;
	}
	if (!read_from(a, &in.from) || !open_import(&in, a->words[0])) {
		release(&in);
		return EXIT_USAGE;
	}
	enum exit_code code = EXIT_FAILED;
	if (pour(o, "/registry", &all))
		code = report_import(o, &in);
	else
		fprintf(stderr, "meshctl: no memory\n");
	release(&in);
	return code;
}

/* --- export --- */

static void
put_parameter(char *path, size_t cap, const char *name, const char *value)
{
	char encoded[1024];
	size_t len = strlen(path);
	if (value == NULL)
		return;
	client_encode(value, encoded, sizeof encoded);
	snprintf(path + len, cap - len, "&%s=%s", name, encoded);
}

static bool
print_items(const json_t *items, struct progress *p)
{
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item)
	{
		document_print(item, JSON_COMPACT);
		p->items++;
	}
	progress_show(p, false);
	return ferror(stdout) == 0;
}

/* A progress bar ends with what is printed behind it. */
static void
say_left_out(const struct options *o, const json_t *answer, struct progress *p)
{
	if (json_object_get(answer, "left_out") == NULL)
		return;
	progress_show(p, true);
	p->shown = false;
	left_out_print(o, answer);
}

/* One page; `after` is where the next one begins, empty at the end. */
static enum exit_code
export_page(const struct options *o, const struct arguments *a, char *after, size_t cap,
    struct progress *p)
{
	char path[4096];
	snprintf(path, sizeof path, "/registry?embeddings=true&limit=%d", PAGE_ITEMS);
	put_parameter(path, sizeof path, "filter", argument(a, "filter"));
	put_parameter(path, sizeof path, "type", argument(a, "type"));
	put_parameter(path, sizeof path, "site", argument(a, "site"));
	put_parameter(path, sizeof path, "after", after[0] != '\0' ? after : NULL);
	struct reply r = client_ask(o, "GET", path, NULL);
	enum exit_code code;
	json_t *answer = errors_answer(o, &r, &code);
	const char *next = json_string_value(json_object_get(answer, "next"));
	snprintf(after, cap, "%s", next != NULL ? next : "");
	if (code == EXIT_OK && !print_items(json_object_get(answer, "items"), p))
		code = EXIT_FAILED;
	if (code == EXIT_OK && after[0] == '\0') /* the last one */
		say_left_out(o, answer, p);
	json_decref(answer);
	reply_free(&r);
	return code;
}

enum exit_code
page_registry_export(const struct options *o, const struct arguments *a)
{
	char after[512] = "";
	struct progress p = progress_begin(o);
	p.shown = p.shown && !isatty(STDOUT_FILENO);
	enum exit_code code;
	do
		code = export_page(o, a, after, sizeof after, &p);
	while (code == EXIT_OK && after[0] != '\0');
	progress_show(&p, true);
	return code;
}
