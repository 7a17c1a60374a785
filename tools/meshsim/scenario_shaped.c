#include "must.h"
#include "scenarios.h"

/* Links with little room: what goes first, and who gets how much. */

enum {
	LINK_BITS = 1000 * 1000,
	QUEUE_BYTES = 64 * 1024, /* of the modem: a quarter of a second and more */
	FILLER = 200,
	BIG_FILLER = 700,
	ALERT_EVERY_MS = 200,
	STORE_MS = 2
};

/* Number of an alert: far from the flood's. */
static const uint64_t alerts_from = 1ULL << 32;

/* What one record of that size takes on an empty link: not queueing. */
static double
own_ms(const struct options *o, size_t filler)
{
	enum { AROUND = 330 }; /* core, proof, frame, datagram, headers */
	return STORE_MS + (double)o->delay_max_ms +
	    (double)(filler + AROUND) * 8 * 1000 / LINK_BITS + 1;
}

static void
flood_for(
    struct world *w, const struct options *o, mesh_time_ms *sent, uint64_t *alerts)
{
	mesh_time_ms began = w->now, end = began + o->duration_s * 1000ULL;
	uint64_t pushed = 0;
	for (mesh_time_ms at = began; at < end; at++) {
		world_run(w, at);
		double due = (double)(at - began) * o->rate / 1000;
		for (; (double)pushed < due; pushed++)
			if (world_append(w, 0, LANE_REGISTRY, pushed, BIG_FILLER) !=
			    MESH_OK)
				break; /* no room: the source waits as well */
		if ((at - began) % ALERT_EVERY_MS != 0)
			continue;
		sent[*alerts] = w->now;
		if (world_append(w, 0, LANE_ALERT, alerts_from + *alerts, FILLER) ==
		    MESH_OK)
			(*alerts)++;
	}
	scenario_second(w, 10);
}

void
run_flood(struct world *w, const struct options *o, struct report *r)
{
	struct series queueing = { 0 };
	uint64_t alerts = 0, bulk = 0, heard = 0;
	world_join(w, 0, 1);
	if (!scenario_converge(w, r))
		return;
	scenario_second(w, 10);
	world_shape(w, 0, 1, LINK_BITS, QUEUE_BYTES);
	mesh_time_ms *sent = must(
	    calloc(o->duration_s * 1000ULL / ALERT_EVERY_MS + 1, sizeof *sent));
	flood_for(w, o, sent, &alerts);
	for (size_t k = 0; k < w->sites[1].record_count; k++) {
		const struct world_record *one = &w->sites[1].records[k];
		bulk += one->at.lane == LANE_REGISTRY;
		if (one->at.lane != LANE_ALERT)
			continue;
		double took = (double)(one->told_ms - sent[one->tag - alerts_from]);
		double queued = took - own_ms(o, FILLER);
		series_add(&queueing, queued > 0 ? queued : 0);
		heard++;
	}
	free(sent);
	report_add_u64(r, "expected", WORSE_LESS, alerts);
	report_add_u64(r, "delivered", WORSE_LESS, heard);
	report_add_u64(r, "bulk_delivered", WORSE_LESS, bulk);
	report_add_series(r, "queueing_ms", &queueing);
}

/* 0 and 1 speak to 2, and 2 to 3 over the narrow link. */
void
run_share(struct world *w, const struct options *o, struct report *r)
{
	uint64_t got[2] = { 0, 0 }, refused = 0;
	uint32_t last = w->params.sites - 1;
	if (w->params.sites != 4) {
		report_violation(r, "this scenario has four sites");
		return;
	}
	world_join(w, 0, 2);
	world_join(w, 1, 2);
	world_join(w, 2, 3);
	if (!scenario_converge(w, r))
		return;
	scenario_second(w, 10);
	world_shape(w, 2, 3, LINK_BITS, QUEUE_BYTES);
	size_t before = w->sites[last].record_count;
	uint64_t turns = (uint64_t)(o->rate * o->duration_s);
	mesh_time_ms began = w->now;
	for (uint64_t n = 0; n < turns; n++) {
		world_run(w, began + (mesh_time_ms)((double)n * 1000 / o->rate));
		for (uint32_t from = 0; from < 2; from++)
			refused += world_append(w, from, LANE_PACKET, n, BIG_FILLER) !=
			    MESH_OK;
	}
	for (size_t k = before; k < w->sites[last].record_count; k++) {
		const struct world_record *one = &w->sites[last].records[k];
		if (one->at.lane == LANE_PACKET && one->origin < 2)
			got[one->origin]++;
	}
	double all = (double)(got[0] + got[1]);
	double least = (double)(got[0] < got[1] ? got[0] : got[1]);
	report_add_u64(r, "delivered", WORSE_LESS, got[0] + got[1]);
	report_add_u64(r, "refused", WORSE_MORE, refused);
	report_add(r, "least_share", WORSE_LESS, all > 0 ? least / all : 0);
}
