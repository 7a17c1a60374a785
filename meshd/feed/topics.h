/* topics.h - what can be subscribed to, under which word, through which door.
 *
 * One row per word: the feed's items that it means and the shape of their objects.  The
 * event stream and local programs read the same rows, so a word means the same to both
 * and an object is written by its table alone.  Floor 6.  Pure. */
#ifndef TOPICS_H
#define TOPICS_H
#include "feed.h"

enum topic_door { TOPIC_EVENTS = 1, TOPIC_APPS = 2 };
struct topic {
	enum feed_topic feed;
	const char *word;
	const struct field_table *table;   /* of the objects */
	unsigned doors;                    /* or-ed */
	bool (*means)(const void *object); /* NULL: every item of that feed topic */
	bool once; /* a thing that several sites tell of is told to apps once */
};
enum { TOPICS_MAX = 16 };
extern const struct topic topics[];
extern const size_t topic_count; /* at most TOPICS_MAX: rows are bits */

/* The row called `word` that `door` has, or NULL. */
const struct topic *topic_called(enum topic_door door, struct text_view word);
/* The row that `door` has for a feed topic as a whole, or NULL. */
const struct topic *topic_of(enum topic_door door, enum feed_topic feed);
bool topic_means(const struct topic *t, const struct feed_item *item);
/* "alert, packet ..." */
void topics_put(enum topic_door door, struct bytes_out *out);
#endif
