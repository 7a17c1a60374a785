#include "sim_options.h"
#include "types.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODES_MAX = 1000,
	REAL_MAX = 100, /* sites with real cryptography, unless asked for */
	SEEDS_MAX = 1000000,
	DELAY_LIMIT_MS = 60 * 1000
};

void
options_usage(FILE *to)
{
	fputs(
	    "usage: meshsim SCENARIO [option]...\n\n"
	    "  --nodes N        sites, 2..1000\n"
	    "  --duration S     virtual seconds of what is measured\n"
	    "  --seed S         all chance comes from it; 1 unless said\n"
	    "  --seeds K        K runs, seed by seed; of each figure the worst is "
	    "shown\n"
	    "  --swarm K        as --seeds, and the other options are drawn as well\n"
	    "  --loss P         of each datagram and receiver, 0..0.95\n"
	    "  --delay A..B     milliseconds on the way, drawn evenly\n"
	    "  --rate R         records or datagrams a second, where a scenario sends\n"
	    "  --crypto C       real | standin | auto (stand-in above 100 sites) | "
	    "both:\n"
	    "                   one after the other, and every counter compared\n"
	    "  --counters       sums of all counters as well\n"
	    "  --json           meshsim.NAME/1\n\n",
	    to);
}

static bool
read_number(const char *text, double lo, double hi, double *out)
{
	char *end;
	*out = strtod(text, &end);
	return end != text && *end == '\0' && *out >= lo && *out <= hi;
}

/* "A..B", or "A" for both. */
static bool
read_delay(const char *text, struct options *o)
{
	char *end;
	o->delay_min_ms = o->delay_max_ms = strtol(text, &end, 10);
	if (end != text && strncmp(end, "..", 2) == 0)
		o->delay_max_ms = strtol(end + 2, &end, 10);
	return end != text && *end == '\0' && o->delay_min_ms >= 0 &&
	    o->delay_max_ms >= o->delay_min_ms && o->delay_max_ms <= DELAY_LIMIT_MS;
}

static const char *const crypto_names[] = { [CRYPTO_AUTO] = "auto",
	[CRYPTO_REAL] = "real",
	[CRYPTO_STANDIN] = "standin",
	[CRYPTO_BOTH] = "both" };

static bool
read_crypto(const char *text, enum crypto *out)
{
	for (size_t i = 0; i < LENGTH(crypto_names); i++) {
		if (strcmp(text, crypto_names[i]) != 0)
			continue;
		*out = (enum crypto)i;
		return true;
	}
	return false;
}

static bool
read_u32(const char *text, double lo, double hi, uint32_t *out)
{
	double n;
	bool good = read_number(text, lo, hi, &n);
	*out = good ? (uint32_t)n : 0;
	return good;
}

static bool
take(struct options *o, int option, const char *value)
{
	double n = 0;
	bool good = true;
	switch (option) {
	case 'n':
		return read_u32(value, 2, NODES_MAX, &o->nodes);
	case 'd':
		return read_u32(value, 1, 100000, &o->duration_s);
	case 's':
		good = read_number(value, 0, 9e15, &n);
		o->seed = (uint64_t)n;
		return good;
	case 'w':
		o->swarm = true;
		return read_u32(value, 1, SEEDS_MAX, &o->seeds);
	case 'k':
		return read_u32(value, 1, SEEDS_MAX, &o->seeds);
	case 'l':
		return read_number(value, 0, 0.95, &o->loss);
	case 'r':
		return read_number(value, 0.001, 1e6, &o->rate);
	case 'y':
		return read_delay(value, o);
	case 'c':
		return read_crypto(value, &o->crypto);
	case 'C':
		o->counters = true;
		return true;
	case 'j':
		o->json = true;
		return true;
	default:
		return false;
	}
}

bool
options_read(struct options *o, int argc, char **argv)
{
	static const struct option known[] = { { "nodes", 1, NULL, 'n' },
		{ "duration", 1, NULL, 'd' }, { "seed", 1, NULL, 's' },
		{ "seeds", 1, NULL, 'k' }, { "swarm", 1, NULL, 'w' },
		{ "loss", 1, NULL, 'l' }, { "delay", 1, NULL, 'y' },
		{ "rate", 1, NULL, 'r' }, { "crypto", 1, NULL, 'c' },
		{ "counters", 0, NULL, 'C' }, { "json", 0, NULL, 'j' },
		{ NULL, 0, NULL, 0 } };
	int option;
	*o = (struct options){ .seed = 1, .seeds = 1, .loss = -1, .delay_min_ms = -1 };
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (take(o, option, optarg))
			continue;
		if (option != '?')
			fprintf(stderr, "meshsim: \"%s\" is out of range\n", optarg);
		return false;
	}
	if (optind != argc - 1)
		return false;
	o->scenario = argv[optind];
	return true;
}

bool
options_is_standin(const struct options *o)
{
	return o->crypto == CRYPTO_STANDIN ||
	    (o->crypto == CRYPTO_AUTO && o->nodes > REAL_MAX);
}

void
options_repeat(const struct options *o, uint64_t seed, FILE *to)
{
	fprintf(to,
	    "repeat: meshsim %s --nodes %u --duration %u --seed %llu --loss %.17g "
	    "--delay %lld..%lld --crypto %s",
	    o->scenario, (unsigned)o->nodes, (unsigned)o->duration_s,
	    (unsigned long long)seed, o->loss, (long long)o->delay_min_ms,
	    (long long)o->delay_max_ms,
	    o->crypto == CRYPTO_BOTH    ? "both"
		: options_is_standin(o) ? "standin"
					: "real");
	if (o->rate > 0)
		fprintf(to, " --rate %.17g", o->rate);
	fputc('\n', to);
}
