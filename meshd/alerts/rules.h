/* rules.h - the engine that turns news into alerts.
 *
 * Reads the feed (what our own radios heard), asks every row of rule_table, and writes
 * the alerts as intents.  One site raises once per subject; sites that heard the same
 * packet write the same alert id, and the fold lists both as witnesses.  The last 256
 * raised ids are remembered.  Floor 7.  Pure. */
#ifndef RULES_H
#define RULES_H
#include "feed.h"
#include "intents.h"
#include "live.h"
#include "meshd_counters.h"

struct rules;
struct rules_params { /* borrowed until rules_free */
	struct feed *feed;
	struct intents *intents;
	const struct live *live;
	struct meshd_counts *counts;
};
struct rules *rules_new(const struct rules_params *params); /* NULL: no memory */
void rules_free(struct rules *r);
/* Take what is new on the feed, at most 64 items; true: there may be more. */
bool rules_read(struct rules *r, struct mesh_now now);
#endif
