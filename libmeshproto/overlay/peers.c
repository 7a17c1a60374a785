#include "peers.h"
#include "bytes.h"
#include "seal.h"
#include <assert.h>

enum { ALIGN = 16, STRANGER_MS = 60 * 1000 };

static size_t
rounded(size_t bytes)
{
	return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

size_t
peers_bytes(uint32_t cap)
{
	return rounded(pool_bytes(cap, sizeof(struct peer))) +
	    rounded(table_bytes(cap, sizeof(struct mesh_key)));
}

void
peers_init(struct peers *p, void *block, uint32_t cap,
    const uint8_t secret[static TABLE_SECRET])
{
	uint8_t *at = block;
	*p = (struct peers){ 0 };
	pool_init(&p->pool, at, cap, sizeof(struct peer));
	at += rounded(pool_bytes(cap, sizeof(struct peer)));
	table_init(&p->by_key, at, cap, sizeof(struct mesh_key), secret);
}

struct handle
peers_find(const struct peers *p, const struct mesh_key *key)
{
	return table_find(&p->by_key, key);
}

struct peer *
peers_at(const struct peers *p, struct handle h)
{
	return pool_at(&p->pool, h);
}

struct peer *
peers_walk(const struct peers *p, uint32_t *index)
{
	return pool_walk(&p->pool, index);
}

/* Who has a session still is in use, whatever it said last. */
static bool
is_gone(const struct peer *p)
{
	return !peers_is_alive(p) && !p->is_static && p->neighbour.generation == 0;
}

bool
peers_is_spare(const struct peer *p)
{
	return is_gone(p) && !p->steady;
}

static struct handle
least_missed(const struct peers *p, bool steady)
{
	struct handle worst = { 0, 0 };
	mesh_time_ms heard = MESH_NEVER;
	for (uint32_t i = 0;; i++) {
		const struct peer *one = peers_walk(p, &i);
		if (one == NULL)
			return worst;
		if (one->heard_ms >= heard ||
		    !(peers_is_spare(one) || (steady && is_gone(one))))
			continue;
		heard = one->heard_ms;
		worst = pool_handle(&p->pool, i);
	}
}

struct handle
peers_spare(const struct peers *p)
{
	return least_missed(p, false);
}

void
peers_remove(struct peers *p, struct handle h)
{
	const struct peer *gone = peers_at(p, h);
	if (gone == NULL)
		return;
	table_remove(&p->by_key, &gone->key);
	pool_give(&p->pool, h);
}

static void
name_of_key(struct peer *p)
{
	uint8_t hash[SEAL_HASH]; /* PROTOCOL.md 1: oid and tag */
	seal_hash(bytes_view(p->key.bytes, sizeof p->key.bytes), hash);
	memcpy(p->oid, hash, sizeof p->oid);
	memcpy(p->tag, hash, sizeof p->tag);
}

struct handle
peers_add(struct peers *p, const struct mesh_key *key, mesh_time_ms now,
    struct handle *evicted)
{
	assert(peers_find(p, key).generation == 0);
	*evicted = (struct handle){ 0, 0 };
	if (pool_taken(&p->pool) == p->pool.cap) {
		*evicted = least_missed(p, false);
		if (evicted->generation == 0)
			*evicted = least_missed(p, true);
		peers_remove(p, *evicted);
	}
	struct handle h = pool_take(&p->pool);
	struct peer *added = peers_at(p, h);
	if (added == NULL || table_put(&p->by_key, key, h) != MESH_OK) {
		pool_give(&p->pool, h);
		return (struct handle){ 0, 0 };
	}
	added->key = *key;
	added->lost_ms = now;
	added->since_ms = now;
	name_of_key(added);
	return h;
}

/* The same address, or the same key behind another one. */
static bool
is_stranger(const struct peers_stranger *s, const struct mesh_path *from,
    const struct mesh_key *key)
{
	return s->heard_ms > 0 &&
	    (key != NULL ? memcmp(&s->key, key, sizeof *key) == 0
			 : peers_path_equal(&s->path, from));
}

static bool
note_stranger(struct peers *p, const struct mesh_path *from,
    const struct peers_candidate *who, mesh_time_ms now)
{
	assert(from != NULL);
	const struct mesh_key *key = who != NULL ? &who->key : NULL;
	uint8_t reason = who != NULL ? (uint8_t)who->reason : REASON_NONE;
	struct peers_stranger *oldest = &p->strangers[0];
	for (struct peers_stranger *s = p->strangers;
	     s < p->strangers + PEERS_STRANGERS; s++) {
		if (is_stranger(s, from, key)) {
			bool news = now > s->heard_ms + STRANGER_MS ||
			    s->reason != reason;
			s->reason = reason;
			s->heard_ms = now + 1; /* 0 means free */
			s->path = *from;
			return news;
		}
		if (s->heard_ms < oldest->heard_ms)
			oldest = s;
	}
	*oldest = (struct peers_stranger){
		.path = *from, .reason = reason, .heard_ms = now + 1
	};
	if (key != NULL)
		oldest->key = *key;
	return true;
}

bool
peers_stranger(struct peers *p, const struct mesh_path *from, mesh_time_ms now)
{
	return note_stranger(p, from, NULL, now);
}

bool
peers_candidate(struct peers *p, const struct peers_candidate *who, mesh_time_ms now)
{
	return note_stranger(p, &who->from, who, now);
}

void
peers_admitted(struct peers *p, const struct mesh_key *key)
{
	for (size_t i = 0; i < PEERS_STRANGERS; i++)
		if (memcmp(&p->strangers[i].key, key, sizeof *key) == 0)
			p->strangers[i] = (struct peers_stranger){ .heard_ms = 0 };
}

bool
peers_boot(struct peer *p, uint64_t boot)
{
	if (boot < p->boot)
		return false;
	if (boot > p->boot) {
		p->boot = boot;
		p->beacon_seq = 0;
		p->live_next = p->live_bits = 0;
		p->caught_up = false;
		p->unkept = true;
		p->changed = true;
	}
	return true;
}

static bool
is_a_day_ago(const struct peer *p, mesh_time_ms now)
{
	return now / 1000 - p->renewed_s >= PEERS_EPOCHS_S;
}

bool
peers_may_renew(const struct peer *p, uint64_t epoch, mesh_time_ms now)
{
	return p->epoch == 0 || epoch <= p->epoch || p->renewals < PEERS_EPOCHS ||
	    is_a_day_ago(p, now);
}

bool
peers_epoch(struct peer *p, uint64_t epoch, mesh_time_ms now)
{
	bool first = p->epoch == 0;
	if (epoch <= p->epoch)
		return false;
	p->epoch = epoch;
	p->unkept = true;
	if (first)
		return true;
	if (is_a_day_ago(p, now))
		p->renewals = 0;
	p->renewals++;
	if (p->renewals == 1 || p->renewals == PEERS_EPOCHS)
		p->renewed_s = (uint32_t)(now / 1000);
	return true;
}

bool
peers_live_is_new(const struct peer *p, uint64_t seq)
{
	if (seq >= p->live_next)
		return true;
	uint64_t below = p->live_next - 1 - seq;
	return below < PEERS_WINDOW && (p->live_bits >> below & 1) == 0;
}

bool
peers_live_is_straggler(const struct peer *p, uint64_t seq)
{
	uint64_t behind = seq < p->live_next ? p->live_next - seq : 0;
	return behind > PEERS_WINDOW && behind <= PEERS_STRAGGLERS;
}

void
peers_live_note(struct peer *p, uint64_t seq)
{
	if (seq + PEERS_WINDOW < p->live_next)
		return; /* a straggler: its bit is gone */
	if (seq >= p->live_next) {
		uint64_t step = seq + 1 - p->live_next;
		p->live_bits = step < PEERS_WINDOW ? p->live_bits << step : 0;
		p->live_next = seq + 1;
	}
	p->live_bits |= 1ULL << (p->live_next - 1 - seq);
}

void
peers_rename(struct peer *p, struct text_view name)
{
	size_t len = name.len < PEERS_NAME ? name.len : PEERS_NAME;
	if (len == 0 || (len == p->name_len && memcmp(p->name, name.ptr, len) == 0))
		return;
	memcpy(p->name, name.ptr, len);
	p->name_len = (uint8_t)len;
	p->changed = true;
}

bool
peers_become(struct peer *p, enum mesh_peer_state state, enum mesh_peer_reason reason,
    mesh_time_ms now)
{
	if (p->state == state && p->reason == reason)
		return false;
	p->state = (uint8_t)state;
	p->reason = (uint8_t)reason;
	p->since_ms = now;
	p->changed = true;
	return true;
}

bool
peers_is_alive(const struct peer *p)
{
	return p->state == PEER_ALIVE || p->state == PEER_SUSPECT;
}

bool
peers_steady(struct peer *p, mesh_time_ms now)
{
	if (p->steady || p->state != PEER_ALIVE || now - p->since_ms < PEERS_STEADY_MS)
		return false;
	p->steady = p->unkept = true;
	return true;
}

bool
peers_is_out(const struct peer *p)
{
	return p->state == PEER_DEAD &&
	    (p->reason == REASON_BLOCKED || p->reason == REASON_EARLY ||
		p->reason == REASON_EXPIRED);
}

bool
peers_path_equal(const struct mesh_path *a, const struct mesh_path *b)
{
	return memcmp(a->addr, b->addr, sizeof a->addr) == 0;
}

bool
peers_path_is_set(const struct mesh_path *path)
{
	static const struct mesh_path none;
	return !peers_path_equal(path, &none);
}
