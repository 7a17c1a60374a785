/* fuzz_site.c - bytes become a script of inputs and time steps for a small mesh.
 *
 * The first site is a liar (script.h).  The world checks its invariants after every
 * event: nothing told twice, nobody without rest.  The limits are small, so that full
 * tables are met. */
#include "script.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPS_MAX = 64, LIFE_MS = 80 * 1000, SMALL = 140, ROOMY = 700 }; /* buffers */

static enum world_fate
remember(void *ctx, const struct world_datagram *d)
{
	struct script *s = ctx;
	s->last = *d;
	return WORLD_DELIVER;
}

struct bytes_view
script_bytes(struct script *s, size_t most)
{
	size_t len = bytes_u16(&s->in) % (most + 1);
	return bytes_take(&s->in, len < s->in.left ? len : s->in.left);
}

bool
script_is_up(const struct script *s, uint32_t site)
{
	return s->w->sites[site].site != NULL;
}

uint32_t
script_site(struct script *s)
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
	uint32_t site = script_site(s);
	enum mesh_lane lane = (enum mesh_lane)(bytes_u8(&s->in) % LANE_COUNT);
	size_t filler = bytes_u16(&s->in) % 1500;
	if (script_is_up(s, site) &&
	    world_append(s->w, site, lane, s->number++, filler) == MESH_IO)
		abort();
}
static void
op_put(struct script *s)
{
	static const char *const keys[] = { "site", "radio/a", "user/x", "mesh.links" };
	uint32_t site = script_site(s);
	const char *key = keys[bytes_u8(&s->in) % LENGTH(keys)];
	if (script_is_up(s, site) && world_put(s->w, site, key, s->number++) == MESH_IO)
		abort();
}
static void
op_life(struct script *s)
{
	uint32_t site = script_site(s);
	if (!script_is_up(s, site))
		world_start(s->w, site);
	else if (bytes_u8(&s->in) % 2 == 0)
		world_kill(s->w, site);
	else
		world_stop(s->w, site);
}
static void
op_air(struct script *s)
{
	uint32_t a = script_site(s), b = script_site(s);
	(bytes_u8(&s->in) % 2 == 0 ? world_cut : world_join)(s->w, a, b);
}
static void
op_doubt(struct script *s)
{
	uint32_t at = script_site(s), of = script_site(s);
	if (script_is_up(s, at))
		mesh_site_hint_unreachable(
		    s->w->sites[at].site, &s->w->sites[of].path, world_now(s->w));
}
/* A configured address: a site's, or one where nobody is. */
static void
op_seed(struct script *s)
{
	uint32_t at = script_site(s), of = script_site(s);
	struct mesh_path path = s->w->sites[of].path;
	uint8_t how = bytes_u8(&s->in);
	path.addr[17] ^= how & 1;
	if (how == UINT8_MAX)
		path = mesh_path_v4(0x0a000001, 4470);
	if (script_is_up(s, at))
		mesh_site_seed(s->w->sites[at].site, &path, world_now(s->w));
}

/* --- strangers --- */

static void
op_bytes(struct script *s)
{
	uint32_t site = script_site(s);
	struct bytes_view v = script_bytes(s, 1400);
	if (script_is_up(s, site))
		world_inject(s->w, site, &s->w->sites[2].path, v);
}
static void
op_flip(struct script *s)
{
	size_t at = bytes_u16(&s->in);
	uint8_t with = bytes_u8(&s->in);
	struct world_datagram d = s->last;
	if (d.len == 0 || !script_is_up(s, d.to))
		return;
	d.bytes[at % d.len] ^= with;
	world_inject(s->w, d.to, &d.source, bytes_view(d.bytes, d.len));
}

/* --- what goes wrong --- */

static void
op_power(struct script *s)
{
	uint32_t site = script_site(s);
	if (script_is_up(s, site))
		world_power_cut(s->w, site);
}
static void
op_pause(struct script *s)
{
	world_pause(s->w, script_site(s), bytes_u8(&s->in) * 20U);
}
static void
op_clock(struct script *s)
{
	static const unix_ms wrong[] = { 0, 86400000, -86400000, -2000000000000 };
	uint32_t site = script_site(s);
	s->w->sites[site].clock_ms = wrong[bytes_u8(&s->in) % LENGTH(wrong)];
}
static void
op_disk(struct script *s)
{
	uint32_t site = script_site(s);
	bool bad = (bytes_u8(&s->in) & 1) != 0;
	s->w->sites[site].store_err = bad ? MESH_IO : MESH_OK;
}
static void
op_loss(struct script *s)
{
	s->w->params.loss = bytes_u8(&s->in) % 8 / 8.0;
}
static void
op_roam(struct script *s)
{
	uint32_t site = script_site(s);
	s->w->sites[site].path.addr[14] = bytes_u8(&s->in) & 7;
}

/* --- what people ask for --- */

static void
op_many(struct script *s)
{
	uint32_t site = script_site(s);
	enum mesh_lane lane = (enum mesh_lane)(1 + bytes_u8(&s->in) % 6);
	size_t filler = bytes_u8(&s->in);
	for (uint32_t left = bytes_u8(&s->in) % 64; left > 0; left--)
		if (script_is_up(s, site) &&
		    world_append(s->w, site, lane, s->number++, filler) == MESH_IO)
			abort();
}
static void
op_ask(struct script *s)
{
	uint32_t site = script_site(s), of = script_site(s);
	uint8_t how = bytes_u8(&s->in);
	struct mesh_question q = { .token = s->number++,
		.budget_ms = bytes_u16(&s->in) };
	if ((how & 1) != 0)
		q.to = &s->w->sites[of].identity.key;
	if ((how & 2) != 0)
		q.body = bytes_view("\x91\x07", 2);
	if (!script_is_up(s, site))
		return;
	(void)!mesh_site_ask(s->w->sites[site].site, &q, world_now(s->w));
	world_drain(s->w, site);
}
static void
told(void *ctx, uint32_t site, const struct mesh_event *e)
{
	struct script *s = ctx;
	if (e->kind == MESH_QUESTION && e->ticket % 3 != 0)
		(void)!mesh_site_answer(s->w->sites[site].site, e->ticket,
		    bytes_view("\x91\x08", 2), world_now(s->w));
}
static struct mesh_invite
invite_of(const struct script *s, uint8_t number)
{
	struct mesh_invite i = { .founder = s->w->network.founder,
		.id = { number },
		.secret = { number },
		.addresses = { s->w->sites[VICTIM].path, s->w->sites[LIAR].path },
		.address_count = 2,
		.expires_ms = world_now(s->w).unix_ms + 60000 };
	memcpy(i.salt, s->w->network.salt, sizeof i.salt);
	memcpy(i.netid, s->w->network.id, sizeof i.netid);
	return i;
}
static void
op_decree(struct script *s)
{
	uint32_t site = script_site(s), about = script_site(s);
	uint8_t kind = bytes_u8(&s->in) % DECREE_ROTATE, number = bytes_u8(&s->in) % 4;
	struct mesh_decree d = { .kind = (enum mesh_decree_kind)(DECREE_ALLOW + kind),
		.site = s->w->sites[about].identity.key,
		.id = { number },
		.key32 = { number },
		.until_ms = (uint64_t)world_now(s->w).unix_ms + bytes_u16(&s->in),
		.uses = 1 + number };
	struct mesh_invite invite = invite_of(s, number);
	uint64_t seq;
	if (d.kind == DECREE_INVITE)
		mesh_invite_verifier(&invite, d.key32);
	if (!script_is_up(s, site))
		return;
	(void)!mesh_site_decree(s->w->sites[site].site, &d, &seq, world_now(s->w));
	world_drain(s->w, site);
}
static void
op_forget(struct script *s)
{
	uint32_t site = script_site(s), about = script_site(s);
	struct mesh_decree d = { .kind = DECREE_FORGET,
		.site = s->w->sites[about].identity.key };
	uint64_t seq;
	if (script_is_up(s, site))
		(void)!mesh_site_decree(
		    s->w->sites[site].site, &d, &seq, world_now(s->w));
}
static void
op_join(struct script *s)
{
	uint32_t site = script_site(s);
	uint8_t how = bytes_u8(&s->in);
	struct mesh_invite invite = invite_of(s, how % 4);
	invite.secret[1] ^= how >> 7;
	if (!script_is_up(s, site))
		return;
	mesh_site_join(
	    s->w->sites[site].site, (how & 64) != 0 ? NULL : &invite, world_now(s->w));
	world_drain(s->w, site);
}
/* It starts again as a stranger, in a network of its own. */
static void
op_stranger(struct script *s)
{
	static const uint8_t random48[48] = { 7 };
	uint32_t site = script_site(s);
	struct world_site *at = &s->w->sites[site];
	mesh_network_of(&at->identity.key, random48, true, &at->network);
	if ((bytes_u8(&s->in) & 1) != 0)
		at->network = s->w->network;
	if (script_is_up(s, site))
		world_kill(s->w, site);
	world_start(s->w, site);
}

/* A copied card: it starts as another, or as itself again. */
static void
op_clone(struct script *s)
{
	uint32_t site = script_site(s), of = script_site(s);
	if (script_is_up(s, site))
		world_kill(s->w, site);
	s->w->sites[site].identity = site == SITES - 1 && of == site
	    ? s->own
	    : s->w->sites[of].identity;
	world_start(s->w, site);
}
static void
op_block(struct script *s)
{
	uint32_t from = script_site(s), to = script_site(s);
	world_block(s->w, from, to, (bytes_u8(&s->in) & 1) != 0);
}
static void
op_unseed(struct script *s)
{
	uint32_t at = script_site(s), of = script_site(s);
	if (script_is_up(s, at))
		mesh_site_unseed(
		    s->w->sites[at].site, &s->w->sites[of].path, world_now(s->w));
}
/* All that the upper floors may ask; none of it changes anything. */
static void
op_look(struct script *s)
{
	const struct mesh_site *site = s->w->sites[script_site(s)].site;
	struct mesh_peer peer;
	struct mesh_trust trust;
	struct mesh_invited invited;
	uint64_t sum = 0;
	if (site == NULL)
		return;
	for (size_t i = 0; mesh_site_peer(site, i, &peer); i++)
		sum += peer.last_heard_ms;
	for (size_t i = 0; mesh_site_invited(site, i, &invited); i++)
		sum += invited.uses;
	for (size_t i = 0; i <= COUNT_MESH; i++)
		sum += mesh_site_counter(site, i);
	mesh_site_trust(site, &trust);
	sum += mesh_site_memory(site) + (uint64_t)mesh_site_writing(site);
	s->number += sum == 0; /* so that it is not left out */
}

/* A row of a keyed lane is gone from somebody's disk, whether it was noticed or not. */
static void
op_damage(struct script *s)
{
	uint32_t at = script_site(s), origin = script_site(s);
	struct mesh_position which = s->w->sites[origin].newest[LANE_STATE];
	uint64_t back = bytes_u8(&s->in);
	enum world_damage how = (enum world_damage)(bytes_u8(&s->in) % 3);
	which.seq = which.seq > back ? which.seq - back : 1;
	if (script_is_up(s, at))
		(void)world_damage(s->w, at, &which, how);
}

/* A record that stays here reads back as what it was, and convinces nobody else. */
static void
op_local(struct script *s)
{
	uint8_t room[2048];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct mesh_record r, again;
	const struct mesh_identity *by = &s->w->sites[script_site(s)].identity;
	struct mesh_draft d = { (enum mesh_lane)(
				    1 + bytes_u8(&s->in) % (LANE_COUNT - 1)),
		bytes_u8(&s->in), 0, NULL, script_bytes(s, 600) };
	if (mesh_record_local(&by->key, &d, 1700000000000, &out, &r) != MESH_OK)
		return;
	if (mesh_record_verify(&r, s->w->network.id) ||
	    mesh_record_of_core(r.core, &again) != MESH_OK || again.at.lane != d.lane ||
	    !bytes_equal(again.body, d.body) || mesh_lane_quota(d.lane).records == 0)
		abort();
}

/* Our own lane's old tombstones end. */
static void
op_retire(struct script *s)
{
	uint32_t at = script_site(s);
	uint64_t back = bytes_u8(&s->in),
		 newest = s->w->sites[at].newest[LANE_STATE].seq;
	if (script_is_up(s, at))
		mesh_site_retire(s->w->sites[at].site, LANE_STATE,
		    newest > back ? newest - back : 1);
}

/* Of any site, for now, not yet or no more, now and then with a flaw. */
struct bytes_view
script_certificate(struct script *s, uint32_t site)
{
	static uint8_t room[MESH_CERTIFICATE_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	uint32_t now_s = (uint32_t)(world_now(s->w).unix_ms / 1000);
	uint8_t how = bytes_u8(&s->in);
	struct mesh_certificate c = { .site = s->w->sites[site].identity.key,
		.from_s = now_s - 64 + bytes_u8(&s->in),
		.until_s = now_s + bytes_u8(&s->in),
		.serial = how };
	memcpy(c.netid, s->w->network.id, sizeof c.netid);
	c.netid[0] ^= how & 1;
	if (mesh_certificate_sign(&c, &s->w->sites[LIAR].identity, &out) != MESH_OK)
		return (struct bytes_view){ room, 0 };
	room[out.len - 1] ^= (how >> 1) & 1;
	return bytes_written(&out);
}

/* It starts again under another rule of admission, with or without a certificate. */
static void
op_admission(struct script *s)
{
	uint32_t site = script_site(s);
	uint8_t how = bytes_u8(&s->in);
	struct world_site *at = &s->w->sites[site];
	s->w->params.admission = (enum mesh_admission)(how % 3);
	s->w->params.authority = &s->w->sites[LIAR].identity.key;
	struct bytes_view cert = script_certificate(s, site);
	at->cert_len = (how & 4) != 0 ? cert.len : 0;
	memcpy(at->cert, cert.ptr, at->cert_len);
	if (script_is_up(s, site))
		world_kill(s->w, site);
	world_start(s->w, site);
}

/* --- what is longer than a datagram, and news of programs --- */

static void
op_large(struct script *s)
{
	uint32_t site = script_site(s);
	enum mesh_lane lane = (enum mesh_lane)(1 + bytes_u8(&s->in) % 6);
	size_t filler = bytes_u16(&s->in) % 12000;
	if (script_is_up(s, site) &&
	    world_append(s->w, site, lane, s->number++, filler) == MESH_IO)
		abort();
}
static void
op_words(struct script *s)
{
	static const uint8_t words[8000] = { 0xc5, 0x1f, 0x3d }; /* bin of 7997 */
	uint32_t site = script_site(s), of = script_site(s);
	uint8_t how = bytes_u8(&s->in);
	struct bytes_view body = { words, bytes_u16(&s->in) % sizeof words };
	const struct mesh_key *to = (how & 1) != 0 ? &s->w->sites[of].identity.key
						   : NULL;
	struct mesh_question q = {
		.token = s->number++, .budget_ms = 2000, .to = to, .body = body
	};
	if (!script_is_up(s, site))
		return;
	struct mesh_site *at = s->w->sites[site].site;
	(void)!((how & 2) != 0 ? mesh_site_tell(at, to, body, world_now(s->w))
			       : mesh_site_ask(at, &q, world_now(s->w)));
	world_drain(s->w, site);
}

/* It starts again with room for what is longer than a datagram, or without. */
static void
op_room(struct script *s)
{
	uint32_t site = script_site(s);
	s->w->params.limits.buffers = bytes_u8(&s->in) % 2 == 0 ? SMALL : ROOMY;
	if (script_is_up(s, site))
		world_stop(s->w, site);
	world_start(s->w, site);
}

/* A byte that has no row is passed over: a seed means the same however this grows. */
static const script_op ops[] = { op_run, op_append, liar_frames, liar_record, op_bytes,
	op_flip, op_put, op_life, op_air, op_run_long, op_doubt, op_seed, liar_live,
	liar_state, liar_control, liar_batch, liar_fork, liar_rows, liar_pull,
	liar_page, liar_none, liar_peers, liar_punch, liar_prune, liar_key, op_power,
	op_pause, op_clock, op_disk, op_loss, op_roam, op_many, op_ask, op_decree,
	op_join, op_stranger, op_clone, op_block, op_unseed, op_look, op_admission,
	liar_cert, op_forget, op_damage, op_local, op_retire, op_large, op_words,
	op_room, liar_forge };

static struct world *
small_world(void)
{
	struct world_params p = { .sites = SITES,
		.seed = 1,
		.delay_min_ms = 1, /* without chance: a seed keeps its meaning */
		.delay_max_ms = 1,
		.store_ms = 3,
		.unlimited = true,
		.limits = { .origins = 2,
		    .peers = 4,
		    .sessions = 2,
		    .halves = 2,
		    .seen = 64,
		    .bad = 16,
		    .buffers = SMALL,
		    .clauses = 8,
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
	s.w->tap_ctx = s.w->told_ctx = &s;
	s.w->told = told;
	s.own = s.w->sites[2].identity;
	for (int i = 0; i < OPS_MAX && s.in.left > 0 && s.w->now < LIFE_MS; i++) {
		uint8_t op = bytes_u8(&s.in);
		if (op < LENGTH(ops))
			ops[op](&s);
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
