/* bench.h - figures of this build on this machine, each beside a limit of the same run.
 *
 * A benchmark fills a report: a main value with its unit, the limit that was measured
 * in the same process, and named extra figures.  Machines are shared and noisy: the
 * ratio is what counts.  Floor 11. */
#ifndef MESHBENCH_BENCH_H
#define MESHBENCH_BENCH_H
#include "types.h"

enum { BENCH_FIGURES = 24 };
struct bench_figure {
	const char *name;
	double value;
};
struct bench_report {
	double value, limit; /* limit 0: none */
	const char *unit;
	struct bench_figure figures[BENCH_FIGURES];
	size_t count;
};
struct bench_options {
	const char *mode; /* --mode; NULL: the benchmark's default */
	char **files;     /* what stands behind the options */
	size_t file_count;
	bool sockets; /* --sockets: through the kernel's loopback */
	bool decode;  /* --decode: frames as JSON lines instead of a report */
	const char *dir, *dtype;     /* --dir, --dtype; NULL: the benchmark's default */
	size_t rows, dim;            /* --rows, --dim; 0: likewise */
	size_t entries, differences; /* --entries, --differences; 0: likewise */
	double seconds;              /* how long each part is measured */
};
/* 0, or an exit code after a message on stderr. */
int bench_crypto(const struct bench_options *o, struct bench_report *r);
int bench_codec(const struct bench_options *o, struct bench_report *r);
int bench_relay(const struct bench_options *o, struct bench_report *r);
int bench_replay(const struct bench_options *o, struct bench_report *r);
int bench_store(const struct bench_options *o, struct bench_report *r);
int bench_replies(const struct bench_options *o, struct bench_report *r);
int bench_search(const struct bench_options *o, struct bench_report *r);
int bench_sync(const struct bench_options *o, struct bench_report *r);
int bench_memory(const struct bench_options *o, struct bench_report *r);

double bench_now(void); /* seconds, monotonic */
/* Seconds that this thread has worked: others on the machine do not count.  Asks the
 * kernel, so for many steps at once. */
double bench_worked(void);
/* Of what takes long, on a terminal: how much of it is done. */
void bench_progress(const char *what, size_t done, size_t all);
void bench_add(struct bench_report *r, const char *name, double value);
/* How often `step` runs in a second, measured over `seconds`. */
double bench_rate(double seconds, void (*step)(void *ctx), void *ctx);
void bench_random(void *ctx, uint8_t *out, size_t len); /* seeded: runs are alike */
#endif
