#include "ops_message.h"
#include "id.h"
#include "text.h"
#include <string.h>

/* --- one --- */

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
