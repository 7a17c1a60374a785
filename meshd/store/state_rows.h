/* state_rows.h - states: one row per site and key, the newest PUT.
 *
 * The row is (site, key) -> row of the record.  Also the names of the sites, which
 * every page shows, come from here: key `site`.  Floor 6. */
#ifndef STATE_ROWS_H
#define STATE_ROWS_H
#include "view.h"

void state_rows_key(
    const struct mesh_key *site, struct bytes_view key, struct view_key *out);
void state_rows_put(struct views *v, const struct mesh_record *r, int64_t row);
void state_rows_take(struct views *v, const struct mesh_record *r, int64_t row);
/* Make the row from the newest PUT of the key that is there; none: it goes. */
void state_rows_refold(struct views *v, const struct view_key *key);
MESH_MUST_CHECK enum mesh_err state_rows_read(struct statements *s, int64_t row,
    const struct sites *names, struct arena *arena, struct state *out);
/* Read every site's name. */
void state_rows_names(struct statements *s, struct sites *names, struct arena *arena);
#endif
