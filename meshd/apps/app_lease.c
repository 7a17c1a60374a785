#include "app_lease.h"
#include "alert.h"
#include "text.h"
#include "topics.h"
#include <assert.h>

/* After the n-th sending: until the next, and at last until it is given up. */
static const uint32_t resend_ms[] = { 1000, 2000, 4000, 8000, 16000, 16000 };

static void
count(struct app_source *from, enum app_counter which)
{
	from->counts[which]++;
}

/* --- what is wanted --- */

static struct text_view
channel(const struct app_request *q, size_t i)
{
	return i < q->channel_count ? q->channels[i] : text("");
}

bool
app_lease_wants_the_same(const struct app_lease *s, const struct app_request *q)
{
	for (size_t i = 0; i < APP_CHANNELS; i++)
		if (!text_is(channel(q, i), s->channels[i]))
			return false;
	return s->wanted == q->wanted && text_is(q->filter, s->filter_text);
}

static void
keep_text(char *to, size_t cap, struct text_view from)
{
	size_t len = from.len < cap ? from.len : cap - 1;
	if (len > 0)
		memcpy(to, from.ptr, len);
	to[len] = '\0';
}

/* The shape that a filter is about; NULL: there are several topics. */
const struct field_table *
app_lease_table(unsigned wanted)
{
	for (size_t i = 0; i < topic_count; i++)
		if (wanted == 1U << i)
			return topics[i].table;
	return NULL;
}

/* Parse into the lease's own block.  Views in a filter point into that block, so a
 * filter is never copied, only parsed again. */
static bool
set_filter(struct app_lease *s, struct text_view filter)
{
	struct arena arena = arena_init(s->block, sizeof s->block);
	struct filter_error why;
	keep_text(s->filter_text, sizeof s->filter_text, filter);
	s->filter = NULL;
	return filter.len == 0 ||
	    filter_parse(app_lease_table(s->wanted), filter, &arena, &s->filter,
		&why) == MESH_OK;
}

/* From now on each ring's topics that are wanted. */
static void
set_topics(struct app_lease *s, unsigned wanted)
{
	s->wanted = wanted;
	for (int ring = 0; ring < APP_RINGS; ring++) {
		s->readers[ring].topics = 0;
		s->readers[ring].stages = FEED_HEARD;
	}
	for (size_t i = 0; i < topic_count; i++)
		if ((wanted >> i & 1) != 0)
			s->readers[topics[i].once ? APP_ONCE : APP_FEED]
			    .topics |= topics[i].feed;
}

void
app_lease_want(struct app_lease *s, const struct app_request *q, mesh_time_ms now)
{
	uint32_t ttl = q->ttl > 0 ? q->ttl : APP_TTL_S;
	if (!app_lease_wants_the_same(s, q)) /* numbers mean something else now */
		s->first_seq = s->replay = s->seq + 1;
	set_topics(s, q->wanted);
	for (size_t i = 0; i < APP_CHANNELS; i++)
		keep_text(s->channels[i], sizeof s->channels[i], channel(q, i));
	(void)set_filter(s, q->filter); /* parsed a moment ago: it can be */
	s->ack = q->ack;
	s->late = q->late;
	s->touched_ms = now;
	s->ends_ms = now + (mesh_time_ms)ttl * 1000;
}

void
app_lease_begin(
    struct app_lease *s, const struct app_source *from, const struct app_request *q)
{
	memset(s, 0, offsetof(struct app_lease, block));
	s->used = true;
	s->first_seq = s->replay = 1;
	keep_text(s->name, sizeof s->name, q->name);
	for (int ring = 0; ring < APP_RINGS; ring++)
		feed_join(from->news.rings[ring], &s->readers[ring]);
}

void
app_lease_take_over(struct app_lease *s, const struct app_lease *before)
{
	s->seq = before->seq;
	s->first_seq = before->first_seq;
	s->replay = before->replay;
	s->wanted = before->wanted;
	memcpy(s->channels, before->channels, sizeof s->channels);
	keep_text(s->filter_text, sizeof s->filter_text, text(before->filter_text));
	memcpy(s->readers, before->readers, sizeof s->readers);
	memcpy(s->sent, before->sent, sizeof s->sent);
}

/* --- since --- */

static uint64_t
oldest_seq(const struct app_lease *s)
{
	uint64_t kept = s->seq >= APP_HISTORY ? s->seq - APP_HISTORY + 1 : 1;
	return kept > s->first_seq ? kept : s->first_seq;
}

static bool
find_sent(const struct app_source *from, const struct app_lease *s, uint64_t seq,
    struct feed_item *out)
{
	const struct app_sent *sent = &s->sent[seq % APP_HISTORY];
	return feed_find(from->news.rings[sent->ring], sent->id, out);
}

/* Go back to just after `since`; how many numbers are lost. */
static uint64_t
rewind_to(const struct app_source *from, struct app_lease *s, uint64_t since)
{
	struct feed_item item;
	uint64_t lost = 0;
	s->replay = since + 1 > oldest_seq(s) ? since + 1 : oldest_seq(s);
	lost = s->replay - since - 1;
	for (uint64_t seq = s->replay; seq <= s->seq; seq++)
		lost += !find_sent(from, s, seq, &item);
	return lost;
}

/* No number of ours: all there is, under new ones. */
static void
send_all(const struct app_source *from, struct app_lease *s, uint64_t since)
{
	s->seq = since;
	s->first_seq = s->replay = since + 1;
	for (int ring = 0; ring < APP_RINGS; ring++)
		s->readers[ring].next = feed_oldest(from->news.rings[ring]);
}

enum app_past
app_lease_rewind(
    struct app_lease *s, const struct app_source *from, uint64_t since, uint64_t *lost)
{
	bool known = since <= s->seq && s->seq > 0;
	memset(s->pending, 0, sizeof s->pending);
	*lost = 0;
	if (known)
		*lost = rewind_to(from, s, since);
	else
		send_all(from, s, since);
	return known ? APP_PAST_KNOWN : APP_PAST_UNKNOWN;
}

/* --- what is due --- */

/* A new second: true when it says what the last one skipped. */
static bool
turn_second(struct app_source *from, struct app_lease *s, mesh_time_ms now,
    struct bytes_out *out)
{
	if (now - s->second_ms < 1000 && s->second_ms != 0)
		return false;
	uint64_t skipped = s->skipped;
	s->second_ms = now;
	s->in_second = 0;
	s->skipped = 0;
	if (skipped == 0)
		return false;
	struct app_stamp stamp = { .seq = s->seq, .boot = from->boot };
	app_write_overflow(&stamp, skipped, out);
	return true;
}

static bool
is_channel(const struct app_lease *s, const struct feed_item *item)
{
	const struct post *p = item->object;
	for (size_t i = 0; i < APP_CHANNELS; i++)
		if (text_is(p->topic, s->channels[i]))
			return true;
	return false;
}

/* The topic among those that are wanted; NULL: another's. */
static const struct topic *
topic_in(const struct app_lease *s, enum app_ring ring, const struct feed_item *item)
{
	for (size_t i = 0; i < topic_count; i++)
		if ((s->wanted >> i & 1) != 0 && topics[i].once == (ring == APP_ONCE) &&
		    topic_means(&topics[i], item) &&
		    (item->topic != FEED_POST || is_channel(s, item)))
			return &topics[i];
	return NULL;
}

static struct text_view
word_of(const struct topic *t, const struct feed_item *item)
{
	const struct post *p = item->object;
	return t->feed == FEED_POST ? p->topic : text(t->word);
}

static bool
send_numbered(struct app_source *from, const struct app_lease *s, uint64_t seq,
    struct bytes_out *out)
{
	struct feed_item item;
	struct app_stamp stamp = { .seq = seq, .boot = from->boot };
	enum app_ring ring = s->sent[seq % APP_HISTORY].ring;
	const struct topic *t = find_sent(from, s, seq, &item)
	    ? topic_in(s, ring, &item)
	    : NULL;
	if (t == NULL) {
		count(from, COUNT_APPS_MISSED);
		return false;
	}
	stamp.late = item.late;
	if (t->table == &alert_table)
		app_write_alert(&stamp, item.object, out);
	else
		app_write_item(&stamp, word_of(t, &item), t->table, item.object, out);
	return !out->failed;
}

static bool
send_again(struct app_source *from, struct app_lease *s, mesh_time_ms now,
    struct bytes_out *out)
{
	for (size_t i = 0; i < APP_PENDING; i++) {
		struct app_pending *p = &s->pending[i];
		if (p->sent == 0 || p->due_ms > now)
			continue;
		if (p->sent == LENGTH(resend_ms)) {
			count(from, COUNT_APPS_UNDELIVERED);
			p->sent = 0;
			continue;
		}
		p->due_ms = now + resend_ms[p->sent];
		p->sent++;
		if (!send_numbered(from, s, p->seq, out)) {
			p->sent = 0;
			continue;
		}
		count(from, COUNT_APPS_RESENT);
		return true;
	}
	return false;
}

static struct app_pending *
pending_free(struct app_lease *s)
{
	for (size_t i = 0; i < APP_PENDING; i++)
		if (s->pending[i].sent == 0)
			return &s->pending[i];
	return NULL;
}

/* May something be sent now?  With ack it waits, without it is skipped. */
static bool
has_room(struct app_lease *s)
{
	return s->in_second < APP_RATE && (!s->ack || pending_free(s) != NULL);
}

static void
note_sent(struct app_source *from, struct app_lease *s, uint64_t seq, mesh_time_ms now)
{
	s->in_second++;
	from->told = s->sent[seq % APP_HISTORY];
	count(from, COUNT_APPS_SENT);
	if (!s->ack)
		return;
	struct app_pending *place = pending_free(s);
	assert(place != NULL); /* has_room said so */
	*place = (struct app_pending){ seq, now + resend_ms[0], 1 };
}

/* What `since` asked for.  It waits for the next second; what is new waits for it. */
static bool
send_past(struct app_source *from, struct app_lease *s, mesh_time_ms now,
    struct bytes_out *out)
{
	while (s->replay <= s->seq && has_room(s)) {
		uint64_t seq = s->replay++;
		if (!send_numbered(from, s, seq, out))
			continue;
		note_sent(from, s, seq, now);
		return true;
	}
	return false;
}

/* What happened long ago; what a site or a node is, is told whenever it is learnt. */
static bool
is_passed_by(const struct feed_item *item)
{
	return item->late && item->topic != FEED_STATE && item->topic != FEED_NODE;
}

/* The next that is wanted gets a number; false: there is none. */
static bool
take_next(struct app_source *from, struct app_lease *s)
{
	struct feed_item item;
	for (enum app_ring ring = APP_ONCE; ring < APP_RINGS; ring++) {
		struct feed_reader *r = &s->readers[ring];
		uint64_t missed = r->missed;
		while (feed_next(from->news.rings[ring], r, &item)) {
			if (topic_in(s, ring, &item) == NULL ||
			    (is_passed_by(&item) && !s->late) ||
			    !filter_eval(s->filter, item.object))
				continue;
			s->sent[++s->seq % APP_HISTORY] = (struct app_sent){ ring,
				item.id };
			return true;
		}
		from->counts[COUNT_APPS_MISSED] += r->missed - missed;
	}
	return false;
}

static bool
send_next(struct app_source *from, struct app_lease *s, mesh_time_ms now,
    struct bytes_out *out)
{
	if (s->replay <= s->seq)
		return false;
	while ((!s->ack || has_room(s)) && take_next(from, s)) {
		s->replay = s->seq + 1;
		if (!has_room(s)) {
			count(from, COUNT_APPS_OVERFLOW);
			s->skipped++;
			continue;
		}
		if (!send_numbered(from, s, s->seq, out))
			continue;
		note_sent(from, s, s->seq, now);
		return true;
	}
	return false;
}

static bool
has_news(const struct app_source *from, const struct app_lease *s)
{
	for (int ring = 0; ring < APP_RINGS; ring++)
		if (s->readers[ring].topics != 0 &&
		    s->readers[ring].next <= feed_newest(from->news.rings[ring]))
			return true;
	return false;
}

void
app_lease_acked(struct app_lease *s, uint64_t seq)
{
	for (size_t i = 0; i < APP_PENDING; i++)
		if (s->pending[i].sent > 0 && s->pending[i].seq == seq)
			s->pending[i].sent = 0;
}

bool
app_lease_next(struct app_lease *s, struct app_source *from, mesh_time_ms now,
    struct bytes_out *out)
{
	return turn_second(from, s, now, out) || send_again(from, s, now, out) ||
	    send_past(from, s, now, out) || send_next(from, s, now, out);
}

mesh_time_ms
app_lease_deadline(const struct app_lease *s, const struct app_source *from)
{
	mesh_time_ms first = MESH_NEVER;
	bool waits = s->skipped > 0 || s->replay <= s->seq ||
	    (s->ack && has_news(from, s));
	if (waits)
		first = s->second_ms + 1000;
	for (size_t i = 0; i < APP_PENDING; i++)
		if (s->pending[i].sent > 0 && s->pending[i].due_ms < first)
			first = s->pending[i].due_ms;
	return first < s->ends_ms ? first : MESH_NEVER;
}
