/* node_rows.h - radio nodes: who heard them (kept folded per site) and what sites say
 * of them (their state records).  Floor 6. */
#ifndef NODE_ROWS_H
#define NODE_ROWS_H
#include "view.h"

void node_rows_heard(
    struct views *v, const struct mesh_record *r, const struct reception *heard);
/* The state record in hand (views_look) speaks of a node. */
void node_rows_said(struct views *v);
/* It went: so does the row, if nobody heard the node and nobody else speaks of it. */
void node_rows_unsaid(struct views *v);
/* Make the row again from what is known of the node. */
void node_rows_refold(struct views *v, const struct id *node);
/* What a site heard up to that epoch does not count: the rows of nodes that nobody else
 * heard or speaks of go. */
void node_rows_unheard(struct views *v, const struct mesh_position *upto);
MESH_MUST_CHECK enum mesh_err node_rows_read(struct statements *s,
    struct bytes_view key, const struct sites *names, struct arena *arena,
    struct node *out);
#endif
