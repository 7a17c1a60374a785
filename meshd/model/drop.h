/* drop.h - the two control types of keyed lanes as bodies: DROP and CHECKPOINT.
 *
 * Floor 5.  Pure.  Source: PROTOCOL.md 2. */
#ifndef MODEL_DROP_H
#define MODEL_DROP_H
#include "meshproto.h"

enum { DROP_RUNS = 64 };
struct drop {
	struct list_view runs; /* of struct mesh_run: numbers that live no longer, all
				  below its own */
};
struct checkpoint {
	uint64_t count; /* what lives just before it */
	struct bytes_view sum;
	uint64_t tomb_floor; /* DROPs below are over */
	bool settled;        /* and none of them is counted; absent: perhaps one is */
};
extern const struct field_table drop_table, checkpoint_table;
#endif
