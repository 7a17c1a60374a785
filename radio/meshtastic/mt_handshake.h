/* mt_handshake.h - asking a radio for everything it knows, until it has told it.
 *
 * Wake it, wait, ask with a number of our own, collect; the answer ends with that
 * number.  Without progress we ask again with another number, so that the end of an old
 * answer cannot end a new one; after a few times, or when it never ends, we give up and
 * the link is opened anew.  Source: Meshtastic's stream API.  Floor 2.  Pure. */
#ifndef RADIO_MT_HANDSHAKE_H
#define RADIO_MT_HANDSHAKE_H
#include "types.h"

enum {
	MT_WAKE_MS = 100,     /* what the official client waits after waking a radio */
	MT_STALL_MS = 10000,  /* no frame of an answer for so long: ask again */
	MT_TOTAL_MS = 180000, /* 250 nodes over a slow serial line take a minute */
	MT_ASK_TIMES = 3
};
/* Config only, and nodes only; 0 and 1 mean something in heartbeats. */
enum { MT_NONCE_CONFIG_ONLY = 69420, MT_NONCE_NODES_ONLY = 69421 };
enum mt_handshake_state {
	MT_HANDSHAKE_IDLE,
	MT_HANDSHAKE_WAKING,
	MT_HANDSHAKE_ASKED,
	MT_HANDSHAKE_DONE,
	MT_HANDSHAKE_FAILED
};
enum mt_handshake_step { MT_STEP_WAIT, MT_STEP_ASK, MT_STEP_GIVE_UP };
struct mt_handshake {
	enum mt_handshake_state state;
	mesh_time_ms started_ms, due_ms;
	uint32_t nonce, asked;
	uint32_t my_node; /* 0: not told yet */
	uint64_t random;
};

void mt_handshake_seed(struct mt_handshake *h, uint64_t seed);
/* The link is up and wake-up bytes are on their way. */
void mt_handshake_start(struct mt_handshake *h, mesh_time_ms now);
/* The radio started anew under an open link: ask at once. */
void mt_handshake_restart(struct mt_handshake *h, mesh_time_ms now);
void mt_handshake_stop(struct mt_handshake *h);
/* ASK: send want_config_id with h->nonce now. */
enum mt_handshake_step mt_handshake_tick(struct mt_handshake *h, mesh_time_ms now);
void mt_handshake_progress(struct mt_handshake *h, mesh_time_ms now);
/* True if this ends our question; MT_HANDSHAKE_DONE from then on. */
bool mt_handshake_complete(struct mt_handshake *h, uint32_t id);
mesh_time_ms mt_handshake_deadline(const struct mt_handshake *h);
/* From the seed: never the numbers that mean something to a radio. */
uint32_t mt_handshake_random(struct mt_handshake *h);
#endif
