#include "attack.h"
#include "flood.h"
#include "halfway.h"
#include "pack.h"
#include "wire.h"

enum { SITES = 64, CHANGES = 16 };

struct site_state { /* what an attack must not move */
	uint64_t peers, holdings;
	size_t told, changes, memory;
	uint32_t rows, origins, sessions, neighbours, flights, admitted;
	uint32_t notices[8];
};
static struct snapshot {
	bool up;
	struct site_state state;
	uint64_t sent_bytes;
	uint64_t counters[COUNT_MESH];
} before[SITES];
static struct expected {
	uint32_t site;
	size_t counter;
	uint64_t by;
} moves[CHANGES];
static size_t move_count;
static uint64_t drops[SITES]; /* whichever counter they move */
static uint64_t answers[SITES];

/* --- a fingerprint of a site --- */

static uint64_t
mix(uint64_t sum, const void *bytes, size_t len)
{
	static const uint8_t key[16] = { 1 };
	uint8_t both[16];
	uint64_t more = seal_siphash(key, bytes_view(bytes, len));
	memcpy(both, &sum, sizeof sum);
	memcpy(both + 8, &more, sizeof more);
	return seal_siphash(key, bytes_view(both, sizeof both));
}

static uint64_t
peers_print(const struct mesh_site *s)
{
	struct mesh_peer p;
	uint64_t sum = 0;
	for (size_t i = 0; mesh_site_peer(s, i, &p); i++) {
		uint8_t small[] = { (uint8_t)p.state, (uint8_t)p.reason, p.hops,
			p.direct };
		if (p.state == PEER_STRANGER)
			continue; /* shown to the operator, and nothing more */
		sum = mix(sum, &p.key, sizeof p.key);
		sum = mix(sum, p.name.ptr, p.name.len);
		sum = mix(sum, p.addr.addr, sizeof p.addr.addr);
		sum = mix(sum, &p.boot, sizeof p.boot);
		sum = mix(sum, small, sizeof small);
	}
	return sum;
}

static uint64_t
holdings_print(const struct mesh_site *s)
{
	const void *row;
	uint64_t sum = 0;
	for (uint32_t i = 0; (row = pool_walk(&s->holdings.rows, &i)) != NULL; i++)
		sum = mix(sum, row, s->holdings.rows.slot_bytes);
	return sum;
}

static void
look(const struct world *w, uint32_t i, struct snapshot *out)
{
	const struct world_site *ws = &w->sites[i];
	const struct mesh_site *s = ws->site;
	*out = (struct snapshot){ .up = s != NULL };
	if (s == NULL)
		return;
	out->state = (struct site_state){ peers_print(s), holdings_print(s),
		ws->record_count, ws->change_count, mesh_site_memory(s),
		pool_taken(&s->peers.pool), pool_taken(&s->holdings.rows),
		pool_taken(&s->sessions.pool), pool_taken(&s->neighbours),
		pool_taken(&s->flights), admit_count(&s->admit), { 0 } };
	memcpy(out->state.notices, ws->notices, sizeof ws->notices);
	out->state.notices[NOTICE_STRANGER] = 0;
	out->sent_bytes = ws->sent_bytes;
	for (size_t c = 0; c < COUNT_MESH; c++)
		out->counters[c] = mesh_site_counter(s, c);
}

/* --- before and after --- */

void
attack_starts(const struct world *w)
{
	ck_assert_uint_le(w->params.sites, SITES);
	for (uint32_t i = 0; i < w->params.sites; i++)
		look(w, i, &before[i]);
	move_count = 0;
	memset(answers, 0, sizeof answers);
	memset(drops, 0, sizeof drops);
}

void
attack_moves(uint32_t site, const char *counter, uint64_t by)
{
	if (counter == NULL) {
		drops[site] += by;
		return;
	}
	ck_assert_uint_lt(move_count, CHANGES);
	size_t index = counter_find(
	    &mesh_counters, (struct text_view){ counter, strlen(counter) });
	ck_assert_msg(index != SIZE_MAX, "no counter is called %s", counter);
	moves[move_count++] = (struct expected){ site, index, by };
}

void
attack_answers(uint32_t site, uint64_t bytes)
{
	answers[site] += bytes;
}

static uint64_t
expected_of(uint32_t site, size_t counter)
{
	uint64_t by = 0;
	for (size_t i = 0; i < move_count; i++)
		if (moves[i].site == site && moves[i].counter == counter)
			by += moves[i].by;
	return by;
}

static void
same_state(
    const struct snapshot *a, const struct snapshot *b, uint32_t i, const char *why)
{
	const struct site_state *was = &a->state, *is = &b->state;
	ck_assert_msg(was->peers == is->peers, "%s: site %u: peers", why, i);
	ck_assert_msg(was->holdings == is->holdings, "%s: site %u: have-sets", why, i);
	ck_assert_msg(was->told == is->told, "%s: site %u: told %zu", why, i,
	    is->told - was->told);
	ck_assert_msg(was->changes == is->changes, "%s: site %u: a peer", why, i);
	ck_assert_msg(memcmp(was, is, sizeof *was) == 0, "%s: site %u: tables", why, i);
}

static bool
is_of_sending(size_t counter)
{
	return strncmp(mesh_counters.rows[counter].name, "tx.", 3) == 0;
}

static void
same_counters(
    const struct snapshot *a, const struct snapshot *b, uint32_t i, const char *why)
{
	uint64_t dropped = 0;
	for (size_t c = 0; c < COUNT_MESH; c++) {
		uint64_t by = b->counters[c] - a->counters[c];
		if (is_of_sending(c) || by == expected_of(i, c))
			continue;
		dropped += by;
		ck_assert_msg(
		    c != COUNT_RX_TAKEN && c != COUNT_RX_SHAPE && drops[i] > 0,
		    "%s: site %u: %s moved by %llu", why, i, mesh_counters.rows[c].name,
		    (unsigned long long)by);
	}
	ck_assert_msg(dropped == drops[i], "%s: site %u: %llu drops counted", why, i,
	    (unsigned long long)dropped);
}

void
attack_ends(const struct world *w, const char *why)
{
	for (uint32_t i = 0; i < w->params.sites; i++) {
		struct snapshot now;
		look(w, i, &now);
		ck_assert_msg(now.up == before[i].up, "%s: site %u", why, i);
		same_state(&before[i], &now, i, why);
		same_counters(&before[i], &now, i, why);
		uint64_t sent = now.sent_bytes - before[i].sent_bytes;
		ck_assert_msg(sent <= answers[i], "%s: site %u: sent %llu bytes", why,
		    i, (unsigned long long)sent);
	}
	attack_starts(w);
}

void
attack_holds(const struct world *w, uint32_t site, const char *why)
{
	struct snapshot now;
	look(w, site, &now);
	same_state(&before[site], &now, site, why);
}

uint64_t
attack_sent_bytes(const struct world *w, uint32_t site)
{
	return w->sites[site].sent_bytes - before[site].sent_bytes;
}

/* --- an admitted neighbour that lies --- */

static struct session *
session_to(struct world *w, uint32_t from, uint32_t to)
{
	struct sessions *ss = &w->sites[from].site->sessions;
	struct session *s = session_at(ss, session_of(ss, &w->sites[to].identity.key));
	ck_assert_msg(s != NULL, "%u has no session with %u", from, to);
	return s;
}

struct bytes_view
liar_seals(struct world *w, uint32_t liar, uint32_t to, struct bytes_view frames)
{
	static uint8_t datagram[ENVELOPE_MAX];
	uint32_t counter;
	ck_assert_uint_le(frames.len, ENVELOPE_PLAIN_MAX);
	memcpy(datagram + ENVELOPE_DATA_HEAD, frames.ptr, frames.len);
	size_t len = session_seal(
	    session_to(w, liar, to), datagram, frames.len, &counter);
	return bytes_view(datagram, len);
}

void
liar_sends(struct world *w, uint32_t liar, uint32_t to, struct bytes_view frames)
{
	liar_sends_from(w, liar, to, &w->sites[liar].path, frames);
}

void
liar_sends_from(struct world *w, uint32_t liar, uint32_t to,
    const struct mesh_path *from, struct bytes_view frames)
{
	world_inject(w, to, from, liar_seals(w, liar, to, frames));
}

struct record
liar_record(const struct world *w, uint32_t liar, enum mesh_lane lane, uint64_t seq)
{
	const struct mesh_site *s = w->sites[liar].site;
	return (struct record){ .at = { .origin = w->sites[liar].identity.key,
				    .lane = lane,
				    .epoch = lane == LANE_LIVE ? s->boot : s->own.epoch,
				    .seq = seq },
		.back = lane != LANE_LIVE,
		.type = 1,
		.hop_max = RECORD_HOP_MAX,
		.body = hex("9301c0c0") };
}

enum { CORE_ELEMENTS = 10 };

struct more {
	struct bytes_view bytes;
	size_t count;
};

static void
put_core(const struct record *r, const struct more *more, struct bytes_out *out)
{
	pack_array(out, CORE_ELEMENTS + more->count);
	pack_bin(out, bytes_view(r->at.origin.bytes, sizeof r->at.origin.bytes));
	const uint64_t numbers[] = { r->at.lane, r->at.epoch, r->at.seq, r->back,
		r->type, (uint64_t)r->time_ms, r->hop_max };
	for (size_t i = 0; i < LENGTH(numbers); i++)
		pack_uint(out, numbers[i]);
	if (r->has_dst)
		pack_bin(out, bytes_view(r->dst.bytes, sizeof r->dst.bytes));
	else
		pack_nil(out);
	bytes_put_view(out, r->body);
	bytes_put_view(out, more->bytes);
}

static struct bytes_view
sign(const struct world *w, const struct mesh_identity *by, const struct record *r,
    const struct more *more, uint8_t room[static ENVELOPE_MAX])
{
	uint8_t core[ENVELOPE_MAX];
	struct bytes_out core_out = bytes_out(core, sizeof core);
	struct bytes_out out = bytes_out(room, ENVELOPE_MAX);
	struct bundle_signer signer = { by->seed, &by->key, w->network.id };
	put_core(r, more, &core_out);
	ck_assert(!core_out.failed);
	struct bytes_view one = bytes_written(&core_out);
	ck_assert_int_eq(bundle_sign(&signer, &one, 1, &out), MESH_OK);
	return bytes_written(&out);
}

struct bytes_view
liar_signs_more(const struct world *w, uint32_t liar, const struct record *r,
    struct bytes_view more, size_t count)
{
	static uint8_t room[ENVELOPE_MAX];
	const struct more behind = { more, count };
	return sign(w, &w->sites[liar].identity, r, &behind, room);
}

struct bytes_view
liar_signs(const struct world *w, uint32_t liar, const struct record *r)
{
	return liar_signs_more(w, liar, r, (struct bytes_view){ NULL, 0 }, 0);
}

struct bytes_view
liar_push(const struct world *w, uint32_t liar, struct bytes_view bundle)
{
	static uint8_t room[ENVELOPE_MAX];
	uint8_t tag[FLOOD_TAG];
	struct bytes_out out = bytes_out(room, sizeof room);
	mesh_tag(&w->sites[liar].identity.key, tag);
	struct envelope_hop hop = { .trail = bytes_view(tag, sizeof tag),
		.bundle = bundle };
	ck_assert_int_eq(envelope_put_push(&out, &hop), MESH_OK);
	return bytes_written(&out);
}

static struct bytes_view
beacon(const struct world *w, const struct mesh_identity *by, const struct record *r)
{
	static uint8_t room[ENVELOPE_MAX];
	static const uint8_t nonce[24] = { 2 };
	const struct more nothing = { { NULL, 0 }, 0 };
	uint8_t bundle[ENVELOPE_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct netkey keys;
	netkey_derive(w->network.key, &keys);
	struct beacon_seal with = { keys.hint, keys.beacon, nonce };
	ck_assert_int_eq(
	    beacon_close(&with, sign(w, by, r, &nothing, bundle), &out), MESH_OK);
	return bytes_written(&out);
}

struct bytes_view
liar_beacon(
    const struct world *w, const struct mesh_identity *by, uint64_t boot, uint64_t seq)
{
	static const uint8_t eight[8] = { 1 };
	uint8_t body[128];
	struct bytes_out body_out = bytes_out(body, sizeof body);
	struct live_beacon b = { .boot_id = bytes_view(eight, sizeof eight),
		.proto_min = 1,
		.proto_max = 1,
		.digest = bytes_view(eight, sizeof eight) };
	ck_assert_int_eq(wire_encode(&live_beacon_table, &b, &body_out), MESH_OK);
	struct record r = { .at = { by->key, boot, seq, LANE_LIVE },
		.type = LIVE_BEACON,
		.body = bytes_written(&body_out) };
	return beacon(w, by, &r);
}

struct bytes_view
liar_later_beacon(
    const struct world *w, const struct mesh_identity *by, uint64_t boot, uint64_t seq)
{
	struct record r = { .at = { by->key, boot, seq, LANE_LIVE },
		.type = LIVE_BEACON,
		.body = hex("9ac40801020304050607080109cfffffffffffffffffc40801020304"
			    "0506070800a56c6174657293010203c007") };
	return beacon(w, by, &r);
}

/* --- whoever has the network key --- */

static void
door_of(const struct mesh_invite *token, struct handshake_door *out)
{
	uint8_t verifier[32];
	struct netkey keys;
	mesh_invite_verifier(token, verifier);
	netkey_derive(verifier, &keys);
	*out = (struct handshake_door){ .is.purpose = SESSION_JOINER };
	memcpy(out->netid, token->netid, sizeof out->netid);
	memcpy(out->hint, keys.hint, sizeof out->hint);
	memcpy(out->k_hs, keys.hs, sizeof out->k_hs);
	memcpy(out->k_cookie, keys.cookie, sizeof out->k_cookie);
}

struct bytes_view
stranger_calls(const struct world *w, uint32_t who)
{
	return stranger_knocks(w, who, NULL);
}

struct bytes_view
stranger_knocks(const struct world *w, uint32_t who, const struct mesh_invite *token)
{
	static struct handshake tool; /* the site's keys, no memory of calls */
	static struct handshake_call call;
	static struct handshake_half half;
	static uint8_t room[ENVELOPE_HS1_BYTES];
	uint8_t random[HANDSHAKE_RANDOM];
	struct handshake_door door;
	struct handshake_target target = { .path = stranger_path(0) };
	if (token != NULL) {
		door_of(token, &door);
		target.door = &door;
	}
	tool = w->sites[who].site->handshake;
	tool.calls = &call;
	tool.halves = &half;
	tool.cap = 1;
	call = (struct handshake_call){ .state = CALL_FREE };
	rng_bytes(random, sizeof random);
	ck_assert_int_eq(handshake_call(&tool, &target, random, w->now), MESH_OK);
	memcpy(room, call.bytes, sizeof room);
	return bytes_view(room, sizeof room);
}

void
liar_invents(struct world *w, uint32_t to, const struct mesh_path *from)
{
	static uint64_t invented;
	struct mesh_identity id;
	uint8_t seed[32] = { 0xfa };
	memcpy(seed + 1, &invented, sizeof invented);
	invented++;
	mesh_identity_of(seed, &id);
	world_inject(w, to, from, liar_beacon(w, &id, 7, 1));
}

struct mesh_path
stranger_path(uint32_t number)
{
	struct mesh_path p = { .addr = { [10] = 0xff, [11] = 0xff, 172 }, .iface = 1 };
	p.addr[13] = (uint8_t)(number >> 8);
	p.addr[14] = (uint8_t)number;
	p.addr[15] = 9;
	p.addr[16] = 1;
	return p;
}

/* --- an eavesdropper --- */

enum world_fate
eaves_tap(void *ctx, const struct world_datagram *d)
{
	struct eaves *e = ctx;
	if (e->count < EAVES_MAX)
		e->heard[e->count++] = *d;
	return WORLD_DELIVER;
}

const struct world_datagram *
eaves_find(const struct eaves *e, enum envelope_kind kind, uint32_t from, uint32_t to,
    size_t *at)
{
	for (; *at < e->count; (*at)++) {
		const struct world_datagram *d = &e->heard[*at];
		if (d->bytes[0] == kind && d->from == from && d->to == to)
			return d;
	}
	return NULL;
}

void
strike(struct world *w, const struct world_datagram *d)
{
	world_inject(w, d->to, &d->source, bytes_view(d->bytes, d->len));
}
