/* report.h - figures of simulated runs: `meshsim.NAME/1` and its readable form.
 *
 * A scenario adds its figures by name; a series becomes its percentiles.  Several runs
 * are merged into one report that shows the worst of each figure and whose it was. */
#ifndef MESHSIM_REPORT_H
#define MESHSIM_REPORT_H
#include "mesh_counters.h"
#include "sim_options.h"
#include "world.h"

enum { REPORT_FIGURES = 64 };
struct series { /* samples; percentiles sort them */
	double *values;
	size_t count, cap;
};
enum worse { WORSE_MORE, WORSE_LESS };
struct figure {
	const char *name, *point; /* point: "p50"; NULL: one value */
	enum worse worse;
	double value;
	uint64_t seed; /* whose value it is */
};
struct report {
	const struct options *options; /* of this run */
	uint64_t seed;
	struct figure figures[REPORT_FIGURES];
	size_t count;
	char violations[WORLD_VIOLATIONS][160];
	size_t violation_count;
	uint64_t sums[COUNT_MESH];
	double wall_s;
	uint32_t runs, failed;
};
void series_add(struct series *s, double value);
double series_percentile(struct series *s, double p); /* 0..100; 0 if empty */

void report_add(struct report *r, const char *name, enum worse worse, double value);
void report_add_u64(struct report *r, const char *name, enum worse worse, uint64_t n);
/* p50, p99 and max, and empties the series; nothing if there are no samples. */
void report_add_series(struct report *r, const char *name, struct series *s);
__attribute__((format(printf, 2, 3))) void report_violation(
    struct report *r, const char *format, ...);
/* What every scenario reports of its world: bytes, counters, broken invariants. */
void report_take_world(struct report *r, const struct world *w);
void report_merge(struct report *all, const struct report *one);
void report_print_json(const struct report *r);
void report_print_text(const struct report *r);
#endif
