#include "app_news.h"
#include "packet.h"
#include "topics.h"

enum { NEWS_BYTES = 512 * 1024 };

bool
app_news_init(struct app_news *n, struct feed *feed)
{
	n->rings[APP_ONCE] = feed_new(APP_NEWS, NEWS_BYTES);
	n->rings[APP_FEED] = feed;
	n->reader = (struct feed_reader){ .topics = FEED_ALERT | FEED_PACKET,
		.stages = FEED_HEARD };
	feed_join(feed, &n->reader);
	return n->rings[APP_ONCE] != NULL;
}

void
app_news_release(struct app_news *n)
{
	feed_free(n->rings[APP_ONCE]);
}

/* FNV-1a: only tells site names apart that are ours to trust. */
static uint64_t
hash_of(struct text_view name)
{
	uint64_t hash = 0xcbf29ce484222325;
	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (uint8_t)name.ptr[i]) * 0x100000001b3;
	return hash;
}

static struct app_known *
known_find(struct app_news *n, const struct id *id)
{
	for (size_t i = 0; i < n->known_count; i++)
		if (id_equal(&n->known[i].id, id))
			return &n->known[i];
	return NULL;
}

static struct app_known *
known_new(struct app_news *n)
{
	struct app_known *slot = &n->known[n->known_next];
	n->known_next = (n->known_next + 1) % APP_KNOWN;
	n->known_count += n->known_count < APP_KNOWN;
	return slot;
}

static bool
is_news(struct app_news *n, const struct alert *a)
{
	bool resolved = a->state == ALERT_RESOLVED;
	struct app_known said = { a->id, hash_of(a->site), a->since_ms, resolved };
	struct app_known *told = known_find(n, &a->id);
	if (told == NULL) {
		*known_new(n) = said;
		return true;
	}
	unix_ms slack = said.site == told->site ? 0 : APP_SAME_MS;
	unix_ms later = said.since_ms - told->since_ms;
	bool anew = later > slack;
	bool over = resolved && !told->resolved && later >= -slack;
	if (anew || over)
		*told = said;
	return anew || over;
}

/* Each packet comes once per reception. */
static bool
is_new_message(struct app_news *n, const struct packet *p)
{
	size_t count = n->message_count < APP_KNOWN ? n->message_count : APP_KNOWN;
	for (size_t i = 0; i < count; i++)
		if (id_equal(&n->messages[i], &p->id))
			return false;
	n->messages[n->message_count++ % APP_KNOWN] = p->id;
	return true;
}

static bool
is_told_once(struct app_news *n, const struct feed_item *item)
{
	if (item->table == &alert_table)
		return is_news(n, item->object);
	for (size_t i = 0; i < topic_count; i++)
		if (topics[i].once && item->table == &packet_table &&
		    topic_means(&topics[i], item))
			return is_new_message(n, item->object);
	return false;
}

void
app_news_read(struct app_news *n)
{
	struct feed_item item;
	while (feed_next(n->rings[APP_FEED], &n->reader, &item))
		if (is_told_once(n, &item))
			(void)feed_append(n->rings[APP_ONCE], &item); /* it fits */
}
