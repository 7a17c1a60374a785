/* app_news.h - which alerts of the feed are news, each once.
 *
 * Every site that sees a thing writes it, so the feed carries one item per witness.  An
 * item is news when its condition is not known, when the site that told us says it
 * fires anew, when another site says so and more than APP_SAME_MS later, or when the
 * firing we told about is resolved.  News is numbered 0, 1, 2 ... in the feed's order.
 *
 * Capacity: the APP_KNOWN conditions and APP_NEWS items seen last; what is older may be
 * told again.  Floor 9.  Pure. */
#ifndef APP_NEWS_H
#define APP_NEWS_H
#include "alert.h"
#include "feed.h"

enum { APP_KNOWN = 1024, APP_NEWS = 1024, APP_SAME_MS = 60000 };
struct app_known { /* one condition, as last told */
	struct id id;
	uint64_t site; /* hash of the name */
	unix_ms since_ms;
	bool resolved;
};
struct app_news {
	struct feed *feed; /* borrowed */
	struct feed_reader reader;
	struct app_known known[APP_KNOWN];
	size_t known_count, known_next;
	uint64_t items[APP_NEWS]; /* feed ids; of number n: items[n % APP_NEWS] */
	uint64_t count;           /* the next number */
	uint64_t missed;          /* feed items that left the ring unseen */
};

void app_news_init(struct app_news *n, struct feed *feed);
void app_news_read(struct app_news *n); /* take in what the feed has */
/* The oldest number that is still there, or count. */
uint64_t app_news_oldest(const struct app_news *n);
/* The alert under `number`, valid until the feed moves; false: it is gone. */
bool app_news_get(const struct app_news *n, uint64_t number, struct feed_item *out);
#endif
