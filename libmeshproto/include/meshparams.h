/* meshparams.h - what a mesh core is given at its start, and what it takes for itself.
 *
 * Capacities are decided here and taken in one allocation by mesh_site_new; nothing in
 * the packet path allocates.  Zero in a limit means its default (PROTOCOL.md 13).
 * Floor 4. */
#ifndef MESHPARAMS_H
#define MESHPARAMS_H
#include "meshproto.h"
#include "meshtrust.h"

struct mesh_limits {
	uint32_t origins;         /* 1024 */
	uint32_t peers;           /* 1024 known; 64 sessions */
	uint32_t sessions;        /* 64 */
	uint32_t halves;          /* 64 half-open handshakes */
	uint32_t seen;            /* 16384 per generation of the VERIFIED cache */
	uint32_t bad;             /* 2048 */
	uint32_t buffers;         /* 768 datagram buffers, all queues */
	uint32_t pending;         /* 512 records handed out and not yet _stored */
	uint32_t origin_per_s;    /* 20 alerts and as many other records to be pushed */
	uint32_t neighbour_per_s; /* 2000 datagrams with news by one neighbour */
	uint32_t checks_per_s;    /* 13000 signatures: 60 % of one core, 45 us each */
	uint32_t clauses;         /* 256 statements about who belongs */
	/* Live records of one origin, by lane: the network's constants
	 * (mesh_lane_quota), other ones in tests alone. */
	uint32_t quota[LANE_COUNT];
};

/* Take `r` in: its seq and what its `back` voids.  A higher epoch empties it first.
 * MESH_FULL: would open run 65, do not store it.  Pure; also run by the store's writer.
 * `voided` (may be NULL) receives the run of numbers that `back` declares void. */
MESH_MUST_CHECK enum mesh_err mesh_holding_put(
    struct mesh_holding *h, const struct mesh_record *r, struct mesh_run *voided);
/* What was held there is lost.  MESH_FULL: that would make 65 runs; nothing changed. */
MESH_MUST_CHECK enum mesh_err mesh_holding_lose(
    struct mesh_holding *h, struct mesh_run lost);

/* What this site keeps of the registry lane of others.  PART: not all, so it never says
 * that it holds what it may have cut, and serves none of it.  NONE: what is pushed to
 * it is passed on and forgotten, nothing is asked for. */
enum mesh_replicate { REPLICATE_ALL, REPLICATE_PART, REPLICATE_NONE };

struct mesh_kept {
	struct bytes_view key, body;
}; /* rows of MESH_KEEP, given back */

struct mesh_params {
	struct mesh_limits limits;
	const struct mesh_identity *identity; /* copied */
	const struct mesh_network *network;   /* copied */
	struct text_view name;                /* this site's, at most 32 bytes */
	uint64_t boot;                        /* already committed FULL by the caller */
	uint64_t epoch; /* of our log; 0: the core makes one from `now` */
	bool fresh;     /* the identity was just made: nobody can know it yet */
	/* All randomness the core will ever use; must be cryptographic outside tests.
	 */
	void (*random)(void *ctx, uint8_t *out, size_t len);
	void *random_ctx;
	const struct mesh_holding *holdings; /* borrowed for the call */
	size_t holding_count;
	const struct mesh_kept *kept; /* borrowed for the call */
	size_t kept_count;
	enum mesh_admission admission;
	/* ADMISSION_CA: whose word counts; copied. */
	const struct mesh_key *authority;
	struct bytes_view certificate; /* ours; empty: none; copied */
	/* Must be the same as when `holdings` were saved. */
	enum mesh_replicate replicate;
	uint8_t hop_limit;      /* default hop_max of own records; 0: 32 */
	uint32_t beacon_ms;     /* 0: auto */
	uint32_t dead_after_ms; /* 0: auto (PROTOCOL.md 11) */
	uint32_t ping_ms; /* at least, between pings of a quiet link: 20000 on a metered
			     line; 0: auto */
};
#endif
