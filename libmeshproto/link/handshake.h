/* handshake.h - strangers become sessions: HS1, HS2, HS3 and the cookie.
 *
 * Calls (we began) and halves (they began) live in two small tables.  Each goes through
 * a door: a shared key and what it is for, which the session then carries on.  How core
 * uses it: every HS1, HS2, HS3 or cookie envelope goes to handshake_receive.
 * HANDSHAKE_REPLY: send out->reply to out->to.  HANDSHAKE_ASK: the other has proved to
 * be out->peer; look it up and answer with handshake_judge, before any other input;
 * HANDSHAKE_MET then brings a session_start for session_install, and for the initiator
 * a reply, HS3, which is resent until handshake_settled.  handshake_next drains what
 * time makes due.
 *
 * A datagram that is dropped moves one counter and changes nothing.  An unknown HS1
 * costs no curve operation before its tag was right and the rates allow it.  Floor 3.
 * Pure: all randomness is a parameter.  Source: PROTOCOL.md 6. */
#ifndef MESH_HANDSHAKE_H
#define MESH_HANDSHAKE_H
#include "doorstep.h"
#include "introduce.h"
#include "session.h"

enum {
	HANDSHAKE_RANDOM = 40,        /* bytes that one input may use up */
	HANDSHAKE_HALF_MS = 5000,     /* a half-open handshake's life */
	HANDSHAKE_PATIENCE_MS = 1000, /* of the larger key, for the smaller one's HS1 */
};

struct handshake_self { /* copied; secret */
	struct introduce told;
	uint8_t seed[32];
	struct handshake_door door; /* the network's own, of the key in use */
	uint8_t cookie_secret[32];  /* random, of this start */
};
struct handshake {
	struct handshake_self self;
	uint8_t link_secret[NOISE_KEY], link_public[NOISE_KEY];
	struct handshake_call *calls;   /* ours; borrowed storage */
	struct handshake_half *halves;  /* theirs; likewise */
	uint32_t cap;                   /* of each */
	uint32_t calls_top, halves_top; /* above these none is in use */
	struct doorstep doorstep;
	struct { /* what was opened, until handshake_judge */
		struct noise noise;
		struct session_start start;
		struct handshake_call *call; /* ASK for HS2; */
		struct handshake_half *half; /* or for HS3; both NULL: nothing asked */
	} trial;
	uint8_t reply[ENVELOPE_COOKIE_BYTES];
	const struct sessions *sessions; /* borrowed: sids in use */
	uint64_t *counters;              /* borrowed: mesh_counters.h */
};

/* The network's key was replaced: calls from now on go under the new one. */
void handshake_rekey(struct handshake *h, const struct handshake_door *door);

size_t handshake_bytes(uint32_t cap);
struct handshake_setup {
	uint32_t cap;                      /* calls, and as many halves */
	const struct handshake_self *self; /* copied */
	const struct sessions *sessions;   /* borrowed for ever */
	uint64_t *counters;                /* borrowed for ever */
};
/* `block`: zeroed, aligned for any type, handshake_bytes long; stays the caller's. */
void handshake_init(struct handshake *h, void *block,
    const struct handshake_setup *setup, mesh_time_ms now);
void handshake_wipe(struct handshake *h);

struct handshake_input {
	const struct envelope *env;
	struct bytes_view datagram;
	const struct mesh_path *from;
	const uint8_t *random; /* HANDSHAKE_RANDOM bytes */
	mesh_time_ms now;
	/* HS1: the door that its hint names; NULL: only the network's own. */
	const struct handshake_door *door;
};
enum handshake_outcome {
	HANDSHAKE_DROPPED, /* and counted; RX_COOKIE_SENT comes with a REPLY */
	HANDSHAKE_REPLY,
	HANDSHAKE_ASK,
	HANDSHAKE_MET,
	HANDSHAKE_OURSELVES, /* dropped and counted: what we called at out->to is we */
	HANDSHAKE_OUTLIVED,  /* handshake_judge: dropped and counted, but it proved its
				key, and the other side has a session: out->start's */
	HANDSHAKE_LOST,      /* handshake_next: nobody answered HS3; remove out->sid's
				session */
};
struct handshake_out {
	struct bytes_view reply; /* until the next input; empty: nothing to send */
	struct mesh_path to;
	const struct session_peer *peer; /* ASK, MET; until the next input */
	/* MET and OUTLIVED, and at ASK its `door`; until the next input. */
	const struct session_start *start;
	uint32_t sid; /* LOST */
};
enum handshake_outcome handshake_receive(
    struct handshake *h, const struct handshake_input *in, struct handshake_out *out);

struct handshake_verdict {
	bool admitted;
	uint64_t known_boot; /* highest boot known of that site; 0: none */
};
/* Answers the ASK: HANDSHAKE_MET, or OUTLIVED or DROPPED (rx.hs_identity). */
enum handshake_outcome handshake_judge(struct handshake *h,
    const struct handshake_verdict *verdict, mesh_time_ms now,
    struct handshake_out *out);

struct handshake_target {
	struct mesh_path path;
	const struct mesh_key *key; /* whom we expect there; NULL: whoever it is */
	mesh_time_ms start_ms;      /* not before: handshake_start_ms */
	uint8_t tries;              /* HS1 this often, then forget it; 0: for ever */
	const struct handshake_door *door; /* NULL: the network's own */
};
/* Begin, or do nothing if that address or site is being called already.  MESH_FULL: all
 * calls are out.  HS1 comes out of handshake_next. */
MESH_MUST_CHECK enum mesh_err handshake_call(struct handshake *h,
    const struct handshake_target *target,
    const uint8_t random[static HANDSHAKE_RANDOM], mesh_time_ms now);
/* PROTOCOL.md 6.5: at once if our key is the smaller, else after a second without HS1.
 */
mesh_time_ms handshake_start_ms(
    const struct handshake *h, const struct mesh_key *other, mesh_time_ms now);
/* How many are out. */
uint32_t handshake_calls(const struct handshake *h);
bool handshake_is_calling(const struct handshake *h, const struct mesh_path *path);
void handshake_cancel(struct handshake *h, const struct mesh_path *path);
/* That site is not called any more; HS3, once it is out, still arrives. */
void handshake_withdraw(struct handshake *h, const struct mesh_key *key);
/* That site is rather to be found there: drop a call to it that goes elsewhere. */
void handshake_turn(
    struct handshake *h, const struct mesh_key *key, const struct mesh_path *path);
/* Data came in the session that we began: HS3 arrived. */
void handshake_settled(struct handshake *h, uint32_t sid_local);

/* What is due: HANDSHAKE_REPLY (send it) or LOST, until DROPPED: nothing more now. */
enum handshake_outcome handshake_next(
    struct handshake *h, mesh_time_ms now, struct handshake_out *out);
mesh_time_ms handshake_deadline(const struct handshake *h);

bool handshake_path_equal(const struct mesh_path *a, const struct mesh_path *b);
#endif
