#include "sse.h"
#include "text.h"
#include "topics.h"

const char *
sse_topic_word(enum feed_topic topic)
{
	const struct topic *t = topic_of(TOPIC_EVENTS, topic);
	return t != NULL ? t->word : NULL;
}

/* The part before the first `mark`, which is dropped from `rest` with it. */
static struct text_view
cut(struct text_view *rest, char mark)
{
	struct text_view all = *rest;
	const char *at = all.len > 0 ? memchr(all.ptr, mark, all.len) : NULL;
	size_t len = at != NULL ? (size_t)(at - all.ptr) : all.len;
	size_t skip = at != NULL ? len + 1 : len;
	*rest = (struct text_view){ all.ptr + skip, all.len - skip };
	return (struct text_view){ all.ptr, len };
}

static enum mesh_err
topics_of(struct text_view list, unsigned *bits)
{
	*bits = 0;
	for (size_t i = 0; list.len == 0 && i < topic_count; i++)
		if ((topics[i].doors & TOPIC_EVENTS) != 0)
			*bits |= topics[i].feed;
	while (list.len > 0) {
		const struct topic *t = topic_called(TOPIC_EVENTS, cut(&list, ','));
		if (t == NULL)
			return MESH_MALFORMED;
		*bits |= t->feed;
	}
	return MESH_OK;
}

static enum mesh_err
stage_of(struct text_view word, unsigned *stages)
{
	static const struct {
		const char *word;
		enum feed_stage stage;
	} all[] = { { "", FEED_HEARD }, { "heard", FEED_HEARD },
		{ "stored", FEED_STORED } };
	for (size_t i = 0; i < LENGTH(all); i++) {
		if (!text_is(word, all[i].word))
			continue;
		*stages = all[i].stage;
		return MESH_OK;
	}
	return MESH_MALFORMED;
}

/* Go on after "BOOT.ITEM"; false: not from this boot, not in the ring, not an id. */
static bool
resume(struct sse_stream *s, const struct feed *feed, struct text_view last_id)
{
	struct text_view item = last_id, boot = cut(&item, '.');
	uint64_t n, id;
	return text_parse_u64(boot, &n) == MESH_OK && n == s->boot &&
	    text_parse_u64(item, &id) == MESH_OK && feed_resume(feed, &s->reader, id);
}

static enum mesh_err
set_filter(struct sse_stream *s, struct text_view filter, struct bytes_out *reason)
{
	struct arena arena = arena_init(s->block, sizeof s->block);
	struct filter_error why = { 0 };
	if (filter.len == 0)
		return MESH_OK;
	const struct topic *t = topic_of(
	    TOPIC_EVENTS, (enum feed_topic)s->reader.topics);
	if (t == NULL) {
		text_put(reason, "filter: needs exactly one topic");
		return MESH_MALFORMED;
	}
	enum mesh_err err = filter_parse(
	    t->table, filter, &arena, &s->reader.filter, &why);
	if (err != MESH_OK)
		text_printf(reason, "filter, column %zu: %s", why.column, why.text);
	return err;
}

enum mesh_err
sse_init(struct sse_stream *s, const struct feed *feed, const struct sse_start *start,
    mesh_time_ms now, struct bytes_out *reason)
{
	memset(s, 0, offsetof(struct sse_stream, block));
	s->audience = start->audience;
	s->boot = start->boot;
	s->beat_ms = now + SSE_HEARTBEAT_MS;
	if (stage_of(start->stage, &s->reader.stages) != MESH_OK) {
		text_put(reason, "stage: heard or stored");
		return MESH_MALFORMED;
	}
	if (topics_of(start->topics, &s->reader.topics) != MESH_OK) {
		text_put(reason, "topics: some of ");
		topics_put(TOPIC_EVENTS, reason);
		return MESH_MALFORMED;
	}
	enum mesh_err err = set_filter(s, start->filter, reason);
	if (err != MESH_OK)
		return err;
	if (start->last_id.len > 0 && resume(s, feed, start->last_id))
		return MESH_OK;
	s->reset = start->last_id.len > 0;
	feed_join(feed, &s->reader);
	s->reader.missed = 0;
	return MESH_OK;
}

static void
put_id(struct sse_stream *s, uint64_t id, struct bytes_out *out)
{
	text_put(out, "id: ");
	text_put_u64(out, s->boot);
	text_put(out, ".");
	text_put_u64(out, id);
	text_put(out, "\n");
}

static void
put_reset(struct sse_stream *s, uint64_t id, struct bytes_out *out)
{
	put_id(s, id, out);
	text_put(out, "event: reset\ndata: {}\n\n");
}

static void
put_event(struct sse_stream *s, struct feed *feed, const struct feed_item *item,
    struct bytes_out *out)
{
	put_id(s, item->id, out);
	text_put(out, "event: ");
	text_put(out, sse_topic_word(item->topic));
	text_put(out, "\ndata: ");
	text_put_view(out, feed_json(feed, item->id, s->audience));
	text_put(out, "\n\n");
}

static void
greet(struct sse_stream *s, struct bytes_out *out)
{
	text_put(out, "retry: 2000\n: meshd\n\n");
	if (s->reset)
		put_reset(s, s->reader.next > 0 ? s->reader.next - 1 : 0, out);
	s->greeted = true;
	s->reset = false;
}

/* False: `item` has to wait for an emptier buffer. */
static bool
fits(struct sse_stream *s, struct feed *feed, const struct feed_item *item,
    struct bytes_out *out)
{
	size_t before = out->len;
	if (feed_json(feed, item->id, s->audience).len > 0)
		put_event(s, feed, item, out);
	else
		put_reset(s, item->id, out); /* the feed itself does not show it */
	if (!out->failed)
		return true;
	out->failed = false;
	out->len = before;
	if (before > 0)
		return false;
	put_reset(s, item->id, out); /* too great for any buffer: fetch it instead */
	return true;
}

void
sse_write(
    struct sse_stream *s, struct feed *feed, mesh_time_ms now, struct bytes_out *out)
{
	size_t before = out->len;
	struct feed_item item;
	if (!s->greeted)
		greet(s, out);
	for (;;) {
		struct feed_reader place = s->reader;
		if (!feed_next(feed, &s->reader, &item))
			break;
		s->ended = s->reader.missed > 0;
		if (s->ended)
			return;
		if (!fits(s, feed, &item, out)) {
			s->reader = place;
			break;
		}
	}
	if (out->len == before && now >= s->beat_ms)
		text_put(out, ":\n\n");
	if (out->len > before || now >= s->beat_ms)
		s->beat_ms = now + SSE_HEARTBEAT_MS;
}
