/* scenarios.h - the table of what meshsim can run.
 *
 * A scenario fills in the figures of its report and runs on one world; it draws all
 * chance from the seed, so equal options give equal reports. */
#ifndef MESHSIM_SCENARIOS_H
#define MESHSIM_SCENARIOS_H
#include "report.h"

struct scenario {
	const char *name, *doc;
	uint32_t nodes, duration_s; /* defaults */
	void (*run)(struct world *w, struct report *r);
};
extern const struct scenario scenarios[];
extern const size_t scenario_count;
const struct scenario *scenario_find(const char *name);
#endif
