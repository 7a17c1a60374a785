/* share.h - how much live news one origin may have carried on.
 *
 * Every site keeps the same small accounts for every origin, so that what one member
 * says too much ends at its first honest neighbour.  Accounts are charged for verified
 * records only: nobody can use up another's.  Beyond the share lanes 1 to 6 arrive by
 * repair.  Floor 3.  Pure.  Source: PROTOCOL.md 13. */
#ifndef MESH_SHARE_H
#define MESH_SHARE_H
#include "mesh_words.h"
#include "rate.h"

enum { SHARE_PER_S = 20 }; /* alerts and P1; registry: a tenth */
enum share_kind { SHARE_ALERT, SHARE_NEWS, SHARE_REGISTRY, SHARE_KINDS, SHARE_FREE };
struct share_row {
	struct rate_cell cell[SHARE_KINDS];
};
struct share {
	struct share_row *rows; /* borrowed, zeroed */
	uint32_t cap, per_s;
};

void share_init(struct share *s, struct share_row *rows, uint32_t cap, uint32_t per_s);
/* Which account a record is charged to.  SHARE_FREE: none, it is bounded elsewhere. */
enum share_kind share_kind_of(enum mesh_lane lane);
/* An unknown row has what a full account has. */
bool share_has(const struct share *s, uint32_t row, enum share_kind kind, uint32_t n,
    mesh_time_ms now);
bool share_take(
    struct share *s, uint32_t row, enum share_kind kind, uint32_t n, mesh_time_ms now);
void share_forget(struct share *s, uint32_t row);
#endif
