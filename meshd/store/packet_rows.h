/* packet_rows.h - packets: one row per packet of a radio network, however many heard
 * it.
 *
 * The row is (packet id, earliest time); what it shows is folded from the receptions.
 * Floor 6. */
#ifndef PACKET_ROWS_H
#define PACKET_ROWS_H
#include "view.h"

void packet_rows_subject(const struct reception *r, struct view_key *out);
void packet_rows_put(struct views *v, const struct reception *heard);
/* A reception of this packet went: make its row from those that are left. */
void packet_rows_refold(struct views *v, const struct id *packet);
/* The packet `key`, built in `arena`.  MESH_NOT_FOUND; MESH_FULL: arena too small. */
MESH_MUST_CHECK enum mesh_err packet_rows_read(struct statements *s,
    struct bytes_view key, const struct sites *names, struct arena *arena,
    struct packet *out);
#endif
