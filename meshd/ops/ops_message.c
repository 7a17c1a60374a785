#include "ops_message.h"
#include "filter.h"
#include "id.h"
#include "live.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

/* `after` among what we sent: behind that request.  Any other is a place of the store.
 */
static const char sent_before[] = "sent.";

/* --- lists --- */

static bool
is_wanted(const struct call *c, const struct store_question *q, const struct message *m)
{
	const struct op_params *p = &c->params;
	if (p->from_ms != 0 && m->time_ms < p->from_ms)
		return false;
	if (p->to_ms != 0 && m->time_ms > p->to_ms)
		return false;
	return q->filter == NULL || filter_eval(q->filter, m);
}

/* Ours, so that the store leaves them out.  False: no room. */
static bool
except_ours(struct call *c, struct store_question *q)
{
	struct id *ids = arena_take(&c->arena, OUTBOX_MESSAGES, sizeof *ids);
	struct message m;
	if (ids == NULL)
		return false;
	for (size_t i = 0;
	     c->world->outbox != NULL && outbox_at(c->world->outbox, i, &m); i++)
		if (id_is(&m.id))
			ids[q->except_count++] = m.id;
	q->except = ids;
	return true;
}

/* False: `after` is a place of the store, behind all of ours. */
static bool
ours_after(const struct call *c, uint64_t *below)
{
	const size_t len = sizeof sent_before - 1;
	struct text_view after = c->params.after;
	*below = UINT64_MAX;
	if (after.len == 0)
		return true;
	if (after.len < len || memcmp(after.ptr, sent_before, len) != 0)
		return false;
	after.ptr += len, after.len -= len;
	return text_parse_u64(after, below) == MESH_OK;
}

/* How many of ours were written, newest first; `below` becomes the last of them. */
static uint32_t
put_ours(
    struct call *c, const struct store_question *q, uint32_t limit, uint64_t *below)
{
	struct message m;
	uint32_t count = 0;
	if (c->world->outbox == NULL)
		return 0;
	for (size_t i = 0; count < limit && outbox_at(c->world->outbox, i, &m); i++) {
		if (m.request >= *below || !is_wanted(c, q, &m))
			continue;
		call_item(c, &message_table, &m);
		*below = m.request;
		count++;
	}
	return count;
}

static void
close_among_ours(struct call *c, uint64_t below)
{
	char room[32];
	struct bytes_out next = bytes_out(room, sizeof room);
	text_printf(&next, "%s%" PRIu64, sent_before, below);
	call_close(c, text_written(&next));
	call_finish(c);
}

void
ops_message_list(struct call *c)
{
	struct store_question q = { .noun = STORE_MESSAGES };
	uint32_t limit = c->params.limit != 0 ? c->params.limit : OP_LIMIT, ours = 0;
	uint64_t below;
	if (!call_filter(c, &message_table, c->params.filter, &q))
		return;
	if (!except_ours(c, &q)) {
		call_fail_err(c, MESH_FULL);
		return;
	}
	call_open(c);
	if (ours_after(c, &below)) {
		ours = put_ours(c, &q, limit, &below);
		c->params.after = (struct text_view){ NULL, 0 };
	}
	if (ours == limit) {
		close_among_ours(c, below);
		return;
	}
	c->params.limit = limit - ours;
	call_ask(c, &q);
}

/* Ours, by its request or by its packet. */
static bool
find_ours(const struct call *c, struct message *out)
{
	const struct outbox *o = c->world->outbox;
	uint64_t request = 0;
	struct id id;
	if (o == NULL)
		return false;
	if (text_parse_u64(c->params.id, &request) == MESH_OK)
		return outbox_find(o, request, out);
	if (id_parse(c->params.id, &id) != MESH_OK)
		return false;
	for (size_t i = 0; outbox_at(o, i, out); i++)
		if (id_equal(&out->id, &id))
			return true;
	return false;
}

/* What the store has stays here, other people's direct messages with it; and who has a
 * text sent from another site is an admin. */
void
ops_message_show(struct call *c)
{
	struct message m;
	if (c->abroad && c->audience != AUDIENCE_OPERATOR) {
		call_fail(
		    c, 403, "what a site sends is told to admins of the network only");
	} else if (find_ours(c, &m)) {
		call_open(c);
		call_item(c, &message_table, &m);
		call_finish(c);
	} else if (c->abroad) {
		call_fail(c, 404, "it was not asked to send '%.*s'",
		    (int)c->params.id.len, c->params.id.ptr);
	} else {
		call_ask(c, &(struct store_question){ .noun = STORE_MESSAGES });
	}
}

/* --- sending --- */

bool
ops_message_id(struct call *c, const char *name, struct text_view said, struct id *out)
{
	*out = (struct id){ 0 };
	if (said.len == 0 || id_parse(said, out) == MESH_OK)
		return true;
	call_fail(
	    c, 400, "parameter %s: '%.*s' is no id", name, (int)said.len, said.ptr);
	return false;
}

static bool
is_packet(const struct id *id)
{
	return id->kind == ID_NONE || id->kind == ID_MT_PACKET ||
	    id->kind == ID_SIM_PACKET;
}

static void
refuse(struct call *c, enum outbox_verdict verdict, const struct outbox_answer *a)
{
	struct text_view radio = a->radio.len > 0 ? a->radio : c->params.radio;
	int len = (int)radio.len;
	switch (verdict) {
	case OUTBOX_NO_RADIO:
		call_fail(c, 404,
		    len > 0 ? "no radio '%.*s' at this site"
			    : "no radio of this site%.*s can send there",
		    len, radio.ptr);
		break;
	case OUTBOX_FORBIDDEN:
		call_fail(c, 403, "radio '%.*s' may not transmit: %s%s", len, radio.ptr,
		    air_wait_words[a->waits],
		    a->waits == AIR_FORBIDDEN ? "; `tx = yes` in its section lets it, "
						"and its whole site answers "
						"for what it sends"
					      : "");
		break;
	case OUTBOX_NO_TEXT:
		call_fail(c, 400, "parameter text: UTF-8 text");
		break;
	case OUTBOX_TOO_LONG:
		call_fail(c, 400, "parameter text: %zu bytes, the network carries %zu",
		    c->params.text.len, a->longest);
		break;
	case OUTBOX_STRANGER:
		call_fail(c, 400, "'%.*s' is no other node of radio '%.*s''s network",
		    (int)c->params.to.len, c->params.to.ptr, len, radio.ptr);
		break;
	case OUTBOX_NOBODY:
		call_fail(c, 400,
		    "'%.*s' is a number that no node has; what names nobody is for all",
		    (int)c->params.to.len, c->params.to.ptr);
		break;
	case OUTBOX_NO_CHANNEL:
		call_fail(c, 400,
		    "radio '%.*s' has no channel %u; `meshctl radio channels` lists "
		    "those that it has",
		    len, radio.ptr, (unsigned)c->params.channel);
		break;
	case OUTBOX_FULL:
		call_fail(
		    c, 503, "too many messages wait to be sent: %d", OUTBOX_MESSAGES);
		break;
	case OUTBOX_UNWRITTEN:
		call_fail_err(c, MESH_IO);
		break;
	case OUTBOX_TAKEN:
		break;
	}
}

void
ops_message_give(struct call *c, struct outbox_ask *ask)
{
	struct outbox_answer answer;
	if (c->world->outbox == NULL) {
		call_fail(c, 404, "this site sends nothing");
		return;
	}
	ask->caller = STORE_TOKEN(OWNER_CALL, c->number);
	enum outbox_verdict verdict = outbox_ask(
	    c->world->outbox, ask, c->world->now, &answer);
	if (verdict != OUTBOX_TAKEN) {
		refuse(c, verdict, &answer);
		return;
	}
	call_open(c);
	call_item(c, &message_table, &answer.message);
	c->wait = CALL_APPENDED;
}

void
ops_message_send(struct call *c)
{
	const struct op_params *p = &c->params;
	struct outbox_ask ask = { .kind = MESSAGE_TEXT,
		.radio = p->radio,
		.channel = (uint8_t)p->channel,
		.text = p->text,
		.emoji = p->emoji };
	if (!ops_message_id(c, "to", p->to, &ask.to) ||
	    !ops_message_id(c, "reply", p->reply, &ask.reply))
		return;
	if (!is_packet(&ask.reply) || (p->emoji && !id_is(&ask.reply)))
		call_fail(c, 400,
		    "parameter reply: the id of a packet, as mt:a1b2c3d4:0badcafe");
	else
		ops_message_give(c, &ask);
}

static bool
read_what(struct call *c, enum message_kind *out)
{
	for (unsigned i = MESSAGE_TRACE; i <= MESSAGE_TELEMETRY; i++) {
		if (!text_is(c->params.what, message_kind_words[i]))
			continue;
		*out = (enum message_kind)i;
		return true;
	}
	call_fail(c, 400, "parameter what: trace, position or telemetry");
	return false;
}

void
ops_node_ask(struct call *c)
{
	const struct op_params *p = &c->params;
	struct outbox_ask ask = {
		.radio = p->radio, .channel = (uint8_t)p->channel, .tells = p->tell
	};
	if (!ops_message_id(c, "id", p->id, &ask.to) || !read_what(c, &ask.kind))
		return;
	c->params.to = p->id; /* whom a refusal names */
	ops_message_give(c, &ask);
}
