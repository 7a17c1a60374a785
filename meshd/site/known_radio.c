#include "known_radio.h"

struct radio_status
known_radio_lasting(const struct radio_status *status)
{
	struct radio_status s = *status;
	s.has &= 1 << RADIO_ROW_NAME | 1 << RADIO_ROW_DRIVER | 1 << RADIO_ROW_STATE |
	    1 << RADIO_ROW_SINCE | 1 << RADIO_ROW_NODE | 1 << RADIO_ROW_SIMULATED |
	    1 << RADIO_ROW_ERROR;
	return s;
}

static uint64_t
mix(uint64_t h, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3U;
	return h;
}

uint64_t
known_radio_summary(const struct radio_status *s)
{
	const struct radio_node *n = &s->node;
	const struct text_view texts[] = { n->name, n->firmware, n->short_name, n->role,
		n->hardware, n->can };
	uint8_t up = s->state == RADIO_CONNECTED;
	uint64_t h = mix(0xcbf29ce484222325U, &up, 1);
	h = mix(h, s->node.id.bytes, s->node.id.len);
	for (size_t i = 0; i < LENGTH(texts); i++) {
		h = mix(h, &texts[i].len, sizeof texts[i].len);
		h = mix(h, texts[i].ptr, texts[i].len);
	}
	return h;
}
