/* counters.h - rows that say what is counted; each tree has one list of them.
 *
 * A counter is an index into an array of uint64_t beside its list.  `meshctl stats`,
 * /metrics and docs/COUNTERS.md read the rows.  No counter without a row.  Floor 0. */
#ifndef MESH_COUNTERS_H
#define MESH_COUNTERS_H
#include "types.h"

struct counter_row {
	const char *name; /* "rx.short"; room.thing.reason outside the core */
	const char *unit; /* "datagrams" */
	const char *doc;  /* one sentence */
};
struct counter_list {
	const char *tree; /* "mesh", "radio", "meshd" */
	const struct counter_row *rows;
	size_t count;
};
/* Index of the row called `name`, or SIZE_MAX. */
size_t counter_find(const struct counter_list *list, struct text_view name);

/* X-macro for a list: #define MY_COUNTERS(X) X(RX_SHORT, "rx.short", "datagrams",
 * "...") */
#define COUNTER_ENUM(name, text, unit, doc) COUNT_##name,
#define COUNTER_ROW(name, text, unit, doc)  { text, unit, doc },
#endif
