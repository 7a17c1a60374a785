/* app_hits.h - what a local program answers to a search: registry/hearsay.h.
 *
 *   {"op":"hits","token":"...","id":"7","hits":[{"hash":"abcd","type":"face","score":0.9}]}
 *
 * Once for each search, nothing found included; only who is subscribed to `search` may.
 * Floor 9.  Pure. */
#ifndef APP_HITS_H
#define APP_HITS_H
#include "arena.h"
#include "hearsay.h"
#include "json_out.h"

/* NULL: taken; else what is wrong.  `from` is the program's lease, -1: it has none. */
const char *app_hits_take(struct hearsay *h, struct tree_view members, int from,
    mesh_time_ms now, struct arena *scratch);
/* The question whole, with an embedding of any length; false: it is over. */
bool app_hits_question(
    const struct hearsay *h, struct text_view id, struct json_out *out);
#endif
