/* scenarios.h - the table of what meshsim can run.
 *
 * A scenario runs on one world, adds its figures to the report, and draws all chance
 * from the seed, so equal options give equal reports.  What it needs from the others
 * stands in scenarios.c. */
#ifndef MESHSIM_SCENARIOS_H
#define MESHSIM_SCENARIOS_H
#include "report.h"

struct scenario {
	const char *name, *doc;
	uint32_t nodes, duration_s; /* defaults */
	int64_t delay_min_ms, delay_max_ms;
	double rate;
	void (*run)(struct world *w, const struct options *o, struct report *r);
};
extern const struct scenario scenarios[];
extern const size_t scenario_count;
const struct scenario *scenario_find(const char *name);

/* --- for scenarios --- */
void scenario_second(struct world *w, double seconds); /* run that long */
/* Start all and wait until all reach all.  False: not in time, and it says so. */
bool scenario_converge(struct world *w, struct report *r);
/* Kills and silences that were none: deaths told of sites that are up. */
uint64_t scenario_false_deaths(const struct world *w, mesh_time_ms from);
/* Nothing is wrong any more: within `s` seconds all reach all. */
bool scenario_heals(struct world *w, struct report *r, double s);

/* --- scenario_traffic.c --- */
void run_alert(struct world *w, const struct options *o, struct report *r);
void run_relay(struct world *w, const struct options *o, struct report *r);
void run_chain(struct world *w, const struct options *o, struct report *r);
/* --- scenario_shaped.c --- */
void run_flood(struct world *w, const struct options *o, struct report *r);
void run_share(struct world *w, const struct options *o, struct report *r);
/* --- scenario_sync.c --- */
void run_registry_sync(struct world *w, const struct options *o, struct report *r);
/* --- scenario_faults.c --- */
void run_partition(struct world *w, const struct options *o, struct report *r);
void run_churn(struct world *w, const struct options *o, struct report *r);
void run_faults(struct world *w, const struct options *o, struct report *r);
void run_attack(struct world *w, const struct options *o, struct report *r);
#endif
