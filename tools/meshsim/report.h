/* report.h - figures of one simulated run: `meshsim.NAME/1` and its readable form. */
#ifndef MESHSIM_REPORT_H
#define MESHSIM_REPORT_H
#include "world.h"

struct series { /* samples; percentiles sort them */
	double *values;
	size_t count, cap;
};
struct report {
	const char *scenario;
	uint32_t nodes, duration_s;
	uint64_t seed;
	double loss;
	bool standin; /* not the real cryptography */
	/* Figures; what a scenario does not measure stays absent. */
	bool has_converge, has_records, has_detect;
	double converge_s;
	struct series idle_bytes_per_s, detect_s, latency_ms;
	uint64_t false_positives, expected, delivered, duplicates, bytes;
	double copies_per_node;
	char violations[WORLD_VIOLATIONS][160];
	size_t violation_count;
};
void series_add(struct series *s, double value);
double series_percentile(struct series *s, double p); /* 0..100; 0 if empty */
__attribute__((format(printf, 2, 3))) void report_violation(
    struct report *r, const char *format, ...);
void report_take_violations(struct report *r, const struct world *w);
void report_print_json(struct report *r);
void report_print_text(struct report *r);
void report_free(struct report *r);
#endif
