#include "inside_events.h"
#include "inside_own.h"

/* PROTOCOL.md 10: a commit failed.  What the store refused of ours becomes void or is
 * offered again, rows to keep always are. */

enum {
	REFUSED_MS = 125, /* doubled with each refusal, up to OWN_RETRY_MS */
	REFUSED_MOST = 64 /* ten minutes of them: then the hole stays */
};

/* --- records of ours --- */

/* Refused, and maybe others above it are stored: it waits until that is known.  What
 * was stored of its batch is pushed without it. */
void
refusals_note(struct mesh_site *s, struct flight *f, enum mesh_err err)
{
	if (f->refusals == 0) {
		batch_stored(s, f, err);
		own_refused(&s->own, f->at.lane);
	}
	f->refusals++;
	f->batch = 0;
	f->told = false;
	parcel_release(&s->parcels, f->proof);
	f->proof = (struct handle){ 0, 0 };
}

static mesh_time_ms
again_after(const struct flight *f)
{
	mesh_time_ms gap = (mesh_time_ms)REFUSED_MS
	    << (f->refusals < 8 ? f->refusals : 8);
	return gap < OWN_RETRY_MS ? gap : OWN_RETRY_MS;
}

/* Everything of the lane is stored or refused.  What was refused above all that is
 * stored is void with the next number; a hole below cannot be declared any more: it is
 * filled, with the very record that was refused. */
void
refusals_decide(struct mesh_site *s, enum mesh_lane lane)
{
	struct flight *f;
	uint64_t valid = s->own.lane[lane].valid;
	if (!own_must_decide(&s->own, lane))
		return;
	for (uint32_t i = 0; (f = pool_walk(&s->flights, &i)) != NULL; i++) {
		if (!f->own || f->refusals == 0 || f->at.lane != lane)
			continue;
		bool hole = f->at.seq < valid && f->at.epoch == s->own.epoch;
		if (hole && f->refusals < REFUSED_MOST && !s->leaving) {
			if (s->own_again_ms == 0)
				s->own_again_ms = s->now.ms + again_after(f);
			continue;
		}
		events_own_outcome(s, f, MESH_IO, NULL);
		events_end_flight(s, pool_handle(&s->flights, i));
	}
}

static void
offer_refused(struct mesh_site *s)
{
	struct flight *f;
	for (uint32_t i = 0; (f = pool_walk(&s->flights, &i)) != NULL; i++) {
		bool waits = f->own && f->refusals > 0 && !f->told && !f->queued;
		if (!waits)
			continue;
		f->next = 0;
		events_queue(s, pool_handle(&s->flights, i));
	}
}

/* --- rows to keep, and time --- */

/* A row that was not kept is offered again with the next news of its kind, and in any
 * case after a while: a freeze or a revocation must not be gone with the next start. */
void
refusals_of_row(struct mesh_site *s)
{
	if (s->keep_again_ms == 0)
		s->keep_again_ms = s->now.ms + OWN_RETRY_MS;
}

static bool
take_due(mesh_time_ms *at, mesh_time_ms now)
{
	bool due = *at != 0 && now >= *at;
	if (due)
		*at = 0;
	return due;
}

void
refusals_tick(struct mesh_site *s)
{
	if (take_due(&s->own_again_ms, s->now.ms))
		offer_refused(s);
	if (!take_due(&s->keep_again_ms, s->now.ms))
		return;
	kept_offer_forgotten(s);
	kept_all_news(s);
	s->twins_news = s->clauses_unkept = s->purges_due = true;
}

mesh_time_ms
refusals_deadline(const struct mesh_site *s)
{
	mesh_time_ms keep = s->keep_again_ms == 0 ? MESH_NEVER : s->keep_again_ms;
	mesh_time_ms own = s->own_again_ms == 0 ? MESH_NEVER : s->own_again_ms;
	return keep < own ? keep : own;
}
