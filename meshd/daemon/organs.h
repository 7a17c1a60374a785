/* organs.h - the organs: pure workers that read the feed and write intents.
 *
 * One row each; the turn asks them in order and knows no more of them.  Floor 10. Pure.
 */
#ifndef DAEMON_ORGANS_H
#define DAEMON_ORGANS_H
#include "feed.h"
#include "intents.h"
#include "live.h"
#include "meshd_counters.h"

struct organs_params { /* all borrowed until organs_free */
	struct feed *feed;
	struct intents *intents;
	const struct live *live;
	struct meshd_counts *counts;
};
struct organs;
struct organs *organs_new(const struct organs_params *params); /* NULL: no memory */
void organs_free(struct organs *o);                            /* NULL is fine */
/* Each takes what is new; true: one of them may have more to take. */
bool organs_read(struct organs *o, struct mesh_now now);
#endif
