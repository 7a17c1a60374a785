/* peers.h - the table of known sites: who, where, in which life, alive or not.
 *
 * One row for each site of which something verified was ever heard.  When the table is
 * full the dead site that was heard least recently makes room, one that never was there
 * for long before all others; nobody who is alive is ever pushed out by a newcomer.
 * Strangers, who speak another network's tongue, have a small ring of addresses beside
 * it and nothing more.  Floor 3.  Pure.  Source: PROTOCOL.md 1, 11, 13. */
#ifndef MESH_PEERS_H
#define MESH_PEERS_H
#include "addresses.h"
#include "table.h"

enum {
	PEERS_STRANGERS = 32,
	PEERS_NAME = 32,
	PEERS_WINDOW = 64,
	PEERS_STRAGGLERS = 1024,
	PEERS_EPOCHS = 4, /* higher ones, before a day of rest */
	PEERS_EPOCHS_S = 24 * 60 * 60,
	PEERS_STEADY_MS = 10 * 60 * 1000
};

struct peer {
	struct mesh_key key;
	uint8_t oid[8], tag[4];
	char name[PEERS_NAME];
	uint8_t name_len;
	uint8_t state, reason; /* enum mesh_peer_state, mesh_peer_reason */
	uint8_t hops;          /* 0: unknown */
	bool met;       /* a verified beacon or a session: PROTOCOL.md 11, "know" */
	bool is_static; /* behind a seed */
	bool steady;    /* it once was alive for PEERS_STEADY_MS */
	bool old_key;   /* last heard under the network's previous key */
	bool changed;   /* to be told as MESH_PEER */
	bool unkept;    /* boot or epoch to be persisted: MESH_KEEP */
	bool moved;     /* an address to be persisted, with others: finding.c */
	bool caught_up; /* in this boot it was told what was just said: recent.c */
	uint64_t boot;  /* highest known */
	uint64_t epoch; /* highest known, of its log */
	uint64_t beacon_seq;           /* of the last beacon in this boot */
	uint64_t live_next, live_bits; /* lane 0: one above the highest, and who came */
	struct mesh_path addr;         /* last one that proved right, or was beaconed */
	struct addresses more;         /* others, by its own signature */
	uint64_t more_seq;             /* of the record that said so */
	mesh_time_ms heard_ms;
	mesh_time_ms proof_ms; /* when it last said something itself, by our clock */
	mesh_time_ms dial_ms;  /* not before */
	uint8_t dial_count, dial_turn; /* of its addresses */
	uint8_t renewals;              /* higher epochs since... */
	uint32_t renewed_s;      /* ...by our clock: the first, or the last of them */
	mesh_time_ms accused_ms; /* when we last sent SUSPECT about it */
	mesh_time_ms since_ms;   /* of its state */
	mesh_time_ms lost_ms;    /* no path since; MESH_NEVER: there is one */
	struct handle neighbour; /* core's; generation 0: none */
};
struct peers_stranger {
	struct mesh_path path;
	struct mesh_key key;   /* zero: it speaks another network's tongue */
	uint8_t reason;        /* enum mesh_peer_reason: why it is not let in */
	mesh_time_ms heard_ms; /* 0: free */
};
struct peers {
	struct pool pool; /* struct peer */
	struct table by_key;
	struct peers_stranger strangers[PEERS_STRANGERS];
};

size_t peers_bytes(uint32_t cap);
/* `block`: zeroed, aligned, peers_bytes long; stays the caller's. */
void peers_init(struct peers *p, void *block, uint32_t cap,
    const uint8_t secret[static TABLE_SECRET]);
struct handle peers_find(const struct peers *p, const struct mesh_key *key);
struct peer *peers_at(const struct peers *p, struct handle h); /* NULL: stale */
/* A new row.  Generation 0: full of the living.  `evicted`: whose row it was before,
 * generation 0: nobody's.  Requires: not in. */
struct handle peers_add(struct peers *p, const struct mesh_key *key, mesh_time_ms now,
    struct handle *evicted);
/* The dead one, heard least recently, of those that were never steady; generation 0:
 * there is none. */
struct handle peers_spare(const struct peers *p);
bool peers_is_spare(const struct peer *p); /* such a one */
void peers_remove(struct peers *p, struct handle h);
/* Every row, in the order of their slots: start with *index = 0, add one each time. */
struct peer *peers_walk(const struct peers *p, uint32_t *index);
/* Note a datagram of a foreign network.  True: not heard from there lately. */
bool peers_stranger(struct peers *p, const struct mesh_path *from, mesh_time_ms now);
/* The same for one who speaks ours and is not admitted. */
struct peers_candidate {
	struct mesh_path from;
	struct mesh_key key; /* its own */
	enum mesh_peer_reason reason;
};
bool peers_candidate(
    struct peers *p, const struct peers_candidate *who, mesh_time_ms now);
void peers_admitted(struct peers *p, const struct mesh_key *key); /* no stranger */

/* A boot was proved.  False: an older life than the known one.  A newer one starts its
 * lane 0 afresh. */
bool peers_boot(struct peer *p, uint64_t boot);
/* A site whose log begins anew again and again makes everybody forget and fetch it each
 * time: after PEERS_EPOCHS within a day its next epoch is not heard for a day.  Counted
 * from our own start on. */
bool peers_may_renew(const struct peer *p, uint64_t epoch, mesh_time_ms now);
/* It wrote in that epoch; false: which was known. */
bool peers_epoch(struct peer *p, uint64_t epoch, mesh_time_ms now);
/* The replay window of lane 0: a flood may overtake itself, so order is not enough. */
bool peers_live_is_new(const struct peer *p, uint64_t seq);
/* Behind the window, but not so far that it must be old. */
bool peers_live_is_straggler(const struct peer *p, uint64_t seq);
void peers_live_note(struct peer *p, uint64_t seq);
void peers_rename(struct peer *p, struct text_view name);
/* Move to another state; true if that is news. */
bool peers_become(struct peer *p, enum mesh_peer_state state,
    enum mesh_peer_reason reason, mesh_time_ms now);
bool peers_is_alive(const struct peer *p); /* alive or suspect */
/* It was heard: is it steady from now on?  True once. */
bool peers_steady(struct peer *p, mesh_time_ms now);
bool peers_is_out(const struct peer *p); /* blocked, or not certified for now */
bool peers_path_equal(const struct mesh_path *a, const struct mesh_path *b);
bool peers_path_is_set(const struct mesh_path *path);
#endif
