/* halfway.h - the handshakes under way: those we began and those others began.
 *
 * Two small tables that handshake.c (answers) and handshake_call.c (calls) share.
 * Floor 3.  Pure. */
#ifndef MESH_HALFWAY_H
#define MESH_HALFWAY_H
#include "handshake.h"

enum {
	HALFWAY_COOKIE_AT = 1 + 4 + 4, /* in HS1 */
	HALFWAY_HS1_PAYLOAD = ENVELOPE_HS1_BYTES - ENVELOPE_HS1_HEAD - ENVELOPE_TAG,
	HALFWAY_COOKIE_TRIES = 3, /* unanswered: the cookie may be out of date */
};

enum call_state { CALL_FREE, CALL_CALLING, CALL_FINISHING };
struct handshake_call { /* CALLING: HS1 is out.  FINISHING: HS3 is. */
	enum call_state state;
	unsigned tries, tries_max; /* 0: for ever */
	struct mesh_path path;
	bool has_key;
	struct mesh_key key; /* whom we expect there */
	uint32_t sid;
	struct noise noise;
	struct session_door door;
	uint8_t k_cookie[32];              /* of the door */
	uint8_t bytes[ENVELOPE_HS1_BYTES]; /* what is out, to be resent */
	size_t len;
	unsigned cookie_tries; /* 0: no cookie in it */
	uint64_t jitter;
	mesh_time_ms due_ms, ends_ms;
};
struct handshake_half { /* HS2 is out */
	bool used;
	struct mesh_path from;
	uint32_t sid, sid_remote;
	struct noise noise;
	struct session_door door;
	uint8_t bytes[ENVELOPE_HS2_BYTES_MAX];
	size_t len;
	mesh_time_ms ends_ms;
};

struct handshake_call *halfway_call(const struct handshake *h, uint32_t sid);
struct handshake_half *halfway_half(const struct handshake *h, uint32_t sid);
struct handshake_call *halfway_free_call(const struct handshake *h);
struct handshake_half *halfway_free_half(const struct handshake *h);
void halfway_drop_call(struct handshake_call *c);
void halfway_drop_half(struct handshake_half *half);
/* Drops halves that are over; returns how many are left. */
uint32_t halfway_expire(struct handshake *h, mesh_time_ms now);
/* Random, non-zero, unique here (PROTOCOL.md 6). */
uint32_t halfway_new_sid(const struct handshake *h, const uint8_t random[static 4]);
struct halfway_start {
	const struct handshake_door *door;
	enum noise_role role;
	uint32_t sid_i;
	const uint8_t *e; /* NOISE_KEY random bytes */
};
/* The Noise state of either role, with the prologue of PROTOCOL.md 6. */
void halfway_noise(
    struct handshake *h, struct noise *n, const struct halfway_start *start);
/* `ms` give or take a fifth. */
mesh_time_ms halfway_jittered(struct handshake_call *c, mesh_time_ms ms);
#endif
