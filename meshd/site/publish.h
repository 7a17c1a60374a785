/* publish.h - what our radios say, as records: packets and state.
 *
 * A reception becomes a packet record, as exact as leaving.h lets it go, or one that
 * stays here.  What it teaches about its sender goes into the state key
 * `node/NETWORK:ID`: written at once for a new node, later only when a fact changed, at
 * most once a minute per node, or when the hearing is 15 minutes old. `radio/NAME` is
 * written when a radio's state or firmware changes, `site` once per start.  Everything
 * leaves as intents; what finds them full waits here.  Floor 7. Pure. */
#ifndef PUBLISH_H
#define PUBLISH_H
#include "intents.h"
#include "leaving.h"
#include "live.h"
#include "meshd_counters.h"
#include "radio.h"
#include "state.h"

enum {
	PUBLISH_NODES = 1024,
	PUBLISH_RADIO_GAP_MS = 5 * 1000,
	PUBLISH_GREET_GAP_MS = 5 * 1000
};
struct publish;
struct publish_params {
	struct intents *intents; /* borrowed until publish_free, like the next two */
	struct live *live;
	struct meshd_counts *counts;
	struct mesh_key self;
	struct leaving_rules leaving;
};
struct publish *publish_new(const struct publish_params *params); /* NULL: no memory */
void publish_free(struct publish *p);
/* Our own `site` state; texts are copied.  The live table knows the name at once. */
void publish_site(
    struct publish *p, const struct site_value *site, struct mesh_now now);
/* A site came to life that may have none of our earlier records: say again who we are
 * and which radios we have, at most every PUBLISH_GREET_GAP_MS.  Needed until repair
 * brings a newcomer what it missed. */
void publish_greet(struct publish *p, struct mesh_now now);
/* From now on by these rules.  Places that were told otherwise are told again; what has
 * left cannot be called back. */
void publish_rules(
    struct publish *p, const struct leaving_rules *rules, struct mesh_now now);
/* All that we said before is void: say again what is so, and may be told today: what
 * was learnt before a restart or a reload is judged like an entry of a radio's own
 * list. */
void publish_anew(struct publish *p, struct mesh_now now);
/* An event of the radio called `radio` whose own node is `self` (ID_NONE: not known).
 */
void publish_event(struct publish *p, struct text_view radio, const struct id *self,
    const struct radio_event *event, struct mesh_now now);
/* How a radio is now: live table, and its state record when that matters. */
void publish_radio(
    struct publish *p, const struct radio_status *status, struct mesh_now now);
/* A radio was taken out of the configuration. */
void publish_radio_gone(struct publish *p, struct text_view radio);
/* What we said about a node before this start, so that `first_ms` and names live on. */
void publish_remember(
    struct publish *p, const struct id *node, const struct node_facts *said);
void publish_tick(struct publish *p, struct mesh_now now);
mesh_time_ms publish_deadline(const struct publish *p);
#endif
