/* meshproto.h - one site of the mesh, as a machine without a world.
 *
 * Datagrams, records and time go in; datagrams, events and the next deadline come out.
 * Drain both after every input; views in them live until the next input.  The node
 * keeps no history: it says what to keep (MESH_RECORD, MESH_KEEP), is told when that is
 * safe
 * (_stored), and promises to others only what is safe.  Bodies are opaque to it, the
 * control lane and its own `mesh.*` state keys aside.  Floor 4.  Pure.  Source:
 * PROTOCOL.md. */
#ifndef MESHPROTO_H
#define MESHPROTO_H
#include "bytes.h"
#include "counters.h"
#include "fields.h"
#include "mesh_words.h"
#include "types.h"

struct mesh_draft { /* what append signs */
	enum mesh_lane lane;
	uint16_t type;
	uint8_t hop_max;            /* 0: the default of 32 */
	const struct mesh_key *dst; /* NULL except in LANE_LIVE */
	struct bytes_view body;     /* a msgpack array: mesh_body_encode */
};
/* An IPv4 address and a port, in host order. */
struct mesh_path mesh_path_v4(uint32_t addr, uint16_t port);
struct mesh_datagram {
	struct mesh_path to;
	struct bytes_view bytes;
};

struct mesh_question {             /* what _ask sends */
	const struct mesh_key *to; /* NULL: everybody */
	/* In the upper floors' words; to one site one datagram at most, to all as much
	 * as a record holds.  ptr NULL: an echo, which every site answers by itself,
	 * with the way and the times. */
	struct bytes_view body;
	uint32_t
	    budget_ms;  /* over after that, whoever is missing; 0: 2 s, at most 60 s */
	uint64_t token; /* the asker's; comes back in every event */
};
enum { MESH_WAY_MAX = 16 };
struct mesh_hop { /* one site of the way, the asked one last */
	struct mesh_key site;
	bool is_known;    /* else only a tag came, and `site` is zero */
	bool is_timed;    /* it left stamps both ways, and both are good */
	bool is_doubtful; /* a stamp that is missing or does not hold: PROTOCOL.md 8 */
	uint32_t rtt_us;  /* is_timed: from us to it and back */
};
struct mesh_echo {
	uint32_t rtt_us;
	uint8_t hops, hops_back; /* 1: a neighbour */
	bool has_clock;          /* both sides have a plausible one */
	int64_t clock_ms;        /* theirs less ours, good to half a round trip */
	size_t count;
	struct mesh_hop way[MESH_WAY_MAX];
};

enum mesh_notice {
	NOTICE_CLONE = 1,
	NOTICE_FORK,
	NOTICE_ISOLATED,
	NOTICE_STRANGER,
	NOTICE_REVOKED,      /* we ourselves are out */
	NOTICE_REKEYED,      /* another network key is in use */
	NOTICE_RECOVERED,    /* our own log is back from others */
	NOTICE_RENEWED,      /* our log goes on in a new epoch */
	NOTICE_OURSELVES,    /* a seed is this site, seen from outside */
	NOTICE_CROWDED,      /* newcomers are refused: too many, or from one place */
	NOTICE_CERT_FOREIGN, /* a site refuses our certificate: another authority's, */
	NOTICE_CERT_EARLY,   /* not valid yet there, */
	NOTICE_CERT_EXPIRED, /* or no longer */
	NOTICE_FORGOTTEN,    /* DECREE_FORGET */
	NOTICE_QUOTA /* it keeps more in a lane, record.at.lane, than a site may */
};
/* What a MESH_KEEP asks to persist.  NETWORK: `body` is the whole network file, secret;
 * it has no key. */
enum mesh_keep { KEEP_RESERVED = 1, KEEP_PEER, KEEP_FORK, KEEP_CLAUSE, KEEP_NETWORK };
/* How mesh_site_join went. */
enum mesh_join { JOIN_DONE = 1, JOIN_USED, JOIN_EXPIRED, JOIN_UNKNOWN, JOIN_REFUSED };

struct mesh_event {
	enum mesh_event_kind {
		MESH_RECORD = 1,
		MESH_KEEP,
		MESH_PEER,
		MESH_NOTICE,
		MESH_SETTLE,
		MESH_WANT,
		MESH_QUESTION,
		MESH_ANSWER,
		MESH_ANSWERED,
		MESH_JOIN,
		MESH_PURGE,
		MESH_SKETCH,
		MESH_CELLS,
		MESH_REFETCH,
		MESH_TOLD
	} kind;
	/* RECORD, KEEP, SETTLE, PURGE: for _stored; below 2^56.  WANT: for _supply.
	 * QUESTION: for _answer.  ANSWER, ANSWERED: the token of _ask.  SKETCH: for
	 * _scope and _cells.  CELLS: for _sketched. */
	uint64_t ticket;
	struct mesh_key site; /* PEER, NOTICE, QUESTION, ANSWER, TOLD: who */
	/* NOTICE_CLONE: where the other one is; all zero: only what it wrote came, by
	 * the neighbour `site`. */
	struct mesh_path addr;
	struct mesh_record
	    record; /* RECORD: verified, new, not yet stored; own included.  SETTLE:
		       no body; `claims` numbers up to its own need no record any more,
		       the have-set takes them in (mesh_holding_put).  WANT: `at` is
		       where to read from.  PURGE: all lanes of at.origin go, up to
		       at.epoch, with their have-sets; MESH_TRUNCATED: not yet all.
		       CELLS, REFETCH: the lane that is compared, and its end */
	/* WANT: the last number; at most `max_bytes` of proofs.  SKETCH: the first
	 * cell, `max_bytes` of them.  CELLS: the first cell of `body`; `max_bytes` were
	 * asked for in all. */
	uint64_t to;
	uint32_t max_bytes;
	bool own;  /* RECORD, PURGE: this site is the origin */
	bool late; /* RECORD: history, PROTOCOL.md 9 */
	/* KEEP: mesh_keep.  PEER: mesh_peer_state.  NOTICE, JOIN: by their names.
	 * ANSWER: 1, it answers no such questions; there is no body.  PURGE: 1, our own
	 * log begins anew. */
	uint16_t code;
	/* KEEP: a row to write under `key`, FULL sync.  QUESTION, ANSWER, TOLD: the
	 * body. JOIN_DONE: `key` is the network's, secret. */
	struct bytes_view key, body;
	const struct mesh_echo *echo; /* ANSWER to an echo; else NULL */
	uint32_t budget_ms;           /* QUESTION: so long the asker waits */
	uint32_t known, answered; /* ANSWERED: sites that were asked; that answered */
};

/* A neighbour or another known site, for `peer list`. */
struct mesh_peer {
	struct mesh_key key;
	struct text_view name; /* borrowed until the next input; not yet cleaned */
	enum mesh_peer_state state;
	enum mesh_peer_reason reason;
	struct mesh_path addr; /* all zero: none known */
	bool direct;           /* a session stands */
	uint8_t hops;          /* 0 unknown, 1 direct */
	uint32_t rtt_us;       /* 0 unknown */
	float loss;            /* 0..1 */
	uint64_t boot;
	mesh_time_ms last_heard_ms;
	mesh_time_ms since_ms; /* of its state */
	uint8_t proto;
	struct mesh_path observed; /* direct: how it sees us; all zero: unknown */
	uint16_t datagram_bytes;   /* direct: the longest that gets there */
	bool compared;          /* direct: it has said what it holds, and that was: */
	uint64_t behind, ahead; /* records it has and we lack; the reverse; at most */
	uint32_t certified_until_s; /* Unix time; 0: not certified */
};

struct mesh_site;
struct mesh_decree;
struct mesh_invite;
struct mesh_params; /* meshparams.h: limits, identity, network key, randomness, holdings
		     */

MESH_MUST_CHECK enum mesh_err mesh_site_new(
    struct mesh_site **out, const struct mesh_params *params, struct mesh_now now);
void mesh_site_free(struct mesh_site *site); /* NULL is fine; wipes keys */
/* A datagram never fails: a bad one moves a counter and changes nothing. */
void mesh_site_receive(struct mesh_site *site, const struct mesh_path *from,
    struct bytes_view datagram, struct mesh_now now);
void mesh_site_tick(struct mesh_site *site, struct mesh_now now);
/* Sign the draft as our next record; it comes out as MESH_RECORD with `own`, is pushed
 * to others only after _stored(MESH_OK).  MESH_FULL: no reserved number or no slot,
 * later. MESH_QUOTA: a PUT of a new key, and the lane would hold more than it may
 * (mesh_lane_quota). MESH_MALFORMED: does not fit one datagram (counter tx.too_large)
 * or a bad draft. */
MESH_MUST_CHECK enum mesh_err mesh_site_append(struct mesh_site *site,
    const struct mesh_draft *draft, uint64_t *seq, struct mesh_now now);
/* The same for a PUT whose key we have live, in a record that counts for so many
 * (mesh_record_weight): only what is more is asked for. */
MESH_MUST_CHECK enum mesh_err mesh_site_replace(struct mesh_site *site,
    const struct mesh_draft *draft, uint32_t replaced, uint64_t *seq,
    struct mesh_now now);
/* Of our log; 0: it is to be found out yet.  Numbers mean nothing in another one. */
uint64_t mesh_site_epoch(const struct mesh_site *site);
/* Of our own keyed lane, DROPs below number `floor` are older than tombstones live
 * (PROTOCOL.md 2): the next CHECKPOINT lets everybody forget them. */
void mesh_site_retire(struct mesh_site *site, enum mesh_lane lane, uint64_t floor);
/* What became of the RECORD or KEEP with this ticket: MESH_OK promises it to others;
 * MESH_IO withholds it.  `live`, keyed lanes: the lane's new count and sum, else NULL.
 */
void mesh_site_stored(struct mesh_site *site, uint64_t ticket, enum mesh_err err,
    const struct mesh_live *live, struct mesh_now now);
/* For MESH_WANT: live records of that log from the wanted number on, in seq order; may
 * be called several times.  Stale tickets are ignored. */
void mesh_site_supply(struct mesh_site *site, uint64_t ticket,
    const struct mesh_record *records, size_t count, struct mesh_now now);
/* That was all: up to number `upto` nothing was left out; 0: nothing is known. */
void mesh_site_supply_end(
    struct mesh_site *site, uint64_t ticket, uint64_t upto, struct mesh_now now);
/* --- lanes that are not what their origin says (meshsketch.h, PROTOCOL.md 9) --- */
enum mesh_compared {
	COMPARED_SAME,    /* count and sum are those of the newest CHECKPOINT */
	COMPARED_DIFFERS, /* they are not, and nothing is missing up to it */
	COMPARED_LOST     /* rows of it are gone that were there */
};
/* The store has looked at a keyed lane whose have-set is one run up to at->seq. */
void mesh_site_compared(struct mesh_site *site, const struct mesh_position *at,
    enum mesh_compared how, struct mesh_now now);
/* Numbers at->seq to `last` are held no more: their rows were lost.  They are asked for
 * like any others. */
void mesh_site_unheld(struct mesh_site *site, const struct mesh_position *at,
    uint64_t last, struct mesh_now now);
/* MESH_SKETCH: a sketch is wanted of these logs, scope 0 first, each up to out->seq.
 * False: past the last one, or nobody waits any more. */
bool mesh_site_scope(const struct mesh_site *site, uint64_t ticket, size_t index,
    struct mesh_position *out);
/* Its cells as mesh_sketch_write lays them out; none: the logs do not end there. */
void mesh_site_cells(struct mesh_site *site, uint64_t ticket, struct bytes_view cells,
    struct mesh_now now);
/* What MESH_CELLS, taken out of our own, have led to. */
enum mesh_sketched {
	SKETCHED_MORE,     /* all came that was asked for: ask for `want` in all */
	SKETCHED_SAME,     /* no difference */
	SKETCHED_MENDED,   /* the differences are known, and seen to */
	SKETCHED_MOVED,    /* our lane does not end there any more */
	SKETCHED_TOO_MANY, /* more than MESH_SKETCH_CELLS could tell */
	SKETCHED_WRONG     /* no two sets have these cells */
};
void mesh_site_sketched(struct mesh_site *site, uint64_t ticket, enum mesh_sketched how,
    uint32_t want, struct mesh_now now);
/* A static peer to keep trying (`seed =`); handed over again when its name re-resolves.
 */
void mesh_site_seed(
    struct mesh_site *site, const struct mesh_path *addr, struct mesh_now now);
/* Its name means that address no longer. */
void mesh_site_unseed(
    struct mesh_site *site, const struct mesh_path *addr, struct mesh_now now);
/* Where this site itself may be called: an address of its sockets that came or went
 * (`up`), or one that was configured.  Signed and told to all. */
void mesh_site_address(struct mesh_site *site, const struct mesh_path *addr,
    bool configured, bool up, struct mesh_now now);
/* An interface on which to broadcast beacons appeared or went (`up`). */
void mesh_site_segment(
    struct mesh_site *site, uint16_t iface, bool up, struct mesh_now now);
/* The system said that this address cannot be reached: only starts a probe. */
void mesh_site_hint_unreachable(
    struct mesh_site *site, const struct mesh_path *addr, struct mesh_now now);
/* Say goodbye: BYE to everybody, CLOSE to each neighbour, then drain and stop. */
void mesh_site_leave(struct mesh_site *site, struct mesh_now now);

/* Ask one site or all.  Each answer is a MESH_ANSWER; when all have answered, or it is
 * time, one MESH_ANSWERED ends it.  MESH_FULL: too many questions are open.
 * MESH_NOT_FOUND: no such site.  MESH_MALFORMED: too long.  On an error no event
 * comes. */
MESH_MUST_CHECK enum mesh_err mesh_site_ask(
    struct mesh_site *site, const struct mesh_question *question, struct mesh_now now);
/* Answer a MESH_QUESTION, to its asker alone, once.  `body` with ptr NULL: nobody here
 * answers such questions.  MESH_NOT_FOUND: too late. */
MESH_MUST_CHECK enum mesh_err mesh_site_answer(struct mesh_site *site, uint64_t ticket,
    struct bytes_view body, struct mesh_now now);

/* Tell one site, or all others with `to` NULL: there it is MESH_TOLD.  Once and to whom
 * it reaches now: nobody keeps it.  MESH_NOT_FOUND: no such site.  MESH_MALFORMED: more
 * than one datagram.  MESH_FULL: later. */
MESH_MUST_CHECK enum mesh_err mesh_site_tell(struct mesh_site *site,
    const struct mesh_key *to, struct bytes_view told, struct mesh_now now);

/* --- who belongs (meshtrust.h) --- */
/* An operator's decision.  As an admin it becomes our record, `*seq` of the control
 * lane, and holds once that is stored; else, for ALLOW to UNBLOCK, it holds at this
 * site alone and at once: `*seq` is 0.  MESH_DENIED: only an admin may; also for the
 * founder's and our own key, and to FORGET who is alive.  MESH_NOT_FOUND: FORGET of an
 * unknown one.  MESH_FULL: no room, or later. */
MESH_MUST_CHECK enum mesh_err mesh_site_decree(struct mesh_site *site,
    const struct mesh_decree *decree, uint64_t *seq, struct mesh_now now);
/* At the start: a control record that is stored, ours or another's.  It takes effect if
 * a cut came between its commit and that of its MESH_KEEP. */
void mesh_site_recall(
    struct mesh_site *site, const struct mesh_record *r, struct mesh_now now);
/* Knock at a token's addresses until MESH_JOIN says how it went; NULL: stop that. */
void mesh_site_join(
    struct mesh_site *site, const struct mesh_invite *invite, struct mesh_now now);
struct mesh_trust {
	bool is_admin, is_founder,
	    wants_key,  /* a new network key exists, not yet here */
	    is_revoked; /* an admin has put this site out */
	enum mesh_admission admission;
	uint8_t netid[16], key_hash[32]; /* of the key in use */
	bool has_next;
	uint64_t next_after_ms; /* unix_ms */
	struct mesh_key founder;
	uint8_t salt[16];
	uint32_t certified_until_s; /* our certificate's end, Unix time; 0: none */
	enum mesh_certified certified;
};
void mesh_site_trust(const struct mesh_site *site, struct mesh_trust *out);
/* Our renewed certificate: told to the neighbours and, as a record, to all; sessions go
 * on.  MESH_MALFORMED, or MESH_DENIED: admission is not by authority, or it is another
 * authority's, network's or site's, or does not hold now.  Then the former one stays.
 */
MESH_MUST_CHECK enum mesh_err mesh_site_certificate(
    struct mesh_site *site, struct bytes_view certificate, struct mesh_now now);
bool mesh_site_is_admin(const struct mesh_site *site, const struct mesh_key *key);
/* Did we purge it?  Then a DECREE_BLOCK without `purge` is denied, whether it was let
 * in again or not. */
bool mesh_site_has_purged(const struct mesh_site *site, const struct mesh_key *key);
/* An invitation, standing or not; false past the end. */
struct mesh_invited {
	uint8_t id[8];
	struct mesh_key by;
	uint16_t uses, used;
	uint64_t expires_ms;
	bool withdrawn;
};
bool mesh_site_invited(
    const struct mesh_site *site, size_t index, struct mesh_invited *out);

/* Events are to be taken out after every call.  Datagrams may wait while all that has
 * come in is handed over, so that what goes to one neighbour shares them: until this
 * is true, for the room they wait in is small. */
bool mesh_site_is_pressed(const struct mesh_site *site);
bool mesh_site_next_datagram(struct mesh_site *site, struct mesh_datagram *out);
bool mesh_site_next_event(struct mesh_site *site, struct mesh_event *out);
mesh_time_ms mesh_site_deadline(const struct mesh_site *site);

/* Peers in stable order, strangers last: false past the end. */
bool mesh_site_peer(const struct mesh_site *site, size_t index, struct mesh_peer *out);
/* The one with that key; false: never heard of. */
bool mesh_site_peer_of(
    const struct mesh_site *site, const struct mesh_key *key, struct mesh_peer *out);
/* May this site write durable records?  CLONED and FORKED: not until its next start. */
enum mesh_writing {
	WRITING_YES,
	WRITING_HELD,     /* the neighbours have not said yet what they hold of us */
	WRITING_RECOVERS, /* our log is longer elsewhere and on its way */
	WRITING_CLONED,   /* somebody else runs with our key */
	WRITING_FORKED    /* too many forks of our log in a day */
};
enum mesh_writing mesh_site_writing(const struct mesh_site *site);
/* Our end of the processed prefix of (origin, lane), and its epoch; false: nothing. */
bool mesh_site_high(const struct mesh_site *site, const struct mesh_key *origin,
    enum mesh_lane lane, uint64_t *epoch, uint64_t *high);
extern const struct counter_list mesh_counters; /* PROTOCOL.md 14 */
uint64_t mesh_site_counter(const struct mesh_site *site, size_t index);
size_t mesh_site_memory(const struct mesh_site *site); /* bytes taken at start */

/* Bodies by field table: positional msgpack arrays (PROTOCOL.md, head).  Decoded views
 * point into `body`; lists and trees are carved from `lists`. */
MESH_MUST_CHECK enum mesh_err mesh_body_encode(
    const struct field_table *t, const void *object, struct bytes_out *out);
MESH_MUST_CHECK enum mesh_err mesh_body_decode(const struct field_table *t,
    struct bytes_view body, void *object, struct arena *lists);

/* A record as the store keeps it, read back: `bundle` is its proof.  Shape-checked, the
 * signature is not checked again. */
MESH_MUST_CHECK enum mesh_err mesh_record_read(
    struct bytes_view bundle, struct mesh_record *out);
/* What stays at this site, as a record for its own store: PROTOCOL.md 2.  It has epoch
 * 0, which no log has, number 1 and a signature that no site takes.  `out` views into
 * `bundle`.  MESH_MALFORMED, MESH_FULL: `bundle` is too small. */
MESH_MUST_CHECK enum mesh_err mesh_record_local(const struct mesh_key *site,
    const struct mesh_draft *draft, unix_ms time_ms, struct bytes_out *bundle,
    struct mesh_record *out);
/* Is its proof whole and signed by its origin, in the network of that id? */
MESH_MUST_CHECK bool mesh_record_verify(
    const struct mesh_record *r, const uint8_t netid[static 16]);
/* The same of its core alone; it has no proof then. */
MESH_MUST_CHECK enum mesh_err mesh_record_of_core(
    struct bytes_view core, struct mesh_record *out);
/* PROTOCOL.md head: H, BLAKE2b-256 without key. */
void mesh_hash(const void *bytes, size_t len, uint8_t out[static 32]);
/* PROTOCOL.md 3: H(0x00 || core), what sums and proofs are made of. */
void mesh_record_leaf(const struct mesh_record *r, uint8_t leaf[static 32]);
/* The key of a PUT of a keyed lane; false for other types and lanes. */
bool mesh_record_key(const struct mesh_record *r, struct bytes_view *key);
bool mesh_lane_is_keyed(enum mesh_lane lane);
/* PROTOCOL.md 2: what one origin may keep there, in every network the same. */
struct mesh_quota mesh_lane_quota(enum mesh_lane lane);
/* As so many records does it count there. */
uint32_t mesh_record_weight(const struct mesh_record *r);
void mesh_live_add(
    struct mesh_live *live, const uint8_t leaf[static 32], uint32_t weight);
void mesh_live_remove(
    struct mesh_live *live, const uint8_t leaf[static 32], uint32_t weight);
#endif
