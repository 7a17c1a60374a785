/* session.h - keys and counters of one neighbour, and all sessions together.
 *
 * A session has two directions with a key each, a sending counter that never wraps and
 * a window of received ones.  A newer session with the same site replaces the older,
 * which still receives for 10 s; two that the two sides began at the same time settle
 * on the one begun by the smaller key.  Opening and sealing take no memory.  Floor 3.
 * Pure.  Source: PROTOCOL.md 6 and 7. */
#ifndef MESH_SESSION_H
#define MESH_SESSION_H
#include "envelope.h"
#include "mesh_counters.h"
#include "meshproto.h"
#include "noise.h"
#include "pool.h"
#include "replay.h"
#include "table.h"

enum {
	SESSION_LINGER_MS = 10 * 1000,
	SESSION_TWIN_MS = 10 * 1000,
	SESSION_GUEST_MS = 10 * 1000,
	SESSION_SHOWING_MS = 5 * 1000, /* HS3 comes four times in it */
	SESSION_CLOSED_MS = 4 * 1000   /* HS3 comes four times in it */
};

struct session_peer { /* what the handshake learnt of the other side */
	struct mesh_key key;
	uint64_t boot;
	uint8_t boot_id[8];
	uint8_t proto;     /* agreed */
	uint8_t ping_s;    /* it wants to be pinged no more often; 0: the default */
	bool has_cert;     /* it says that it can show a certificate */
	uint64_t features; /* agreed */
	char name[24];     /* not yet cleaned, not terminated */
	uint8_t name_len;
	struct mesh_path observed; /* how it sees us */
};
enum session_purpose {
	SESSION_MEMBER,  /* between sites of one network */
	SESSION_GUEST,   /* under an invitation: we may let the other in */
	SESSION_JOINER,  /* under an invitation: the other may let us in */
	SESSION_UNKNOWN, /* at the front door, to be told that it knocks in vain */
	SESSION_SHOWING, /* a site of the network that owes us its certificate */
};
struct session_door {    /* what a session came through */
	uint8_t purpose; /* enum session_purpose */
	uint8_t id[8];   /* GUEST, JOINER: of the invitation */
	uint8_t hint[4]; /* GUEST: that was knocked with */
};
struct session_start {        /* secret: what a finished handshake hands over */
	enum noise_role role; /* NOISE_INITIATOR: we began */
	uint32_t sid_local, sid_remote;
	uint8_t send[NOISE_KEY], receive[NOISE_KEY];
	struct session_peer peer;
	struct session_door door;
	struct mesh_path path;
};
struct session {
	struct session_peer peer;
	struct mesh_path path; /* where to send */
	enum noise_role role;
	uint32_t sid_local, sid_remote;
	uint8_t send[NOISE_KEY], receive[NOISE_KEY];
	uint32_t next; /* counter of the next datagram we seal */
	struct replay window;
	struct session_door door;
	mesh_time_ms born_ms;
	mesh_time_ms ends_ms; /* replaced, or a guest's: receives until then;
				 MESH_NEVER: current */
	bool confirmed;       /* the other has shown that it has the keys */
	uint8_t closed; /* enum close_reason: we closed it, and say so again to whom
			 * did not hear it; 0: no */
};
struct sessions {
	struct pool pool; /* struct session */
	struct table by_sid;
	struct mesh_key self;
	uint64_t *counters; /* borrowed: mesh_counters.h */
};

/* Room for `cap` sessions and as many that linger. */
size_t session_bytes(uint32_t cap);
struct session_setup {
	const struct mesh_key *self; /* copied */
	const uint8_t *secret;       /* TABLE_SECRET bytes; copied */
	uint64_t *counters;          /* borrowed for ever */
};
/* `block`: zeroed, aligned for any type, session_bytes long; stays the caller's. */
void session_init(
    struct sessions *ss, void *block, uint32_t cap, const struct session_setup *setup);

enum session_installed {
	SESSION_NEW,      /* `made` is the current session with that site */
	SESSION_REPLACED, /* so it is, and `old` lingers */
	SESSION_TWIN_OLD, /* so it is; send CLOSE(CLOSE_TWIN) over `old`, which lingers
			   */
	SESSION_TWIN_NEW, /* `old` stays current; send CLOSE(CLOSE_TWIN) over `made` */
};
struct session_change {
	enum session_installed what;
	struct handle made, old;
};
/* MESH_FULL: no slot; nothing changed. */
MESH_MUST_CHECK enum mesh_err session_install(struct sessions *ss,
    const struct session_start *start, mesh_time_ms now, struct session_change *out);
/* One with somebody who is no member: it stands beside the others, is nobody's current
 * session, and ends by itself.  Generation 0: no slot. */
struct handle session_receive_guest(
    struct sessions *ss, const struct session_start *start, mesh_time_ms now);
/* One that SESSION_SHOWING was made for becomes a member's, as by session_install; its
 * counters go on.  `h` is stale afterwards.  MESH_FULL: it is gone. */
MESH_MUST_CHECK enum mesh_err session_promote(
    struct sessions *ss, struct handle h, mesh_time_ms now, struct session_change *out);
/* CLOSE with that reason is on its way; it may be lost, so the session stays for a
 * moment to say so again.  Forgotten at once if slots are few. */
void session_close(
    struct sessions *ss, struct handle h, uint8_t reason, mesh_time_ms now);
/* Forget at once, keys wiped. */
void session_remove(struct sessions *ss, struct handle h);
struct session *session_at(const struct sessions *ss, struct handle h); /* or NULL */
struct handle session_of(const struct sessions *ss, const struct mesh_key *peer);
bool session_has(const struct sessions *ss, uint32_t sid_local);
/* The one with that sid that owes us a certificate; generation 0: none. */
struct handle session_showing(const struct sessions *ss, uint32_t sid_local);
/* The one with that sid, if it is closed; generation 0: none. */
struct handle session_closed(const struct sessions *ss, uint32_t sid_local);

struct session_opened {
	struct handle session;
	uint32_t counter;
	bool first; /* nothing came in this session before: handshake_settled */
	struct bytes_view plain; /* the frames */
};
/* Open a data datagram into `plain`.  False: dropped and counted (rx.sid, rx.replay,
 * rx.data_tag).  Does not look at where it came from: roam.h does. */
MESH_MUST_CHECK bool session_open(struct sessions *ss, const struct envelope *env,
    uint8_t plain[static ENVELOPE_PLAIN_MAX], struct session_opened *out);
/* Seal in place: the frames, `plain_len` bytes, stand at datagram + ENVELOPE_DATA_HEAD.
 * Returns the datagram's length and its counter; 0: this session is used up. */
size_t session_seal(struct session *s, uint8_t datagram[static ENVELOPE_MAX],
    size_t plain_len, uint32_t *counter);

enum session_age { SESSION_FRESH, SESSION_REKEY, SESSION_DEAD };
/* REKEY: call the other again (60 min or 2^30 datagrams; 70 min if it began).  DEAD:
 * 75 min, 2^31, or replaced 10 s ago: remove it. */
enum session_age session_age(const struct session *s, mesh_time_ms now);
/* When some session's age next changes. */
mesh_time_ms session_deadline(const struct sessions *ss, mesh_time_ms now);
#endif
