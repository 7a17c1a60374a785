/* app_token.h - the word that lets a local program act.
 *
 * New at each start; it stands in apps.token in the run folder, which only meshd's own
 * user may read.  Floor 9.  Pure. */
#ifndef APP_TOKEN_H
#define APP_TOKEN_H
#include "types.h"
#include <stdbool.h>

enum { APP_TOKEN = 32 }; /* letters */
/* Is `said` that word?  All letters are looked at, so that time says nothing; "" is
 * nobody's. */
bool app_token_is(const char token[static APP_TOKEN + 1], struct text_view said);
#endif
