#include "client.h"
#include "document.h"
#include "errors.h"
#include "pages.h"
#include "tables.h"
#include "text.h"
#include "units.h"
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- peer ping --- */

enum { COUNT = 4, INTERVAL_MS = 1000 };
struct pinging {
	const struct options *o;
	const char *name;
	unsigned long count; /* 0: until interrupted */
	uint32_t interval_ms;
	unsigned long sent, received;
	double least_ms, sum_ms, most_ms;
	json_t *replies; /* owned */
};
static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static double
number_at(const json_t *object, const char *path)
{
	return json_number_value(member_at(object, path));
}

/* A name off the wire, cleaned; "?" where only a tag came. */
static const char *
name_at(const json_t *object, char *to, size_t cap)
{
	static const struct column column = { "name", "", COLUMN_TEXT, 0, KEPT };
	cell_text(&column, object, 0, to, cap);
	if (to[0] == '\0')
		snprintf(to, cap, "?");
	return to;
}

static void
print_hop(const json_t *hop)
{
	char name[64];
	const json_t *rtt = json_object_get(hop, "rtt_ms");
	printf(" %s", name_at(hop, name, sizeof name));
	if (rtt != NULL)
		printf(" %.1f ms", json_number_value(rtt));
	if (json_is_true(json_object_get(hop, "unverified")))
		printf(" (unverified)");
}

/* reply from far: seq=1 hops=2 time=4.2 ms  via hill 1.3 ms */
static void
print_ping(const struct pinging *p, const json_t *answer)
{
	char name[64];
	size_t i, count;
	const json_t *way = json_object_get(answer, "way"), *hop;
	printf("reply from %s: seq=%lu hops=%d time=%.1f ms",
	    name_at(answer, name, sizeof name), p->sent, (int)number_at(answer, "hops"),
	    number_at(answer, "rtt_ms"));
	count = json_array_size(way);
	if (count > 1)
		printf("  via");
	json_array_foreach(way, i, hop)
	{
		if (i + 1 < count)
			print_hop(hop);
	}
	printf("\n");
}

static enum exit_code
take_ping(struct pinging *p, const struct reply *r)
{
	enum exit_code code;
	json_t *answer = errors_answer(p->o, r, &code);
	if (answer == NULL)
		return code;
	double ms = number_at(answer, "rtt_ms");
	p->least_ms = p->received == 0 || ms < p->least_ms ? ms : p->least_ms;
	p->most_ms = ms > p->most_ms ? ms : p->most_ms;
	p->sum_ms += ms;
	p->received++;
	if (p->o->output == OUTPUT_TABLE)
		print_ping(p, answer);
	else if (p->o->output == OUTPUT_JSONL)
		document_print_text(text(r->body));
	fflush(stdout);
	json_array_append_new(p->replies, answer);
	return EXIT_OK;
}

/* EXIT_TIMEOUT: no answer, go on.  Others but EXIT_OK: it will not get better. */
static enum exit_code
ping_once(struct pinging *p)
{
	char path[512], name[400];
	client_encode(p->name, name, sizeof name);
	snprintf(path, sizeof path, "/peers/%s/ping", name);
	struct reply r = client_ask(p->o, "POST", path, NULL);
	enum exit_code code = EXIT_OK;
	p->sent++;
	if (r.status == 200 && r.body != NULL) {
		code = take_ping(p, &r);
	} else if (r.status == 504) {
		code = EXIT_TIMEOUT;
		if (p->o->output == OUTPUT_TABLE)
			printf("no answer from %s: seq=%lu\n", p->name, p->sent);
	} else if (!interrupted) {
		code = errors_report(p->o, &r);
	}
	reply_free(&r);
	return code;
}

static void
pause_ms(uint32_t ms)
{
	struct timespec left = { ms / 1000, (long)(ms % 1000) * 1000000 };
	while (!interrupted && nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

static void
print_sums(const struct pinging *p)
{
	double n = p->received > 0 ? (double)p->received : 1;
	unsigned long lost = p->sent - p->received;
	if (p->o->output == OUTPUT_JSON) {
		json_t *all = json_pack("{s:s, s:s, s:I, s:I, s:f, s:f, s:f, s:O}",
		    "schema", "meshd.pings/1", "name", p->name, "sent",
		    (json_int_t)p->sent, "received", (json_int_t)p->received, "min_ms",
		    p->least_ms, "avg_ms", p->sum_ms / n, "max_ms", p->most_ms, "items",
		    p->replies);
		document_print(all, JSON_COMPACT | JSON_REAL_PRECISION(6));
		json_decref(all);
	} else if (p->o->output == OUTPUT_TABLE && !p->o->quiet) {
		printf("%s: %lu sent, %lu received, %.0f %% lost", p->name, p->sent,
		    p->received,
		    p->sent > 0 ? 100.0 * (double)lost / (double)p->sent : 0.0);
		if (p->received > 0)
			printf("; round trip min/avg/max %.1f/%.1f/%.1f ms",
			    p->least_ms, p->sum_ms / n, p->most_ms);
		printf("\n");
	}
}

static enum exit_code
ping_all(struct pinging *p)
{
	struct sigaction act = { .sa_handler = on_interrupt };
	sigaction(SIGINT, &act, NULL);
	for (;;) {
		enum exit_code code = ping_once(p);
		if (code != EXIT_OK && code != EXIT_TIMEOUT)
			return code;
		if (interrupted || p->sent == p->count)
			break;
		pause_ms(p->interval_ms);
		if (interrupted)
			break;
	}
	print_sums(p);
	return p->received > 0 ? EXIT_OK : EXIT_TIMEOUT;
}

static bool
read_count(const char *given, unsigned long *count)
{
	char *end;
	if (given == NULL)
		return true;
	*count = strtoul(given, &end, 10);
	return *given >= '0' && *given <= '9' && *end == '\0' && *count <= 1000000;
}

static bool
read_span(const char *given, uint32_t *ms)
{
	int64_t span;
	if (given == NULL)
		return true;
	if (units_parse(text(given), UNIT_MS, &span) != MESH_OK || span < 10 ||
	    span > 3600000)
		return false;
	*ms = (uint32_t)span;
	return true;
}

enum exit_code
page_peer_ping(const struct options *o, const struct arguments *a)
{
	struct pinging p = { .o = o, .count = COUNT, .interval_ms = INTERVAL_MS };
	if (a->word_count != 1) {
		fprintf(stderr, "meshctl: peer ping needs the name of one site\n");
		return EXIT_USAGE;
	}
	if (!read_count(argument(a, "count"), &p.count)) {
		fprintf(stderr, "meshctl: --count: a number, 0 for no end\n");
		return EXIT_USAGE;
	}
	if (!read_span(argument(a, "interval"), &p.interval_ms)) {
		fprintf(stderr, "meshctl: --interval: a span from 10ms to 1h\n");
		return EXIT_USAGE;
	}
	p.name = a->words[0];
	p.replies = json_array();
	enum exit_code code = ping_all(&p);
	json_decref(p.replies);
	return code;
}

/* --- netcheck --- */

static void
print_yes(const char *what, const json_t *answer, const char *member)
{
	printf("%-12s %s\n", what,
	    json_is_true(json_object_get(answer, member)) ? "yes" : "no");
}

static void
print_reach(const struct options *o, const json_t *answer)
{
	/* clang-format off */
	static const struct column addresses[] = {
		{ "interface", "INTERFACE", COLUMN_TEXT, 0.2, CUT }, { "addr", "ADDRESS", COLUMN_TEXT, 0.4, CUT },
		{ "hails", "BEACONS", COLUMN_FLAG, 7, KEPT }, { "sites", "SITES", COLUMN_NUMBER, 5, KEPT }, { 0 } };
	static const struct column peers[] = {
		{ "name", "SITE", COLUMN_TEXT, 0.2, CUT }, { "state", "STATE", COLUMN_TEXT, 8, KEPT },
		{ "hops", "HOPS", COLUMN_NUMBER, 4, KEPT }, { "rtt_ms", "RTT ms", COLUMN_SNR, 6, KEPT },
		{ "loss", "LOSS", COLUMN_SNR, 5, KEPT }, { "clock_ms", "CLOCK ms", COLUMN_NUMBER, 8, KEPT },
		{ "datagram_bytes", "BYTES", COLUMN_NUMBER, 5, KEPT },
		{ "observed", "SEES US AT", COLUMN_TEXT, 0.25, CUT }, { 0 } };
	/* clang-format on */
	print_yes("IPv4", answer, "ipv4");
	print_yes("IPv6", answer, "ipv6");
	print_yes("behind NAT", answer, "nat");
	print_yes("port stable", answer, "port_stable");
	printf("%-12s %d of %d sites\n\n", "answered",
	    (int)number_at(answer, "answered"), (int)number_at(answer, "asked"));
	table_print(o, addresses, json_object_get(answer, "addresses"), 0);
	printf("\n");
	table_print(o, peers, json_object_get(answer, "peers"), 0);
}

/* Of each site farther than a neighbour: by which way. */
static void
print_ways(const json_t *answer)
{
	char name[64];
	size_t i, k;
	const json_t *peer, *hop;
	bool any = false;
	json_array_foreach(json_object_get(answer, "peers"), i, peer)
	{
		const json_t *way = json_object_get(peer, "way");
		if (json_array_size(way) < 2)
			continue;
		printf("%s%s:", any ? "" : "\n", name_at(peer, name, sizeof name));
		any = true;
		json_array_foreach(way, k, hop)
		{
			printf("%s", k > 0 ? " >" : "");
			print_hop(hop);
		}
		printf("\n");
	}
}

static void
print_warnings(const json_t *answer)
{
	size_t i;
	const json_t *line;
	const json_t *all = json_object_get(answer, "warnings");
	printf("\n%s\n", json_array_size(all) == 0 ? "nothing is wrong" : "warnings:");
	json_array_foreach(all, i, line)
	{
		static const struct column column = { "", "", COLUMN_TEXT, 0, KEPT };
		char clean[256];
		cell_text(&column, line, 0, clean, sizeof clean);
		printf("  %s\n", clean);
	}
}

enum exit_code
page_netcheck(const struct options *o, const struct arguments *a)
{
	bool tell = isatty(STDERR_FILENO) && o->output == OUTPUT_TABLE && !o->quiet;
	(void)a;
	if (tell)
		fprintf(stderr, "asking all sites, up to 2 s ...\r");
	struct reply r = client_ask(o, "POST", "/netcheck", NULL);
	enum exit_code code;
	json_t *answer = errors_answer(o, &r, &code);
	if (tell)
		fprintf(stderr, "%32s\r", "");
	if (answer != NULL && o->output != OUTPUT_TABLE) {
		document_print_text((struct text_view){ r.body, r.len });
	} else if (answer != NULL) {
		print_reach(o, answer);
		print_ways(answer);
		print_warnings(answer);
	}
	json_decref(answer);
	reply_free(&r);
	return code;
}
