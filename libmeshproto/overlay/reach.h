/* reach.h - who can be reached over whom, from what every site signed about its links.
 *
 * Each site lists its active neighbours in the state record `mesh.links`; a link counts
 * when both ends list it.  A breadth-first walk over such links gives hops, and the
 * sites that no walk finds.  The newest record of every site is kept whole, with its
 * proof, one behind the other in one block: it is also what a newly met neighbour must
 * be told (docs/DECISIONS/0001).  Lists are read where they lie.  Sites are numbered by
 * their rows in peers.h.  Floor 3.  Pure.  Source: PROTOCOL.md 2 and 11. */
#ifndef MESH_REACH_H
#define MESH_REACH_H
#include "record.h"
#include "table.h"

enum {
	REACH_OID = 8,
	REACH_LINKS = 64,          /* of one site; more are not believed */
	REACH_BOOK_PER_SITE = 256, /* average room for a kept record */
	REACH_GAP_MS = 100,   /* between two walks; above 200 sites 0.5 ms for each: a
			       * walk   takes longer, and at a start every list changes */
	REACH_LOST_MS = 3000, /* without a path: dead, unreachable */
	REACH_FAR = 0         /* hops: no path */
};

struct reach_site {
	bool used, passable, linked; /* linked: a session of ours stands */
	uint8_t hops;                /* REACH_FAR, or 1.. */
	uint8_t oid[REACH_OID];
	uint32_t via; /* row of the neighbour a shortest path begins with */
	uint64_t epoch, seq, boot; /* of its record; seq 0: none */
	uint32_t at;               /* in the book */
	uint16_t len, oids_at;     /* of the record; of its list, inside it */
	uint8_t count;             /* oids in the list */
	uint8_t heard_hops;        /* of the copy that was kept */
	uint8_t measured;          /* hops, of the last reach_measure */
	uint8_t reserved;
	mesh_time_ms heard_ms; /* when, less the age it had then */
};
struct reach {
	struct reach_site *sites; /* borrowed */
	struct table by_oid;
	uint32_t *queue; /* borrowed; of the walk */
	uint8_t *book;   /* borrowed */
	uint32_t cap, book_len, book_cap;
	uint32_t book_live; /* of book_len: what is not struck out */
	bool dirty;
	mesh_time_ms walk_ms; /* not before */
};
struct reach_copy { /* a record as it came */
	const struct record *record;
	struct bytes_view bundle;
	uint8_t hops;
	uint32_t age_ms;
};

size_t reach_bytes(uint32_t cap);
/* `block`: zeroed, aligned, reach_bytes long; stays the caller's. */
void reach_init(struct reach *r, void *block, uint32_t cap,
    const uint8_t secret[static TABLE_SECRET]);
void reach_add(struct reach *r, uint32_t index, const uint8_t oid[static REACH_OID]);
void reach_remove(struct reach *r, uint32_t index);

bool reach_is_links(const struct record *record); /* a PUT of mesh.links */
/* Would this record be news to us? */
bool reach_is_news(const struct reach *r, uint32_t index, const struct record *record);
/* Keep it.  MESH_MALFORMED: no list of links.  MESH_FULL: the book is.  `boot` gets
 * the boot that it speaks of.  Requires: verified. */
MESH_MUST_CHECK enum mesh_err reach_learn(struct reach *r, uint32_t index,
    const struct reach_copy *copy, uint64_t *boot, mesh_time_ms now);
/* The record kept of that site, for a new neighbour; empty: none. */
struct bytes_view reach_kept(const struct reach *r, uint32_t index);
/* Does its last list name that oid?  False too if there is no list: reach_has. */
bool reach_names(
    const struct reach *r, uint32_t index, const uint8_t oid[static REACH_OID]);
bool reach_has(const struct reach *r, uint32_t index);
bool reach_is_of(
    const struct reach *r, uint32_t index, uint64_t boot);   /* that life's */
uint32_t reach_count(const struct reach *r, uint32_t index); /* links in its list */
/* The row of that oid; false: not known. */
bool reach_find(
    const struct reach *r, const uint8_t oid[static REACH_OID], uint32_t *index);
/* How many of those that its list names could speak of its silence: `self`, and whoever
 * can be reached without it.  Counts to `enough`. */
unsigned reach_witnesses(struct reach *r, uint32_t index,
    const uint8_t self[static REACH_OID], unsigned enough);

/* May paths lead over it: it is alive, or dead only for want of a path. */
void reach_set_passable(struct reach *r, uint32_t index, bool passable);
void reach_set_linked(struct reach *r, uint32_t index, bool linked);
mesh_time_ms reach_deadline(const struct reach *r);
/* Walk, if something changed: hops of all sites.  True: it walked. */
bool reach_walk(struct reach *r, mesh_time_ms now);
uint8_t reach_hops(const struct reach *r, uint32_t index);
/* The row of the neighbour to whom to hand what is for that site.  Requires: its hops
 * are not REACH_FAR. */
uint32_t reach_via(const struct reach *r, uint32_t index);

/* When that neighbour does not answer: how far every site is from row `to`, over
 * neither us nor the row `without`.  A walk of its own, so only then. */
void reach_measure(struct reach *r, uint32_t to, uint32_t without);
/* 1: `to` itself; REACH_FAR: no such path. */
uint8_t reach_measured(const struct reach *r, uint32_t index);
#endif
