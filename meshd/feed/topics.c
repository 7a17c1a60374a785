#include "topics.h"
#include "alert.h"
#include "entry.h"
#include "hit.h"
#include "message.h"
#include "node.h"
#include "packet.h"
#include "post.h"
#include "sample.h"
#include "state.h"
#include "status.h"
#include "text.h"

static bool
is_message(const void *object)
{
	const struct packet *p = object;
	return text_is(p->type, "TEXT_MESSAGE_APP");
}

enum { BOTH = TOPIC_EVENTS | TOPIC_APPS };
const struct topic topics[] = {
	{ FEED_ALERT, "alert", &alert_table, BOTH, NULL, true },
	{ FEED_PACKET, "packet", &packet_table, BOTH, NULL, false },
	{ FEED_PACKET, "message", &packet_table, TOPIC_APPS, is_message, true },
	{ FEED_MESSAGE, "message", &message_table, TOPIC_EVENTS, NULL, false },
	{ FEED_NODE, "node", &node_table, BOTH, NULL, false },
	{ FEED_PEER, "peer", &peer_status_table, BOTH, NULL, false },
	{ FEED_RADIO, "radio", &radio_status_table, BOTH, NULL, false },
	{ FEED_STATE, "state", &state_table, BOTH, NULL, false },
	{ FEED_ENTRY, "registry", &entry_table, BOTH, NULL, false },
	{ FEED_METRIC, "metric", &sample_table, BOTH, NULL, false },
	{ FEED_SEARCH, "search", &hit_news_table, TOPIC_EVENTS, NULL, false },
	{ FEED_ASKED, "search", &asked_table, TOPIC_APPS, NULL, false },
	{ FEED_POST, "app.", &post_table, TOPIC_APPS, NULL, false },
};
const size_t topic_count = LENGTH(topics);

const struct topic *
topic_called(enum topic_door door, struct text_view word)
{
	for (size_t i = 0; i < LENGTH(topics); i++)
		if ((topics[i].doors & (unsigned)door) != 0 &&
		    text_is(word, topics[i].word))
			return &topics[i];
	return NULL;
}

const struct topic *
topic_of(enum topic_door door, enum feed_topic feed)
{
	for (size_t i = 0; i < LENGTH(topics); i++)
		if ((topics[i].doors & (unsigned)door) != 0 && topics[i].feed == feed &&
		    topics[i].means == NULL)
			return &topics[i];
	return NULL;
}

bool
topic_means(const struct topic *t, const struct feed_item *item)
{
	return t->feed == item->topic && t->table == item->table &&
	    (t->means == NULL || t->means(item->object));
}

void
topics_put(enum topic_door door, struct bytes_out *out)
{
	const char *gap = "";
	for (size_t i = 0; i < LENGTH(topics); i++) {
		if ((topics[i].doors & (unsigned)door) == 0)
			continue;
		text_put(out, gap);
		text_put(out, topics[i].word);
		gap = ", ";
	}
}
