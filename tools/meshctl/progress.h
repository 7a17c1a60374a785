/* progress.h - how far it is: one line on a terminal, nothing elsewhere.  Floor 11. */
#ifndef MESHCTL_PROGRESS_H
#define MESHCTL_PROGRESS_H
#include "arguments.h"
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct progress {
	bool shown;
	int64_t begun_ms, last_ms;
	uint64_t items, bytes, size; /* size 0: unknown */
};
int64_t progress_clock_ms(clockid_t clock);
struct progress progress_begin(const struct options *o);
/* On stderr, some times a second; `last` in any case, and ends the line. */
void progress_show(struct progress *p, bool last);
#endif
