/* arrival.h - one bundle on its way through the checks of PROTOCOL.md 8: arrive.c makes
 * them, accept.c takes what passed.  Floor 4. */
#ifndef MESH_ARRIVAL_H
#define MESH_ARRIVAL_H
#include "inside_logs.h"
#include "inside_travel.h"

struct arriving { /* one core of it */
	struct record record;
	struct dedup_mark mark;
	bool passes; /* stored in an earlier life; unknown to our reach */
};
struct arrival { /* one bundle on its way through the checks; not zeroed */
	struct neighbour *n;
	struct envelope_hop hop; /* of a page: only its bundle */
	bool page;               /* asked for: history, goes no further */
	uint64_t after;          /* a page of a keyed lane: what lies between is dead */
	struct bundle bundle;
	uint64_t fresh; /* those of `core` that are still in the running */
	size_t first;   /* the lowest of them */
	/* Of long ones from step 3 on (spread_leaf_mark), of all from step 7 on. */
	struct merkle_hash leaf[BUNDLE_CORES];
	struct arriving core[BUNDLE_CORES];
};
uint64_t arrival_bit(size_t i); /* of `fresh` */
bool arrival_is_fresh(const struct arrival *a, size_t i);
size_t arrival_fresh(const struct arrival *a); /* how many are */
/* Longer than a datagram; then it holds one record. */
bool arrival_is_large(const struct arrival *a);
/* The numbers that core i settles.  In a page of a keyed lane all before it are dead,
 * from the last one on. */
uint64_t arrival_claims(const struct arrival *a, size_t i);

/* --- accept.c --- */
/* Steps 8 and 9: note it, send it on, give it to the store. */
enum apply_verdict accept_news(struct mesh_site *s, struct arrival *a);
/* One of ours comes back: nobody needs it from us. */
enum apply_verdict accept_own(struct mesh_site *s, struct arrival *a);
#endif
