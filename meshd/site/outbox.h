/* outbox.h - what this site was asked to say over its radios, and what became of it.
 *
 * A text, or a question to a node, is taken with a number of its own and the packet's
 * number on the air, waits at the gate (air.h) and is followed through the states of
 * message.h.  All of it is kept on the disk as it changes: after a restart what was not
 * accepted goes again under the same number, and the rest shows its last state.  So
 * whoever asked finds what became of it; nothing goes silently.  What waits for
 * OUTBOX_PATIENCE_MS fails and says for what it waited.  Full: the oldest that is
 * settled makes room; if none is, the newest is refused.  Floor 7.  Pure. */
#ifndef OUTBOX_H
#define OUTBOX_H
#include "air.h"
#include "feed.h"
#include "message.h"
#include "store.h"

enum { OUTBOX_MESSAGES = AIR_WAITING, OUTBOX_PATIENCE_MS = 3600000 };
enum { OUTBOX_BODY = 1024 }; /* of a kept message, at most */
struct outbox;
struct outbox_params { /* borrowed until outbox_free */
	struct air *air;
	struct ports *ports;
	struct feed *feed;
	struct store *store;
	struct meshd_counts *counts;
	struct text_view site; /* our name */
	void (*random)(void *ctx, uint8_t *out, size_t len);
	void *random_ctx;
};
struct outbox *outbox_new(const struct outbox_params *params); /* NULL: no memory */
void outbox_free(struct outbox *o);                            /* NULL is fine */
/* What slot 0 to OUTBOX_MESSAGES-1 was kept as, at start.  Under `outbox_room`. */
extern const char outbox_room[];
void outbox_load(
    struct outbox *o, size_t slot, struct bytes_view kept, struct mesh_now now);

struct outbox_ask { /* borrowed for the call */
	enum message_kind kind;
	struct text_view radio; /* empty: the first that may send to there */
	struct id to;           /* ID_NONE: everybody */
	uint8_t channel;
	struct text_view text;
	struct id reply; /* the packet it answers, or ID_NONE */
	bool emoji;
};
enum outbox_verdict {
	OUTBOX_TAKEN,
	OUTBOX_NO_RADIO,  /* none of that name, or of that network */
	OUTBOX_FORBIDDEN, /* `waits` of the answer says how */
	OUTBOX_NO_TEXT,   /* empty, or no UTF-8 */
	OUTBOX_TOO_LONG,
	OUTBOX_STRANGER, /* no node, or of another network, or the radio itself */
	OUTBOX_FULL
};
struct outbox_answer {
	struct message message; /* TAKEN; borrowed until the next call */
	struct text_view radio; /* which would send it */
	enum air_wait waits;
	size_t longest; /* bytes of text that may go there */
};
enum outbox_verdict outbox_ask(struct outbox *o, const struct outbox_ask *q,
    struct mesh_now now, struct outbox_answer *out);
/* Newest first; false past the end.  Texts live until the next call. */
bool outbox_at(const struct outbox *o, size_t index, struct message *out);
bool outbox_find(const struct outbox *o, uint64_t request, struct message *out);
/* RADIO_SENT of a driver. */
void outbox_event(struct outbox *o, enum radio_network network,
    const struct radio_event *event, struct mesh_now now);
/* The gate's news, patience, what is to be kept. */
void outbox_tick(struct outbox *o, struct mesh_now now);
mesh_time_ms outbox_deadline(const struct outbox *o);
#endif
