/* outbox.h - what this site was asked to say over its radios, and what became of it.
 *
 * A text, or a question to a node, is taken with a number of its own and the packet's
 * number on the air; when the disk has it, it waits at the gate (air.h) and is followed
 * through the states of message.h.  All of it is kept as it changes: after a restart
 * what was not accepted goes again under the same number, and the rest shows its last
 * state.  So whoever asked finds what became of it; nothing goes silently.  What waits
 * for OUTBOX_PATIENCE_MS, the time that meshd did not run included, fails and says for
 * what it waited; what a radio was given and said nothing of is tried again for
 * OUTBOX_AGAIN_MS only, and then is uncertain: later the mesh might take it for a new
 * one.  Full: the oldest
 * that is settled makes room; if none is, the newest is refused.  Floor 7.  Pure. */
#ifndef OUTBOX_H
#define OUTBOX_H
#include "feed.h"
#include "outbox_check.h"
#include "store.h"

enum { OUTBOX_MESSAGES = AIR_WAITING, OUTBOX_PATIENCE_MS = 3600000 };
/* Meshes that take a number once do so for ten minutes, some of them. */
enum { OUTBOX_AGAIN_MS = 300000 };
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
void outbox_load(struct outbox *o, size_t slot, struct bytes_view kept);
/* When all are loaded: what is not too old goes on, in its order. */
void outbox_resume(struct outbox *o, struct mesh_now now);

/* Taken, it waits for the disk, and goes to the gate when outbox_kept says it is there.
 */
enum outbox_verdict outbox_ask(struct outbox *o, const struct outbox_ask *q,
    struct mesh_now now, struct outbox_answer *out);
/* Newest first; false past the end.  Texts live until the next call. */
bool outbox_at(const struct outbox *o, size_t index, struct message *out);
bool outbox_find(const struct outbox *o, uint64_t request, struct message *out);
/* An outcome of OWNER_OUTBOX, by the token's number.  The caller who waited for it and
 * hears `err` now, or 0. */
uint64_t outbox_kept(
    struct outbox *o, uint64_t number, enum mesh_err err, struct mesh_now now);
/* RADIO_SENT of a driver. */
void outbox_event(struct outbox *o, enum radio_network network,
    const struct radio_event *event, struct mesh_now now);
/* The gate's news, patience, what is to be kept. */
void outbox_tick(struct outbox *o, struct mesh_now now);
mesh_time_ms outbox_deadline(const struct outbox *o);
#endif
