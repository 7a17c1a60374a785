#include "errors.h"
#include <errno.h>
#include <jansson.h>
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

static enum exit_code
report_unreached(const struct options *o, const struct reply *r)
{
	enum exit_code code = r->timed_out ? EXIT_TIMEOUT : EXIT_UNREACHABLE;
	bool denied = strcmp(r->error, strerror(EACCES)) == 0;
	if (o->output != OUTPUT_TABLE) {
		json_t *problem = json_pack("{s:s, s:s, s:s}", "schema",
		    "meshd.problem/1", "title",
		    r->timed_out ? "no answer in time" : "cannot reach meshd", "detail",
		    r->error);
		json_dumpf(problem, stdout, JSON_COMPACT);
		printf("\n");
		json_decref(problem);
	}
	fprintf(stderr, "meshctl: %s at %s: %s\n\n",
	    r->timed_out ? "meshd does not answer" : "cannot reach meshd", o->socket,
	    r->error);
	fprintf(stderr,
	    denied ? "The socket belongs to the group meshd: be in it, or use sudo.\n"
		   : "Is it running?  Start it with:  meshd\n"
		     "Another socket?  meshctl --socket PATH, or MESHD_SOCKET=PATH\n");
	return denied ? EXIT_DENIED : code;
}

enum exit_code
errors_report(const struct options *o, const struct reply *r)
{
	if (r->status == 0)
		return report_unreached(o, r);
	if (r->status >= 200 && r->status < 300)
		return EXIT_OK;
	json_t *problem = json_loads(r->body != NULL ? r->body : "", 0, NULL);
	const char *title = json_string_value(json_object_get(problem, "title"));
	const char *detail = json_string_value(json_object_get(problem, "detail"));
	if (o->output != OUTPUT_TABLE && r->body != NULL)
		printf("%s\n", r->body);
	fprintf(stderr, "meshctl: %s\n",
	    detail != NULL      ? detail
		: title != NULL ? title
				: "the daemon refused");
	json_decref(problem);
	return code_of(r->status);
}
