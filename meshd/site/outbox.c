#include "outbox.h"
#include "inspect.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum { KEEP_MS = 1000 };
const char outbox_room[] = "outbox";
static const char unanswered[] = "the radio had it and did not answer";

struct outbox {
	struct outbox_params at;
	struct outbox_item items[OUTBOX_MESSAGES];
	uint64_t last; /* request */
	mesh_time_ms due_ms;
};

struct outbox *
outbox_new(const struct outbox_params *params)
{
	struct outbox *o = calloc(1, sizeof *o);
	if (o != NULL) {
		o->at = *params;
		o->due_ms = MESH_NEVER;
	}
	return o;
}

void
outbox_free(struct outbox *o)
{
	free(o);
}

/* --- one message --- */

static struct outbox_item *
find(struct outbox *o, uint64_t request)
{
	for (struct outbox_item *i = o->items; i < o->items + OUTBOX_MESSAGES; i++)
		if (i->used && i->m.request == request)
			return i;
	return NULL;
}

static bool
is_waiting(const struct outbox_item *i)
{
	return i->m.state == MESSAGE_WAITING && !i->is_new;
}

static void
hurry(struct outbox_item *i, mesh_time_ms by)
{
	if (by < i->patience_ms)
		i->patience_ms = by;
}

/* As it is now, with what it waits for. */
static struct message
view(const struct outbox *o, const struct outbox_item *i)
{
	struct message m = i->m;
	enum air_wait waits = is_waiting(i) ? air_waits(o->at.air, m.request)
					    : AIR_NOTHING;
	m.waits = text(air_wait_words[waits]);
	m.site = o->at.site;
	field_mark(&message_table, MESSAGE_WAITS, &m, waits != AIR_NOTHING);
	field_mark(&message_table, MESSAGE_SITE, &m, m.site.len > 0);
	return m;
}

static void
tell(struct outbox *o, const struct outbox_item *i, struct mesh_now now)
{
	struct message m = view(o, i);
	struct feed_item item = { .topic = FEED_MESSAGE,
		.stage = FEED_HEARD,
		.own = true,
		.time_ms = now.unix_ms,
		.table = &message_table,
		.object = &m };
	(void)feed_append(o->at.feed, &item); /* it fits */
}

static bool
write(struct outbox *o, const struct outbox_item *i)
{
	uint8_t room[OUTBOX_BODY], slot = (uint8_t)(i - o->items);
	struct bytes_out body = bytes_out(room, sizeof room);
	return mesh_body_encode(&message_table, &i->m, &body) == MESH_OK &&
	    store_keep(o->at.store, text(outbox_room), bytes_view(&slot, 1),
		bytes_written(&body), SYNC_NOW,
		STORE_TOKEN(OWNER_OUTBOX, i->m.request)) == MESH_OK;
}

static void
keep_later(struct outbox *o, struct outbox_item *i, struct mesh_now now)
{
	i->due_kept = true;
	count_one(o->at.counts, COUNT_OUTBOX_UNKEPT);
	i->keep_ms = now.ms + KEEP_MS;
	if (i->keep_ms < o->due_ms)
		o->due_ms = i->keep_ms;
}

static void
keep(struct outbox *o, struct outbox_item *i, struct mesh_now now)
{
	i->due_kept = false;
	if (!write(o, i))
		keep_later(o, i, now);
}

static void
changed(struct outbox *o, struct outbox_item *i, struct mesh_now now)
{
	i->m.changed_ms = now.unix_ms;
	keep(o, i, now);
	tell(o, i, now);
}

static void
fail(struct outbox *o, struct outbox_item *i, const char *why, const char *for_what,
    struct mesh_now now)
{
	outbox_item_blame(i, MESSAGE_FAILED, why, for_what);
	count_one(o->at.counts, COUNT_OUTBOX_FAILED);
	changed(o, i, now);
}

/* It may be on the air, and may not: nobody will say. */
static void
doubt(struct outbox *o, struct outbox_item *i, const char *why, struct mesh_now now)
{
	outbox_item_blame(i, MESSAGE_UNCERTAIN, why, "");
	count_one(o->at.counts, COUNT_OUTBOX_UNCERTAIN);
	changed(o, i, now);
}

/* --- taking --- */

static struct outbox_item *
free_slot(struct outbox *o)
{
	struct outbox_item *best = NULL;
	for (struct outbox_item *i = o->items; i < o->items + OUTBOX_MESSAGES; i++) {
		if (!i->used)
			return i;
		if (message_is_settled(&i->m) &&
		    (best == NULL || i->m.request < best->m.request))
			best = i;
	}
	return best;
}

static bool
is_number_known(const struct outbox *o, uint32_t number)
{
	for (size_t i = 0; i < OUTBOX_MESSAGES; i++)
		if (o->items[i].used && o->items[i].m.number == number)
			return true;
	return number == 0;
}

static uint32_t
new_number(struct outbox *o)
{
	uint8_t bytes[sizeof(uint32_t)];
	uint32_t number = 0;
	while (is_number_known(o, number)) {
		o->at.random(o->at.random_ctx, bytes, sizeof bytes);
		memcpy(&number, bytes, sizeof number);
	}
	return number;
}

enum outbox_verdict
outbox_ask(struct outbox *o, const struct outbox_ask *q, struct mesh_now now,
    struct outbox_answer *out)
{
	const struct port *p = outbox_radio(o->at.air, o->at.ports, q);
	*out = (struct outbox_answer){ .waits = AIR_NOTHING };
	if (p == NULL)
		return OUTBOX_NO_RADIO;
	enum outbox_verdict verdict = outbox_check(o->at.air, p, q, out);
	if (verdict != OUTBOX_TAKEN)
		return verdict;
	struct outbox_item *i = free_slot(o);
	count_one(o->at.counts, COUNT_OUTBOX_ASKED);
	if (i == NULL) {
		count_one(o->at.counts, COUNT_OUTBOX_FULL);
		return OUTBOX_FULL;
	}
	outbox_item_fill(i, q, ++o->last, new_number(o), now);
	outbox_item_route(i, out->radio, *port_node(p));
	i->patience_ms = now.ms + OUTBOX_PATIENCE_MS;
	if (!write(o, i)) {
		i->used = false;
		count_one(o->at.counts, COUNT_OUTBOX_UNWRITTEN);
		return OUTBOX_UNWRITTEN;
	}
	out->message = view(o, i);
	return OUTBOX_TAKEN;
}

/* It is safe: from here on it goes its way. */
static void
begin(struct outbox *o, struct outbox_item *i, struct mesh_now now)
{
	const struct radio_request request = outbox_item_request(i);
	i->is_new = false;
	o->due_ms = 0;
	if (air_ask(o->at.air, i->m.radio, PACE_PERSON, &request) != MESH_OK)
		fail(o, i, "too many waited", "", now);
	else
		tell(o, i, now);
}

uint64_t
outbox_kept(struct outbox *o, uint64_t number, enum mesh_err err, struct mesh_now now)
{
	struct outbox_item *i = find(o, number);
	uint64_t caller = i != NULL && i->is_new ? i->caller : 0;
	if (i == NULL || (err == MESH_OK && !i->is_new))
		return 0;
	if (err == MESH_OK) {
		begin(o, i, now);
	} else if (i->is_new) {
		i->used = false;
		count_one(o->at.counts, COUNT_OUTBOX_UNWRITTEN);
	} else {
		keep_later(o, i, now);
	}
	return caller;
}

/* --- after a restart --- */

void
outbox_load(struct outbox *o, size_t slot, struct bytes_view kept)
{
	struct outbox_item *i = &o->items[slot];
	if (outbox_item_read(i, kept) && i->m.request > o->last)
		o->last = i->m.request;
}

/* How long ago, by the clock; one that was set back does not make it longer ago. */
static mesh_time_ms
since(unix_ms then, struct mesh_now now)
{
	return then < now.unix_ms ? (mesh_time_ms)(now.unix_ms - then) : 0;
}

static void
go_again(struct outbox *o, struct outbox_item *i, struct mesh_now now)
{
	mesh_time_ms age = since(i->m.time_ms, now),
		     silent = since(i->m.changed_ms, now);
	if (i->was_given && silent >= OUTBOX_AGAIN_MS) {
		doubt(o, i, unanswered, now);
		return;
	}
	if (age >= OUTBOX_PATIENCE_MS) {
		fail(o, i, "waited too long: meshd did not run", "", now);
		return;
	}
	i->m.state = MESSAGE_WAITING;
	i->patience_ms = now.ms + OUTBOX_PATIENCE_MS - age;
	if (i->was_given)
		hurry(i, now.ms + OUTBOX_AGAIN_MS - silent);
	begin(o, i, now);
}

/* The first that was asked for and is not settled, of those behind `after`. */
static struct outbox_item *
next_unsettled(struct outbox *o, uint64_t after)
{
	struct outbox_item *first = NULL;
	for (struct outbox_item *i = o->items; i < o->items + OUTBOX_MESSAGES; i++)
		if (i->used && !message_is_settled(&i->m) && i->m.request > after &&
		    (first == NULL || i->m.request < first->m.request))
			first = i;
	return first;
}

void
outbox_resume(struct outbox *o, struct mesh_now now)
{
	uint64_t after = 0;
	struct outbox_item *i;
	while ((i = next_unsettled(o, after)) != NULL) {
		after = i->m.request;
		go_again(o, i, now);
	}
}

/* --- what becomes of it --- */

static void
go_on(struct outbox *o, struct outbox_item *i, enum message_state state,
    struct mesh_now now)
{
	if (i->m.state == MESSAGE_FAILED) {
		i->m.late = true;
		outbox_item_mark(i, MESSAGE_LATE, true);
		count_one(o->at.counts, COUNT_OUTBOX_LATE);
	}
	outbox_item_mark(i, MESSAGE_REASON, false);
	i->m.state = (uint8_t)state;
	changed(o, i, now);
}

static void
on_failed(struct outbox *o, struct outbox_item *i, enum radio_network network,
    uint16_t reason, struct mesh_now now)
{
	char number[24];
	struct bytes_out out = bytes_out(number, sizeof number - 1);
	const char *word = inspect_reason(network, reason);
	if (reason == SENT_UNSURE) {
		doubt(o, i, word, now);
		return;
	}
	text_printf(&out, "error %u", reason);
	fail(o, i, word != NULL ? word : text_end(&out), "", now);
}

/* States only rise, but from where it was given up; what comes out of order changes
 * nothing. */
static bool
is_news(const struct outbox_item *i, enum message_state state)
{
	return outbox_item_is_given_up(i) || i->m.state < state;
}

void
outbox_event(struct outbox *o, enum radio_network network,
    const struct radio_event *event, struct mesh_now now)
{
	static const enum message_state states[] = { [SENT_ACCEPTED] = MESSAGE_ACCEPTED,
		[SENT_HEARD_RELAYED] = MESSAGE_RELAYED,
		[SENT_ACKED] = MESSAGE_ACKED,
		[SENT_ANSWERED] = MESSAGE_ANSWERED };
	struct outbox_item *i = event->kind == RADIO_SENT ? find(o, event->request)
							  : NULL;
	if (i == NULL || event->sent == SENT_LINK_LOST || event->sent == SENT_BUSY)
		return; /* of those the gate says what it does */
	if (event->sent == SENT_FAILED) {
		on_failed(o, i, network, event->reason, now);
		return;
	}
	if (event->sent == SENT_ANSWERED) {
		i->m.answer = event->packet;
		outbox_item_mark(i, MESSAGE_ANSWER, true);
	} else if (id_is(&event->packet)) {
		i->m.id = event->packet;
		outbox_item_mark(i, MESSAGE_ID, true);
	}
	if (is_news(i, states[event->sent]))
		go_on(o, i, states[event->sent], now);
}

static void
on_refused(struct outbox *o, struct outbox_item *i, const struct air_news *news,
    struct mesh_now now)
{
	if (news->wait != AIR_NOTHING)
		fail(o, i, air_wait_words[news->wait], "", now);
	else if (news->err == MESH_NOT_FOUND)
		fail(o, i, "no such node", "", now);
	else
		fail(o, i, "the radio cannot send it", "", now);
}

/* No radio has it, and it has the patience again that it was asked with. */
static void
take_back(struct outbox_item *i, uint32_t number, struct mesh_now now)
{
	mesh_time_ms age = since(i->m.time_ms, now);
	i->m.number = number;
	i->was_given = false;
	i->patience_ms = now.ms +
	    (age < OUTBOX_PATIENCE_MS ? OUTBOX_PATIENCE_MS - age : 0);
}

static void
take_news(struct outbox *o, struct mesh_now now)
{
	struct air_news news;
	while (air_next(o->at.air, &news)) {
		struct outbox_item *i = find(o, news.request);
		if (i == NULL || message_is_settled(&i->m))
			continue;
		if (news.err != MESH_OK) {
			on_refused(o, i, &news, now);
		} else if (news.again) {
			if (news.busy)
				take_back(i, news.packet, now);
			go_on(o, i, MESSAGE_WAITING, now);
		} else {
			i->was_given = true;
			hurry(i, now.ms + OUTBOX_AGAIN_MS);
			go_on(o, i, MESSAGE_SENT, now);
		}
	}
}

/* A pace of seconds is no news. */
static bool
is_worth_telling(enum air_wait waits)
{
	return waits != AIR_NOTHING && waits != AIR_SOON && waits != AIR_UNANSWERED;
}

/* Given once, it may be on the air: after a while the mesh would take it for new. */
static void
lose_patience(
    struct outbox *o, struct outbox_item *i, enum air_wait waits, struct mesh_now now)
{
	air_withdraw(o->at.air, i->m.request);
	if (i->was_given)
		doubt(o, i, unanswered, now);
	else
		fail(o, i, "waited too long: ", air_wait_words[waits], now);
}

static void
tick_waiting(struct outbox *o, struct outbox_item *i, struct mesh_now now)
{
	enum air_wait waits = air_waits(o->at.air, i->m.request);
	if (i->patience_ms <= now.ms) {
		lose_patience(o, i, waits, now);
		return;
	}
	if (waits != i->waits && is_worth_telling(waits))
		tell(o, i, now);
	i->waits = waits;
	if (i->patience_ms < o->due_ms)
		o->due_ms = i->patience_ms;
}

void
outbox_tick(struct outbox *o, struct mesh_now now)
{
	o->due_ms = MESH_NEVER;
	take_news(o, now);
	for (struct outbox_item *i = o->items; i < o->items + OUTBOX_MESSAGES; i++) {
		if (i->used && is_waiting(i))
			tick_waiting(o, i, now);
		if (!i->used || !i->due_kept)
			continue;
		if (i->keep_ms <= now.ms)
			keep(o, i, now);
		else if (i->keep_ms < o->due_ms)
			o->due_ms = i->keep_ms;
	}
}

mesh_time_ms
outbox_deadline(const struct outbox *o)
{
	return o->due_ms;
}

/* --- looking in --- */

bool
outbox_find(const struct outbox *o, uint64_t request, struct message *out)
{
	for (size_t i = 0; i < OUTBOX_MESSAGES; i++) {
		if (!o->items[i].used || o->items[i].m.request != request)
			continue;
		*out = view(o, &o->items[i]);
		return true;
	}
	return false;
}

bool
outbox_at(const struct outbox *o, size_t index, struct message *out)
{
	uint64_t below = UINT64_MAX;
	const struct outbox_item *found = NULL;
	for (size_t k = 0; k <= index; k++) {
		found = NULL;
		for (const struct outbox_item *i = o->items;
		     i < o->items + OUTBOX_MESSAGES; i++)
			if (i->used && i->m.request < below &&
			    (found == NULL || i->m.request > found->m.request))
				found = i;
		if (found == NULL)
			return false;
		below = found->m.request;
	}
	*out = view(o, found);
	return true;
}
