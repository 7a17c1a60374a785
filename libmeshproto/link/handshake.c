#include "halfway.h"
#include "id.h"
#include "seal.h"
#include <assert.h>

enum {
	HS3_MAX = ENVELOPE_HS3_HEAD + ENVELOPE_SEALED_KEY + MESSAGE_INFO_MAX +
	    ENVELOPE_TAG
};
_Static_assert((int)HS3_MAX <= (int)ENVELOPE_HS1_BYTES, "HS3 fits a call's buffer");

static size_t
halves_at(uint32_t cap)
{
	return (cap * sizeof(struct handshake_call) + 15) / 16 * 16;
}

size_t
handshake_bytes(uint32_t cap)
{
	return halves_at(cap) + cap * sizeof(struct handshake_half);
}

void
handshake_init(struct handshake *h, void *block, const struct handshake_setup *setup,
    mesh_time_ms now)
{
	*h = (struct handshake){ .self = *setup->self,
		.cap = setup->cap,
		.sessions = setup->sessions,
		.counters = setup->counters };
	h->calls = block;
	h->halves = (void *)((uint8_t *)block + halves_at(setup->cap));
	seal_link_secret(h->self.seed, h->link_secret);
	seal_exchange_public(h->link_secret, h->link_public);
	doorstep_init(&h->doorstep, h->self.cookie_secret, now);
}

void
handshake_rekey(struct handshake *h, const struct handshake_door *door)
{
	h->self.door = *door;
}

void
handshake_wipe(struct handshake *h)
{
	seal_wipe(h->calls, handshake_bytes(h->cap));
	seal_wipe(h, sizeof *h);
}

bool
handshake_path_equal(const struct mesh_path *a, const struct mesh_path *b)
{
	return memcmp(a->addr, b->addr, sizeof a->addr) == 0;
}

static enum handshake_outcome
drop(struct handshake *h, enum mesh_counter why)
{
	h->counters[why]++;
	return HANDSHAKE_DROPPED;
}

/* Opens HS2 or HS3 on a copy of the noise state, so that a bad one changes nothing. */
static enum handshake_outcome
open_info(struct handshake *h, const struct noise *noise,
    const struct session_door *door, struct bytes_view message,
    struct handshake_out *out)
{
	uint8_t plain[ENVELOPE_MAX];
	struct bytes_out opened = bytes_out(plain, sizeof plain);
	struct session_start *start = &h->trial.start;

	h->trial.noise = *noise;
	if (noise_read(&h->trial.noise, message, &opened) != MESH_OK)
		return drop(h, COUNT_RX_HS_TAG);
	*start = (struct session_start){ .role = noise->role, .door = *door };
	enum mesh_counter counted = introduce_read(
	    &h->self.told, bytes_written(&opened), h->trial.noise.rs, start);
	if (counted != COUNT_RX_TAKEN)
		return drop(h, counted);
	out->peer = &start->peer;
	out->start = start;
	return HANDSHAKE_ASK;
}

/* --- HS1 and its answers --- */

static enum handshake_outcome
reply(struct handshake_out *out, struct bytes_view bytes, const struct mesh_path *to)
{
	out->reply = bytes;
	out->to = *to;
	return HANDSHAKE_REPLY;
}

static struct handshake_half *
half_again(const struct handshake *h, const struct handshake_input *in)
{
	for (uint32_t i = 0; i < h->cap; i++) {
		struct handshake_half *half = &h->halves[i];
		if (half->used && memcmp(half->noise.re, in->env->e, NOISE_KEY) == 0 &&
		    handshake_path_equal(&half->from, in->from))
			return half;
	}
	return NULL;
}

static void
make_half(struct handshake *h, struct handshake_half *half, const struct noise *noise,
    const struct handshake_input *in)
{
	uint8_t info[MESSAGE_INFO_MAX];
	struct bytes_out info_out = bytes_out(info, sizeof info);
	struct bytes_out o = bytes_out(half->bytes, sizeof half->bytes);

	*half = (struct handshake_half){ .used = true,
		.from = *in->from,
		.sid = halfway_new_sid(h, in->random + NOISE_KEY),
		.sid_remote = in->env->sid,
		.noise = *noise,
		.door = in->door->is,
		.ends_ms = in->now + HANDSHAKE_HALF_MS };
	uint32_t index = (uint32_t)(half - h->halves);
	h->halves_top = h->halves_top > index ? h->halves_top : index + 1;
	introduce_write(&h->self.told, half->sid, in->from, &info_out);
	bytes_put_u8(&o, ENVELOPE_HS2);
	bytes_put_u32(&o, half->sid_remote);
	if (noise_write(&half->noise, bytes_written(&info_out), &o) != MESH_OK)
		half->used = false; /* its key makes an all-zero shared secret */
	half->len = o.len;
}

/* The larger key was waiting for this: it need not call itself. */
static void
stand_back(struct handshake *h, const struct mesh_path *from)
{
	for (uint32_t i = 0; i < h->cap; i++) {
		struct handshake_call *c = &h->calls[i];
		if (c->state == CALL_CALLING && c->tries == 0 &&
		    handshake_path_equal(&c->path, from))
			halfway_drop_call(c);
	}
}

static enum handshake_outcome
send_cookie(
    struct handshake *h, const struct handshake_input *in, struct handshake_out *out)
{
	struct bytes_out o = bytes_out(h->reply, sizeof h->reply);

	doorstep_cookie(&h->doorstep,
	    &(struct doorstep_knock){ in->env, in->from, in->door->k_cookie }, in->now,
	    &o);
	h->counters[COUNT_RX_COOKIE_SENT]++;
	return reply(out, bytes_written(&o), in->from);
}

static enum handshake_outcome
answer_hs1(struct handshake *h, const struct handshake_input *in,
    const struct noise *noise, struct handshake_out *out)
{
	struct handshake_half *half = halfway_free_half(h);

	if (half == NULL || !doorstep_admits(&h->doorstep, in->from, in->now))
		return drop(h, COUNT_RX_HS_RATE);
	make_half(h, half, noise, in);
	if (!half->used)
		return drop(h, COUNT_RX_HS_TAG);
	stand_back(h, in->from);
	h->counters[COUNT_RX_TAKEN]++;
	return reply(out, bytes_view(half->bytes, half->len), in->from);
}

static enum handshake_outcome
receive_hs1(
    struct handshake *h, const struct handshake_input *in, struct handshake_out *out)
{
	static const uint8_t none[DOORSTEP_COOKIE] = { 0 };
	const struct envelope *env = in->env;
	bool has_cookie = memcmp(env->cookie, none, sizeof none) != 0;
	uint8_t plain[HALFWAY_HS1_PAYLOAD];
	struct bytes_out payload = bytes_out(plain, sizeof plain);
	struct noise noise;

	if (memcmp(env->hint, in->door->hint, sizeof in->door->hint) != 0)
		return drop(h, COUNT_RX_STRANGER);
	if (has_cookie && !doorstep_cookie_holds(&h->doorstep, env, in->from, in->now))
		return drop(h, COUNT_RX_COOKIE_BAD);
	struct halfway_start start = { in->door, NOISE_RESPONDER, env->sid,
		in->random };
	halfway_noise(h, &noise, &start);
	struct bytes_view message = bytes_view(env->e, NOISE_KEY + env->sealed.len);
	if (noise_read(&noise, message, &payload) != MESH_OK)
		return drop(h, COUNT_RX_HS_TAG);
	uint32_t halves = halfway_expire(h, in->now);
	const struct handshake_half *again = half_again(h, in);
	if (again != NULL) {
		h->counters[COUNT_RX_TAKEN]++;
		return reply(out, bytes_view(again->bytes, again->len), in->from);
	}
	if (doorstep_is_busy(&h->doorstep, halves, in->now) && !has_cookie)
		return send_cookie(h, in, out);
	return answer_hs1(h, in, &noise, out);
}

/* --- the other three --- */

/* Our own key with our own boot_id: a router sent what we called back to us.  A second
 * body of this site has another boot_id. */
static bool
is_ourselves(const struct handshake *h)
{
	const struct session_peer *peer = &h->trial.start.peer;

	return seal_equal(h->trial.noise.rs, h->link_public, NOISE_KEY) &&
	    memcmp(peer->boot_id, h->self.told.boot_id, sizeof peer->boot_id) == 0;
}

static enum handshake_outcome
receive_hs2(
    struct handshake *h, const struct handshake_input *in, struct handshake_out *out)
{
	struct handshake_call *call = halfway_call(h, in->env->sid);
	struct bytes_view message = bytes_view(
	    in->env->e, NOISE_KEY + ENVELOPE_SEALED_KEY + in->env->sealed.len);

	if (call == NULL)
		return drop(h,
		    session_has(h->sessions, in->env->sid) ? COUNT_RX_REPLAY
							   : COUNT_RX_SID);
	if (call->state == CALL_FINISHING)
		return drop(h, COUNT_RX_REPLAY);
	if (!doorstep_hears(&h->doorstep, in->now))
		return drop(h, COUNT_RX_HS_RATE);
	enum handshake_outcome outcome = open_info(
	    h, &call->noise, &call->door, message, out);
	if (outcome == HANDSHAKE_DROPPED && is_ourselves(h)) {
		out->to = call->path;
		halfway_drop_call(call);
		return HANDSHAKE_OURSELVES;
	}
	if (outcome != HANDSHAKE_ASK)
		return outcome;
	h->trial.call = call;
	h->trial.start.sid_local = call->sid;
	/* We go on with the address that we called; roam.h follows if it moves. */
	h->trial.start.path = call->path;
	return HANDSHAKE_ASK;
}

static enum handshake_outcome
receive_hs3(
    struct handshake *h, const struct handshake_input *in, struct handshake_out *out)
{
	struct handshake_half *half;
	struct bytes_view message = bytes_view(
	    in->env->sealed_key.ptr, ENVELOPE_SEALED_KEY + in->env->sealed.len);

	halfway_expire(h, in->now);
	half = halfway_half(h, in->env->sid);
	if (half == NULL)
		return drop(h,
		    session_has(h->sessions, in->env->sid) ? COUNT_RX_REPLAY
							   : COUNT_RX_SID);
	enum handshake_outcome outcome = open_info(
	    h, &half->noise, &half->door, message, out);
	if (outcome != HANDSHAKE_ASK)
		return outcome;
	h->trial.half = half;
	h->trial.start.sid_local = half->sid;
	h->trial.start.path = *in->from;
	return HANDSHAKE_ASK;
}

static enum handshake_outcome
receive_cookie(
    struct handshake *h, const struct handshake_input *in, struct handshake_out *out)
{
	struct handshake_call *call = halfway_call(h, in->env->sid);

	if (call == NULL)
		return drop(h, COUNT_RX_SID);
	if (!doorstep_tag_holds(call->k_cookie, in->env, call->noise.e_public))
		return drop(h, COUNT_RX_COOKIE_BAD);
	uint8_t *ours = call->bytes + HALFWAY_COOKIE_AT;
	if (call->state != CALL_CALLING ||
	    memcmp(ours, in->env->cookie, DOORSTEP_COOKIE) == 0)
		return drop(h, COUNT_RX_REPLAY);
	memcpy(ours, in->env->cookie, DOORSTEP_COOKIE);
	call->cookie_tries = HALFWAY_COOKIE_TRIES;
	h->counters[COUNT_RX_TAKEN]++;
	return reply(out, bytes_view(call->bytes, call->len), &call->path);
}

enum handshake_outcome
handshake_receive(
    struct handshake *h, const struct handshake_input *in, struct handshake_out *out)
{
	struct handshake_input at_door = *in;

	*out = (struct handshake_out){ 0 };
	h->trial.call = NULL;
	h->trial.half = NULL;
	if (in->door == NULL)
		at_door.door = &h->self.door;
	switch (in->env->kind) {
	case ENVELOPE_HS1:
		return receive_hs1(h, &at_door, out);
	case ENVELOPE_HS2:
		return receive_hs2(h, in, out);
	case ENVELOPE_HS3:
		return receive_hs3(h, in, out);
	case ENVELOPE_COOKIE:
		return receive_cookie(h, in, out);
	case ENVELOPE_BEACON:
	case ENVELOPE_DATA:
		break;
	}
	return drop(h, COUNT_RX_KIND);
}

/* --- the verdict --- */

static void
send_hs3(struct handshake *h, struct handshake_call *call, mesh_time_ms now)
{
	uint8_t info[MESSAGE_INFO_MAX];
	struct bytes_out info_out = bytes_out(info, sizeof info);
	struct bytes_out o = bytes_out(call->bytes, sizeof call->bytes);

	introduce_write(&h->self.told, call->sid, &call->path, &info_out);
	envelope_put_hs3(&o, h->trial.start.sid_remote);
	enum mesh_err err = noise_write(&h->trial.noise, bytes_written(&info_out), &o);
	assert(err == MESH_OK); /* the shared secrets were sound in HS2 already */
	(void)err;
	call->len = o.len;
	call->state = CALL_FINISHING;
	call->tries = 1;
	call->due_ms = now + halfway_jittered(call, 250);
	call->ends_ms = now + HANDSHAKE_HALF_MS;
}

/* We met: no second handshake with the same site. */
static void
cancel_calls_to(struct handshake *h, const struct session_start *start)
{
	for (uint32_t i = 0; i < h->cap; i++) {
		struct handshake_call *c = &h->calls[i];
		bool same = handshake_path_equal(&c->path, &start->path) ||
		    (c->has_key && key_equal(&c->key, &start->peer.key));
		if (c->state == CALL_CALLING && same)
			halfway_drop_call(c);
	}
}

enum handshake_outcome
handshake_judge(struct handshake *h, const struct handshake_verdict *verdict,
    mesh_time_ms now, struct handshake_out *out)
{
	struct handshake_call *call = h->trial.call;
	struct handshake_half *half = h->trial.half;
	struct session_start *start = &h->trial.start;

	assert((call == NULL) != (half == NULL)); /* the last outcome was ASK */
	h->trial.call = NULL;
	h->trial.half = NULL;
	*out = (struct handshake_out){ .peer = &start->peer, .start = start };
	if (!verdict->admitted)
		return drop(h, COUNT_RX_HS_IDENTITY);
	bool outlived = start->peer.boot < verdict->known_boot;
	if (call != NULL) {
		send_hs3(h, call, now);
		reply(out, bytes_view(call->bytes, call->len), &call->path);
	} else {
		halfway_drop_half(half);
	}
	noise_split(&h->trial.noise, start->send, start->receive);
	noise_wipe(&h->trial.noise);
	if (outlived) {
		if (call != NULL)
			call->ends_ms = now; /* no second HS3 */
		drop(h, COUNT_RX_HS_IDENTITY);
		return HANDSHAKE_OUTLIVED;
	}
	if (half != NULL)
		cancel_calls_to(h, start);
	h->counters[COUNT_RX_TAKEN]++;
	return HANDSHAKE_MET;
}
