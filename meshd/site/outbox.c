#include "outbox.h"
#include "id.h"
#include "inspect.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum { NAME = 64, REASON = 64, KEEP_MS = 1000, PACKET_NUMBER = 4 };
const char outbox_room[] = "outbox";

struct item {
	bool used, due_kept; /* due_kept: the disk has an older state */
	struct message m;    /* texts point into the arrays below */
	mesh_time_ms patience_ms;
	enum air_wait waits; /* as last told */
	char radio[NAME], reason[REASON], text[MESSAGE_TEXT_MAX];
};
struct outbox {
	struct outbox_params at;
	struct item items[OUTBOX_MESSAGES];
	uint64_t last; /* request */
	mesh_time_ms due_ms;
};

static const enum radio_request_kind requests[] = { [MESSAGE_TEXT] = REQUEST_TEXT,
	[MESSAGE_TRACE] = REQUEST_TRACE,
	[MESSAGE_POSITION] = REQUEST_POSITION,
	[MESSAGE_TELEMETRY] = REQUEST_TELEMETRY };

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

static void
mark(struct item *i, unsigned row, bool is)
{
	field_mark(&message_table, row, &i->m, is);
}

static struct text_view
copy_text(char *to, size_t cap, struct text_view v)
{
	size_t len = v.len < cap ? v.len : cap;
	if (len > 0)
		memcpy(to, v.ptr, len);
	return (struct text_view){ to, len };
}

/* The number of a packet at its sender. */
static uint32_t
number_of(const struct id *packet)
{
	uint32_t n = 0;
	for (size_t i = PACKET_NUMBER; i < packet->len; i++)
		n = n << 8 | packet->bytes[i];
	return n;
}

static struct radio_request
request_of(const struct item *i)
{
	const struct message *m = &i->m;
	return (struct radio_request){ .request = m->request,
		.kind = requests[m->kind],
		.to = m->to,
		.channel = m->channel,
		.want_ack = 1,
		.hop_limit = HOPS_AS_SET,
		.emoji = m->emoji,
		.packet = m->number,
		.reply = number_of(&m->reply),
		.body = { (const uint8_t *)m->text.ptr, m->text.len } };
}

/* As it is now, with what it waits for. */
static struct message
view(const struct outbox *o, const struct item *i)
{
	struct message m = i->m;
	enum air_wait waits = m.state == MESSAGE_WAITING
	    ? air_waits(o->at.air, m.request)
	    : AIR_NOTHING;
	m.waits = text(air_wait_words[waits]);
	m.site = o->at.site;
	field_mark(&message_table, MESSAGE_WAITS, &m, waits != AIR_NOTHING);
	field_mark(&message_table, MESSAGE_SITE, &m, m.site.len > 0);
	return m;
}

static void
tell(struct outbox *o, const struct item *i, struct mesh_now now)
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

/* False: the store is behind, later. */
static bool
keep(struct outbox *o, struct item *i)
{
	uint8_t room[OUTBOX_BODY], slot = (uint8_t)(i - o->items);
	struct bytes_out body = bytes_out(room, sizeof room);
	i->due_kept = mesh_body_encode(&message_table, &i->m, &body) == MESH_OK &&
	    store_keep(o->at.store, text(outbox_room), bytes_view(&slot, 1),
		bytes_written(&body), SYNC_NOW,
		STORE_TOKEN(OWNER_OUTBOX, slot)) != MESH_OK;
	if (i->due_kept)
		count_one(o->at.counts, COUNT_OUTBOX_UNKEPT);
	return !i->due_kept;
}

static void
changed(struct outbox *o, struct item *i, struct mesh_now now)
{
	i->m.changed_ms = now.unix_ms;
	mark(i, MESSAGE_CHANGED, true);
	if (!keep(o, i))
		o->due_ms = now.ms + KEEP_MS;
	tell(o, i, now);
}

static void
fail(struct outbox *o, struct item *i, const char *why, const char *for_what,
    struct mesh_now now)
{
	struct bytes_out out = bytes_out(i->reason, sizeof i->reason);
	text_put(&out, why);
	text_put(&out, for_what);
	i->m.reason = text_written(&out);
	i->m.state = MESSAGE_FAILED;
	mark(i, MESSAGE_REASON, true);
	count_one(o->at.counts, COUNT_OUTBOX_FAILED);
	changed(o, i, now);
}

/* --- taking --- */

static struct item *
free_slot(struct outbox *o)
{
	struct item *best = NULL;
	for (struct item *i = o->items; i < o->items + OUTBOX_MESSAGES; i++) {
		if (!i->used)
			return i;
		if (message_is_settled(&i->m) &&
		    (best == NULL || i->m.request < best->m.request))
			best = i;
	}
	return best;
}

static bool
fits_network(const struct port *p, const struct id *to)
{
	const struct radio *session;
	enum radio_network network = port_driver(p, &session)->network;
	if (to->kind == ID_NONE)
		return true;
	return network == NETWORK_SIM ? to->kind == ID_SIM_NODE
				      : to->kind == ID_MT_NODE;
}

/* Named, or the first that may send to there, or the first that cannot for now. */
static const struct port *
radio_for(struct outbox *o, const struct outbox_ask *q)
{
	const struct port *best = NULL;
	for (size_t i = 0; i < ports_count(o->at.ports); i++) {
		const struct port *p = ports_see(o->at.ports, i);
		if (q->radio.len > 0 && text_equal(port_name(p), q->radio))
			return p;
		if (q->radio.len > 0 || !fits_network(p, &q->to))
			continue;
		if (best == NULL ||
		    air_allows(o->at.air, port_name(best)) != AIR_NOTHING)
			best = p;
	}
	return best;
}

static enum outbox_verdict
check(struct outbox *o, const struct outbox_ask *q, const struct port *p,
    struct outbox_answer *out)
{
	const struct radio *session;
	const struct radio_request probe = { .kind = requests[q->kind],
		.to = q->to,
		.reply = number_of(&q->reply),
		.emoji = q->emoji };
	bool everybody = !id_is(&q->to);
	out->radio = port_name(p);
	out->waits = air_allows(o->at.air, out->radio);
	out->longest = port_driver(p, &session)->text_max(&probe);
	if (out->longest > MESSAGE_TEXT_MAX)
		out->longest = MESSAGE_TEXT_MAX;
	if (out->waits == AIR_FORBIDDEN || out->waits == AIR_SILENCED)
		return OUTBOX_FORBIDDEN;
	bool ourselves = !everybody && id_equal(&q->to, port_node(p));
	if (!fits_network(p, &q->to) || ourselves ||
	    (everybody && q->kind != MESSAGE_TEXT))
		return OUTBOX_STRANGER;
	if (q->kind != MESSAGE_TEXT)
		return OUTBOX_TAKEN;
	if (q->text.len == 0 || !text_is_utf8(bytes_view(q->text.ptr, q->text.len)))
		return OUTBOX_NO_TEXT;
	return q->text.len > out->longest ? OUTBOX_TOO_LONG : OUTBOX_TAKEN;
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

static void
name_packet(struct item *i, const struct id *from)
{
	bool sim = from->kind == ID_SIM_NODE;
	if (!id_is(from))
		return;
	i->m.from = *from;
	i->m.id = id_of_packet(
	    sim ? ID_SIM_PACKET : ID_MT_PACKET, id_number(from), i->m.number);
	mark(i, MESSAGE_FROM, true);
	mark(i, MESSAGE_ID, true);
}

static void
fill(struct outbox *o, struct item *i, const struct outbox_ask *q,
    struct text_view radio, struct mesh_now now)
{
	*i = (struct item){ .used = true,
		.patience_ms = now.ms + OUTBOX_PATIENCE_MS,
		.m = { .request = ++o->last,
		    .kind = (uint8_t)q->kind,
		    .to = q->to,
		    .channel = q->channel,
		    .reply = q->reply,
		    .emoji = q->emoji,
		    .time_ms = now.unix_ms } };
	i->m.number = new_number(o);
	i->m.radio = copy_text(i->radio, sizeof i->radio, radio);
	i->m.text = copy_text(i->text, sizeof i->text, q->text);
	i->m.has = 1U << MESSAGE_REQUEST | 1U << MESSAGE_KIND | 1U << MESSAGE_STATE |
	    1U << MESSAGE_RADIO | 1U << MESSAGE_CHANNEL | 1U << MESSAGE_TIME |
	    1U << MESSAGE_NUMBER;
	mark(i, MESSAGE_TO, id_is(&q->to));
	mark(i, MESSAGE_SAID, q->kind == MESSAGE_TEXT);
	mark(i, MESSAGE_REPLY, id_is(&q->reply));
	mark(i, MESSAGE_EMOJI, q->emoji);
}

enum outbox_verdict
outbox_ask(struct outbox *o, const struct outbox_ask *q, struct mesh_now now,
    struct outbox_answer *out)
{
	const struct port *p = radio_for(o, q);
	*out = (struct outbox_answer){ .waits = AIR_NOTHING };
	if (p == NULL)
		return OUTBOX_NO_RADIO;
	enum outbox_verdict verdict = check(o, q, p, out);
	if (verdict != OUTBOX_TAKEN)
		return verdict;
	struct item *i = free_slot(o);
	count_one(o->at.counts, COUNT_OUTBOX_ASKED);
	if (i == NULL) {
		count_one(o->at.counts, COUNT_OUTBOX_FULL);
		return OUTBOX_FULL;
	}
	fill(o, i, q, out->radio, now);
	name_packet(i, port_node(p));
	const struct radio_request request = request_of(i);
	if (air_ask(o->at.air, i->m.radio, PACE_PERSON, &request) != MESH_OK) {
		i->used = false;
		count_one(o->at.counts, COUNT_OUTBOX_FULL);
		return OUTBOX_FULL;
	}
	changed(o, i, now);
	o->due_ms = 0;
	out->message = view(o, i);
	return OUTBOX_TAKEN;
}

/* --- after a restart --- */

static bool
is_sound(const struct message *m)
{
	return m->request != 0 && m->number != 0 && m->kind < LENGTH(requests) &&
	    m->state <= MESSAGE_FAILED && m->text.len <= MESSAGE_TEXT_MAX;
}

void
outbox_load(struct outbox *o, size_t slot, struct bytes_view kept, struct mesh_now now)
{
	uint8_t block[256];
	struct arena arena = arena_init(block, sizeof block);
	struct item *i = &o->items[slot];
	struct message m;
	if (mesh_body_decode(&message_table, kept, &m, &arena) != MESH_OK ||
	    !is_sound(&m))
		return;
	*i = (struct item){
		.used = true, .m = m, .patience_ms = now.ms + OUTBOX_PATIENCE_MS
	};
	i->m.radio = copy_text(i->radio, sizeof i->radio, m.radio);
	i->m.text = copy_text(i->text, sizeof i->text, m.text);
	i->m.reason = copy_text(i->reason, sizeof i->reason, m.reason);
	o->last = m.request > o->last ? m.request : o->last;
	if (message_is_settled(&m))
		return;
	const struct radio_request request = request_of(i);
	i->m.state = MESSAGE_WAITING; /* the mesh takes one number once */
	if (air_ask(o->at.air, i->m.radio, PACE_PERSON, &request) != MESH_OK)
		fail(o, i, "too many waited", "", now);
	o->due_ms = 0;
}

/* --- what becomes of it --- */

static struct item *
find(struct outbox *o, uint64_t request)
{
	for (struct item *i = o->items; i < o->items + OUTBOX_MESSAGES; i++)
		if (i->used && i->m.request == request)
			return i;
	return NULL;
}

static void
go_on(struct outbox *o, struct item *i, enum message_state state, struct mesh_now now)
{
	bool was_failed = i->m.state == MESSAGE_FAILED;
	if (was_failed) {
		i->m.late = true;
		mark(i, MESSAGE_LATE, true);
		mark(i, MESSAGE_REASON, false);
		count_one(o->at.counts, COUNT_OUTBOX_LATE);
	}
	i->m.state = (uint8_t)state;
	changed(o, i, now);
}

static void
on_failed(struct outbox *o, struct item *i, enum radio_network network, uint16_t reason,
    struct mesh_now now)
{
	char number[24];
	struct bytes_out out = bytes_out(number, sizeof number - 1);
	const char *word = inspect_reason(network, reason);
	if (reason == SENT_LINK_LOST) { /* the gate has it again */
		go_on(o, i, MESSAGE_WAITING, now);
		return;
	}
	text_printf(&out, "error %u", reason);
	fail(o, i, word != NULL ? word : text_end(&out), "", now);
}

/* States only rise, but from a failure; what comes out of order changes nothing. */
static bool
is_news(const struct item *i, enum message_state state)
{
	return i->m.state == MESSAGE_FAILED || i->m.state < state;
}

void
outbox_event(struct outbox *o, enum radio_network network,
    const struct radio_event *event, struct mesh_now now)
{
	static const enum message_state states[] = { [SENT_ACCEPTED] = MESSAGE_ACCEPTED,
		[SENT_HEARD_RELAYED] = MESSAGE_RELAYED,
		[SENT_ACKED] = MESSAGE_ACKED,
		[SENT_ANSWERED] = MESSAGE_ANSWERED };
	struct item *i = event->kind == RADIO_SENT ? find(o, event->request) : NULL;
	if (i == NULL)
		return;
	if (event->sent == SENT_FAILED) {
		on_failed(o, i, network, event->reason, now);
		return;
	}
	if (event->sent == SENT_ANSWERED) {
		i->m.answer = event->packet;
		mark(i, MESSAGE_ANSWER, true);
	} else if (id_is(&event->packet)) {
		i->m.id = event->packet;
		mark(i, MESSAGE_ID, true);
	}
	if (is_news(i, states[event->sent]))
		go_on(o, i, states[event->sent], now);
}

static void
take_news(struct outbox *o, struct mesh_now now)
{
	struct air_news news;
	while (air_next(o->at.air, &news)) {
		struct item *i = find(o, news.request);
		if (i == NULL || i->m.state != MESSAGE_WAITING)
			continue;
		if (news.err == MESH_OK)
			go_on(o, i, MESSAGE_SENT, now);
		else
			fail(o, i,
			    news.err == MESH_NOT_FOUND ? "no such node"
						       : "the radio cannot send it",
			    "", now);
	}
}

/* A pace of seconds is no news. */
static bool
is_worth_telling(enum air_wait waits)
{
	return waits != AIR_NOTHING && waits != AIR_SOON && waits != AIR_UNANSWERED;
}

static void
tick_waiting(struct outbox *o, struct item *i, struct mesh_now now)
{
	enum air_wait waits = air_waits(o->at.air, i->m.request);
	if (i->patience_ms <= now.ms) {
		air_withdraw(o->at.air, i->m.request);
		fail(o, i, "waited too long: ", air_wait_words[waits], now);
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
	for (struct item *i = o->items; i < o->items + OUTBOX_MESSAGES; i++) {
		if (!i->used)
			continue;
		if (i->m.state == MESSAGE_WAITING)
			tick_waiting(o, i, now);
		if (i->due_kept && !keep(o, i) && now.ms + KEEP_MS < o->due_ms)
			o->due_ms = now.ms + KEEP_MS;
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
	const struct item *found = NULL;
	for (size_t k = 0; k <= index; k++) {
		found = NULL;
		for (const struct item *i = o->items; i < o->items + OUTBOX_MESSAGES;
		     i++)
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
