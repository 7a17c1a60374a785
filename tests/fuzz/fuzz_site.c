/* fuzz_site.c - bytes become a script of inputs and time steps for a small mesh.
 *
 * The first site is a liar: it is admitted, so it may seal any frames for its neighbour
 * and sign any record.  The world checks its invariants after every event: nothing told
 * twice, nobody without rest.  The limits are small, so that full tables are met. */
#include "inside.h"
#include "seal.h"
#include "world.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SITES = 3, OPS_MAX = 64, LIAR = 0, VICTIM = 1 };

struct script {
	struct world *w;
	struct bytes_in in;
	struct world_datagram last; /* the last one that arrived */
	uint32_t counter;           /* of forged datagrams */
	uint64_t number;
};

static enum world_fate
remember(void *ctx, const struct world_datagram *d)
{
	struct script *s = ctx;
	s->last = *d;
	return WORLD_DELIVER;
}

static struct bytes_view
some_bytes(struct script *s, size_t most)
{
	size_t len = bytes_u16(&s->in) % (most + 1);
	return bytes_take(&s->in, len < s->in.left ? len : s->in.left);
}

static bool
is_up(const struct script *s, uint32_t site)
{
	return s->w->sites[site].site != NULL;
}

static uint32_t
site_of(struct script *s)
{
	return bytes_u8(&s->in) % SITES;
}

/* --- honest life --- */

static void
op_run(struct script *s)
{
	world_run(s->w, s->w->now + bytes_u8(&s->in) * 4U);
}
static void
op_run_long(struct script *s)
{
	world_run(s->w, s->w->now + bytes_u8(&s->in) * 100U);
}
static void
op_append(struct script *s)
{
	uint32_t site = site_of(s);
	enum mesh_lane lane = (enum mesh_lane)(bytes_u8(&s->in) % LANE_COUNT);
	size_t filler = bytes_u16(&s->in) % 1500;
	if (is_up(s, site) &&
	    world_append(s->w, site, lane, s->number++, filler) == MESH_IO)
		abort();
}
static void
op_put(struct script *s)
{
	static const char *const keys[] = { "site", "radio/a", "user/x", "mesh.links" };
	uint32_t site = site_of(s);
	const char *key = keys[bytes_u8(&s->in) % LENGTH(keys)];
	if (is_up(s, site) && world_put(s->w, site, key, s->number++) == MESH_IO)
		abort();
}
static void
op_life(struct script *s)
{
	uint32_t site = site_of(s);
	if (!is_up(s, site))
		world_start(s->w, site);
	else if (bytes_u8(&s->in) % 2 == 0)
		world_kill(s->w, site);
	else
		world_stop(s->w, site);
}
static void
op_air(struct script *s)
{
	uint32_t a = site_of(s), b = site_of(s);
	(bytes_u8(&s->in) % 2 == 0 ? world_cut : world_join)(s->w, a, b);
}
static void
op_doubt(struct script *s)
{
	uint32_t at = site_of(s), of = site_of(s);
	if (is_up(s, at))
		mesh_site_hint_unreachable(
		    s->w->sites[at].site, &s->w->sites[of].path, world_now(s->w));
}
/* A configured address: a site's, or one where nobody is. */
static void
op_seed(struct script *s)
{
	uint32_t at = site_of(s), of = site_of(s);
	struct mesh_path path = s->w->sites[of].path;
	path.addr[17] ^= bytes_u8(&s->in) & 1;
	if (is_up(s, at))
		mesh_site_seed(s->w->sites[at].site, &path, world_now(s->w));
}

/* --- strangers --- */

static void
op_bytes(struct script *s)
{
	uint32_t site = site_of(s);
	struct bytes_view v = some_bytes(s, 1400);
	if (is_up(s, site))
		world_inject(s->w, site, &s->w->sites[2].path, v);
}
static void
op_flip(struct script *s)
{
	size_t at = bytes_u16(&s->in);
	uint8_t with = bytes_u8(&s->in);
	struct world_datagram d = s->last;
	if (d.len == 0 || !is_up(s, d.to))
		return;
	d.bytes[at % d.len] ^= with;
	world_inject(s->w, d.to, &d.source, bytes_view(d.bytes, d.len));
}

/* --- the liar --- */

static void
send_frames(struct script *s, struct bytes_view frames)
{
	struct mesh_site *victim = s->w->sites[VICTIM].site;
	uint8_t out[ENVELOPE_MAX], nonce[SEAL_NONCE];
	struct bytes_out head = bytes_out(out, ENVELOPE_DATA_HEAD);
	if (victim == NULL || frames.len > ENVELOPE_PLAIN_MAX)
		return;
	const struct session *session = session_at(&victim->sessions,
	    session_of(&victim->sessions, &s->w->sites[LIAR].identity.key));
	if (session == NULL)
		return;
	uint32_t number = (uint32_t)session->window.next + 1 + s->counter++ % 3;
	envelope_put_data(&head, session->sid_local, number);
	seal_nonce(number, nonce);
	seal_close(session->receive, nonce, bytes_written(&head), frames,
	    out + ENVELOPE_DATA_HEAD);
	world_inject(s->w, VICTIM, &s->w->sites[LIAR].path,
	    bytes_view(out, ENVELOPE_DATA_HEAD + frames.len + SEAL_TAG));
}
static void
op_frames(struct script *s)
{
	send_frames(s, some_bytes(s, ENVELOPE_PLAIN_MAX));
}

static void
draw_record(struct script *s, struct record *r)
{
	struct world_site *liar = &s->w->sites[LIAR];
	uint8_t wild = bytes_u8(&s->in);
	*r = (struct record){ .at = { .origin = liar->identity.key } };
	r->at.lane = (enum mesh_lane)(bytes_u8(&s->in) % LANE_COUNT);
	r->at.epoch = (uint64_t)(world_now(s->w).unix_ms / 1000);
	if (r->at.lane == LANE_LIVE)
		r->at.epoch = liar->boot;
	if (wild & 1)
		r->at.epoch = bytes_u64(&s->in);
	if (wild & 32)
		r->at.epoch = r->at.epoch + bytes_u8(&s->in) % 4 - 1;
	r->at.seq = wild & 2 ? bytes_u64(&s->in) : 1U + bytes_u16(&s->in);
	r->back = r->at.lane != LANE_LIVE;
	if (wild & 4)
		r->back = bytes_u64(&s->in);
	r->type = (uint16_t)(bytes_u8(&s->in) % 12);
	r->hop_max = RECORD_HOP_MAX;
	if (wild & 8)
		r->hop_max = bytes_u8(&s->in);
	if (wild & 16)
		r->time_ms = (unix_ms)(bytes_u64(&s->in) >> 1);
}
static void
op_record(struct script *s)
{
	const struct world_site *liar = &s->w->sites[LIAR];
	uint8_t core[1200], bundle[ENVELOPE_MAX], frame[ENVELOPE_MAX],
	    trail[FLOOD_TAG] = { 0 };
	struct bytes_out core_out = bytes_out(core, sizeof core);
	struct bytes_out bundle_out = bytes_out(bundle, sizeof bundle);
	struct bytes_out frame_out = bytes_out(frame, ENVELOPE_PLAIN_MAX);
	struct bundle_signer by = { liar->identity.seed, &liar->identity.key,
		s->w->network.id };
	struct record r;
	draw_record(s, &r);
	uint8_t hops = bytes_u8(&s->in);
	r.body = some_bytes(s, 700);
	if (record_write(&r, &core_out) != MESH_OK)
		return;
	struct bytes_view one = bytes_written(&core_out);
	if (bundle_sign(&by, &one, 1, &bundle_out) != MESH_OK)
		return;
	struct envelope_hop hop = { .hops = hops,
		.trail = bytes_view(trail, sizeof trail),
		.bundle = bytes_written(&bundle_out) };
	if (envelope_put_push(&frame_out, &hop) == MESH_OK)
		send_frames(s, bytes_written(&frame_out));
}

typedef void (*script_op)(struct script *s);
static const script_op ops[] = { op_run, op_append, op_frames, op_record, op_bytes,
	op_flip, op_put, op_life, op_air, op_run_long, op_doubt, op_seed };

static struct world *
small_world(void)
{
	struct world_params p = { .sites = SITES,
		.seed = 1,
		.delay_min_ms = 1,
		.delay_max_ms = 2,
		.store_ms = 3,
		.unlimited = true,
		.limits = { .origins = 2,
		    .peers = 4,
		    .sessions = 2,
		    .halves = 2,
		    .seen = 64,
		    .bad = 16,
		    .buffers = 140,
		    .pending = 8 } };
	struct world *w = world_new(&p);
	world_join_line(w);
	world_start_all(w);
	world_run(w, w->now + 600);
	return w;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script s = { .w = small_world(),
		.in = bytes_in(bytes_view(data, size)) };
	s.w->tap = remember;
	s.w->tap_ctx = &s;
	for (int i = 0; i < OPS_MAX && s.in.left > 0; i++) {
		ops[bytes_u8(&s.in) % LENGTH(ops)](&s);
		s.in.failed = false;
	}
	world_run(s.w, s.w->now + 2000);
	if (s.w->violation_count > 0) {
		fprintf(stderr, "%s\n", s.w->violations[0]);
		abort();
	}
	world_free(s.w);
	return 0;
}
