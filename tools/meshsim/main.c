/* meshsim - the production core in virtual time.
 *
 * Equal options give equal reports, real time apart.  Exit 0: all invariants held; 1:
 * one broke, and the last line is the command that repeats it; 64: wrong usage. */
#include "compare.h"
#include "scenarios.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_VIOLATED = 1, EXIT_USAGE = 64, CROWD = 100 };

static int
usage(FILE *to)
{
	options_usage(to);
	fputs("scenarios:\n", to);
	for (size_t i = 0; i < scenario_count; i++)
		fprintf(to, "  %-10s %s\n", scenarios[i].name, scenarios[i].doc);
	return to == stdout ? 0 : EXIT_USAGE;
}

static double
seconds_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What was not asked for is the scenario's. */
static void
fill(struct options *o, const struct scenario *what)
{
	o->nodes = o->nodes > 0 ? o->nodes : what->nodes;
	o->duration_s = o->duration_s > 0 ? o->duration_s : what->duration_s;
	o->loss = o->loss >= 0 ? o->loss : 0;
	o->rate = o->rate > 0 ? o->rate : what->rate;
	if (o->delay_min_ms < 0) {
		o->delay_min_ms = what->delay_min_ms;
		o->delay_max_ms = what->delay_max_ms;
	}
}

/* A swarm asks for what nobody would think of; what was asked for stays. */
static void
draw(struct options *o, uint64_t seed)
{
	uint64_t dice = seed * 0x9e3779b97f4a7c15U;
	dice ^= dice >> 31;
	if (o->nodes == 0)
		o->nodes = 2 + (uint32_t)(dice % 11);
	if (o->loss < 0)
		o->loss = dice >> 8 & 1 ? (double)(dice >> 9 & 31) / 100 : 0;
	if (o->delay_min_ms < 0) {
		o->delay_min_ms = (int64_t)(dice >> 16 & 15);
		o->delay_max_ms = o->delay_min_ms + (int64_t)(dice >> 20 & 63);
	}
}

/* `tally`, unless NULL: the caller's. */
static void
run_one(const struct scenario *what, const struct options *o, struct report *r,
    struct tally **tally)
{
	struct world_params p = { .sites = o->nodes,
		.seed = r->seed,
		.loss = o->loss,
		.delay_min_ms = (uint32_t)o->delay_min_ms,
		.delay_max_ms = (uint32_t)o->delay_max_ms,
		.store_ms = 2,
		.standin = options_is_standin(o),
		.strict = true };
	struct world *w = world_new(&p);
	what->run(w, o, r);
	report_take_world(r, w);
	if (tally != NULL)
		*tally = tally_of(w);
	world_free(w);
}

/* The figures are those with real cryptography. */
static void
run_both(const struct scenario *what, const struct options *o, struct report *r)
{
	static struct report other;
	struct options cheap = *o;
	struct tally *with_real, *with_standin;
	cheap.crypto = CRYPTO_STANDIN;
	memset(&other, 0, sizeof other);
	other.seed = r->seed;
	other.options = &cheap;
	run_one(what, o, r, &with_real);
	run_one(what, &cheap, &other, &with_standin);
	tally_compare(with_real, with_standin, r);
	tally_free(with_real);
	tally_free(with_standin);
}

/* 0 or 1.  `asked`: as it stands on the command line. */
static int
run_all(const struct scenario *what, const struct options *asked)
{
	static struct report all, one;
	struct options filled = *asked;
	double began = seconds_now();
	fill(&filled, what);
	all.options = &filled;
	for (uint32_t k = 0; k < asked->seeds; k++) {
		struct options o = *asked;
		memset(&one, 0, sizeof one);
		one.seed = asked->seed + k;
		if (o.swarm)
			draw(&o, one.seed);
		fill(&o, what);
		one.options = &o;
		if (o.crypto == CRYPTO_BOTH)
			run_both(what, &o, &one);
		else
			run_one(what, &o, &one, NULL);
		report_merge(&all, &one);
		if (one.violation_count > 0)
			options_repeat(&o, one.seed, stderr);
	}
	all.wall_s = seconds_now() - began;
	(asked->json ? report_print_json : report_print_text)(&all);
	all.options = NULL;
	return all.failed > 0 ? EXIT_VIOLATED : 0;
}

static bool
asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	}
	return false;
}

/* A thousand sites of four megabytes: in small pages the processor spends a fifth of
 * its time on finding them.  glibc reads this only at a start.  Whoever has said
 * something himself, or has no other glibc, runs as before. */
static void
take_large_pages(char **argv)
{
	static const char tunables[] = "GLIBC_TUNABLES";
	if (getenv(tunables) == NULL &&
	    setenv(tunables, "glibc.malloc.hugetlb=1", 1) == 0)
		(void)execv("/proc/self/exe", argv);
}

int
main(int argc, char **argv)
{
	struct options o;
	if (asks_for_help(argc, argv))
		return usage(stdout);
	if (!options_read(&o, argc, argv))
		return usage(stderr);
	const struct scenario *what = scenario_find(o.scenario);
	if (what == NULL) {
		fprintf(stderr, "meshsim: no scenario \"%s\"\n", o.scenario);
		return usage(stderr);
	}
	if (o.nodes > CROWD)
		take_large_pages(argv);
	return run_all(what, &o);
}
