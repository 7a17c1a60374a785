/* message.h - a text or waypoint of the radio networks, or a question to a node: who
 * says it, to whom, and, where we say it, what became of it.
 *
 * One shape for what was heard and what this site sends (`meshd.messages/1`); only what
 * this site sends has a `request` and a `state`.  The states follow what the radio
 * says: `waiting` here, `sent` to the radio, `accepted` by its queue, `relayed` by a
 * neighbour that was heard repeating it, `acked` by the other end, `answered`, `failed`
 * with a reason.  A confirmation that comes after a failure counts, and is `late`.
 * `uncertain` is what a radio had and never answered for: it may have been said or not.
 *
 * A waypoint's text is its name.  The same body is kept on the disk.  Floor 5.  Pure.
 */
#ifndef MODEL_MESSAGE_H
#define MODEL_MESSAGE_H
#include "packet.h"
#include "waypoint.h"

enum { MESSAGE_TEXT_MAX = 232 };
enum message_state {
	MESSAGE_WAITING,
	MESSAGE_SENT,
	MESSAGE_ACCEPTED,
	MESSAGE_RELAYED,
	MESSAGE_ACKED,
	MESSAGE_ANSWERED,
	MESSAGE_FAILED,
	MESSAGE_UNCERTAIN
};
enum message_kind {
	MESSAGE_TEXT,
	MESSAGE_TRACE,
	MESSAGE_POSITION,
	MESSAGE_TELEMETRY,
	MESSAGE_WAYPOINT
};
extern const char *const message_state_words[], *const message_kind_words[];

enum {
	MESSAGE_REQUEST,
	MESSAGE_ID,
	MESSAGE_KIND,
	MESSAGE_STATE,
	MESSAGE_LATE,
	MESSAGE_WAITS,
	MESSAGE_REASON,
	MESSAGE_SITE,
	MESSAGE_RADIO,
	MESSAGE_FROM,
	MESSAGE_TO,
	MESSAGE_CHANNEL,
	MESSAGE_SAID,
	MESSAGE_REPLY,
	MESSAGE_EMOJI,
	MESSAGE_TIME,
	MESSAGE_CHANGED,
	MESSAGE_NUMBER,
	MESSAGE_ANSWER,
	MESSAGE_TELLS,
	MESSAGE_PLACE
};
struct message {
	uint64_t has;
	uint64_t request; /* ours: names it at this site */
	struct id id;     /* the packet */
	uint8_t kind, state;
	bool late;
	struct text_view waits, reason; /* for what; why it failed */
	struct text_view site, radio;
	struct id from, to; /* no `to`: everybody */
	uint8_t channel;
	struct text_view text;
	struct id reply; /* the packet it answers */
	bool emoji;
	unix_ms time_ms, changed_ms;
	uint32_t number; /* of the packet, before its sender is known */
	struct id answer;
	bool tells;
	struct waypoint waypoint;
};
extern const struct field_table message_table;

bool message_is_settled(const struct message *m); /* nothing more is done for it */
/* A text that was heard.  False: the packet is none that can be read. */
bool message_of_packet(const struct packet *p, struct message *out);
#endif
