/* app_news.h - what local programs are told of the feed: alerts and messages each once.
 *
 * Every site that sees a thing writes it, so the feed carries one item per witness.  An
 * alert is news when its condition is not known, when the site that told us says it
 * fires anew, when another site says so and more than APP_SAME_MS later, or when the
 * firing we told about is resolved; a message when its packet is not known.  News has a
 * ring of its own, so that a storm of packets does not carry off what was to be sent
 * again.  All else is read from the feed itself.
 *
 * Capacity: the APP_KNOWN conditions and messages, and the APP_NEWS items seen last;
 * what is older may be told again.  Floor 9.  Pure. */
#ifndef APP_NEWS_H
#define APP_NEWS_H
#include "alert.h"
#include "feed.h"

enum { APP_KNOWN = 1024, APP_NEWS = 512, APP_SAME_MS = 60000 };
enum app_ring { APP_ONCE, APP_FEED, APP_RINGS }; /* news; the feed */
struct app_known {                               /* one condition, as last told */
	struct id id;
	uint64_t site; /* hash of the name */
	unix_ms since_ms;
	bool resolved;
};
struct app_news {
	struct feed *rings[APP_RINGS]; /* the first is ours, the other borrowed */
	struct feed_reader reader;
	struct app_known known[APP_KNOWN];
	size_t known_count, known_next;
	struct id messages[APP_KNOWN];
	size_t message_count;
};

/* False: no memory. */
bool app_news_init(struct app_news *n, struct feed *feed);
void app_news_release(struct app_news *n);
void app_news_read(struct app_news *n); /* take in what the feed has */
#endif
