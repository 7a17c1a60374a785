#include "app_leases.h"
#include "meshtrust.h"
#include "text.h"
#include "topics.h"
#include <stdlib.h>

enum { REQUEST_BLOCK = 32 * 1024 };

struct app_leases {
	struct app_source source;
	char token[APP_TOKEN + 1]; /* "": none */
	struct hearsay *hearsay;   /* borrowed; or NULL */
	uint64_t last_number;
	struct app_lease leases[APP_LEASES];
	size_t turn; /* whose datagram comes first: fairness */
	uint8_t block[REQUEST_BLOCK];
};

struct app_leases *
app_leases_new(struct feed *feed, uint64_t boot)
{
	struct app_leases *l = calloc(1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->source.boot = boot;
	if (app_news_init(&l->source.news, feed))
		return l;
	app_leases_free(l);
	return NULL;
}

void
app_leases_free(struct app_leases *l)
{
	if (l == NULL)
		return;
	app_news_release(&l->source.news);
	mesh_wipe(l->token, sizeof l->token);
	free(l);
}

void
app_leases_for_searches(struct app_leases *l, const char token[static APP_TOKEN + 1],
    struct hearsay *hearsay)
{
	memcpy(l->token, token, sizeof l->token);
	l->hearsay = hearsay;
}

uint64_t
app_leases_counter(const struct app_leases *l, size_t index)
{
	return l->source.counts[index];
}

void
app_leases_count(struct app_leases *l, enum app_counter which)
{
	l->source.counts[which]++;
}

/* --- finding a lease --- */

static bool
is_live(const struct app_lease *s, mesh_time_ms now)
{
	return s->used && now < s->ends_ms;
}

static bool
is_from(const struct app_lease *s, const struct app_addr *from)
{
	return s->addr.len == from->len &&
	    memcmp(s->addr.bytes, from->bytes, from->len) == 0;
}

static const struct app_lease *
find_lease(const struct app_leases *l, const struct app_addr *from, mesh_time_ms now)
{
	for (size_t i = 0; i < APP_LEASES; i++)
		if (is_live(&l->leases[i], now) && is_from(&l->leases[i], from))
			return &l->leases[i];
	return NULL;
}

static struct app_lease *
lease_from(struct app_leases *l, const struct app_addr *from, mesh_time_ms now)
{
	const struct app_lease *s = find_lease(l, from, now);
	return s != NULL ? &l->leases[s - l->leases] : NULL;
}

/* The numbering that an app left behind: same name and wishes, used last. */
static struct app_lease *
lease_called(struct app_leases *l, const struct app_request *q)
{
	struct app_lease *last = NULL;
	for (size_t i = 0; i < APP_LEASES; i++) {
		struct app_lease *s = &l->leases[i];
		if (s->used && q->name.len > 0 && text_is(q->name, s->name) &&
		    app_lease_wants_the_same(s, q) &&
		    (last == NULL || s->touched_ms > last->touched_ms))
			last = s;
	}
	return last;
}

/* A free slot, else the one that ended longest ago; NULL: all are live. */
static struct app_lease *
slot_for(struct app_leases *l, mesh_time_ms now)
{
	struct app_lease *oldest = NULL;
	for (size_t i = 0; i < APP_LEASES; i++) {
		struct app_lease *s = &l->leases[i];
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

/* --- subscribing --- */

static void
begin(struct app_leases *l, struct app_lease *s, const struct app_addr *from,
    const struct app_request *q)
{
	struct app_lease *before = lease_called(l, q);
	bool again = field_is_present(&app_request_table, APP_ROW_SINCE, q);
	if (before != s || !again)
		app_lease_begin(s, &l->source, q);
	if (before != NULL && before != s && again)
		app_lease_take_over(s, before);
	s->addr = *from;
	s->number = ++l->last_number;
	s->skipped = 0;
}

static void
answer_sub(struct app_leases *l, struct app_lease *s, const struct app_request *q,
    mesh_time_ms now, struct bytes_out *reply)
{
	char sid[24];
	struct bytes_out out = bytes_out(sid, sizeof sid);
	enum app_past past = APP_PAST_NONE;
	uint64_t lost = 0;
	text_put(&out, "s");
	text_put_u64(&out, s->number);
	if (field_is_present(&app_request_table, APP_ROW_SINCE, q))
		past = app_lease_rewind(s, &l->source, q->since, &lost);
	struct app_stamp stamp = { .sid = text_end(&out),
		.ttl = (uint32_t)((s->ends_ms - now) / 1000),
		.seq = s->replay <= s->seq ? s->replay - 1 : s->seq,
		.boot = l->source.boot };
	app_leases_count(l, COUNT_APPS_TAKEN);
	app_write_ok(&stamp, past, lost, reply);
}

/* Does the filter fit what is wanted?  `reason` says why not. */
static bool
check_filter(
    struct app_leases *l, const struct app_request *q, struct bytes_out *reason)
{
	struct filter_error why = { 0 };
	const struct filter *parsed;
	const struct field_table *table = app_lease_table(q->wanted);
	struct arena scratch = arena_init(
	    l->block + REQUEST_BLOCK / 2, REQUEST_BLOCK / 2);
	if (q->filter.len == 0)
		return true;
	if (table == NULL)
		text_put(reason, "filter: needs exactly one topic");
	else if (filter_parse(table, q->filter, &scratch, &parsed, &why) != MESH_OK)
		text_printf(reason, "filter, column %zu: %s", why.column, why.text);
	return reason->len == 0;
}

/* An embedding that another site asks for is that site's secret, and ours. */
static bool
may_hear(const struct app_leases *l, const struct app_addr *from,
    const struct app_request *q)
{
	const struct topic *search = topic_of(TOPIC_APPS, FEED_ASKED);
	bool wants = (q->wanted >> (search - topics) & 1) != 0;
	return !wants || from->trusted || app_token_is(l->token, q->token);
}

static void
on_sub(struct app_leases *l, const struct app_addr *from, const struct app_request *q,
    mesh_time_ms now, struct bytes_out *reply)
{
	char why[160];
	struct bytes_out reason = bytes_out(why, sizeof why);
	if (!may_hear(l, from, q)) {
		refuse(l, COUNT_APPS_DENIED,
		    text("token: topic search needs the one in apps.token of meshd's "
			 "run folder"),
		    reply);
		return;
	}
	if (!check_filter(l, q, &reason)) {
		refuse(l, COUNT_APPS_BAD, text_written(&reason), reply);
		return;
	}
	struct app_lease *s = lease_from(l, from, now);
	bool is_new = s == NULL;
	if (is_new && (s = slot_for(l, now)) == NULL) {
		refuse(l, COUNT_APPS_FULL, text("64 subscriptions are live already"),
		    reply);
		return;
	}
	if (is_new)
		begin(l, s, from, q);
	app_lease_want(s, q, now);
	s->addr.packed = q->format.len > 0 ? text_is(q->format, "msgpack")
					   : from->packed;
	answer_sub(l, s, q, now, reply);
}

static void
on_unsub(struct app_leases *l, const struct app_addr *from, mesh_time_ms now,
    struct bytes_out *reply)
{
	struct app_lease *s = lease_from(l, from, now);
	if (s != NULL)
		s->ends_ms = now; /* its numbering stays, should it come back */
	app_leases_count(l, COUNT_APPS_TAKEN);
	app_write_done(NULL, l->source.boot, reply);
}

static void
on_ack(
    struct app_leases *l, const struct app_addr *from, uint64_t seq, mesh_time_ms now)
{
	struct app_lease *s = lease_from(l, from, now);
	if (s != NULL)
		app_lease_acked(s, seq);
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
	app_news_read(&l->source.news);
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
		app_write_done(NULL, l->source.boot, reply);
		return;
	case APP_ACK:
		on_ack(l, from, q.seq, now);
		return;
	}
}

/* --- what is due --- */

static bool
searches(const struct app_lease *s, mesh_time_ms now)
{
	return is_live(s, now) && (s->readers[APP_FEED].topics & FEED_ASKED) != 0;
}

int
app_leases_searches(
    const struct app_leases *l, const struct app_addr *from, mesh_time_ms now)
{
	const struct app_lease *s = find_lease(l, from, now);
	return s != NULL && searches(s, now) ? (int)(s - l->leases) : -1;
}

uint32_t
app_leases_search_count(const struct app_leases *l, mesh_time_ms now)
{
	uint32_t count = 0;
	for (size_t i = 0; i < APP_LEASES; i++)
		count += searches(&l->leases[i], now);
	return count;
}

bool
app_leases_is_packed(
    const struct app_leases *l, const struct app_addr *from, mesh_time_ms now)
{
	const struct app_lease *s = find_lease(l, from, now);
	return s != NULL ? s->addr.packed : from->packed;
}

static void
note_told(struct app_leases *l, size_t place)
{
	if (l->hearsay != NULL && l->source.told.ring == APP_FEED)
		hearsay_told(l->hearsay, l->source.told.id, (uint32_t)place);
}

bool
app_leases_next(struct app_leases *l, mesh_time_ms now, struct app_addr *to,
    struct bytes_out *datagram)
{
	app_news_read(&l->source.news);
	l->source.told = (struct app_sent){ APP_ONCE, 0 };
	for (size_t i = 0; i < APP_LEASES; i++) {
		size_t place = (l->turn + i) % APP_LEASES;
		struct app_lease *s = &l->leases[place];
		if (!is_live(s, now))
			continue;
		if (app_lease_next(s, &l->source, now, datagram)) {
			*to = s->addr;
			note_told(l, place);
			l->turn = (place + 1) % APP_LEASES;
			return true;
		}
	}
	return false;
}

mesh_time_ms
app_leases_deadline(const struct app_leases *l)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t i = 0; i < APP_LEASES; i++) {
		const struct app_lease *s = &l->leases[i];
		mesh_time_ms due = s->used ? app_lease_deadline(s, &l->source)
					   : MESH_NEVER;
		first = due < first ? due : first;
	}
	return first;
}
