/* meshd_counters.h - what the rooms of meshd count; names are `room.thing.reason`.
 *
 * One array per daemon, lent to the rooms: `count_one(counts, COUNT_INGEST_SEEN)`.
 * Floor 5.  Pure. */
#ifndef MODEL_MESHD_COUNTERS_H
#define MODEL_MESHD_COUNTERS_H
#include "counters.h"

/* clang-format off */
#define MESHD_COUNTERS(X)                                                                    \
	X(INGEST_SEEN, "ingest.seen", "records", "Records that the mesh handed over.")       \
	X(INGEST_TAKEN, "ingest.taken", "records", "Of those, given to the store.")          \
	X(INGEST_STORE_BUSY, "ingest.dropped.store_busy", "records", "Of those, not stored: the store was behind; repair brings them again.") \
	X(INGEST_LIVE, "ingest.dropped.live", "records", "Of those, live news that nobody stores.") \
	X(INGEST_UNKNOWN, "ingest.body.unknown", "records", "Stored and passed on, but of a kind this version cannot read.") \
	X(INGEST_MALFORMED, "ingest.body.malformed", "records", "Stored and passed on, but the body does not keep to its table.") \
	X(INGEST_STORED, "ingest.stored", "records", "Outcomes of the store: safe.")         \
	X(INGEST_REFUSED, "ingest.refused", "records", "Outcomes of the store: refused, not promised to others.") \
	X(INGEST_UNTRACKED, "ingest.untracked", "records", "Stored without a second feed item: too many at once.") \
	X(INGEST_UNFED, "ingest.unfed", "items", "News too large for the feed.")             \
	X(INGEST_LOCAL, "ingest.local", "receptions", "Kept for this site alone: never a record of the log.") \
	X(INGEST_LOCAL_LOST, "ingest.local.lost", "receptions", "Of those, shown and not kept: the store was behind.") \
	X(PUBLISH_SEEN, "publish.seen", "receptions", "Receptions that our radios reported.") \
	X(PUBLISH_TAKEN, "publish.taken", "receptions", "Of those, made into packet records.") \
	X(PUBLISH_SIMULATED, "publish.withheld.simulated", "receptions", "Of those, simulated: only a demo network takes them.") \
	X(PUBLISH_DIRECT, "publish.withheld.direct", "receptions", "Of those, other people's direct messages: they do not leave the site.") \
	X(PUBLISH_FILTERED, "publish.withheld.filtered", "receptions", "Of those, not passed by site.publish: they do not leave the site.") \
	X(PUBLISH_PRIVATE, "publish.withheld.private", "receptions", "Of those, by UDP, and its sender does not want it carried over the internet: they do not leave the site.") \
	X(PUBLISH_PLACE, "publish.withheld.place", "receptions", "Of those, with a place that site.position_precision cannot cut: they do not leave the site.") \
	X(PUBLISH_CUT, "publish.cut", "receptions", "Packet records whose place was cut to site.position_precision.") \
	X(PUBLISH_ADMIN, "publish.withheld.admin", "receptions", "Of those, a radio's administration: it carries keys and passwords.") \
	X(PUBLISH_UNNAMED, "publish.dropped.unnamed", "receptions", "Of those, without a packet id.") \
	X(PUBLISH_TOO_LARGE, "publish.dropped.too_large", "receptions", "Of those, more than a record holds.") \
	X(PUBLISH_FULL, "publish.dropped.full", "receptions", "Of those, lost because too much waited to be signed.") \
	X(PUBLISH_STATE, "publish.state.written", "records", "State records written about radios, nodes and ourselves.") \
	X(PUBLISH_STATE_FULL, "publish.state.full", "records", "State records put off because too much waited to be signed.") \
	X(PUBLISH_NODES_WITHHELD, "publish.nodes.withheld", "nodes", "Entries of a radio's own node list that site.publish does not pass.") \
	X(PUBLISH_NODES_FULL, "publish.nodes.forgotten", "nodes", "Nodes forgotten, least recently heard first, to make room: what was known of them had been told.") \
	X(PUBLISH_NODES_LOST, "publish.nodes.lost", "nodes", "Nodes forgotten, to make room, before what was known of them could be written.") \
	X(INTENTS_FULL, "intents.dropped.full", "intents", "Intents refused: the queue was full.") \
	X(INTENTS_WAITED, "intents.waited", "intents", "Intents that the mesh core asked to come back with.") \
	X(INTENTS_REFUSED, "intents.refused", "intents", "Intents that the mesh core refused for good.") \
	X(FEED_ITEMS, "feed.items", "items", "Items that entered the feed.")                 \
	X(FEED_MISSED, "feed.missed", "items", "Items that a slow reader lost.")             \
	X(PORT_OPENED, "port.links.opened", "links", "Links to radios that were opened.")    \
	X(PORT_OPEN_FAILED, "port.links.failed", "links", "Attempts to open one that failed.") \
	X(PORT_LOST, "port.links.lost", "links", "Links that ended by themselves.")          \
	X(PORT_STUCK, "port.links.stuck", "links", "Links given up because the radio did not answer.") \
	X(AIR_ASKED, "air.asked", "requests", "Requests to transmit that came to the gate.") \
	X(AIR_FULL, "air.dropped.full", "requests", "Requests refused: too many waited.") \
	X(AIR_WITHDRAWN, "air.withdrawn", "requests", "Of those asked, taken back: they waited too long.") \
	X(AIR_REFUSED, "air.dropped.refused", "requests", "Of those asked, that a radio's driver would not send.") \
	X(AIR_GIVEN, "air.given", "requests", "Requests given to a radio; one that goes again counts again.") \
	X(AIR_BUSY, "air.busy", "requests", "Of those, to go once more: the radio's queue was full.") \
	X(AIR_AGAIN, "air.again", "requests", "Of those, to go once more: the link was lost before an answer.") \
	X(AIR_TIME, "air.time", "ms", "Time on the air of what was given to radios, without their repeats.") \
	X(AIR_UNKEPT, "air.unkept", "writes", "Times the store was behind when airtime was to be kept; tried again.") \
	X(OUTBOX_ASKED, "outbox.asked", "messages", "Texts and questions that this site was asked to send.") \
	X(OUTBOX_FULL, "outbox.dropped.full", "messages", "Of those, refused: too many waited.") \
	X(OUTBOX_UNWRITTEN, "outbox.dropped.unwritten", "messages", "Of those, refused: the disk did not take them.") \
	X(OUTBOX_FAILED, "outbox.failed", "messages", "Of those, that failed.") \
	X(OUTBOX_UNCERTAIN, "outbox.uncertain", "messages", "Of those, that a radio had and never answered for.") \
	X(OUTBOX_LATE, "outbox.late", "messages", "Of those, confirmed after they had failed.") \
	X(OUTBOX_UNKEPT, "outbox.unkept", "writes", "Times the store was behind when a state was to be kept; tried again.") \
	X(REMOTE_ASKED, "remote.asked", "operations", "Operations that other sites asked of this one.") \
	X(REMOTE_DONE, "remote.done", "operations", "Of those, answered well.") \
	X(REMOTE_REFUSED, "remote.refused", "operations", "Of those, refused or failed, with a reason.") \
	X(RULES_SEEN, "rules.seen", "items", "Feed items that the rules looked at.")         \
	X(RULES_RAISED, "rules.raised", "alerts", "Alerts raised by rules.")                 \
	X(RULES_REPEATED, "rules.dropped.repeated", "alerts", "Matches already raised for the same subject.") \
	X(RULES_FULL, "rules.dropped.full", "alerts", "Alerts that found the intents full; tried again.") \
	X(SEARCH_ASKED, "registry.search.asked", "questions", "Searches that other sites asked for.") \
	X(SEARCH_ANSWERED, "registry.search.answered", "questions", "Of those, answered.")   \
	X(SEARCH_MALFORMED, "registry.search.dropped.malformed", "questions", "Of those, refused: not to be read here.") \
	X(SEARCH_BUSY, "registry.search.dropped.busy", "questions", "Of those, not answered: too many at once, or the store failed.") \
	X(SEARCH_LATE, "registry.search.dropped.late", "questions", "Of those, found when the asker had gone on.") \
	X(POSTS_SENT, "posts.sent", "posts", "What local programs published.")                \
	X(POSTS_TOO_FAST, "posts.dropped.too_fast", "posts", "More than this site's programs may publish: refused.") \
	X(POSTS_HEARD, "posts.heard", "posts", "What programs of other sites published.")     \
	X(POSTS_MALFORMED, "posts.dropped.malformed", "posts", "Of those, not to be read here.") \
	X(SAMPLES_TOO_FAST, "samples.dropped.too_fast", "samples", "More than this site's programs may measure: refused.") \
	X(SAMPLER_WRITTEN, "sampler.written", "records", "Records with the figures of a radio's link.") \
	X(SAMPLER_REFUSED, "sampler.refused", "records", "Of those that were due, left out: they cannot be written.") \
	X(SAMPLER_FULL, "sampler.full", "records", "Of those that were due, put off because too much waited to be signed.") \
	X(REGISTRY_EXPIRED, "registry.expired", "entries", "Our own entries that were over and were dropped.") \
	X(TURN_ROUNDS, "turn.rounds.capped", "turns", "Turns that left work for the next one.")
/* clang-format on */
#define MESHD_COUNTER_ENUM(name, text, unit, doc) COUNT_##name,
enum meshd_counter { MESHD_COUNTERS(MESHD_COUNTER_ENUM) COUNT_MESHD };
#undef MESHD_COUNTER_ENUM

struct meshd_counts {
	uint64_t n[COUNT_MESHD];
};
extern const struct counter_list meshd_counters;

static inline void
count_add(struct meshd_counts *counts, enum meshd_counter which, uint64_t n)
{
	counts->n[which] += n;
}

static inline void
count_one(struct meshd_counts *counts, enum meshd_counter which)
{
	counts->n[which]++;
}
#endif
