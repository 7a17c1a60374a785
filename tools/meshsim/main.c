/* meshsim - the production core in virtual time.
 *
 * Equal options give equal reports.  Exit 0: all invariants held; 1: one broke, and the
 * last line is the command that repeats it; 64: wrong usage. */
#include "scenarios.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	EXIT_VIOLATED = 1,
	EXIT_USAGE = 64,
	NODES_MAX = 1000,
	REAL_MAX = 100, /* sites with real cryptography, unless asked for */
	DELAY_MIN = 1,
	DELAY_MAX = 4
};

enum crypto { CRYPTO_AUTO, CRYPTO_REAL, CRYPTO_STANDIN };
struct options {
	uint32_t nodes, duration_s;
	uint64_t seed;
	double loss;
	enum crypto crypto;
	bool json;
};

static int
usage(FILE *to)
{
	fprintf(to,
	    "usage: meshsim SCENARIO [--nodes N] [--seed S] [--loss P] "
	    "[--duration S] [--crypto real|standin|auto] [--json]\n\nscenarios:\n");
	for (size_t i = 0; i < scenario_count; i++)
		fprintf(to, "  %-10s %s\n", scenarios[i].name, scenarios[i].doc);
	return to == stdout ? 0 : EXIT_USAGE;
}

static bool
read_number(const char *text, double lo, double hi, double *out)
{
	char *end;
	*out = strtod(text, &end);
	return end != text && *end == '\0' && *out >= lo && *out <= hi;
}

static bool
read_crypto(const char *text, enum crypto *out)
{
	static const char *const names[] = { [CRYPTO_AUTO] = "auto",
		[CRYPTO_REAL] = "real",
		[CRYPTO_STANDIN] = "standin" };
	for (size_t i = 0; i < LENGTH(names); i++) {
		if (strcmp(text, names[i]) != 0)
			continue;
		*out = (enum crypto)i;
		return true;
	}
	return false;
}

static bool
take(struct options *o, int option, const char *value)
{
	double n = 0;
	bool good = true;
	switch (option) {
	case 'n':
		good = read_number(value, 2, NODES_MAX, &n);
		o->nodes = (uint32_t)n;
		break;
	case 's':
		good = read_number(value, 0, 9e15, &n);
		o->seed = (uint64_t)n;
		break;
	case 'l':
		good = read_number(value, 0, 0.95, &o->loss);
		break;
	case 'd':
		good = read_number(value, 1, 100000, &n);
		o->duration_s = (uint32_t)n;
		break;
	case 'c':
		good = read_crypto(value, &o->crypto);
		break;
	case 'j':
		o->json = true;
		break;
	default:
		good = false;
		break;
	}
	return good;
}

static bool
read_options(struct options *o, int argc, char **argv)
{
	static const struct option known[] = { { "nodes", required_argument, NULL,
						   'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "loss", required_argument, NULL, 'l' },
		{ "duration", required_argument, NULL, 'd' },
		{ "crypto", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 } };
	int option;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (take(o, option, optarg))
			continue;
		if (option != '?')
			fprintf(stderr, "meshsim: \"%s\" is out of range\n", optarg);
		return false;
	}
	return optind == argc - 1;
}

static void
run(const struct scenario *what, const struct options *o, struct report *r)
{
	struct world_params p = { .sites = o->nodes,
		.seed = o->seed,
		.loss = o->loss,
		.delay_min_ms = DELAY_MIN,
		.delay_max_ms = DELAY_MAX,
		.store_ms = 2,
		.standin = r->standin };
	struct world *w = world_new(&p);
	what->run(w, r);
	for (uint32_t i = 0; i < o->nodes; i++)
		r->bytes += w->sites[i].sent_bytes;
	report_take_violations(r, w);
	world_free(w);
}

int
main(int argc, char **argv)
{
	struct options o = { .seed = 1 };
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (!read_options(&o, argc, argv))
		return usage(stderr);
	const struct scenario *what = scenario_find(argv[optind]);
	if (what == NULL) {
		fprintf(stderr, "meshsim: no scenario \"%s\"\n", argv[optind]);
		return usage(stderr);
	}
	if (o.nodes == 0)
		o.nodes = what->nodes;
	if (o.duration_s == 0)
		o.duration_s = what->duration_s;
	struct report r = { .scenario = what->name,
		.nodes = o.nodes,
		.duration_s = o.duration_s,
		.seed = o.seed,
		.loss = o.loss,
		.standin = o.crypto == CRYPTO_STANDIN ||
		    (o.crypto == CRYPTO_AUTO && o.nodes > REAL_MAX) };
	run(what, &o, &r);
	(o.json ? report_print_json : report_print_text)(&r);
	bool held = r.violation_count == 0;
	if (!held)
		fprintf(stderr,
		    "repeat: meshsim %s --nodes %u --seed %llu --loss %g --duration "
		    "%u --crypto %s\n",
		    r.scenario, (unsigned)r.nodes, (unsigned long long)r.seed, r.loss,
		    (unsigned)r.duration_s, r.standin ? "standin" : "real");
	report_free(&r);
	return held ? 0 : EXIT_VIOLATED;
}
