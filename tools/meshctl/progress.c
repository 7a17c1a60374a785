#include "progress.h"
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { SHOW_EACH_MS = 200, BAR = 30 };

int64_t
progress_clock_ms(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct progress
progress_begin(const struct options *o)
{
	return (struct progress){ .shown = !o->quiet && isatty(STDERR_FILENO),
		.begun_ms = progress_clock_ms(CLOCK_MONOTONIC) };
}

void
progress_show(struct progress *p, bool last)
{
	int64_t now = progress_clock_ms(CLOCK_MONOTONIC);
	if (!p->shown || (!last && now - p->last_ms < SHOW_EACH_MS))
		return;
	p->last_ms = now;
	fputs("\r", stderr);
	if (p->size > 0) {
		uint64_t done = p->bytes < p->size ? p->bytes : p->size;
		int full = (int)(done * BAR / p->size);
		fprintf(stderr, "[%.*s%*s] %3d%%  ", full,
		    "##############################", BAR - full, "",
		    (int)(done * 100 / p->size));
	}
	int64_t took = now - p->begun_ms + 1;
	fprintf(stderr, "%llu entries, %llu/s   %s", (unsigned long long)p->items,
	    (unsigned long long)(p->items * 1000 / (uint64_t)took), last ? "\n" : "");
}
