#include "problem.h"
#include "json_out.h"
#include <stdio.h>

/* clang-format off */
const struct problem_row problem_rows[] = {
	{ 400, 2, "bad-request",  "The request cannot be understood" },
	{ 403, 5, "denied",       "Not allowed" },
	{ 404, 4, "not-found",    "Not found" },
	{ 405, 5, "method",       "This method is not allowed here" },
	{ 409, 1, "conflict",     "That does not go together" },
	{ 410, 5, "gone",         "That is over" },
	{ 413, 2, "too-large",    "The request is too large" },
	{ 415, 2, "not-json",     "The body must be application/json" },
	{ 421, 5, "host",         "This host name is not served here" },
	{ 500, 1, "internal",     "The answer could not be made" },
	{ 503, 1, "busy",         "Not now" },
	{ 504, 6, "timeout",      "No answer in time" },
	{ 507, 1, "full",         "This site holds as much as it may" },
};
/* clang-format on */
const size_t problem_count = LENGTH(problem_rows);

const struct problem_row *
problem_of(uint16_t status)
{
	for (size_t i = 0; i < problem_count; i++)
		if (problem_rows[i].status == status)
			return &problem_rows[i];
	return problem_of(500);
}

void
problem_write(uint16_t status, struct text_view detail, struct bytes_out *out)
{
	const struct problem_row *row = problem_of(status);
	struct json_out j = json_out(out);
	char type[48];
	snprintf(type, sizeof type, "urn:meshd:problem:%s", row->slug);
	json_open_object(&j);
	json_key(&j, "type");
	json_put_string(&j, type);
	json_key(&j, "title");
	json_put_string(&j, row->title);
	json_key(&j, "status");
	json_put_u64(&j, row->status);
	if (detail.len > 0) {
		json_key(&j, "detail");
		json_put_text(&j, detail);
	}
	json_key(&j, "exit");
	json_put_u64(&j, row->exit);
	json_shut_object(&j);
	bytes_put(out, "\n", 1);
}
