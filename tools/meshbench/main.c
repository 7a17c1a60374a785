/* meshbench - what this build does on this machine, single core. */
#include "bench.h"
#include "json_out.h"
#include "text.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct benchmark {
	const char *name;
	int (*run)(const struct bench_options *o, struct bench_report *r);
	const char *help;
} benchmarks[] = {
	{ "crypto", bench_crypto,
	    "sign, verify, seal, open, hash: operations per second" },
	{ "codec", bench_codec, "records encoded and decoded per second" },
	{ "relay", bench_relay,
	    "--mode single|batched|duplicate|garbage: datagrams through the core;"
	    " --sockets" },
	{ "replay", bench_replay,
	    "FILE...: recorded radio sessions to normal form; --decode" },
	{ "store", bench_store,
	    "--mode batched|alone|entries: records committed, and their bytes on the "
	    "disk" },
	{ "replies", bench_replies,
	    "--rows N: replies listed, each with whose packet it answers" },
	{ "search", bench_search,
	    "--rows N --dim D --dtype f32|f16|i8 --dir DIR: entries looked through" },
	{ "log-sync", bench_sync,
	    "--entries N --differences D: cells that name the lost rows of a lane" },
	{ "memory", bench_memory, "what the core takes at start, and per peer" },
};

static double
seconds_of(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double
bench_now(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

double
bench_worked(void)
{
	return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

void
bench_progress(const char *what, size_t done, size_t all)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s %zu of %zu%s", what, done, all,
		    done < all ? "" : "\n");
}

void
bench_add(struct bench_report *r, const char *name, double value)
{
	if (r->count < BENCH_FIGURES)
		r->figures[r->count++] = (struct bench_figure){ name, value };
}

double
bench_rate(double seconds, void (*step)(void *ctx), void *ctx)
{
	double begin = bench_now(), end = begin + seconds, now = begin;
	uint64_t count = 0;
	while (now < end) {
		for (int i = 0; i < 64; i++)
			step(ctx);
		count += 64;
		now = bench_now();
	}
	return (double)count / (now - begin);
}

void
bench_random(void *ctx, uint8_t *out, size_t len)
{
	uint64_t *state = ctx;
	for (size_t i = 0; i < len; i++) {
		*state = *state * 6364136223846793005U + 1442695040888963407U;
		out[i] = (uint8_t)(*state >> 56);
	}
}

static void
print_json(const char *name, const struct bench_report *r)
{
	char line[4096], schema[64];
	struct bytes_out out = bytes_out(line, sizeof line);
	struct json_out j = json_out(&out);
	snprintf(schema, sizeof schema, "meshbench.%s/1", name);
	json_open_object(&j);
	json_key(&j, "schema");
	json_put_string(&j, schema);
	json_key(&j, "value");
	json_put_f64(&j, r->value);
	json_key(&j, "unit");
	json_put_string(&j, r->unit);
	if (r->limit > 0) {
		json_key(&j, "limit");
		json_put_f64(&j, r->limit);
		json_key(&j, "ratio");
		json_put_f64(&j, r->value / r->limit);
	}
	for (size_t i = 0; i < r->count; i++) {
		json_key(&j, r->figures[i].name);
		json_put_f64(&j, r->figures[i].value);
	}
	json_shut_object(&j);
	printf("%s\n", text_end(&out));
}

static void
print_human(const char *name, const struct bench_report *r)
{
	printf("%-10s %14.0f %s\n", name, r->value, r->unit);
	if (r->limit > 0)
		printf("%-10s %14.0f %s, measured in this run: ratio %.2f\n", "limit",
		    r->limit, r->unit, r->value / r->limit);
	for (size_t i = 0; i < r->count; i++)
		printf("  %-24s %14.2f\n", r->figures[i].name, r->figures[i].value);
}

static void
usage(FILE *to)
{
	fprintf(to,
	    "usage: meshbench NAME [--json] [--mode M] [--seconds S] [FILE...]\n\n");
	for (size_t i = 0; i < LENGTH(benchmarks); i++)
		fprintf(to, "  %-8s %s\n", benchmarks[i].name, benchmarks[i].help);
}

static const struct benchmark *
find(const char *name)
{
	for (size_t i = 0; i < LENGTH(benchmarks); i++) {
		if (strcmp(benchmarks[i].name, name) == 0)
			return &benchmarks[i];
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	static const struct option flags[] = { { "json", no_argument, NULL, 'j' },
		{ "mode", required_argument, NULL, 'm' },
		{ "decode", no_argument, NULL, 'd' },
		{ "sockets", no_argument, NULL, 'u' },
		{ "seconds", required_argument, NULL, 's' },
		{ "rows", required_argument, NULL, 'R' },
		{ "dim", required_argument, NULL, 'D' },
		{ "entries", required_argument, NULL, 'E' },
		{ "differences", required_argument, NULL, 'X' },
		{ "dtype", required_argument, NULL, 'T' },
		{ "dir", required_argument, NULL, 'F' },
		{ "help", no_argument, NULL, 'h' }, { 0 } };
	struct bench_options o = { .seconds = 1.0 };
	struct bench_report r = { .unit = "" };
	bool json = false;
	for (int c; (c = getopt_long(argc, argv, "jm:dus:h", flags, NULL)) != -1;) {
		if (c == 'j')
			json = true;
		else if (c == 'm')
			o.mode = optarg;
		else if (c == 'u')
			o.sockets = true;
		else if (c == 'd')
			o.decode = true;
		else if (c == 's')
			o.seconds = strtod(optarg, NULL);
		else if (c == 'R')
			o.rows = strtoul(optarg, NULL, 10);
		else if (c == 'D')
			o.dim = strtoul(optarg, NULL, 10);
		else if (c == 'E')
			o.entries = strtoul(optarg, NULL, 10);
		else if (c == 'X')
			o.differences = strtoul(optarg, NULL, 10);
		else if (c == 'T')
			o.dtype = optarg;
		else if (c == 'F')
			o.dir = optarg;
		else {
			usage(c == 'h' ? stdout : stderr);
			return c == 'h' ? 0 : 2;
		}
	}
	const struct benchmark *b = optind < argc ? find(argv[optind]) : NULL;
	if (b == NULL || o.seconds <= 0) {
		usage(stderr);
		return 2;
	}
	o.files = argv + optind + 1;
	o.file_count = (size_t)(argc - optind - 1);
	int code = b->run(&o, &r);
	if (code == 0 && !o.decode)
		json ? print_json(b->name, &r) : print_human(b->name, &r);
	return code;
}
