/* feed.h - what just happened at this site, in order, for whoever wants to know.
 *
 * A ring of items, not a list of callbacks: producers append, every reader has its own
 * place and takes items when the loop comes to it.  So nobody is called from inside
 * somebody else, a slow reader delays nobody, and one that falls off the tail is told
 * how much it missed.  Item ids are the SSE ids and the apps' replay positions.
 * An item appears when it is heard and, if it must outlive us, again when it is
 * stored: what only tells people reads the first, what acts reads the second.
 * Floor 6.  Pure.  One block of memory, taken at start. */
#ifndef FEED_H
#define FEED_H
#include "fields.h"

enum feed_topic {
	FEED_PACKET = 1,
	FEED_NODE = 2,
	FEED_PEER = 4,
	FEED_RADIO = 8,
	FEED_TRACE = 16,
	FEED_ALERT = 32,
	FEED_METRIC = 64,
	FEED_STATE = 128,
	FEED_ENTRY = 256,
	FEED_LOG = 512,
	FEED_SEARCH = 1024,
	FEED_POST = 2048,
	FEED_ASKED = 4096,
	FEED_MESSAGE = 8192
};
enum feed_stage { FEED_HEARD = 1, FEED_STORED = 2 };

enum { FEED_ITEM_BYTES = 160 * 1024 };
struct filter;       /* filter.h */
struct feed_item {   /* valid until the next append */
	uint64_t id; /* 1, 2, 3 ... in this boot, no gaps */
	enum feed_topic topic;
	enum feed_stage stage;
	bool own;  /* this site is the origin */
	bool late; /* history when it came: who acts on what happens now passes it by */
	unix_ms time_ms;
	const struct field_table *table; /* the object's shape */
	const void *object;
};
struct feed_reader { /* lives in its owner's struct; zero plus feed_join is valid */
	uint64_t next;
	unsigned topics, stages;     /* or-ed; 0 of either: nothing */
	const struct filter *filter; /* owned by the reader; NULL: everything */
	uint64_t missed;             /* items that left the tail before we read them */
};
struct feed;

struct feed *feed_new(size_t items, size_t bytes); /* NULL: no memory */
void feed_free(struct feed *f);
/* Copy `item->object` in by its table and give it the next id, which is returned.
 * The oldest items make room.  Allowed at any time, even while reading; the object may
 * be another item of this feed.  0: larger than an item may be (FEED_ITEM_BYTES). */
uint64_t feed_append(struct feed *f, const struct feed_item *item);
/* Start at the newest end, or just after `id` (Last-Event-ID, since).  False: `id` has
 * left the ring, so say "reset", or fetch the rest from the store. */
void feed_join(const struct feed *f, struct feed_reader *r);
bool feed_resume(const struct feed *f, struct feed_reader *r, uint64_t id);
/* The next item this reader wants, or false.  Skips by topic, stage and filter. */
bool feed_next(const struct feed *f, struct feed_reader *r, struct feed_item *out);
/* An item by its id; false: it has left the ring. */
bool feed_find(const struct feed *f, uint64_t id, struct feed_item *out);
uint64_t feed_newest(const struct feed *f); /* id of the newest item; 0: none yet */
uint64_t feed_oldest(const struct feed *f); /* of the oldest that is still here */
/* The item as JSON for `audience`; rendered once per audience, kept beside the item
 * until the next append.  Empty: it has left the ring, or is too large to show. */
struct text_view feed_json(struct feed *f, uint64_t id, enum audience audience);
#endif
