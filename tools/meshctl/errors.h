/* errors.h - what went wrong, what to do, and the code to leave with.  Floor 11. */
#ifndef MESHCTL_ERRORS_H
#define MESHCTL_ERRORS_H
#include "client.h"

/* EXIT_OK for a good reply.  Else says it on stderr, and with --json as an object on
 * stdout too. */
enum exit_code errors_report(const struct options *o, const struct reply *r);
#endif
