#include "must.h"
#include "scenarios.h"

/* Records on their way: who sends, and when each of them was told where. */

enum { FILLER = 200, DRAIN_S = 30, SENDERS_ALL = 0 };

struct traffic {
	enum mesh_lane lane;
	uint32_t senders[2];
	uint32_t sender_count; /* of the list above; SENDERS_ALL: anybody, by chance */
	double rate;           /* records a second, all senders together */
	mesh_time_ms *sent_ms; /* by number */
	mesh_time_ms *last_ms; /* told last somewhere, by number */
	uint64_t count, most, refused, duplicates;
};

static uint64_t
duplicates_of(const struct world *w)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < w->params.sites; i++)
		sum += world_counter(w, i, "record.duplicate");
	return sum;
}

static void
send_one(struct world *w, struct traffic *t, uint64_t turn)
{
	uint32_t from = t->sender_count == SENDERS_ALL
	    ? (uint32_t)(world_random(w) % w->params.sites)
	    : t->senders[turn % t->sender_count];
	t->sent_ms[t->count] = w->now;
	if (world_append(w, from, t->lane, t->count, FILLER) == MESH_OK)
		t->count++;
	else
		t->refused++;
}

static void
send_all(struct world *w, const struct options *o, struct traffic *t)
{
	mesh_time_ms began = w->now;
	t->most = (uint64_t)(t->rate * o->duration_s) + 1;
	t->sent_ms = must(calloc(t->most, sizeof *t->sent_ms));
	t->last_ms = must(calloc(t->most, sizeof *t->last_ms));
	t->duplicates = duplicates_of(w);
	for (uint64_t turn = 0; turn < t->most; turn++) {
		world_run(w, began + (mesh_time_ms)((double)turn * 1000 / t->rate));
		send_one(w, t, turn);
	}
	scenario_second(w, 1);
	t->duplicates = duplicates_of(w) - t->duplicates;
	scenario_second(w, DRAIN_S);
}

static void
count_deliveries(const struct world *w, struct report *r, struct traffic *t)
{
	struct series latency = { 0 }, to_all = { 0 };
	uint64_t delivered = 0, expected = t->count * (w->params.sites - 1);
	for (uint32_t i = 0; i < w->params.sites; i++) {
		const struct world_site *s = &w->sites[i];
		for (size_t k = 0; k < s->record_count; k++) {
			const struct world_record *one = &s->records[k];
			if (one->at.lane != t->lane || one->origin == i ||
			    one->tag >= t->count)
				continue;
			delivered++;
			series_add(
			    &latency, (double)(one->told_ms - t->sent_ms[one->tag]));
			if (one->told_ms > t->last_ms[one->tag])
				t->last_ms[one->tag] = one->told_ms;
		}
	}
	for (uint64_t n = 0; n < t->count; n++)
		if (t->last_ms[n] > 0)
			series_add(&to_all, (double)(t->last_ms[n] - t->sent_ms[n]));
	report_add_u64(r, "expected", WORSE_LESS, expected);
	report_add_u64(r, "delivered", WORSE_LESS, delivered);
	report_add(r, "delivered_share", WORSE_LESS,
	    expected > 0 ? (double)delivered / (double)expected : 1);
	report_add_u64(r, "refused", WORSE_MORE, t->refused);
	report_add_u64(r, "duplicates", WORSE_MORE, t->duplicates);
	report_add(r, "copies_per_node", WORSE_MORE,
	    delivered > 0 ? (double)(t->duplicates + delivered) / (double)delivered
			  : 0);
	report_add_series(r, "latency_ms", &latency);
	report_add_series(r, "to_all_ms", &to_all);
	if (r->options->loss <= 0 && delivered != expected)
		report_violation(r, "%llu of %llu records delivered without any loss",
		    (unsigned long long)delivered, (unsigned long long)expected);
}

static void
carry(struct world *w, const struct options *o, struct report *r, struct traffic *t)
{
	if (!scenario_converge(w, r))
		return;
	scenario_second(w, 10);
	send_all(w, o, t);
	count_deliveries(w, r, t);
	free(t->sent_ms);
	free(t->last_ms);
}

void
run_alert(struct world *w, const struct options *o, struct report *r)
{
	struct traffic t = { .lane = LANE_ALERT, .rate = o->rate };
	world_join_all(w);
	carry(w, o, r, &t);
}

/* A ring, and for each site one more neighbour by chance. */
void
run_relay(struct world *w, const struct options *o, struct report *r)
{
	uint32_t n = w->params.sites;
	struct traffic t = { .lane = LANE_PACKET, .rate = o->rate * n };
	world_join_ring(w);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t other = (uint32_t)(world_random(w) % n);
		if (other != i)
			world_join(w, i, other);
	}
	carry(w, o, r, &t);
}

void
run_chain(struct world *w, const struct options *o, struct report *r)
{
	struct traffic t = { .lane = LANE_PACKET,
		.senders = { 0, w->params.sites - 1 },
		.sender_count = 2,
		.rate = 2 * o->rate };
	world_join_line(w);
	carry(w, o, r, &t);
}
