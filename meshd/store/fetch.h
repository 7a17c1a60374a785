/* fetch.h - records as they were put, for whoever lacks them.  Floor 6. */
#ifndef FETCH_H
#define FETCH_H
#include "statements.h"
#include "store.h"

enum { FETCH_BYTES = 64 * 1024, FETCH_RECORDS = 512 };
/* Up to `count` live records of one log from a number on, in order, as one page of one
 * malloc'ed block: as many as fit into FETCH_BYTES.  `bad` is the first of those that
 * did not read back; 0: none.  `end`: what has this number or a higher one may be on
 * its way here, and the page is cut before it; UINT64_MAX: nothing is. */
MESH_MUST_CHECK enum mesh_err fetch_page(struct statements *s,
    const struct mesh_position *from, uint64_t count, uint64_t end,
    struct store_page **out, uint64_t *bad);
/* The PUT that `origin` has live under `key`; MESH_NOT_FOUND: none. */
MESH_MUST_CHECK enum mesh_err fetch_of_key(struct statements *s,
    const struct mesh_key *origin, enum mesh_lane lane, struct bytes_view key,
    struct store_page **out);
/* Entries that are over; MESH_NOT_FOUND: none that reads back.  `behind`: where to go
 * on, also then; row 0: that was all. */
MESH_MUST_CHECK enum mesh_err fetch_over(struct statements *s,
    const struct store_ending *q, struct store_expiry *behind, struct store_page **out);
/* The first number of the last `days`; 0: none, or there is no telling. */
uint64_t fetch_floor(struct statements *s, const struct mesh_key *origin,
    enum mesh_lane lane, uint32_t days);
#endif
