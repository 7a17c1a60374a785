#include "halfway.h"
#include "seal.h"

struct handshake_call *
halfway_call(const struct handshake *h, uint32_t sid)
{
	for (uint32_t i = 0; i < h->cap; i++)
		if (h->calls[i].state != CALL_FREE && h->calls[i].sid == sid)
			return &h->calls[i];
	return NULL;
}

struct handshake_half *
halfway_half(const struct handshake *h, uint32_t sid)
{
	for (uint32_t i = 0; i < h->cap; i++)
		if (h->halves[i].used && h->halves[i].sid == sid)
			return &h->halves[i];
	return NULL;
}

struct handshake_call *
halfway_free_call(const struct handshake *h)
{
	for (uint32_t i = 0; i < h->cap; i++)
		if (h->calls[i].state == CALL_FREE)
			return &h->calls[i];
	return NULL;
}

struct handshake_half *
halfway_free_half(const struct handshake *h)
{
	for (uint32_t i = 0; i < h->cap; i++)
		if (!h->halves[i].used)
			return &h->halves[i];
	return NULL;
}

void
halfway_drop_call(struct handshake_call *c)
{
	seal_wipe(c, sizeof *c);
}

void
halfway_drop_half(struct handshake_half *half)
{
	seal_wipe(half, sizeof *half);
}

uint32_t
halfway_expire(struct handshake *h, mesh_time_ms now)
{
	uint32_t count = 0, top = 0;

	for (uint32_t i = 0; i < h->halves_top; i++) {
		if (h->halves[i].used && now >= h->halves[i].ends_ms)
			halfway_drop_half(&h->halves[i]);
		count += h->halves[i].used;
		top = h->halves[i].used ? i + 1 : top;
	}
	h->halves_top = top;
	return count;
}

/* Random, non-zero, unique here (PROTOCOL.md 6). */
uint32_t
halfway_new_sid(const struct handshake *h, const uint8_t random[static 4])
{
	struct bytes_in in = bytes_in(bytes_view(random, 4));
	uint32_t sid = bytes_u32(&in);

	while (sid == 0 || session_has(h->sessions, sid) ||
	    halfway_call(h, sid) != NULL || halfway_half(h, sid) != NULL)
		sid++;
	return sid;
}

void
halfway_noise(struct handshake *h, struct noise *n, const struct halfway_start *start)
{
	const struct handshake_door *door = start->door;
	uint8_t prologue[6 + 16 + 4 + 4];
	struct bytes_out o = bytes_out(prologue, sizeof prologue);

	bytes_put(&o, "meshd1", 6);
	bytes_put(&o, door->netid, sizeof door->netid);
	bytes_put(&o, door->hint, sizeof door->hint);
	bytes_put_u32(&o, start->sid_i);
	noise_init(n,
	    &(struct noise_start){ .pattern = &noise_xxpsk0,
		.role = start->role,
		.prologue = bytes_written(&o),
		.s = h->link_secret,
		.s_public = h->link_public,
		.e = start->e,
		.psk = door->k_hs });
}

mesh_time_ms
halfway_jittered(struct handshake_call *c, mesh_time_ms ms)
{
	/* Knuth's MMIX step: spread, not secrecy. */
	c->jitter = c->jitter * 6364136223846793005u + 1442695040888963407u;
	return ms * (800 + (c->jitter >> 33) % 401) / 1000;
}
