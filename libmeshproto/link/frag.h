/* frag.h - frames longer than a datagram: cut here, put together by the next hop.
 *
 * Sender: frag_cut makes pieces, each an ordinary parcel (a FRAG frame) that is paced,
 * acknowledged and sent again like any other; the age of what is cut stands still.
 * Receiver: frag_take sorts a piece in; with the last one the message is read out, and
 * over once its frame is decided.  Pieces come inside a session, so only a neighbour
 * can open a message here: at most 16 and 128 blocks each, 48 and 224 in all, nothing
 * for longer than 30 s nor for 3 s without a new piece.  The room for a whole message
 * is taken with its first piece, so that what was begun can be finished; whoever holds
 * the most loses his oldest to one who holds less (frag.cap).  What is over is
 * remembered for 3 s, because pieces are sent again when their ACK is lost.  Bytes lie
 * in parcels.  Floor 3.  Pure.  Source: PROTOCOL.md 7, docs/DECISIONS/0130. */
#ifndef MESH_FRAG_H
#define MESH_FRAG_H
#include "parcel.h"

enum {
	FRAG_AROUND = 18,                /* what FRAG adds to its piece, at most */
	FRAG_BLOCK = ENVELOPE_PLAIN_MAX, /* bytes of a message in one parcel */
	FRAG_BLOCKS = (MESSAGE_FRAME_MAX + FRAG_BLOCK - 1) / FRAG_BLOCK,
	FRAG_MESSAGES = 48,
	FRAG_EACH = 16, /* of one neighbour */
	FRAG_ALL_BLOCKS = 224,
	FRAG_EACH_BLOCKS = 128,
	FRAG_IDLE_MS = 3000,
	FRAG_LONG_MS = 30000
};
enum frag_state { FRAG_FREE, FRAG_OPEN, FRAG_OVER };
struct frag_message {
	uint8_t state; /* enum frag_state */
	uint8_t count, have;
	uint16_t message, step;
	uint32_t total;
	struct handle from; /* neighbour */
	uint8_t here[MESSAGE_PIECES / 8];
	uint16_t block[FRAG_BLOCKS]; /* indexes of parcels; OPEN: all of them ours */
	mesh_time_ms born_ms, due_ms;
};
struct frags {
	struct frag_message list[FRAG_MESSAGES];
	uint32_t open, blocks; /* in use; `open` counts those that are not FREE */
	uint32_t spare;        /* parcels that are left to others */
	uint16_t next;         /* number of the next message we cut, less one */
	uint64_t *counters;    /* borrowed: mesh_counters.h */
};

void frag_init(struct frags *f, uint32_t spare, uint64_t *counters);

/* --- sending --- */
enum { FRAG_PARTS = 6 };
struct frag_cut { /* what is cut: one frame in some parts */
	struct bytes_view parts[FRAG_PARTS];
	enum parcel_class class;
	uint8_t origin[MESSAGE_OID];
	struct dedup_mark mark; /* as in struct parcel */
	struct handle whole;
	uint32_t spare; /* parcels that must be left */
};
/* How many pieces a frame makes; 0: more than a message may be. */
size_t frag_pieces(size_t bytes, size_t limit);
/* The first of its pieces, each at most `limit` bytes as a frame, each with one
 * reference: parcel_release_all.  Generation 0: no slots, too long, or too short. */
struct handle frag_cut(struct frags *f, struct parcels *ps, const struct frag_cut *what,
    size_t limit, mesh_time_ms now);

/* --- receiving --- */
enum frag_outcome {
	FRAG_KEPT,  /* one more, or one that is here already */
	FRAG_WHOLE, /* all others are here: frag_read; it is not kept itself, so that it
		       can be refused and come again */
	FRAG_LATE,  /* of a message that is over */
	FRAG_KILLED, /* it contradicts another one (frag.conflict) */
	FRAG_FULL    /* no room (frag.cap): let it be sent again */
};
/* Do the numbers of a piece agree with each other? */
bool frag_is_sound(const struct frame_frag *piece);
enum frag_outcome frag_take(struct frags *f, struct parcels *ps, struct handle from,
    const struct frame_frag *piece, struct frag_message **message, mesh_time_ms now);
/* The whole frame, with `last` in its place; `out` has room for `message->total`. */
void frag_read(const struct frag_message *m, const struct parcels *ps,
    const struct frame_frag *last, uint8_t *out);
/* Decided, for good or bad. */
void frag_over(
    struct frags *f, struct parcels *ps, struct frag_message *m, mesh_time_ms now);
void frag_forget(struct frags *f, struct parcels *ps, struct handle from);
void frag_tick(struct frags *f, struct parcels *ps, mesh_time_ms now);
mesh_time_ms frag_deadline(const struct frags *f);
#endif
