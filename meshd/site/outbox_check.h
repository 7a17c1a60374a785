/* outbox_check.h - which radio is to send what was asked for, and whether it may.
 * Floor 7.  Pure. */
#ifndef OUTBOX_CHECK_H
#define OUTBOX_CHECK_H
#include "outbox_item.h"

enum outbox_verdict {
	OUTBOX_TAKEN,
	OUTBOX_NO_RADIO,  /* none of that name, or of that network */
	OUTBOX_FORBIDDEN, /* `waits` of the answer says how */
	OUTBOX_NO_TEXT,   /* empty, or no UTF-8 */
	OUTBOX_TOO_LONG,
	OUTBOX_STRANGER, /* no node, or of another network, or the radio itself */
	OUTBOX_NOBODY,   /* a number that no node has */
	OUTBOX_NO_CHANNEL,
	OUTBOX_FULL,
	OUTBOX_UNWRITTEN /* the disk is behind */
};
struct outbox_answer {
	struct message message; /* TAKEN; borrowed until the next call */
	struct text_view radio; /* which would send it */
	enum air_wait waits;
	size_t longest; /* bytes of text that may go there */
};
/* The radio that is named, or of those that reach `q->to` the one that stands before
 * least: first who may send now, then who may when something is over, last who may not;
 * of equals the one with the highest priority, then the first of the configuration.
 * NULL: none. */
const struct port *outbox_radio(
    struct air *a, const struct ports *ports, const struct outbox_ask *q);
/* Fills all of `out` but the message. */
enum outbox_verdict outbox_check(struct air *a, const struct port *p,
    const struct outbox_ask *q, struct outbox_answer *out);
#endif
