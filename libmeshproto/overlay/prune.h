/* prune.h - per origin, which neighbours need not send us its records, and which asked
 * us the same.
 *
 * A flood in which every repeated copy asks its bringer to stop becomes a tree that
 * follows the fastest links.  The neighbour that last brought something new of an
 * origin is its parent: it is never asked to stop, and when it is gone all others are
 * asked to go on.  Neighbours are bits; a row is an origin's.  What was agreed ends by
 * itself, at the asker first, so that a forgotten word costs copies and never records.
 * Floor 3.  Pure.  Source: PROTOCOL.md 8. */
#ifndef MESH_PRUNE_H
#define MESH_PRUNE_H
#include "types.h"

enum { PRUNE_LINKS = 64, PRUNE_SPARED_S = 600, PRUNE_ASKED_S = 570, PRUNE_ROOT = 255 };

struct prune_row {
	uint64_t spared; /* they asked us: send them no copies */
	uint64_t asked;  /* we asked them */
	uint32_t spared_until_s, asked_until_s;
	uint8_t parent; /* 1 + bit; 0: none; PRUNE_ROOT: we are the origin */
};
struct prune {
	struct prune_row *rows; /* borrowed, zeroed */
	uint32_t cap;
};

/* The last row is our own: whoever sends us its records may stop. */
void prune_init(struct prune *p, struct prune_row *rows, uint32_t cap);
/* Does the neighbour want no copies of this origin's records? */
bool prune_spares(const struct prune *p, uint32_t row, unsigned bit, mesh_time_ms now);
/* PRUNE came. */
void prune_told(
    struct prune *p, uint32_t row, unsigned bit, bool spare, mesh_time_ms now);
/* It brought something new. */
void prune_news(struct prune *p, uint32_t row, unsigned bit, mesh_time_ms now);
/* It brought a copy.  True: ask it to stop. */
bool prune_copy(struct prune *p, uint32_t row, unsigned bit, mesh_time_ms now);
/* The tree of this origin has failed us: forget the parent and what we asked.  Returns
 * who is to be asked to go on. */
uint64_t prune_end(struct prune *p, uint32_t row);
bool prune_is_parent(const struct prune *p, uint32_t row, unsigned bit);
void prune_forget_link(struct prune *p, unsigned bit); /* all its rows */
void prune_forget_row(struct prune *p, uint32_t row);  /* of an origin that is gone */
#endif
