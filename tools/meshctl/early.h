/* early.h - what an operation knows before its end, shown as it comes.
 *
 * For people lines on the terminal, which go when the answer is there; with --jsonl an
 * object a line, before the items of the answer.  Floor 11. */
#ifndef MESHCTL_EARLY_H
#define MESHCTL_EARLY_H
#include "client.h"
#include "op.h"

/* Does the operation tell, and does somebody look? */
bool early_is_wanted(const struct options *o, const struct op *op);
/* client_ask, with what comes before shown. */
struct reply early_ask(
    const struct options *o, const char *method, const char *path, const char *body);
#endif
