/* left_out.h - what a list of the registry has not, because the site that was asked
 * keeps less than the others: for people, beside the list.  Floor 11. */
#ifndef MESHCTL_LEFT_OUT_H
#define MESHCTL_LEFT_OUT_H
#include "arguments.h"
#include <jansson.h>

/* On stderr; nothing if `answer` says that nothing is missing. */
void left_out_print(const struct options *o, const json_t *answer);
#endif
