#include "mt_hold.h"
#include <string.h>

bool
mt_hold_put(struct mt_hold *h, struct bytes_view packet, struct mesh_now now)
{
	if (h->count == MT_HOLD_MAX || packet.len > STREAM_PAYLOAD_MAX)
		return false;
	struct mt_held *held = &h->rows[(h->first + h->count++) % MT_HOLD_MAX];
	held->at = now;
	held->len = packet.len;
	if (packet.len > 0)
		memcpy(held->bytes, packet.ptr, packet.len);
	return true;
}

const struct mt_held *
mt_hold_take(struct mt_hold *h)
{
	if (h->count == 0)
		return NULL;
	const struct mt_held *held = &h->rows[h->first];
	h->first = (h->first + 1) % MT_HOLD_MAX;
	h->count--;
	return held;
}

mesh_time_ms
mt_hold_deadline(const struct mt_hold *h)
{
	return h->count > 0 ? h->rows[h->first].at.ms + MT_HOLD_MS : MESH_NEVER;
}
