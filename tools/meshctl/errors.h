/* errors.h - what went wrong, what to do, and the code to leave with.  Floor 11. */
#ifndef MESHCTL_ERRORS_H
#define MESHCTL_ERRORS_H
#include "client.h"
#include <jansson.h>

/* EXIT_OK for a good reply.  Else says it on stderr, and with --json as an object on
 * stdout too. */
enum exit_code errors_report(const struct options *o, const struct reply *r);
/* The JSON of a good reply; the caller's.  NULL: `*code` is what to leave with, and
 * stderr was told: the reply was none, or is not JSON. */
json_t *errors_answer(
    const struct options *o, const struct reply *r, enum exit_code *code);
/* The same without a word: NULL where the reply is no JSON of status 200. */
json_t *errors_glance(const struct reply *r);
/* Why a reply was refused, as a terminal may show it; else `otherwise`. */
void errors_detail(const struct reply *r, const char *otherwise, char *to, size_t cap);
#endif
