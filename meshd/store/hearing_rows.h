/* hearing_rows.h - who heard which radio node: a row for each node and site, folded.
 *
 * Kept beyond the receptions that it was folded from, so no log can bear out all that a
 * row says.  It has a check over itself and whom it is about: what somebody else put or
 * changed is not what was folded, and counts for nothing (verify_views.h takes it out).
 * Floor 6. */
#ifndef HEARING_ROWS_H
#define HEARING_ROWS_H
#include "node.h"
#include "view.h"

bool hearing_rows_find(struct statements *s, const struct view_key *node,
    const struct mesh_key *site, struct node_hearing *out);
void hearing_rows_put(struct statements *s, const struct view_key *node,
    const struct mesh_key *site, const struct node_hearing *hearing);
void hearing_rows_delete(
    struct statements *s, const struct view_key *node, const struct mesh_key *site);
/* Is there any, sound or not? */
bool hearing_rows_any(struct statements *s, const struct view_key *node);
/* All of a node: st for hearing_rows_next, which passes over what is not sound. */
sqlite3_stmt *hearing_rows_of(struct statements *s, struct bytes_view node);
bool hearing_rows_next(struct statements *s, sqlite3_stmt *st, struct bytes_view node,
    struct mesh_key *site, struct node_hearing *out);
/* The next node that the site heard, behind `key`; and by a record of which epoch, 0:
 * its row is not sound. */
bool hearing_rows_by(struct statements *s, const struct mesh_key *site,
    struct view_key *key, uint64_t *epoch);

struct hearing_place { /* the last sound row of a walk; zero: before the first */
	struct view_key node;
	struct mesh_key site;
};
enum hearing_check { HEARING_END, HEARING_SOUND, HEARING_TAKEN };
/* The next row; one that is not sound is taken out. */
enum hearing_check hearing_rows_check(struct statements *s, struct hearing_place *at);
#endif
