#include "outbox_item.h"
#include "id.h"
#include "text.h"
#include <assert.h>
#include <string.h>

enum { PACKET_NUMBER = 4 };
/* A whole number in every JSON, and a token of the store. */
#define OUTBOX_REQUEST_MAX (UINT64_C(1) << 53)

static const enum radio_request_kind requests[] = { [MESSAGE_TEXT] = REQUEST_TEXT,
	[MESSAGE_TRACE] = REQUEST_TRACE,
	[MESSAGE_POSITION] = REQUEST_POSITION,
	[MESSAGE_TELEMETRY] = REQUEST_TELEMETRY,
	[MESSAGE_WAYPOINT] = REQUEST_WAYPOINT };
/* Behind a waypoint's name there is room for its description. */
static_assert(WAYPOINT_NAME_MAX + WAYPOINT_DESCRIPTION_MAX <= MESSAGE_TEXT_MAX,
    "a waypoint's words are one body");

enum radio_request_kind
outbox_request_kind(enum message_kind kind)
{
	return requests[kind];
}

void
outbox_item_mark(struct outbox_item *i, unsigned row, bool is)
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

uint32_t
outbox_packet_number(const struct id *packet)
{
	uint32_t n = 0;
	for (size_t i = PACKET_NUMBER; i < packet->len; i++)
		n = n << 8 | packet->bytes[i];
	return n;
}

struct radio_request
outbox_item_request(const struct outbox_item *i)
{
	const struct message *m = &i->m;
	size_t more = m->kind == MESSAGE_WAYPOINT ? m->waypoint.description.len : 0;
	return (struct radio_request){ .request = m->request,
		.kind = requests[m->kind],
		.to = m->to,
		.channel = m->channel,
		.want_ack = 1,
		.hop_limit = HOPS_AS_SET,
		.emoji = m->emoji,
		.packet = m->number,
		.reply = outbox_packet_number(&m->reply),
		.tells = m->tells,
		.body = { (const uint8_t *)m->text.ptr, m->text.len + more },
		.waypoint = waypoint_for_radio(&m->waypoint, m->text.len) };
}

void
outbox_item_route(struct outbox_item *i, struct text_view radio, struct id from)
{
	bool sim = from.kind == ID_SIM_NODE;
	i->m.radio = copy_text(i->radio, sizeof i->radio, radio);
	outbox_item_mark(i, MESSAGE_RADIO, true);
	if (!id_is(&from))
		return;
	i->m.from = from;
	i->m.id = id_of_packet(
	    sim ? ID_SIM_PACKET : ID_MT_PACKET, id_number(&from), i->m.number);
	outbox_item_mark(i, MESSAGE_FROM, true);
	outbox_item_mark(i, MESSAGE_ID, true);
}

/* What its words are is kept here: the description behind the name. */
static void
copy_words(struct outbox_item *i, struct text_view said, const struct waypoint *w)
{
	struct waypoint *own = &i->m.waypoint;
	i->m.text = copy_text(i->text, sizeof i->text, said);
	own->description = copy_text(
	    i->text + i->m.text.len, sizeof i->text - i->m.text.len, w->description);
	own->icon = copy_text(i->icon, sizeof i->icon, w->icon);
}

static void
fill_waypoint(struct outbox_item *i, const struct outbox_ask *q, uint32_t number)
{
	struct waypoint *w = &i->m.waypoint;
	*w = *q->waypoint;
	if (w->id == 0)
		w->id = number; /* nobody else's, as far as we know */
	field_mark(&waypoint_table, WAYPOINT_ID, w, true);
	copy_words(i, q->text, q->waypoint);
	outbox_item_mark(i, MESSAGE_PLACE, true);
}

void
outbox_item_fill(struct outbox_item *i, const struct outbox_ask *q, uint64_t request,
    uint32_t number, struct mesh_now now)
{
	*i = (struct outbox_item){ .used = true,
		.is_new = true,
		.caller = q->caller,
		.m = { .request = request,
		    .kind = (uint8_t)q->kind,
		    .to = q->to,
		    .channel = q->channel,
		    .reply = q->reply,
		    .emoji = q->emoji,
		    .tells = q->tells,
		    .time_ms = now.unix_ms,
		    .changed_ms = now.unix_ms,
		    .number = number } };
	i->m.text = copy_text(i->text, sizeof i->text, q->text);
	i->m.has = 1U << MESSAGE_REQUEST | 1U << MESSAGE_KIND | 1U << MESSAGE_STATE |
	    1U << MESSAGE_CHANNEL | 1U << MESSAGE_TIME | 1U << MESSAGE_CHANGED |
	    1U << MESSAGE_NUMBER;
	outbox_item_mark(i, MESSAGE_TO, id_is(&q->to));
	outbox_item_mark(i, MESSAGE_SAID, q->text.len > 0);
	outbox_item_mark(i, MESSAGE_REPLY, id_is(&q->reply));
	outbox_item_mark(i, MESSAGE_EMOJI, q->emoji);
	outbox_item_mark(i, MESSAGE_TELLS, q->tells);
	if (q->kind == MESSAGE_WAYPOINT)
		fill_waypoint(i, q, number);
}

static bool
is_waypoint(const struct message *m)
{
	const struct waypoint *w = &m->waypoint;
	uint32_t icon;
	return field_is_present(&message_table, MESSAGE_PLACE, m) && w->id != 0 &&
	    m->text.len <= WAYPOINT_NAME_MAX && waypoint_is_on_earth(w) &&
	    w->description.len <= WAYPOINT_DESCRIPTION_MAX &&
	    w->icon.len <= WAYPOINT_ICON_MAX && waypoint_icon(w->icon, &icon);
}

static bool
is_sound(const struct message *m)
{
	return m->request != 0 && m->request < OUTBOX_REQUEST_MAX && m->number != 0 &&
	    m->kind < LENGTH(requests) && m->state <= MESSAGE_UNCERTAIN &&
	    m->text.len <= MESSAGE_TEXT_MAX &&
	    (m->kind != MESSAGE_WAYPOINT || is_waypoint(m));
}

bool
outbox_item_read(struct outbox_item *i, struct bytes_view kept)
{
	uint8_t block[256];
	struct arena arena = arena_init(block, sizeof block);
	struct message m;
	if (mesh_body_decode(&message_table, kept, &m, &arena) != MESH_OK ||
	    !is_sound(&m))
		return false;
	/* Its state changed once more than when it was asked for: it was `sent`. */
	*i = (struct outbox_item){ .used = true,
		.m = m,
		.was_given = m.state == MESSAGE_SENT || m.changed_ms != m.time_ms };
	i->m.radio = copy_text(i->radio, sizeof i->radio, m.radio);
	copy_words(i, m.text, &m.waypoint);
	i->m.reason = copy_text(i->reason, sizeof i->reason, m.reason);
	return true;
}

void
outbox_item_blame(struct outbox_item *i, enum message_state state, const char *why,
    const char *for_what)
{
	struct bytes_out out = bytes_out(i->reason, sizeof i->reason);
	text_put(&out, why);
	text_put(&out, for_what);
	i->m.reason = text_written(&out);
	i->m.state = (uint8_t)state;
	outbox_item_mark(i, MESSAGE_REASON, true);
}

bool
outbox_item_is_given_up(const struct outbox_item *i)
{
	return i->m.state == MESSAGE_FAILED || i->m.state == MESSAGE_UNCERTAIN;
}
