/* purge_rows.h - all that a site ever said is deleted, in how small steps.
 *
 * Records first, out of the views too, then what is kept folded of them, then the
 * have-sets: whatever cuts this short, the core finds a have-set at its next start and
 * asks again.  Each step is part of one transaction of the writer.  Source: PROTOCOL.md
 * 12.  Floor 6. */
#ifndef PURGE_ROWS_H
#define PURGE_ROWS_H
#include "log_rows.h"

enum { PURGE_STEP = 500 };
/* All of upto->origin up to upto->epoch.  MESH_OK: nothing is left; MESH_TRUNCATED:
 * come again. */
MESH_MUST_CHECK enum mesh_err purge_rows_step(
    struct log_rows *l, const struct mesh_position *upto);
/* What all but `self` said in a lane, with their have-sets. */
MESH_MUST_CHECK enum mesh_err purge_rows_others(
    struct log_rows *l, enum mesh_lane lane, const struct mesh_key *self);
/* Of others' logs there from which something was left out no number is held any more;
 * the rows stay until they come whole. */
void purge_rows_recall(
    struct log_rows *l, enum mesh_lane lane, const struct mesh_key *self);
#endif
