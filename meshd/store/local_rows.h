/* local_rows.h - records that stay at this site: what was heard and shall not leave it.
 *
 * They lie beside the logs and are folded into the same views, age and make room like
 * them, and belong to no log: their epoch is 0 (mesh_record_local), for which there is
 * never a have-set, so nobody is told that they exist, and none is fetched to be shown
 * to a neighbour (store_fetch).  Within a log's row they are numbered here.  Floor 6.
 */
#ifndef LOCAL_ROWS_H
#define LOCAL_ROWS_H
#include "views.h"

/* Inside a transaction.  MESH_MALFORMED: it has an epoch, or its lane is keyed. */
MESH_MUST_CHECK enum mesh_err local_rows_put(
    struct views *v, struct faults *faults, const struct mesh_record *r);
#endif
