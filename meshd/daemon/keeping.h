/* keeping.h - [registry] replicate and types: what is kept of other sites' registry.
 *
 * What the last run kept stands in the database.  Who wants more than that asks for
 * what was left out once more; what is more than is wanted the store cuts by itself.
 * Floor 10. */
#ifndef DAEMON_KEEPING_H
#define DAEMON_KEEPING_H
#include "daemon_inside.h"
#include "replica.h"

struct replica keeping_others(const struct daemon *d);    /* as it is configured */
enum mesh_replicate keeping_role(const struct daemon *d); /* the same, for the core */
/* Before the have-sets are read.  MESH_IO. */
MESH_MUST_CHECK enum mesh_err keeping_begin(struct daemon *d);
#endif
