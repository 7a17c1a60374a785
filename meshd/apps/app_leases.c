#include "app_leases.h"
#include "app_news.h"
#include "app_request.h"
#include "app_write.h"
#include "filter.h"
#include "text.h"
#include <assert.h>
#include <stdlib.h>

enum { FILTER_BLOCK = sizeof(struct filter) + 4096, REQUEST_BLOCK = 32 * 1024 };
/* After the n-th sending: until the next, and at last until it is given up. */
static const uint32_t resend_ms[] = { 1000, 2000, 4000, 8000, 16000, 16000 };

struct pending { /* sent, and to be acknowledged */
	uint64_t seq;
	mesh_time_ms due_ms;
	uint8_t sent; /* times; 0: free */
};
struct lease {
	bool used;            /* has a numbering, live or ended */
	mesh_time_ms ends_ms; /* live until then */
	mesh_time_ms touched_ms;
	struct app_addr addr;
	uint64_t number; /* "s7" */
	char name[APP_NAME], filter_text[APP_FILTER];
	const struct filter *filter; /* in `block` */
	bool ack;
	uint64_t seq;       /* the last number given out */
	uint64_t first_seq; /* numbers below cannot be sent again: another filter */
	uint64_t next_news;
	uint64_t news_of[APP_HISTORY];
	struct pending pending[APP_PENDING];
	mesh_time_ms second_ms; /* start of the second that is counted */
	uint32_t in_second;
	uint64_t skipped; /* in it, not yet told */
	uint8_t block[FILTER_BLOCK];
};
struct app_leases {
	uint64_t boot, last_number;
	struct app_news news;
	struct lease leases[APP_LEASES];
	size_t turn; /* whose datagram comes first: fairness */
	uint64_t counts[APP_COUNTER_COUNT];
	uint8_t block[REQUEST_BLOCK];
};

struct app_leases *
app_leases_new(struct feed *feed, uint64_t boot)
{
	struct app_leases *l = calloc(1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->boot = boot;
	app_news_init(&l->news, feed);
	return l;
}

void
app_leases_free(struct app_leases *l)
{
	free(l);
}

uint64_t
app_leases_counter(const struct app_leases *l, size_t index)
{
	return l->counts[index];
}

void
app_leases_count(struct app_leases *l, enum app_counter which)
{
	l->counts[which]++;
}

/* --- finding a lease --- */

static bool
is_live(const struct lease *s, mesh_time_ms now)
{
	return s->used && now < s->ends_ms;
}

static bool
is_from(const struct lease *s, const struct app_addr *from)
{
	return s->addr.len == from->len &&
	    memcmp(s->addr.bytes, from->bytes, from->len) == 0;
}

static struct lease *
lease_from(struct app_leases *l, const struct app_addr *from, mesh_time_ms now)
{
	for (size_t i = 0; i < APP_LEASES; i++)
		if (is_live(&l->leases[i], now) && is_from(&l->leases[i], from))
			return &l->leases[i];
	return NULL;
}

/* The numbering that an app left behind: same name, same filter, used last. */
static struct lease *
lease_called(struct app_leases *l, struct text_view name, struct text_view filter)
{
	struct lease *last = NULL;
	for (size_t i = 0; i < APP_LEASES; i++) {
		struct lease *s = &l->leases[i];
		if (s->used && name.len > 0 && text_is(name, s->name) &&
		    text_is(filter, s->filter_text) &&
		    (last == NULL || s->touched_ms > last->touched_ms))
			last = s;
	}
	return last;
}

/* A free slot, else the one that ended longest ago; NULL: all are live. */
static struct lease *
slot_for(struct app_leases *l, mesh_time_ms now)
{
	struct lease *oldest = NULL;
	for (size_t i = 0; i < APP_LEASES; i++) {
		struct lease *s = &l->leases[i];
		if (!s->used)
			return s;
		if (!is_live(s, now) &&
		    (oldest == NULL || s->ends_ms < oldest->ends_ms))
			oldest = s;
	}
	return oldest;
}

/* --- requests --- */

static void
refuse(struct app_leases *l, enum app_counter why, struct text_view reason,
    struct bytes_out *reply)
{
	app_leases_count(l, why);
	app_write_error(reason, reply);
}

static void
keep_text(char *to, size_t cap, struct text_view from)
{
	size_t len = from.len < cap ? from.len : cap - 1;
	if (len > 0)
		memcpy(to, from.ptr, len);
	to[len] = '\0';
}

/* Parse into the lease's own block.  Views in a filter point into that block, so a
 * filter is never copied, only parsed again. */
static bool
set_filter(struct lease *s, struct text_view filter, struct filter_error *why)
{
	struct arena arena = arena_init(s->block, sizeof s->block);
	keep_text(s->filter_text, sizeof s->filter_text, filter);
	return filter_parse(&alert_table, filter, &arena, &s->filter, why) == MESH_OK;
}

static uint64_t
oldest_seq(const struct lease *s)
{
	uint64_t kept = s->seq >= APP_HISTORY ? s->seq - APP_HISTORY + 1 : 1;
	return kept > s->first_seq ? kept : s->first_seq;
}

/* Go back to just after `since`, or as near as what is kept allows. */
static void
rewind_to(struct app_leases *l, struct lease *s, uint64_t since)
{
	struct feed_item item;
	memset(s->pending, 0, sizeof s->pending);
	if (since > s->seq || s->seq == 0) { /* not a number of ours: all there is */
		s->seq = since;
		s->first_seq = since + 1;
		s->next_news = app_news_oldest(&l->news);
		return;
	}
	uint64_t seq = since + 1 > oldest_seq(s) ? since + 1 : oldest_seq(s);
	while (seq <= s->seq &&
	    !app_news_get(&l->news, s->news_of[seq % APP_HISTORY], &item))
		seq++;
	if (seq <= s->seq)
		s->next_news = s->news_of[seq % APP_HISTORY];
	s->seq = seq - 1;
}

static void
take_over(struct lease *s, const struct lease *from)
{
	s->seq = from->seq;
	s->first_seq = from->first_seq;
	s->next_news = from->next_news;
	memcpy(s->news_of, from->news_of, sizeof s->news_of);
}

static void
begin(struct app_leases *l, struct lease *s, const struct app_addr *from,
    const struct app_request *q)
{
	struct lease *before = lease_called(l, q->name, q->filter);
	bool again = field_is_present(&app_request_table, APP_ROW_SINCE, q);
	uint64_t news = l->news.count;
	if (before == s && again) { /* its own old place */
		memset(s->pending, 0, sizeof s->pending);
	} else {
		memset(s, 0, offsetof(struct lease, block));
		s->next_news = news;
		s->first_seq = 1;
		if (before != NULL && again)
			take_over(s, before);
	}
	s->used = true;
	s->addr = *from;
	s->number = ++l->last_number;
	s->skipped = 0;
	keep_text(s->name, sizeof s->name, q->name);
}

static void
answer_sub(
    struct app_leases *l, const struct lease *s, uint32_t ttl, struct bytes_out *reply)
{
	char sid[24];
	struct bytes_out out = bytes_out(sid, sizeof sid);
	text_put(&out, "s");
	text_put_u64(&out, s->number);
	struct app_stamp stamp = { text_end(&out), ttl, s->seq, l->boot };
	app_leases_count(l, COUNT_APPS_TAKEN);
	app_write_ok(&stamp, reply);
}

static void
on_sub(struct app_leases *l, const struct app_addr *from, const struct app_request *q,
    mesh_time_ms now, struct bytes_out *reply)
{
	struct filter_error why = { 0 };
	const struct filter *parsed;
	struct arena scratch = arena_init(
	    l->block + REQUEST_BLOCK / 2, REQUEST_BLOCK / 2);
	if (filter_parse(&alert_table, q->filter, &scratch, &parsed, &why) != MESH_OK) {
		char text_room[160];
		struct bytes_out reason = bytes_out(text_room, sizeof text_room);
		text_printf(&reason, "filter, column %zu: %s", why.column, why.text);
		refuse(l, COUNT_APPS_BAD, text_written(&reason), reply);
		return;
	}
	struct lease *s = lease_from(l, from, now);
	bool is_new = s == NULL;
	if (is_new && (s = slot_for(l, now)) == NULL) {
		refuse(l, COUNT_APPS_FULL, text("64 subscriptions are live already"),
		    reply);
		return;
	}
	if (is_new)
		begin(l, s, from, q);
	else if (!text_is(q->filter, s->filter_text))
		s->first_seq = s->seq + 1;
	if (!set_filter(s, q->filter, &why))
		s->filter = NULL; /* parsed a moment ago: cannot be */
	uint32_t ttl = q->ttl > 0 ? q->ttl : APP_TTL_S;
	s->ack = q->ack;
	s->touched_ms = now;
	s->ends_ms = now + (mesh_time_ms)ttl * 1000;
	if (field_is_present(&app_request_table, APP_ROW_SINCE, q))
		rewind_to(l, s, q->since);
	answer_sub(l, s, ttl, reply);
}

static void
on_unsub(struct app_leases *l, const struct app_addr *from, mesh_time_ms now,
    struct bytes_out *reply)
{
	struct lease *s = lease_from(l, from, now);
	if (s != NULL)
		s->ends_ms = now; /* its numbering stays, should it come back */
	app_leases_count(l, COUNT_APPS_TAKEN);
	app_write_done(NULL, l->boot, reply);
}

static void
on_ack(
    struct app_leases *l, const struct app_addr *from, uint64_t seq, mesh_time_ms now)
{
	struct lease *s = lease_from(l, from, now);
	for (size_t i = 0; s != NULL && i < APP_PENDING; i++)
		if (s->pending[i].sent > 0 && s->pending[i].seq == seq)
			s->pending[i].sent = 0;
	app_leases_count(l, COUNT_APPS_TAKEN);
}

void
app_leases_request(struct app_leases *l, const struct app_addr *from,
    struct bytes_view datagram, mesh_time_ms now, struct bytes_out *reply)
{
	char why[APP_REASON];
	struct bytes_out reason = bytes_out(why, sizeof why);
	struct arena arena = arena_init(l->block, REQUEST_BLOCK / 2);
	struct app_request q;
	app_leases_count(l, COUNT_APPS_REQUESTS);
	app_news_read(&l->news);
	enum mesh_err err = app_request_read(datagram, &arena, &q, &reason);
	if (err == MESH_DENIED) {
		app_leases_count(l, COUNT_APPS_IGNORED);
		return;
	}
	if (err != MESH_OK) {
		refuse(l, COUNT_APPS_BAD, text_written(&reason), reply);
		return;
	}
	switch (q.number) {
	case APP_SUB:
		on_sub(l, from, &q, now, reply);
		return;
	case APP_UNSUB:
		on_unsub(l, from, now, reply);
		return;
	case APP_PING:
		app_leases_count(l, COUNT_APPS_TAKEN);
		app_write_done(NULL, l->boot, reply);
		return;
	case APP_ACK:
		on_ack(l, from, q.seq, now);
		return;
	}
}

/* --- what is due --- */

/* A new second: true when it says what the last one skipped. */
static bool
turn_second(
    struct app_leases *l, struct lease *s, mesh_time_ms now, struct bytes_out *out)
{
	if (now - s->second_ms < 1000 && s->second_ms != 0)
		return false;
	uint64_t skipped = s->skipped;
	s->second_ms = now;
	s->in_second = 0;
	s->skipped = 0;
	if (skipped == 0)
		return false;
	struct app_stamp stamp = { NULL, 0, s->seq, l->boot };
	app_write_overflow(&stamp, skipped, out);
	return true;
}

static bool
send_numbered(
    struct app_leases *l, const struct lease *s, uint64_t seq, struct bytes_out *out)
{
	struct feed_item item;
	if (!app_news_get(&l->news, s->news_of[seq % APP_HISTORY], &item)) {
		app_leases_count(l, COUNT_APPS_MISSED);
		return false;
	}
	struct app_stamp stamp = { NULL, 0, seq, l->boot };
	app_write_alert(&stamp, item.object, out);
	return !out->failed;
}

static bool
send_again(
    struct app_leases *l, struct lease *s, mesh_time_ms now, struct bytes_out *out)
{
	for (size_t i = 0; i < APP_PENDING; i++) {
		struct pending *p = &s->pending[i];
		if (p->sent == 0 || p->due_ms > now)
			continue;
		if (p->sent == LENGTH(resend_ms)) {
			app_leases_count(l, COUNT_APPS_UNDELIVERED);
			p->sent = 0;
			continue;
		}
		p->due_ms = now + resend_ms[p->sent];
		p->sent++;
		if (!send_numbered(l, s, p->seq, out)) {
			p->sent = 0;
			continue;
		}
		app_leases_count(l, COUNT_APPS_RESENT);
		return true;
	}
	return false;
}

static struct pending *
pending_free(struct lease *s)
{
	for (size_t i = 0; i < APP_PENDING; i++)
		if (s->pending[i].sent == 0)
			return &s->pending[i];
	return NULL;
}

/* May another alert be sent now?  With ack it waits, without it is skipped. */
static bool
has_room(struct lease *s)
{
	return s->in_second < APP_RATE && (!s->ack || pending_free(s) != NULL);
}

static void
note_sent(struct app_leases *l, struct lease *s, mesh_time_ms now)
{
	s->in_second++;
	app_leases_count(l, COUNT_APPS_SENT);
	if (!s->ack)
		return;
	struct pending *place = pending_free(s);
	assert(place != NULL); /* has_room said so */
	*place = (struct pending){ s->seq, now + resend_ms[0], 1 };
}

static bool
send_next(
    struct app_leases *l, struct lease *s, mesh_time_ms now, struct bytes_out *out)
{
	struct feed_item item;
	while (s->next_news < l->news.count) {
		if (s->ack && !has_room(s))
			return false;
		uint64_t news = s->next_news++;
		if (!app_news_get(&l->news, news, &item)) {
			app_leases_count(l, COUNT_APPS_MISSED);
			continue;
		}
		if (!filter_eval(s->filter, item.object))
			continue;
		s->news_of[++s->seq % APP_HISTORY] = news;
		if (!has_room(s)) {
			app_leases_count(l, COUNT_APPS_OVERFLOW);
			s->skipped++;
			continue;
		}
		if (!send_numbered(l, s, s->seq, out))
			continue;
		note_sent(l, s, now);
		return true;
	}
	return false;
}

bool
app_leases_next(struct app_leases *l, mesh_time_ms now, struct app_addr *to,
    struct bytes_out *datagram)
{
	app_news_read(&l->news);
	for (size_t i = 0; i < APP_LEASES; i++) {
		struct lease *s = &l->leases[(l->turn + i) % APP_LEASES];
		if (!is_live(s, now))
			continue;
		if (turn_second(l, s, now, datagram) ||
		    send_again(l, s, now, datagram) || send_next(l, s, now, datagram)) {
			*to = s->addr;
			l->turn = (l->turn + i + 1) % APP_LEASES;
			return true;
		}
	}
	return false;
}

static mesh_time_ms
deadline_of(const struct lease *s, uint64_t news)
{
	mesh_time_ms first = MESH_NEVER;
	bool waits = s->skipped > 0 || (s->ack && s->next_news < news);
	if (waits)
		first = s->second_ms + 1000;
	for (size_t i = 0; i < APP_PENDING; i++)
		if (s->pending[i].sent > 0 && s->pending[i].due_ms < first)
			first = s->pending[i].due_ms;
	return first < s->ends_ms ? first : MESH_NEVER;
}

mesh_time_ms
app_leases_deadline(const struct app_leases *l)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t i = 0; i < APP_LEASES; i++) {
		const struct lease *s = &l->leases[i];
		mesh_time_ms due = s->used ? deadline_of(s, l->news.count) : MESH_NEVER;
		first = due < first ? due : first;
	}
	return first;
}
