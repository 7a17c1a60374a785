#include "drop.h"
#include "fields.h"

/* clang-format off */
static const struct field run_rows[] = {
	FIELD(struct mesh_run, first, UNIT_NONE, FIELD_REQUIRED, 0, 0, "First number."),
	FIELD(struct mesh_run, last, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Last number."),
};
static const struct field_table run_table = { "run", run_rows, LENGTH(run_rows),
	sizeof(struct mesh_run), FIELD_NO_HAS, false };
static const struct field drop_rows[] = {
	FIELD_SUB(struct drop, runs, &run_table, FIELD_REQUIRED, 0, DROP_RUNS,
	    "Ranges of numbers that are no longer live."),
};
const struct field_table drop_table = { "drop", drop_rows, LENGTH(drop_rows),
	sizeof(struct drop), FIELD_NO_HAS, false };
static const struct field checkpoint_rows[] = {
	FIELD(struct checkpoint, count, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Live records."),
	FIELD(struct checkpoint, sum, UNIT_NONE, FIELD_REQUIRED, 32, 32, "Sum of their leaves."),
	FIELD(struct checkpoint, tomb_floor, UNIT_NONE, 0, 0, 0, "DROPs below are over."),
	FIELD(struct checkpoint, settled, UNIT_NONE, 0, 0, 0, "None of those is counted."),
};
const struct field_table checkpoint_table = { "checkpoint", checkpoint_rows,
	LENGTH(checkpoint_rows), sizeof(struct checkpoint), FIELD_NO_HAS, false };
/* clang-format on */
