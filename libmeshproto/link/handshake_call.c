#include "halfway.h"
#include "id.h"
#include <assert.h>

enum { LAST_MS = 1000 };

/* --- calling --- */

mesh_time_ms
handshake_start_ms(
    const struct handshake *h, const struct mesh_key *other, mesh_time_ms now)
{
	bool first = key_compare(&h->self.told.key, other) < 0;

	return first ? now : now + HANDSHAKE_PATIENCE_MS;
}

static bool
is_under_way(const struct handshake *h, const struct handshake_target *t)
{
	for (uint32_t i = 0; i < h->cap; i++) {
		const struct handshake_call *c = &h->calls[i];
		if (c->state != CALL_FREE &&
		    (handshake_path_equal(&c->path, &t->path) ||
			(t->key != NULL && c->has_key && key_equal(&c->key, t->key))))
			return true;
		if (h->halves[i].used &&
		    handshake_path_equal(&h->halves[i].from, &t->path))
			return true;
	}
	return false;
}

static void
write_hs1(struct handshake *h, struct handshake_call *c,
    const struct handshake_door *door, const uint8_t e[static 32])
{
	static const uint8_t none[DOORSTEP_COOKIE] = { 0 },
			     zeros[HALFWAY_HS1_PAYLOAD] = { 0 };
	struct bytes_out o = bytes_out(c->bytes, sizeof c->bytes);

	halfway_noise(
	    h, &c->noise, &(struct halfway_start){ door, NOISE_INITIATOR, c->sid, e });
	memcpy(c->k_cookie, door->k_cookie, sizeof c->k_cookie);
	c->door = door->is;
	envelope_put_hs1(&o, door->hint, c->sid, none, c->noise.e_public);
	o.len -= NOISE_KEY; /* noise makes e and writes it to the same place */
	enum mesh_err err = noise_write(&c->noise, bytes_view(zeros, sizeof zeros), &o);
	assert(err == MESH_OK && o.len == ENVELOPE_HS1_BYTES);
	(void)err;
	c->len = o.len;
}

enum mesh_err
handshake_call(struct handshake *h, const struct handshake_target *target,
    const uint8_t random[static HANDSHAKE_RANDOM], mesh_time_ms now)
{
	struct handshake_call *c;

	halfway_expire(h, now);
	if (is_under_way(h, target))
		return MESH_OK;
	c = halfway_free_call(h);
	if (c == NULL)
		return MESH_FULL;
	uint32_t sid = halfway_new_sid(h, random + NOISE_KEY);
	uint32_t index = (uint32_t)(c - h->calls);
	h->calls_top = h->calls_top > index ? h->calls_top : index + 1;
	*c = (struct handshake_call){ .state = CALL_CALLING,
		.path = target->path,
		.has_key = target->key != NULL,
		.tries_max = target->tries,
		.sid = sid,
		.due_ms = target->start_ms > now ? target->start_ms : now,
		.ends_ms = MESH_NEVER };
	if (target->key != NULL)
		c->key = *target->key;
	memcpy(&c->jitter, random + NOISE_KEY, sizeof c->jitter);
	write_hs1(h, c, target->door != NULL ? target->door : &h->self.door, random);
	return MESH_OK;
}

uint32_t
handshake_calls(const struct handshake *h)
{
	uint32_t out = 0;
	for (uint32_t i = 0; i < h->calls_top; i++)
		out += h->calls[i].state != CALL_FREE;
	return out;
}

bool
handshake_is_calling(const struct handshake *h, const struct mesh_path *path)
{
	for (uint32_t i = 0; i < h->cap; i++)
		if (h->calls[i].state != CALL_FREE &&
		    handshake_path_equal(&h->calls[i].path, path))
			return true;
	return false;
}

void
handshake_cancel(struct handshake *h, const struct mesh_path *path)
{
	for (uint32_t i = 0; i < h->cap; i++)
		if (handshake_path_equal(&h->calls[i].path, path))
			halfway_drop_call(&h->calls[i]);
}

void
handshake_withdraw(struct handshake *h, const struct mesh_key *key)
{
	for (uint32_t i = 0; i < h->cap; i++) {
		struct handshake_call *c = &h->calls[i];
		if (c->state == CALL_CALLING && c->has_key && key_equal(&c->key, key))
			halfway_drop_call(c);
	}
}

void
handshake_turn(
    struct handshake *h, const struct mesh_key *key, const struct mesh_path *path)
{
	for (uint32_t i = 0; i < h->cap; i++) {
		struct handshake_call *c = &h->calls[i];
		if (c->state == CALL_CALLING && c->has_key && key_equal(&c->key, key) &&
		    !handshake_path_equal(&c->path, path))
			halfway_drop_call(c);
	}
}

void
handshake_settled(struct handshake *h, uint32_t sid_local)
{
	struct handshake_call *c = halfway_call(h, sid_local);

	if (c != NULL && c->state == CALL_FINISHING)
		halfway_drop_call(c);
}

/* --- time --- */

/* PROTOCOL.md 6.3: when HS1 or HS3 goes out again after so many times. */
static mesh_time_ms
pause_ms(unsigned tries)
{
	static const mesh_time_ms steps[] = { 250, 500, 1000, 2000, 4000, 5000, 10000,
		20000, 40000, 60000 };
	size_t last = LENGTH(steps) - 1;

	return steps[tries < last ? tries : last];
}

static bool
is_over(const struct handshake_call *c)
{
	return c->state == CALL_CALLING && c->tries_max > 0 && c->tries >= c->tries_max;
}

/* The last HS1 is given time for its answer on a slow way, too. */
static void
send_again(struct handshake_call *c, mesh_time_ms now)
{
	mesh_time_ms pause = pause_ms(c->tries);
	c->tries++;
	if (is_over(c) && pause < LAST_MS)
		pause = LAST_MS;
	c->due_ms = now + halfway_jittered(c, pause);
	if (c->state != CALL_CALLING || c->cookie_tries == 0)
		return;
	if (--c->cookie_tries == 0)
		memset(c->bytes + HALFWAY_COOKIE_AT, 0, DOORSTEP_COOKIE);
}

enum handshake_outcome
handshake_next(struct handshake *h, mesh_time_ms now, struct handshake_out *out)
{
	*out = (struct handshake_out){ 0 };
	halfway_expire(h, now);
	while (h->calls_top > 0 && h->calls[h->calls_top - 1].state == CALL_FREE)
		h->calls_top--;
	for (uint32_t i = 0; i < h->calls_top; i++) {
		struct handshake_call *c = &h->calls[i];
		if (c->state == CALL_FREE)
			continue;
		if (now >= c->ends_ms) {
			out->sid = c->sid;
			halfway_drop_call(c);
			return HANDSHAKE_LOST;
		}
		if (now < c->due_ms)
			continue;
		if (is_over(c)) {
			halfway_drop_call(c);
			continue;
		}
		send_again(c, now);
		out->reply = bytes_view(c->bytes, c->len);
		out->to = c->path;
		return HANDSHAKE_REPLY;
	}
	return HANDSHAKE_DROPPED;
}

mesh_time_ms
handshake_deadline(const struct handshake *h)
{
	mesh_time_ms soonest = MESH_NEVER;

	for (uint32_t i = 0; i < h->calls_top; i++) {
		const struct handshake_call *c = &h->calls[i];
		if (c->state == CALL_FREE)
			continue;
		soonest = c->due_ms < soonest ? c->due_ms : soonest;
		soonest = c->ends_ms < soonest ? c->ends_ms : soonest;
	}
	return soonest;
}
