/* hearsay.h - what local programs say to a search: hits that stand in no registry.
 *
 * A search that is asked here, by somebody at this site or by another site, is told to
 * the programs that subscribed to topic `search`; what they say until its time is over,
 * or until all who were told have said something, is merged as hits of this site.  Who
 * is subscribed and was not told, as its filter rejects the question, is not waited
 * for.  Programs are no sites: who answers for how many is counted without them.
 *
 * Capacity: HEARSAY_MAX questions, a further one is not told to programs; the best
 * HEARSAY_HITS hits of each.  Floor 7.  Pure. */
#ifndef HEARSAY_H
#define HEARSAY_H
#include "feed.h"
#include "seek.h"

enum { HEARSAY_MAX = 16, HEARSAY_HITS = 64, HEARSAY_PROGRAMS = 64 };
struct hearsay;
struct hearsay *hearsay_new(
    struct feed *feed, const struct mesh_key *self); /* or NULL */
void hearsay_free(struct hearsay *h);
/* How many programs listen now: without one nothing is asked. */
void hearsay_listeners(struct hearsay *h, uint32_t count);
/* Program number `program` was told item `item` of the feed; if it is a question, its
 * answer is waited for. */
void hearsay_told(struct hearsay *h, uint64_t item, uint32_t program);
/* All questions asked until now were told to whom they are told.  True: one of them is
 * over by that, who searches should look. */
bool hearsay_offered(struct hearsay *h, mesh_time_ms now);
/* Tell them what `site` wants to know; half of `budget_ms` is theirs.  0: nobody
 * listens, it is about another site's entries, or there is no room.  `h` may be NULL.
 */
uint64_t hearsay_ask(struct hearsay *h, const struct seek *s, struct text_view site,
    uint32_t budget_ms, struct mesh_now now);
/* What program number `from` says, at most once.  NULL: taken; else what is wrong. */
const char *hearsay_tell(struct hearsay *h, uint64_t number, uint32_t from,
    const struct list_view *hits, mesh_time_ms now);
/* The question as the feed told it; false: it is over. */
bool hearsay_question(const struct hearsay *h, uint64_t number, struct feed_item *out);
bool hearsay_is_over(const struct hearsay *h, uint64_t number, mesh_time_ms now);
/* When it is at the latest; MESH_NEVER for 0. */
mesh_time_ms hearsay_ends(const struct hearsay *h, uint64_t number);
/* Views until the question is closed. */
const struct seek_hit *hearsay_hits(
    const struct hearsay *h, uint64_t number, size_t *count);
void hearsay_close(struct hearsay *h, uint64_t number); /* 0: none */
#endif
