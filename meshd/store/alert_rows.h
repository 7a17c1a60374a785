/* alert_rows.h - alerts: one row per condition, however many sites say so.
 *
 * The row is (alert id, time, fires?), made again from all statements and
 * acknowledgements of the id whenever one comes or goes.  Floor 6. */
#ifndef ALERT_ROWS_H
#define ALERT_ROWS_H
#include "view.h"

void alert_rows_subject(const struct id *alert, struct view_key *out);
void alert_rows_refold(struct views *v, const struct id *alert);
MESH_MUST_CHECK enum mesh_err alert_rows_read(struct statements *s,
    struct bytes_view key, const struct sites *names, struct arena *arena,
    struct alert *out);
#endif
