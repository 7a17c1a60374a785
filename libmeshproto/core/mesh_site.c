#include "inside_events.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "pack.h"
#include "seal.h"
#include <assert.h>
#include <stdlib.h>

static const struct counter_row rows[] = { MESH_COUNTERS(COUNTER_ROW) };
const struct counter_list mesh_counters = { "mesh", rows, LENGTH(rows) };

enum {
	PROBING_MS = 1450, /* 400 + 450 + 600: from the first PING to dead */
	SETTLE_MS = 100,   /* PROTOCOL.md 5: two rounds of everybody's first beacon */
	PING_MIN_MS = 500,
	PING_MAX_MS = 20000,
	PATH_BYTES = 18
};

void
inside_enter(struct mesh_site *s, struct mesh_now now)
{
	assert(now.ms >= s->now.ms); /* the monotonic clock */
	s->now = now;
	admit_clock(&s->admit, now.unix_ms);
	events_return(s);
}

uint64_t
inside_dice(struct mesh_site *s)
{
	uint64_t dice;
	s->random(s->random_ctx, (uint8_t *)&dice, sizeof dice);
	return dice;
}

void
inside_count(struct mesh_site *s, enum mesh_counter c)
{
	s->counters[c]++;
}

uint64_t
inside_us(const struct mesh_site *s)
{
	return s->now.ms * 1000 + s->now.us;
}

bool
inside_is_us(const struct mesh_site *s, const struct mesh_key *key)
{
	return memcmp(key, &s->identity.key, sizeof *key) == 0;
}

/* --- start --- */

/* Only patience is told, in whole seconds: who is in a hurry asks for himself. */
static uint8_t
told_ping_s(const struct mesh_site *s)
{
	return s->ping_ms > LIVENESS_PERIOD_MS ? (uint8_t)((s->ping_ms + 999) / 1000)
					       : 0;
}

static void
fill_self(struct mesh_site *s, struct handshake_self *self)
{
	*self = (struct handshake_self){ .told = { .key = s->identity.key,
					     .boot = s->boot,
					     .ping_s = told_ping_s(s),
					     .proto_min = INSIDE_PROTO,
					     .proto_max = INSIDE_PROTO,
					     .features = INSIDE_FEATURES,
					     .name = { s->name, s->name_len } } };
	memcpy(self->told.boot_id, s->boot_id, sizeof s->boot_id);
	memcpy(self->seed, s->identity.seed, sizeof self->seed);
	guests_member_door(s, &s->ring.keys[NETKEY_CURRENT], &self->door);
	s->random(s->random_ctx, self->cookie_secret, sizeof self->cookie_secret);
}

static bool
is_sound(const struct mesh_params *p)
{
	return p->identity != NULL && p->network != NULL && p->random != NULL &&
	    (p->admission != ADMISSION_CA || p->authority != NULL) &&
	    p->certificate.len <= MESH_CERTIFICATE_MAX && p->name.len <= PEERS_NAME &&
	    p->boot > 0 && p->hop_limit <= RECORD_HOP_MAX;
}

static uint32_t
ping_ms_for(uint32_t dead_after_ms)
{
	if (dead_after_ms < PROBING_MS + PING_MIN_MS)
		return PING_MIN_MS;
	uint32_t ms = dead_after_ms - PROBING_MS;
	return ms < PING_MAX_MS ? ms : PING_MAX_MS;
}

static void
fill_site(struct mesh_site *s, const struct mesh_params *p, struct mesh_now now)
{
	s->identity = *p->identity;
	s->network = *p->network;
	s->name_len = (uint8_t)p->name.len;
	if (p->name.len > 0)
		memcpy(s->name, p->name.ptr, p->name.len);
	s->boot = s->begun = p->boot;
	s->replicate = p->replicate;
	s->hop_limit = p->hop_limit > 0 ? p->hop_limit : RECORD_HOP_MAX;
	s->ping_ms = p->ping_ms < PING_MAX_MS ? p->ping_ms : PING_MAX_MS;
	if (p->dead_after_ms > 0 && s->ping_ms < ping_ms_for(p->dead_after_ms))
		s->ping_ms = ping_ms_for(p->dead_after_ms);
	s->random = p->random;
	s->random_ctx = p->random_ctx;
	s->now = now;
	s->random(s->random_ctx, s->boot_id, sizeof s->boot_id);
	keyring_of(&s->network, &s->ring);
	mesh_oid(&s->identity.key, s->oid);
	mesh_tag(&s->identity.key, s->tag);
	s->lost_ms = s->links_ms = MESH_NEVER;
	s->rewrite_lane = LANE_CONTROL;
	s->rewrite_from = 1;
	s->dial_ms = s->places_ms = s->moved_ms = MESH_NEVER;
	s->settled_ms = now.ms + SETTLE_MS;
	s->surplus_ms = s->settled_ms + SURPLUS_MS;
}

static const struct mesh_kept *
own_row(const struct mesh_params *p)
{
	static const char name[] = "own";
	struct bytes_view key = bytes_view(name, sizeof name - 1);
	for (size_t i = 0; i < p->kept_count; i++)
		if (bytes_equal(p->kept[i].key, key))
			return &p->kept[i];
	return NULL;
}

static bool
is_own(const struct mesh_site *s, const struct mesh_holding *h)
{
	return inside_is_us(s, &h->origin);
}

/* One epoch for all our lanes: what the caller says, what was kept, what the log shows,
 * or 0: recover.c finds out. */
static uint64_t
epoch_of(const struct mesh_site *s, const struct mesh_params *p)
{
	const struct mesh_kept *row = own_row(p);
	uint64_t epoch = p->epoch;
	if (epoch == 0 && row != NULL)
		epoch = own_epoch_of(row->body);
	if (epoch != 0)
		return epoch;
	for (size_t i = 0; i < p->holding_count; i++)
		if (is_own(s, &p->holdings[i]) && p->holdings[i].epoch > epoch)
			epoch = p->holdings[i].epoch;
	return epoch;
}

static void
load_fork(struct mesh_site *s, struct bytes_view key, struct bytes_view body)
{
	static const char prefix[] = INSIDE_FORK_KEY;
	enum { PREFIX = sizeof prefix - 1, SITE = sizeof(struct mesh_key) };
	struct mesh_position at = { .seq = 0 };
	if (key.len != PREFIX + SITE + 1 || memcmp(key.ptr, prefix, PREFIX) != 0)
		return;
	memcpy(at.origin.bytes, key.ptr + PREFIX, SITE);
	at.lane = (enum mesh_lane)key.ptr[PREFIX + SITE];
	struct bytes_in in = bytes_in(body);
	size_t items = pack_read_array(&in);
	at.epoch = pack_read_uint(&in, UINT64_MAX);
	at.seq = pack_read_uint(&in, RECORD_SEQ_MAX);
	if (!in.failed && items >= 2 && at.seq > 0 && at.lane > LANE_LIVE &&
	    at.lane < LANE_COUNT)
		fork_load(s, &at);
	struct bytes_view proof = pack_read_bin(&in);
	if (items >= 3 && !in.failed && proof.len > 0 && at.seq > 0)
		proofs_keep(s, &at, proof);
}

/* More origins than we have room for: those beyond are as unknown as any newcomer would
 * be, and refused like one.  A lane in which its origin wrote nothing since another of
 * its lanes began a new epoch: what was held there is over. */
static enum mesh_err
load_holding(struct mesh_site *s, const struct mesh_holding *h)
{
	enum mesh_err err = holdings_load(&s->holdings, h);
	if (err == MESH_DENIED)
		return MESH_OK;
	if (err != MESH_OK && err != MESH_FULL)
		return err;
	if (is_own(s, h))
		own_learn(&s->own, h);
	return MESH_OK;
}

/* Ours first, so that there is room for them. */
static enum mesh_err
load_holdings(struct mesh_site *s, const struct mesh_params *p)
{
	enum mesh_err err = MESH_OK;
	for (size_t i = 0; i < p->holding_count && err == MESH_OK; i++)
		if (is_own(s, &p->holdings[i]))
			err = load_holding(s, &p->holdings[i]);
	for (size_t i = 0; i < p->holding_count && err == MESH_OK; i++)
		if (!is_own(s, &p->holdings[i]))
			err = load_holding(s, &p->holdings[i]);
	return err;
}

static enum mesh_err
load(struct mesh_site *s, const struct mesh_params *p)
{
	const struct mesh_kept *row = own_row(p);
	own_init(&s->own, epoch_of(s, p));
	enum mesh_err err = load_holdings(s, p);
	for (size_t i = 0; i < p->kept_count; i++)
		ruling_load(s, p->kept[i].key, p->kept[i].body);
	charter_settle(&s->charter);
	for (size_t i = 0; i < p->kept_count; i++)
		kept_load(s, p->kept[i].key, p->kept[i].body);
	ruling_start(s);
	for (size_t i = 0; i < p->kept_count; i++)
		load_fork(s, p->kept[i].key, p->kept[i].body);
	if (err == MESH_OK && row != NULL)
		err = own_load(&s->own, row->body, s->now);
	/* Who never met anybody is known to nobody, unless that was forgotten too. */
	bool alone = row != NULL && pool_taken(&s->peers.pool) == 0;
	recover_start(s, p->fresh || alone);
	return err;
}

enum mesh_err
mesh_site_new(
    struct mesh_site **out, const struct mesh_params *params, struct mesh_now now)
{
	struct mesh_limits limits = params->limits;
	struct handshake_self self;
	*out = NULL;
	if (!is_sound(params))
		return MESH_MALFORMED;
	limits_fill(&limits);
	struct mesh_site *s = calloc(1, limits_bytes(&limits));
	if (s == NULL)
		return MESH_FULL;
	s->limits = limits;
	fill_site(s, params, now);
	fill_self(s, &self);
	certs_start(s, params, &self.told);
	limits_carve(s, &self);
	seal_wipe(&self, sizeof self);
	beacon_init(&s->beacon, params->beacon_ms);
	rate_init(&s->doubts, RECOVER_DOUBTS, RECOVER_DOUBTS, now.ms);
	admit_govern(&s->admit, params->admission, &s->charter);
	guests_start(s);
	admit_clock(&s->admit, now.unix_ms);
	enum mesh_err err = load(s, params);
	if (err != MESH_OK) {
		mesh_site_free(s);
		return err;
	}
	*out = s;
	return MESH_OK;
}

void
mesh_site_free(struct mesh_site *site)
{
	if (site == NULL)
		return;
	for (uint32_t i = 0; pool_walk(&site->sessions.pool, &i) != NULL; i++)
		session_remove(&site->sessions, pool_handle(&site->sessions.pool, i));
	handshake_wipe(&site->handshake);
	seal_wipe(site, sizeof *site);
	free(site);
}

/* --- questions --- */

static void
describe(const struct mesh_site *s, const struct peer *p, struct mesh_peer *out)
{
	const struct neighbour *n = pool_at(&s->neighbours, p->neighbour);
	const struct session *session = n != NULL ? session_at(&s->sessions, n->session)
						  : NULL;
	*out = (struct mesh_peer){ .key = p->key,
		.name = { p->name, p->name_len },
		.state = (enum mesh_peer_state)p->state,
		.reason = (enum mesh_peer_reason)p->reason,
		.addr = p->addr,
		.hops = p->hops,
		.boot = p->boot,
		.last_heard_ms = p->heard_ms,
		.since_ms = p->since_ms,
		.certified_until_s = admit_until(&s->admit, &p->key) };
	if (session == NULL)
		return;
	out->direct = true;
	out->addr = session->path;
	out->hops = 1;
	out->rtt_us = n->hop.rtt.srtt_us;
	out->loss = rtt_loss(&n->hop.rtt);
	out->proto = session->peer.proto;
	out->observed = session->peer.observed;
	out->datagram_bytes = (uint16_t)(spread_limit_of(s, n) + PARCEL_ACK_MAX +
	    ENVELOPE_DATA_HEAD + ENVELOPE_TAG);
	out->compared = n->lag.known;
	out->behind = n->lag.behind;
	out->ahead = n->lag.ahead;
}

static bool
stranger_at(const struct mesh_site *s, size_t index, struct mesh_peer *out)
{
	for (size_t i = 0; i < PEERS_STRANGERS; i++) {
		const struct peers_stranger *one = &s->peers.strangers[i];
		if (one->heard_ms == 0 || index-- > 0)
			continue;
		*out = (struct mesh_peer){ .key = one->key,
			.state = PEER_STRANGER,
			.reason = (enum mesh_peer_reason)one->reason,
			.addr = one->path,
			.last_heard_ms = one->heard_ms - 1 };
		return true;
	}
	return false;
}

bool
mesh_site_peer(const struct mesh_site *site, size_t index, struct mesh_peer *out)
{
	const struct peer *p;
	for (uint32_t i = 0; (p = peers_walk(&site->peers, &i)) != NULL; i++) {
		if (index-- > 0)
			continue;
		describe(site, p, out);
		return true;
	}
	return stranger_at(site, index, out);
}

bool
mesh_site_peer_of(
    const struct mesh_site *site, const struct mesh_key *key, struct mesh_peer *out)
{
	const struct peer *p = peers_at(&site->peers, peers_find(&site->peers, key));
	if (p != NULL)
		describe(site, p, out);
	return p != NULL;
}

bool
mesh_site_high(const struct mesh_site *site, const struct mesh_key *origin,
    enum mesh_lane lane, uint64_t *epoch, uint64_t *high)
{
	return holdings_high(&site->holdings, origin, lane, epoch, high);
}

uint64_t
mesh_site_counter(const struct mesh_site *site, size_t index)
{
	return index < COUNT_MESH ? site->counters[index] : 0;
}

size_t
mesh_site_memory(const struct mesh_site *site)
{
	return site->memory;
}
