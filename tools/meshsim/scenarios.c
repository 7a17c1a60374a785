#include "scenarios.h"
#include "must.h"
#include <string.h>

enum {
	CONVERGE_MAX_MS = 180 * 1000,
	IP_UDP = 28, /* IPv4 and UDP headers: figures count them */
	SETTLE_MS = 30 * 1000,
	ROUNDS = 10,
	ROUND_MS = 30 * 1000,
	BACK_MS = 15 * 1000
};

/* --- what all need --- */

void
scenario_second(struct world *w, double seconds)
{
	world_run(w, w->now + (mesh_time_ms)(seconds * 1000));
}

static bool
all_reach_all(const struct world *w, void *ctx)
{
	(void)ctx;
	return world_all_reached(w);
}

bool
scenario_heals(struct world *w, struct report *r, double s)
{
	if (world_wait(w, all_reach_all, NULL, w->now + (mesh_time_ms)(s * 1000)))
		return true;
	report_violation(r, "%llu of %llu pairs reach each other after %g s",
	    (unsigned long long)w->reached_pairs,
	    (unsigned long long)w->params.sites * (w->params.sites - 1), s);
	return false;
}

bool
scenario_converge(struct world *w, struct report *r)
{
	mesh_time_ms began = w->now;
	world_start_all(w);
	bool done = scenario_heals(w, r, CONVERGE_MAX_MS / 1000.0);
	if (world_all_known(w))
		report_add(
		    r, "converge_s", WORSE_MORE, (double)(w->known_ms - began) / 1000);
	if (done)
		report_add(r, "reachable_s", WORSE_MORE,
		    (double)(w->reached_ms - began) / 1000);
	return done;
}

uint64_t
scenario_false_deaths(const struct world *w, mesh_time_ms from)
{
	uint64_t deaths = 0;
	for (uint32_t i = 0; i < w->params.sites; i++) {
		const struct world_site *s = &w->sites[i];
		for (size_t k = s->change_count; k > 0; k--) {
			const struct world_peer_change *c = &s->changes[k - 1];
			if (c->at_ms < from)
				break;
			deaths += c->state == PEER_DEAD && c->was_up;
		}
	}
	return deaths;
}

static void
run_converge(struct world *w, const struct options *o, struct report *r)
{
	world_join_all(w);
	if (scenario_converge(w, r))
		scenario_second(w, o->duration_s);
}

/* --- idle: what it costs when nothing happens --- */

struct traffic_mark { /* of one site, headers included */
	uint64_t sent, received, datagrams;
};

static struct traffic_mark
traffic_of(const struct world_site *s)
{
	return (struct traffic_mark){ s->sent_bytes + s->sent * IP_UDP,
		s->received_bytes + s->received * IP_UDP, s->sent };
}

static void
run_idle(struct world *w, const struct options *o, struct report *r)
{
	struct series sent = { 0 }, received = { 0 }, datagrams = { 0 };
	world_join_all(w);
	if (!scenario_converge(w, r))
		return;
	world_run(w, w->now + SETTLE_MS); /* the quick start of the beacons is over */
	struct traffic_mark *before = must(calloc(w->params.sites, sizeof *before));
	mesh_time_ms began = w->now;
	for (uint32_t i = 0; i < w->params.sites; i++)
		before[i] = traffic_of(&w->sites[i]);
	scenario_second(w, o->duration_s);
	for (uint32_t i = 0; i < w->params.sites; i++) {
		struct traffic_mark after = traffic_of(&w->sites[i]);
		double s = o->duration_s;
		series_add(&sent, (double)(after.sent - before[i].sent) / s);
		series_add(
		    &received, (double)(after.received - before[i].received) / s);
		series_add(
		    &datagrams, (double)(after.datagrams - before[i].datagrams) / s);
	}
	free(before);
	report_add_series(r, "idle_bytes_per_s", &sent);
	report_add_series(r, "idle_received_per_s", &received);
	report_add_series(r, "idle_datagrams_per_s", &datagrams);
	report_add_u64(
	    r, "false_positives", WORSE_MORE, scenario_false_deaths(w, began));
}

/* --- detect: one after the other is killed and comes back; then long peace --- */

struct detections {
	struct series each, all; /* seconds until one, until the last one knew */
	uint64_t missed;
};

/* When it first said so after `at`; MESH_NEVER: not. */
static mesh_time_ms
told_dead(const struct world_site *s, uint32_t killed, mesh_time_ms at)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t k = s->change_count; k > 0; k--) {
		const struct world_peer_change *c = &s->changes[k - 1];
		if (c->at_ms < at)
			break;
		if (c->peer == killed && c->state == PEER_DEAD)
			first = c->at_ms;
	}
	return first;
}

static void
note_detections(
    const struct world *w, struct detections *d, uint32_t killed, mesh_time_ms at)
{
	mesh_time_ms last = at;
	for (uint32_t i = 0; i < w->params.sites; i++) {
		mesh_time_ms told = told_dead(&w->sites[i], killed, at);
		if (i == killed)
			continue;
		if (told == MESH_NEVER) {
			d->missed++;
			continue;
		}
		series_add(&d->each, (double)(told - at) / 1000);
		last = told > last ? told : last;
	}
	series_add(&d->all, (double)(last - at) / 1000);
}

static void
run_detect(struct world *w, const struct options *o, struct report *r)
{
	struct detections d = { .missed = 0 };
	world_join_all(w);
	if (!scenario_converge(w, r))
		return;
	scenario_second(w, 10);
	mesh_time_ms began = w->now;
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t killed = (uint32_t)(world_random(w) % w->params.sites);
		mesh_time_ms at = w->now + world_random(w) % 2000; /* of any phase */
		world_run(w, at);
		world_kill(w, killed);
		world_run(w, at + BACK_MS);
		note_detections(w, &d, killed, at);
		world_start(w, killed);
		world_run(w, at + ROUND_MS);
	}
	scenario_second(w, o->duration_s);
	report_add_series(r, "detect_s", &d.each);
	report_add_series(r, "detect_all_s", &d.all);
	report_add_u64(r, "missed", WORSE_MORE, d.missed);
	report_add_u64(
	    r, "false_positives", WORSE_MORE, scenario_false_deaths(w, began));
	if (d.missed > 0)
		report_violation(r, "%llu times a site did not see a death in %d s",
		    (unsigned long long)d.missed, BACK_MS / 1000);
}

/* --- the table --- */

const struct scenario scenarios[] = {
	{ "converge", "one segment, all start at once", 10, 10, 1, 4, 0, run_converge },
	{ "idle", "one segment, nothing happens: bytes sent and received", 10, 120, 1,
	    4, 0, run_idle },
	{ "detect", "one segment, ten sites are killed in turn; then peace", 10, 60, 1,
	    4, 0, run_detect },
	{ "alert", "one segment, random sites raise alerts", 50, 20, 1, 1, 1,
	    run_alert },
	{ "partition", "one segment falls apart, both halves write, it heals", 10, 30,
	    1, 4, 1, run_partition },
	{ "churn", "sites are killed, stopped, unplugged and started all the time", 10,
	    120, 1, 4, 5, run_churn },
	{ "chain", "a line, its two ends send", 10, 20, 1, 4, 5, run_chain },
	{ "relay", "a ring with chords, every site sends", 10, 20, 1, 4, 1, run_relay },
	{ "attack", "forged, broken and replayed datagrams from outside", 10, 60, 1, 4,
	    1000, run_attack },
	{ "flood", "1 Mbit/s between two sites, alerts behind a registry flood", 2, 20,
	    1, 1, 200, run_flood },
	{ "share", "two origins behind one relay share 1 Mbit/s", 4, 20, 1, 1, 300,
	    run_share },
	{ "registry-sync",
	    "a million entries, a site comes back and a thousand are new", 51, 60, 10,
	    10, 0, run_registry_sync },
	{ "faults", "every fault of the table at random, then peace", 8, 60, 1, 4, 2,
	    run_faults },
};
const size_t scenario_count = LENGTH(scenarios);

const struct scenario *
scenario_find(const char *name)
{
	for (size_t i = 0; i < scenario_count; i++)
		if (strcmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	return NULL;
}
