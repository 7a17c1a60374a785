/* lanes.h - the six lanes: what they are called, how urgent, how long kept, what is in.
 *
 * One row per lane; ingest, store and doors go by it.  A record kind is added here and
 * nowhere else.  Floor 5.  Pure.  Source: PROTOCOL.md 2. */
#ifndef MODEL_LANES_H
#define MODEL_LANES_H
#include "alert.h"
#include "entry.h"
#include "packet.h"
#include "sample.h"
#include "state.h"

enum { LANE_BODIES = 4 };
struct lane {
	const char *name;   /* "packet"; NULL: live, never stored */
	uint8_t class;      /* 0: P0 ... */
	bool sync_now;      /* commit before it counts: control and alert */
	uint32_t keep_days; /* the default; 0: newest per key, or until dropped */
	const struct field_table
	    *bodies[LANE_BODIES]; /* by record type; NULL: opaque */
};
extern const struct lane lanes[LANE_COUNT];
/* The table of a record's body, or NULL: kept and passed on, not understood here. */
const struct field_table *lane_body(enum mesh_lane lane, uint16_t type);

union lane_object {
	struct reception reception;
	struct alert_statement statement;
	struct alert_ack ack;
	struct state_put put;
	struct entry_put entry;
	struct sample_batch batch;
};
/* Decode and check a record's body once.  `*table` says which member it is.  Views
 * point into the record; lists and trees into `lists`.  MESH_NOT_FOUND: no table for
 * it. */
MESH_MUST_CHECK enum mesh_err lane_decode(const struct mesh_record *r,
    union lane_object *out, const struct field_table **table, struct arena *lists);
#endif
