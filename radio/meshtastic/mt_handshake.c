#include "mt_handshake.h"

uint32_t
mt_handshake_random(struct mt_handshake *h) /* splitmix64 */
{
	uint32_t n;
	do {
		uint64_t z = h->random += 0x9e3779b97f4a7c15U;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
		z = (z ^ z >> 27) * 0x94d049bb133111ebU;
		n = (uint32_t)((z ^ z >> 31) >> 32);
	} while (n <= 1 || n == MT_NONCE_CONFIG_ONLY || n == MT_NONCE_NODES_ONLY);
	return n;
}

void
mt_handshake_seed(struct mt_handshake *h, uint64_t seed)
{
	*h = (struct mt_handshake){ .random = seed };
}

void
mt_handshake_start(struct mt_handshake *h, mesh_time_ms now)
{
	mt_handshake_restart(h, now);
	h->due_ms = now + MT_WAKE_MS;
}

void
mt_handshake_restart(struct mt_handshake *h, mesh_time_ms now)
{
	h->state = MT_HANDSHAKE_WAKING;
	h->started_ms = h->due_ms = now;
	h->asked = 0;
	h->my_node = 0;
}

void
mt_handshake_stop(struct mt_handshake *h)
{
	h->state = MT_HANDSHAKE_IDLE;
}

static bool
is_open(const struct mt_handshake *h)
{
	return h->state == MT_HANDSHAKE_WAKING || h->state == MT_HANDSHAKE_ASKED;
}

enum mt_handshake_step
mt_handshake_tick(struct mt_handshake *h, mesh_time_ms now)
{
	if (!is_open(h) || now < mt_handshake_deadline(h))
		return MT_STEP_WAIT;
	if (h->asked == MT_ASK_TIMES || now - h->started_ms >= MT_TOTAL_MS) {
		h->state = MT_HANDSHAKE_FAILED;
		return MT_STEP_GIVE_UP;
	}
	h->state = MT_HANDSHAKE_ASKED;
	h->nonce = mt_handshake_random(h);
	h->asked++;
	h->due_ms = now + MT_STALL_MS;
	return MT_STEP_ASK;
}

void
mt_handshake_progress(struct mt_handshake *h, mesh_time_ms now)
{
	if (h->state == MT_HANDSHAKE_ASKED)
		h->due_ms = now + MT_STALL_MS;
}

bool
mt_handshake_complete(struct mt_handshake *h, uint32_t id)
{
	/* An answer without my_info was cut; the stall will ask again. */
	if (h->state != MT_HANDSHAKE_ASKED || id != h->nonce || h->my_node == 0)
		return false;
	h->state = MT_HANDSHAKE_DONE;
	return true;
}

mesh_time_ms
mt_handshake_deadline(const struct mt_handshake *h)
{
	mesh_time_ms end = h->started_ms + MT_TOTAL_MS;
	if (!is_open(h))
		return MESH_NEVER;
	return h->due_ms < end ? h->due_ms : end;
}
