/* Our radios: the live table, and a state record of each when that matters. */
#include "publish.h"
#include "publish_inside.h"
#include "text.h"
#include <string.h>

static struct known_radio *
radio_slot(struct publish *p, struct text_view name)
{
	struct known_radio *unused = NULL;
	for (size_t i = 0; i < PUBLISH_RADIOS; i++) {
		struct known_radio *k = &p->radios[i];
		if (k->used && text_equal((struct text_view){ k->name, k->len }, name))
			return k;
		if (!k->used && unused == NULL)
			unused = k;
	}
	if (unused == NULL || name.len > sizeof unused->name)
		return NULL;
	*unused = (struct known_radio){ .used = true, .len = (uint8_t)name.len };
	memcpy(unused->name, name.ptr, name.len);
	return unused;
}

static bool
write_radio(struct publish *p, const struct radio_status *status)
{
	uint8_t room[STATE_KEY_MAX];
	struct bytes_out key = bytes_out(room, sizeof room);
	struct radio_status s = known_radio_lasting(status);
	text_put(&key, "radio/");
	text_put_view(&key, s.name);
	return publish_write_state(p, bytes_written(&key), &radio_status_table, &s) !=
	    MESH_FULL;
}

void
publish_radio_if_due(struct publish *p, struct known_radio *k, struct mesh_now now)
{
	mesh_time_ms due = k->written ? k->written_ms + PUBLISH_RADIO_GAP_MS : 0;
	if (!k->due)
		return;
	if (due > now.ms) {
		publish_due_at(p, due);
		return;
	}
	for (size_t i = 0; i < live_radio_count(p->at.live); i++) {
		const struct radio_status *s = live_radio_at(p->at.live, i);
		if (!text_equal(s->name, (struct text_view){ k->name, k->len }))
			continue;
		if (!write_radio(p, s)) {
			publish_due_at(p, now.ms + PUBLISH_RETRY_MS);
			return;
		}
		k->seen = known_radio_summary(s);
	}
	k->due = k->again = false;
	k->written = true;
	k->written_ms = now.ms;
}

void
publish_radio(struct publish *p, const struct radio_status *status, struct mesh_now now)
{
	struct known_radio *k = radio_slot(p, status->name);
	if (!live_radio(p->at.live, status) || k == NULL)
		return;
	if (status->simulated && !p->at.leaving.demo)
		return;
	k->due = k->again || !k->written || k->seen != known_radio_summary(status);
	publish_radio_if_due(p, k, now);
}

void
publish_radio_gone(struct publish *p, struct text_view radio)
{
	struct known_radio *k = radio_slot(p, radio);
	live_radio_gone(p->at.live, radio);
	if (k != NULL)
		k->used = false;
}
