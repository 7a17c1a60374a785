#include "app_news.h"

void
app_news_init(struct app_news *n, struct feed *feed)
{
	n->feed = feed;
	n->reader = (struct feed_reader){ .topics = FEED_ALERT, .stages = FEED_HEARD };
	feed_join(feed, &n->reader);
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

void
app_news_read(struct app_news *n)
{
	struct feed_item item;
	while (feed_next(n->feed, &n->reader, &item)) {
		if (item.table != &alert_table || !is_news(n, item.object))
			continue;
		n->items[n->count % APP_NEWS] = item.id;
		n->count++;
	}
	n->missed = n->reader.missed;
}

bool
app_news_get(const struct app_news *n, uint64_t number, struct feed_item *out)
{
	struct feed_reader at = { .topics = FEED_ALERT, .stages = FEED_HEARD };
	if (number >= n->count || n->count - number > APP_NEWS)
		return false;
	uint64_t id = n->items[number % APP_NEWS];
	return feed_resume(n->feed, &at, id - 1) && feed_next(n->feed, &at, out) &&
	    out->id == id;
}

uint64_t
app_news_oldest(const struct app_news *n)
{
	struct feed_item item;
	uint64_t first = n->count > APP_NEWS ? n->count - APP_NEWS : 0;
	while (first < n->count && !app_news_get(n, first, &item))
		first++;
	return first;
}
