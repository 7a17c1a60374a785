/* store_bench.h - how many records a second the store commits, against SQLite alone.
 *
 * Both write the same signed packet records to the same disk in batches of 1000; the
 * bare one only their bytes, in one table.  For meshbench and for whoever changes a
 * statement. */
#ifndef STORE_BENCH_H
#define STORE_BENCH_H
#include <stddef.h>

struct store_speed {
	double store_per_s, bare_per_s;
};
struct store_speed store_bench(const char *folder, size_t records);
#endif
