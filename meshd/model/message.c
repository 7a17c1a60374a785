#include "message.h"
#include "id.h"
#include "text.h"
#include "tree.h"

const char *const message_state_words[] = { "waiting", "sent", "accepted", "relayed",
	"acked", "answered", "failed", "uncertain", NULL };
const char *const message_kind_words[] = { "text", "trace", "position", "telemetry",
	"waypoint", NULL };

/* clang-format off */
static const struct field rows[] = {
	FIELD(struct message, request, UNIT_NONE, 0, 0, 0, "Names what this site was asked to send; absent: heard."),
	FIELD(struct message, id, UNIT_NONE, 0, 0, 0, "The packet, once the radio is known that sends it."),
	FIELD_WORDS(struct message, kind, 0, message_kind_words, "A text or waypoint, or what a node is asked for."),
	FIELD_WORDS(struct message, state, 0, message_state_words, "What became of what this site sends."),
	FIELD(struct message, late, UNIT_NONE, 0, 0, 0, "It was confirmed after it had failed."),
	FIELD(struct message, waits, UNIT_NONE, 0, 0, 48, "While it waits: for what."),
	FIELD(struct message, reason, UNIT_NONE, 0, 0, 64, "Why it failed, or is uncertain, in the network's word or ours."),
	FIELD(struct message, site, UNIT_NONE, 0, 0, 64, "The site that sends it, or heard it first."),
	FIELD(struct message, radio, UNIT_NONE, 0, 0, 64, "The radio there."),
	FIELD(struct message, from, UNIT_NONE, 0, 0, 0, "The node that says it."),
	FIELD(struct message, to, UNIT_NONE, 0, 0, 0, "The node it is for; absent: everybody."),
	FIELD(struct message, channel, UNIT_NONE, 0, 0, 0, "The channel's index at that radio."),
	FIELD(struct message, text, UNIT_NONE, FIELD_PRIVATE, 0, MESSAGE_TEXT_MAX, "What it says; of a waypoint its name."),
	FIELD(struct message, reply, UNIT_NONE, 0, 0, 0, "The packet that it answers; its sender is 00000000 while nobody here has heard it."),
	FIELD(struct message, emoji, UNIT_NONE, 0, 0, 0, "It is a reaction to that packet."),
	FIELD(struct message, time_ms, UNIT_UNIX_MS, 0, 0, 0, "When it was asked for, or first heard."),
	FIELD(struct message, changed_ms, UNIT_UNIX_MS, 0, 0, 0, "When its state changed last."),
	FIELD(struct message, number, UNIT_NONE, 0, 0, 0, "The packet's number at its sender."),
	FIELD(struct message, answer, UNIT_NONE, 0, 0, 0, "The packet that came for an answer."),
	FIELD(struct message, tells, UNIT_NONE, 0, 0, 0, "A question that tells what it asks for of our own node, too."),
	FIELD_SUB(struct message, waypoint, &waypoint_table, 0, 0, 0, "The waypoint that is said."),
};
/* clang-format on */
const struct field_table message_table = { "message", rows, LENGTH(rows),
	sizeof(struct message), offsetof(struct message, has), false };

bool
message_is_settled(const struct message *m)
{
	return m->state != MESSAGE_WAITING && m->state != MESSAGE_SENT;
}

static enum id_kind
packets_of(const struct packet *p)
{
	return p->network == NETWORK_SIM ? ID_SIM_PACKET : ID_MT_PACKET;
}

/* Whose packet is answered is not said, only its number: who has heard it knows. */
static void
read_contents(const struct packet *p, struct message *out)
{
	int64_t reply = 0;
	const struct tree_item *emoji = tree_find(p->payload, text("emoji"));
	out->text = tree_text(p->payload, "text");
	out->emoji = emoji != NULL && emoji->kind == TREE_BOOL && emoji->as.b;
	if (tree_i64(p->payload, "reply_id", &reply) && reply != 0)
		out->reply = id_of_packet(packets_of(p), 0, (uint32_t)reply);
}

bool
message_of_packet(const struct packet *p, struct message *out)
{
	const struct packet_reception *heard = p->receptions.items;
	*out = (struct message){ .id = p->id,
		.from = p->from,
		.to = p->to,
		.channel = p->channel.index,
		.time_ms = p->time_ms };
	if (!text_is(p->type, "TEXT_MESSAGE_APP"))
		return false;
	read_contents(p, out);
	if (out->text.len == 0 || out->text.len > MESSAGE_TEXT_MAX)
		return false;
	if (p->receptions.count > 0) {
		out->site = heard->site;
		out->radio = heard->radio;
	}
	const struct {
		unsigned row;
		bool is;
	} marks[] = { { MESSAGE_ID, true }, { MESSAGE_KIND, true },
		{ MESSAGE_SITE, out->site.len > 0 },
		{ MESSAGE_RADIO, out->radio.len > 0 },
		{ MESSAGE_FROM, id_is(&out->from) }, { MESSAGE_TO, id_is(&out->to) },
		{ MESSAGE_CHANNEL, field_is_present(&packet_table, PACKET_CHANNEL, p) },
		{ MESSAGE_SAID, true }, { MESSAGE_REPLY, id_is(&out->reply) },
		{ MESSAGE_EMOJI, out->emoji }, { MESSAGE_TIME, true } };
	for (size_t i = 0; i < LENGTH(marks); i++)
		field_mark(&message_table, marks[i].row, out, marks[i].is);
	return true;
}
