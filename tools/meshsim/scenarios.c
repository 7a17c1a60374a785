#include "scenarios.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CONVERGE_MAX_MS = 120 * 1000, FILLER = 200 };

/* --- what all need --- */

static bool
all_reach_all(const struct world *w, void *ctx)
{
	(void)ctx;
	return world_all_reached(w);
}

static bool
converge(struct world *w, struct report *r)
{
	mesh_time_ms began = w->now;
	world_start_all(w);
	bool done = world_wait(w, all_reach_all, NULL, began + CONVERGE_MAX_MS);
	r->has_converge = true;
	r->converge_s = (double)(w->now - began) / 1000;
	if (!done)
		report_violation(r, "no agreement on who is alive after %d s",
		    CONVERGE_MAX_MS / 1000);
	return done;
}

/* --- converge: one segment, everybody starts at once --- */

static void
run_converge(struct world *w, struct report *r)
{
	world_join_all(w);
	if (!converge(w, r))
		return;
	uint64_t *before = calloc(w->params.sites, sizeof *before);
	if (before == NULL)
		abort();
	world_run(w, w->now + 10000); /* the quick start of the beacons is over */
	for (uint32_t i = 0; i < w->params.sites; i++)
		before[i] = w->sites[i].sent_bytes;
	world_run(w, w->now + (mesh_time_ms)r->duration_s * 1000);
	for (uint32_t i = 0; i < w->params.sites; i++)
		series_add(&r->idle_bytes_per_s,
		    (double)(w->sites[i].sent_bytes - before[i]) / r->duration_s);
	free(before);
}

/* --- relay and chain: packets through many hands --- */

struct traffic {
	uint32_t senders[2]; /* or everybody */
	uint32_t sender_count, every_ms;
	mesh_time_ms *sent_ms; /* by number */
	uint64_t count;
};

static void
send_packets(struct world *w, struct report *r, struct traffic *t)
{
	mesh_time_ms end = w->now + (mesh_time_ms)r->duration_s * 1000;
	while (w->now < end) {
		for (uint32_t i = 0; i < t->sender_count; i++) {
			uint32_t from = t->sender_count > 2 ? i : t->senders[i];
			t->sent_ms[t->count] = w->now;
			if (world_append(w, from, LANE_PACKET, t->count, FILLER) ==
			    MESH_OK)
				t->count++;
		}
		world_run(w, w->now + t->every_ms);
	}
	world_run(w, w->now + 10000);
}

static void
count_deliveries(const struct world *w, struct report *r, const struct traffic *t)
{
	uint64_t copies = 0;
	for (uint32_t i = 0; i < w->params.sites; i++) {
		const struct world_site *s = &w->sites[i];
		for (size_t k = 0; k < s->record_count; k++) {
			const struct world_record *one = &s->records[k];
			if (one->at.lane != LANE_PACKET || one->origin == i)
				continue;
			r->delivered++;
			series_add(&r->latency_ms,
			    (double)(one->told_ms - t->sent_ms[one->tag]));
		}
		copies += world_counter(w, i, "record.duplicate");
	}
	r->has_records = true;
	r->duplicates = copies;
	r->expected = t->count * (w->params.sites - 1);
	r->copies_per_node = r->delivered > 0
	    ? (double)(copies + r->delivered) / (double)r->delivered
	    : 0;
	if (r->loss <= 0 && r->delivered != r->expected)
		report_violation(r, "%llu of %llu records delivered without any loss",
		    (unsigned long long)r->delivered, (unsigned long long)r->expected);
}

static void
carry(struct world *w, struct report *r, struct traffic *t)
{
	size_t most = (size_t)r->duration_s * 1000 / t->every_ms + 1;
	assert(t->sender_count > 0);
	t->sent_ms = calloc(most * t->sender_count, sizeof *t->sent_ms);
	if (t->sent_ms == NULL)
		abort();
	if (converge(w, r)) {
		send_packets(w, r, t);
		count_deliveries(w, r, t);
	}
	free(t->sent_ms);
}

/* A ring, and for each site one more neighbour by chance. */
static void
run_relay(struct world *w, struct report *r)
{
	uint32_t n = w->params.sites;
	struct traffic t = { .sender_count = n, .every_ms = 1000 };
	world_join_ring(w);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t other = (uint32_t)(world_random(w) % n);
		if (other != i)
			world_join(w, i, other);
	}
	carry(w, r, &t);
}

static void
run_chain(struct world *w, struct report *r)
{
	struct traffic t = { .senders = { 0, w->params.sites - 1 },
		.sender_count = 2,
		.every_ms = 200 };
	world_join_line(w);
	carry(w, r, &t);
}

/* --- detect: one after the other is killed and comes back --- */

enum { ROUND_MS = 30 * 1000, BACK_MS = 15 * 1000 };

static void
note_detections(
    const struct world *w, struct report *r, uint32_t killed, mesh_time_ms at)
{
	for (uint32_t i = 0; i < w->params.sites; i++) {
		const struct world_site *s = &w->sites[i];
		bool seen = false;
		for (size_t k = 0; k < s->change_count; k++) {
			const struct world_peer_change *c = &s->changes[k];
			if (c->state != PEER_DEAD || c->at_ms < at)
				continue;
			if (c->peer != killed)
				r->false_positives++;
			else if (!seen)
				series_add(
				    &r->detect_s, (double)(c->at_ms - at) / 1000);
			seen = seen || c->peer == killed;
		}
		if (!seen && i != killed)
			report_violation(r, "site %u never saw that site %u is dead",
			    (unsigned)i, (unsigned)killed);
	}
}

static void
run_detect(struct world *w, struct report *r)
{
	world_join_all(w);
	if (!converge(w, r))
		return;
	world_run(w, w->now + 6000);
	r->has_detect = true;
	for (uint32_t ms = 0; ms < (mesh_time_ms)r->duration_s * 1000; ms += ROUND_MS) {
		uint32_t killed = (uint32_t)(world_random(w) % w->params.sites);
		mesh_time_ms at = w->now;
		world_kill(w, killed);
		world_run(w, at + BACK_MS);
		note_detections(w, r, killed, at);
		world_start(w, killed);
		world_run(w, at + ROUND_MS);
	}
}

const struct scenario scenarios[] = {
	{ "converge", "one segment, all start at once; then idle", 10, 60,
	    run_converge },
	{ "relay", "a ring with chords, every site sends once a second", 10, 20,
	    run_relay },
	{ "chain", "a line, its two ends send five times a second", 10, 20, run_chain },
	{ "detect", "one segment, one site after the other is killed", 10, 120,
	    run_detect },
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
