#include "errors.h"
#include "document.h"
#include "text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum exit_code
code_of(long status)
{
	/* clang-format off */
	static const struct { long status; enum exit_code code; } rows[] = {
		{ 400, EXIT_USAGE }, { 401, EXIT_DENIED }, { 403, EXIT_DENIED }, { 404, EXIT_NOT_FOUND },
		{ 410, EXIT_DENIED }, { 504, EXIT_TIMEOUT },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		if (rows[i].status == status)
			return rows[i].code;
	}
	return EXIT_FAILED;
}

/* It took the connection: it runs, and waits for a radio or for another site. */
static enum exit_code
say_late(const struct options *o)
{
	fprintf(stderr,
	    "meshctl: no answer from meshd at %s within %g s\n\n"
	    "What was asked may be done all the same.  Another site or a radio may take"
	    "\nlonger:  meshctl --timeout 30s ...\n",
	    o->socket, (double)o->timeout_ms / 1000);
	return EXIT_TIMEOUT;
}

static enum exit_code
report_unreached(const struct options *o, const struct reply *r)
{
	bool denied = strcmp(r->error, strerror(EACCES)) == 0;
	if (o->output != OUTPUT_TABLE) {
		json_t *problem = json_pack("{s:s, s:s, s:s}", "schema",
		    "meshd.problem/1", "title",
		    r->timed_out ? "no answer in time" : "cannot reach meshd", "detail",
		    r->error);
		document_print(problem, JSON_COMPACT);
		json_decref(problem);
	}
	if (r->timed_out)
		return say_late(o);
	fprintf(
	    stderr, "meshctl: cannot reach meshd at %s: %s\n\n", o->socket, r->error);
	fprintf(stderr,
	    denied ? "The socket belongs to the group meshd: be in it, or use sudo.\n"
		   : "Is it running?  Start it with:  meshd\n"
		     "Another socket?  meshctl --socket PATH, or MESHD_SOCKET=PATH\n");
	return denied ? EXIT_DENIED : EXIT_UNREACHABLE;
}

static struct text_view
body_of(const struct reply *r)
{
	return (struct text_view){ r->body, r->body != NULL ? r->len : 0 };
}

void
errors_detail(const struct reply *r, const char *otherwise, char *to, size_t cap)
{
	json_error_t why;
	struct bytes_out out = bytes_out(to, cap);
	json_t *problem = document_read(body_of(r), 0, &why);
	const json_t *said = json_object_get(problem, "detail");
	if (said == NULL)
		said = json_object_get(problem, "title");
	if (json_is_string(said))
		text_put_clean(&out,
		    bytes_view(json_string_value(said), json_string_length(said)),
		    cap - 1);
	else
		text_put(&out, otherwise);
	text_end(&out);
	json_decref(problem);
}

enum exit_code
errors_report(const struct options *o, const struct reply *r)
{
	char detail[2048];
	if (r->status == 0)
		return report_unreached(o, r);
	if (r->status >= 200 && r->status < 300)
		return EXIT_OK;
	if (o->output != OUTPUT_TABLE && r->body != NULL) {
		document_print_text(body_of(r));
		printf("\n");
	}
	errors_detail(r, "the daemon refused", detail, sizeof detail);
	fprintf(stderr, "meshctl: %s\n", detail);
	return code_of(r->status);
}

json_t *
errors_glance(const struct reply *r)
{
	json_error_t why;
	return r->status == 200 ? document_read(body_of(r), 0, &why) : NULL;
}

json_t *
errors_answer(const struct options *o, const struct reply *r, enum exit_code *code)
{
	json_error_t why;
	*code = errors_report(o, r);
	if (*code != EXIT_OK)
		return NULL;
	json_t *answer = document_read(body_of(r), 0, &why);
	if (answer == NULL) {
		fprintf(stderr,
		    "meshctl: the answer is no JSON, line %d, column %d: %s\n",
		    why.line, why.column, why.text);
		*code = EXIT_FAILED;
	}
	return answer;
}
