/* sim_options.h - what a run was asked for: the command line, and the command that
 * repeats it.
 *
 * Zero or negative means "the scenario's default" until options_fill. */
#ifndef MESHSIM_SIM_OPTIONS_H
#define MESHSIM_SIM_OPTIONS_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum crypto {
	CRYPTO_AUTO,
	CRYPTO_REAL,
	CRYPTO_STANDIN,
	CRYPTO_BOTH /* one after the other, and all counters compared */
};
struct options {
	const char *scenario;
	uint32_t nodes, duration_s;
	int64_t delay_min_ms, delay_max_ms;
	double loss, rate; /* rate: records or datagrams a second */
	uint64_t seed;
	uint32_t seeds; /* how many runs: seed, seed + 1, ... */
	enum crypto crypto;
	bool swarm; /* options drawn from each seed */
	bool counters, json;
};
bool options_read(
    struct options *o, int argc, char **argv); /* false: after a message */
void options_usage(FILE *to);                  /* without the list of scenarios */
bool options_is_standin(const struct options *o);
/* The one command that repeats the run with that seed. */
void options_repeat(const struct options *o, uint64_t seed, FILE *to);
#endif
