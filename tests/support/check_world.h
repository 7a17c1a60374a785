/* check_world.h - what the tests of the core share: a world, a look at its inside, and
 * an admitted neighbour who may forge what it likes. */
#ifndef CHECK_WORLD_H
#define CHECK_WORLD_H
#include "check_mesh.h"
#include "inside.h"
#include "seal.h"
#include "world.h"

static struct world *w; /* of the test that runs */

static inline void
begin(uint32_t sites, double loss)
{
	struct world_params p = { .sites = sites,
		.seed = check_seed(),
		.loss = loss,
		.delay_min_ms = 1,
		.delay_max_ms = 3,
		.store_ms = 4 };
	w = world_new(&p);
}
static inline void
done(void)
{
	for (size_t i = 0; i < w->violation_count; i++)
		ck_abort_msg("%s", w->violations[i]);
	world_free(w);
	w = NULL;
}
static inline void
run(mesh_time_ms ms)
{
	world_run(w, w->now + ms);
}
static inline struct mesh_peer
peer(uint32_t at, uint32_t of)
{
	struct mesh_peer p;
	(void)world_peer(w, at, of, &p);
	return p;
}
static inline bool
is_direct(uint32_t at, uint32_t of)
{
	struct mesh_peer p;
	return world_peer(w, at, of, &p) && p.direct && p.state == PEER_ALIVE;
}
/* For world_wait: each is alive to each. */
static inline bool
all_alive(const struct world *world, void *ctx)
{
	(void)ctx;
	for (uint32_t a = 0; a < world->params.sites; a++)
		for (uint32_t b = 0; b < world->params.sites; b++)
			if (a != b && peer(a, b).state != PEER_ALIVE)
				return false;
	return true;
}
static inline uint64_t
counter(uint32_t site, const char *name)
{
	return world_counter(w, site, name);
}
/* At all sites that run. */
static inline uint64_t
counted(const char *name)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < w->params.sites; i++)
		if (w->sites[i].site != NULL)
			sum += counter(i, name);
	return sum;
}
/* All that says "dropped" or "taken"; sending is not counted. */
static inline uint64_t
counters_of_input(uint32_t site)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < mesh_counters.count; i++)
		if (strncmp(mesh_counters.rows[i].name, "tx.", 3) != 0)
			sum += mesh_site_counter(w->sites[site].site, i);
	return sum;
}
static inline void
append(uint32_t site, uint64_t number)
{
	ck_assert_int_eq(world_append(w, site, LANE_PACKET, number, 200), MESH_OK);
}

/* --- forging: `d` is on its way; only its receiver's keys are needed --- */

static inline struct session *
session_for(const struct world_datagram *d)
{
	struct envelope env;
	ck_assert_int_eq(envelope_read(bytes_view(d->bytes, d->len), &env), MESH_OK);
	struct sessions *ss = &w->sites[d->to].site->sessions;
	return env.kind == ENVELOPE_DATA
	    ? session_at(ss, table_find(&ss->by_sid, &env.sid))
	    : NULL;
}
/* Its frames, or an empty view: no data, or no session. */
static inline struct bytes_view
frames_of(const struct world_datagram *d, uint8_t plain[static ENVELOPE_PLAIN_MAX])
{
	struct envelope env;
	uint8_t nonce[SEAL_NONCE];
	struct session *s = session_for(d);
	if (s == NULL)
		return bytes_view(plain, 0);
	ck_assert_int_eq(envelope_read(bytes_view(d->bytes, d->len), &env), MESH_OK);
	seal_nonce(env.counter, nonce);
	if (!seal_open(s->receive, nonce, env.head, env.sealed, plain))
		return bytes_view(plain, 0);
	return bytes_view(plain, env.sealed.len - SEAL_TAG);
}
static inline uint32_t
counter_of(const struct world_datagram *d)
{
	struct bytes_in in = bytes_in(bytes_view(d->bytes + 5, 4));
	return bytes_u32(&in);
}
/* Other frames under the same session, sealed as its sender would. */
static inline size_t
forge(const struct world_datagram *d, uint32_t number, struct bytes_view frames,
    uint8_t out[static ENVELOPE_MAX])
{
	struct session *s = session_for(d);
	ck_assert_ptr_nonnull(s);
	struct bytes_out head = bytes_out(out, ENVELOPE_DATA_HEAD);
	uint8_t nonce[SEAL_NONCE];
	envelope_put_data(&head, s->sid_local, number);
	seal_nonce(number, nonce);
	seal_close(
	    s->receive, nonce, bytes_written(&head), frames, out + ENVELOPE_DATA_HEAD);
	return ENVELOPE_DATA_HEAD + frames.len + SEAL_TAG;
}
/* Where the PUSH of a record with that body number lies; false: not in there. */
static inline bool
find_push(struct bytes_view frames, enum mesh_lane lane, struct envelope_frame *frame,
    struct envelope_hop *hop, struct record *record)
{
	struct bytes_in in = bytes_in(frames);
	enum mesh_err err;
	struct bundle b;
	while (envelope_next_frame(&in, frame, &err))
		if (frame->number == FRAME_PUSH &&
		    envelope_push(frame, hop) == MESH_OK &&
		    bundle_read(hop->bundle, &b) == MESH_OK &&
		    bundle_record(&b, 0, record) == MESH_OK && record->at.lane == lane)
			return true;
	return false;
}

/* Pushes of those numbers of the packet lane are lost, and all pieces: after so much
 * loss their sender cuts them.  With `pulls` nobody can ask for them either. */
struct never {
	uint64_t from, to;
	bool pulls;
};
static inline enum world_fate
drop_numbers(void *ctx, const struct world_datagram *d)
{
	const struct never *never = ctx;
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	if (w->sites[d->to].site == NULL)
		return WORLD_DROP;
	struct bytes_in in = bytes_in(frames_of(d, plain));
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct bundle b;
	struct record r;
	enum mesh_err err;
	while (envelope_next_frame(&in, &frame, &err)) {
		if (frame.number == FRAME_FRAG ||
		    (frame.number == FRAME_PULL && never->pulls))
			return WORLD_DROP;
		if (frame.number == FRAME_PUSH &&
		    envelope_push(&frame, &hop) == MESH_OK &&
		    bundle_read(hop.bundle, &b) == MESH_OK &&
		    bundle_record(&b, 0, &r) == MESH_OK && r.at.lane == LANE_PACKET &&
		    r.at.seq >= never->from && r.at.seq <= never->to)
			return WORLD_DROP;
	}
	return WORLD_DELIVER;
}
#endif
