#include "session.h"
#include "id.h"
#include "seal.h"

/* PROTOCOL.md 6.6 */
enum {
	MINUTE_MS = 60 * 1000,
	REKEY_MS = 60 * MINUTE_MS,           /* whoever began */
	REKEY_RESPONDER_MS = 70 * MINUTE_MS, /* if it does not */
	DEAD_MS = 75 * MINUTE_MS,
	REKEY_COUNT = 1 << 30,
};
#define DEAD_COUNT (1u << 31)

static uint32_t
slots_for(uint32_t cap)
{
	return 2 * cap;
}

size_t
session_bytes(uint32_t cap)
{
	return pool_bytes(slots_for(cap), sizeof(struct session)) +
	    table_bytes(slots_for(cap), sizeof(uint32_t));
}

void
session_init(
    struct sessions *ss, void *block, uint32_t cap, const struct session_setup *setup)
{
	uint32_t slots = slots_for(cap);
	uint8_t *table = (uint8_t *)block + pool_bytes(slots, sizeof(struct session));

	*ss = (struct sessions){ .self = *setup->self, .counters = setup->counters };
	pool_init(&ss->pool, block, slots, sizeof(struct session));
	table_init(&ss->by_sid, table, slots, sizeof(uint32_t), setup->secret);
}

struct session *
session_at(const struct sessions *ss, struct handle h)
{
	return pool_at(&ss->pool, h);
}

bool
session_has(const struct sessions *ss, uint32_t sid_local)
{
	return table_find(&ss->by_sid, &sid_local).generation != 0;
}

static bool
is_current(const struct session *s)
{
	return s->ends_ms == MESH_NEVER;
}

struct handle
session_of(const struct sessions *ss, const struct mesh_key *peer)
{
	const struct session *s;

	for (uint32_t i = 0; (s = pool_walk(&ss->pool, &i)) != NULL; i++)
		if (is_current(s) && key_equal(&s->peer.key, peer))
			return pool_handle(&ss->pool, i);
	return (struct handle){ 0, 0 };
}

void
session_remove(struct sessions *ss, struct handle h)
{
	struct session *s = session_at(ss, h);

	if (s == NULL)
		return;
	table_remove(&ss->by_sid, &s->sid_local);
	seal_wipe(s, sizeof *s);
	pool_give(&ss->pool, h);
}

struct handle
session_closed(const struct sessions *ss, uint32_t sid_local)
{
	struct handle h = table_find(&ss->by_sid, &sid_local);
	const struct session *s = session_at(ss, h);

	return s != NULL && s->closed != 0 ? h : (struct handle){ 0, 0 };
}

struct handle
session_showing(const struct sessions *ss, uint32_t sid_local)
{
	struct handle h = table_find(&ss->by_sid, &sid_local);
	const struct session *s = session_at(ss, h);

	return s != NULL && s->door.purpose == SESSION_SHOWING
	    ? h
	    : (struct handle){ 0, 0 };
}

/* --- making --- */

static uint32_t
current_count(const struct sessions *ss)
{
	const struct session *s;
	uint32_t count = 0;

	for (uint32_t i = 0; (s = pool_walk(&ss->pool, &i)) != NULL; i++)
		count += is_current(s);
	return count;
}

static void
fill(struct session *s, const struct session_start *start, mesh_time_ms now)
{
	s->peer = start->peer;
	s->path = start->path;
	s->door = start->door;
	s->role = start->role;
	s->sid_local = start->sid_local;
	s->sid_remote = start->sid_remote;
	memcpy(s->send, start->send, sizeof s->send);
	memcpy(s->receive, start->receive, sizeof s->receive);
	replay_init(&s->window);
	s->born_ms = now;
	s->ends_ms = MESH_NEVER;
	/* HS3 proved that the initiator has the keys; HS2 was before there were any. */
	s->confirmed = start->role == NOISE_RESPONDER;
	s->closed = 0;
}

/* Both sides began at the same time, and each has finished both. */
static bool
are_twins(
    const struct session *old, const struct session_start *start, mesh_time_ms now)
{
	return old->role != start->role && old->peer.boot == start->peer.boot &&
	    now - old->born_ms <= SESSION_TWIN_MS;
}

static enum session_installed
settle(const struct sessions *ss, const struct session *old,
    const struct session_start *start, mesh_time_ms now)
{
	bool ours_first = key_compare(&ss->self, &start->peer.key) < 0;

	if (old == NULL)
		return SESSION_NEW;
	if (!are_twins(old, start, now))
		return SESSION_REPLACED;
	return ours_first == (start->role == NOISE_INITIATOR) ? SESSION_TWIN_OLD
							      : SESSION_TWIN_NEW;
}

/* From now on it only receives.  One such for each site: who shakes hands again and
 * again must not fill the table. */
static void
linger(struct sessions *ss, struct session *s, mesh_time_ms now)
{
	struct session *other;

	s->ends_ms = now + SESSION_LINGER_MS;
	for (uint32_t i = 0; (other = pool_walk(&ss->pool, &i)) != NULL; i++) {
		if (other != s && !is_current(other) &&
		    other->door.purpose == SESSION_MEMBER &&
		    key_equal(&other->peer.key, &s->peer.key))
			session_remove(ss, pool_handle(&ss->pool, i));
	}
}

void
session_close(struct sessions *ss, struct handle h, uint8_t reason, mesh_time_ms now)
{
	struct session *s = session_at(ss, h);

	if (s == NULL)
		return;
	if (ss->pool.free_count < ss->pool.cap / 2) {
		session_remove(ss, h);
		return;
	}
	linger(ss, s, now);
	s->closed = reason;
	s->ends_ms = now + SESSION_CLOSED_MS;
}

enum mesh_err
session_install(struct sessions *ss, const struct session_start *start,
    mesh_time_ms now, struct session_change *out)
{
	struct handle old_handle = session_of(ss, &start->peer.key);
	struct session *old = session_at(ss, old_handle), *made;
	struct handle h = { 0, 0 };

	if (old != NULL || current_count(ss) < ss->pool.cap / 2)
		h = pool_take(&ss->pool);
	made = session_at(ss, h);
	if (made == NULL)
		return MESH_FULL;
	if (table_put(&ss->by_sid, &start->sid_local, h) != MESH_OK) {
		pool_give(&ss->pool, h);
		return MESH_FULL;
	}
	fill(made, start, now);
	*out = (struct session_change){ settle(ss, old, start, now), h, old_handle };
	if (out->what == SESSION_TWIN_NEW)
		linger(ss, made, now);
	else if (old != NULL)
		linger(ss, old, now);
	return MESH_OK;
}

/* So many that a crowd of guests takes no member's slot; more of those who are about to
 * be members. */
enum { GUESTS_MAX = 8, SHOWING_PART = 4 };

static bool
has_room_for(const struct sessions *ss, uint8_t purpose)
{
	const struct session *s;
	bool showing = purpose == SESSION_SHOWING;
	uint32_t count = 0, max = showing ? ss->pool.cap / SHOWING_PART : GUESTS_MAX;

	for (uint32_t i = 0; (s = pool_walk(&ss->pool, &i)) != NULL; i++)
		count += s->door.purpose != SESSION_MEMBER &&
		    (s->door.purpose == SESSION_SHOWING) == showing;
	return count < max;
}

struct handle
session_receive_guest(
    struct sessions *ss, const struct session_start *start, mesh_time_ms now)
{
	struct handle h = { 0, 0 };

	if (has_room_for(ss, start->door.purpose))
		h = pool_take(&ss->pool);
	struct session *made = session_at(ss, h);
	if (made == NULL)
		return h;
	if (table_put(&ss->by_sid, &start->sid_local, h) != MESH_OK) {
		pool_give(&ss->pool, h);
		return (struct handle){ 0, 0 };
	}
	fill(made, start, now);
	made->ends_ms = now +
	    (start->door.purpose == SESSION_SHOWING ? SESSION_SHOWING_MS
						    : SESSION_GUEST_MS);
	return h;
}

static void
start_of(const struct session *s, struct session_start *out)
{
	*out = (struct session_start){ .role = s->role,
		.sid_local = s->sid_local,
		.sid_remote = s->sid_remote,
		.peer = s->peer,
		.door = { .purpose = SESSION_MEMBER },
		.path = s->path };
	memcpy(out->send, s->send, sizeof out->send);
	memcpy(out->receive, s->receive, sizeof out->receive);
}

/* No counter is ever used twice under one key: they are taken along before anything can
 * be sealed. */
enum mesh_err
session_promote(
    struct sessions *ss, struct handle h, mesh_time_ms now, struct session_change *out)
{
	struct session was = *session_at(ss, h);
	struct session_start start;

	start_of(&was, &start);
	session_remove(ss, h);
	enum mesh_err err = session_install(ss, &start, now, out);
	if (err == MESH_OK) {
		struct session *made = session_at(ss, out->made);
		made->next = was.next;
		made->window = was.window;
		made->confirmed = was.confirmed;
	}
	seal_wipe(&start, sizeof start);
	seal_wipe(&was, sizeof was);
	return err;
}

/* --- using --- */

static bool
refuse(struct sessions *ss, enum mesh_counter why)
{
	ss->counters[why]++;
	return false;
}

bool
session_open(struct sessions *ss, const struct envelope *env,
    uint8_t plain[static ENVELOPE_PLAIN_MAX], struct session_opened *out)
{
	struct handle h = table_find(&ss->by_sid, &env->sid);
	struct session *s = session_at(ss, h);
	uint8_t nonce[SEAL_NONCE];

	if (s == NULL)
		return refuse(ss, COUNT_RX_SID);
	if (!replay_is_fresh(&s->window, env->counter))
		return refuse(ss, COUNT_RX_REPLAY);
	seal_nonce(env->counter, nonce);
	if (!seal_open(s->receive, nonce, env->head, env->sealed, plain))
		return refuse(ss, COUNT_RX_DATA_TAG);
	*out = (struct session_opened){ .session = h,
		.counter = env->counter,
		.first = s->window.next == 0,
		.plain = bytes_view(plain, env->sealed.len - SEAL_TAG) };
	replay_mark(&s->window, env->counter);
	s->confirmed = true;
	return true;
}

size_t
session_seal(struct session *s, uint8_t datagram[static ENVELOPE_MAX], size_t plain_len,
    uint32_t *counter)
{
	struct bytes_out head = bytes_out(datagram, ENVELOPE_DATA_HEAD);
	uint8_t *frames = datagram + ENVELOPE_DATA_HEAD;
	uint8_t nonce[SEAL_NONCE];

	if (s->next >= DEAD_COUNT || plain_len > ENVELOPE_PLAIN_MAX)
		return 0;
	*counter = s->next++;
	envelope_put_data(&head, s->sid_remote, *counter);
	seal_nonce(*counter, nonce);
	seal_close(s->send, nonce, bytes_written(&head), bytes_view(frames, plain_len),
	    frames);
	return ENVELOPE_DATA_HEAD + plain_len + SEAL_TAG;
}

/* --- growing old --- */

static mesh_time_ms
rekey_ms(const struct session *s)
{
	return s->born_ms +
	    (s->role == NOISE_INITIATOR ? REKEY_MS : REKEY_RESPONDER_MS);
}

enum session_age
session_age(const struct session *s, mesh_time_ms now)
{
	if (now >= s->ends_ms || now >= s->born_ms + DEAD_MS || s->next >= DEAD_COUNT)
		return SESSION_DEAD;
	if (!is_current(s))
		return SESSION_FRESH;
	if (now >= rekey_ms(s))
		return SESSION_REKEY;
	bool many = s->next >= REKEY_COUNT || s->window.next >= REKEY_COUNT;
	return many && s->role == NOISE_INITIATOR ? SESSION_REKEY : SESSION_FRESH;
}

static mesh_time_ms
next_age_ms(const struct session *s, mesh_time_ms now)
{
	if (!is_current(s))
		return s->ends_ms;
	return now < rekey_ms(s) ? rekey_ms(s) : s->born_ms + DEAD_MS;
}

mesh_time_ms
session_deadline(const struct sessions *ss, mesh_time_ms now)
{
	const struct session *s;
	mesh_time_ms soonest = MESH_NEVER;

	for (uint32_t i = 0; (s = pool_walk(&ss->pool, &i)) != NULL; i++) {
		mesh_time_ms at = next_age_ms(s, now);
		soonest = at < soonest ? at : soonest;
	}
	return soonest;
}
