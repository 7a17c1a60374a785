#include "mt_radio.h"

void
mt_radio_count(struct radio *r, unsigned counter, uint64_t n)
{
	r->counters[counter] += n;
}

struct radio_event *
mt_radio_event(struct radio *r, enum radio_event_kind kind)
{
	if (r->event_next == r->event_count)
		r->event_next = r->event_count = 0;
	if (r->event_count == EVENTS)
		return NULL;
	struct radio_event *e = &r->events[r->event_count++];
	*e = (struct radio_event){ .kind = kind };
	return e;
}

void
mt_radio_input(struct radio *r, struct mesh_now now)
{
	r->now = now;
	r->undrained = true;
	r->output.len -= r->output_given;
	memmove(r->output_block, r->output_block + r->output_given, r->output.len);
	r->output_given = 0;
	r->output.failed = false;
}

bool
mt_radio_send(struct radio *r, struct bytes_view to_radio)
{
	size_t before = r->output.len;
	stream_write(&r->output, to_radio);
	if (r->output.failed) {
		r->output.failed = false;
		r->output.len = before;
		return false;
	}
	mt_radio_count(r, COUNT_PORT_SENT_FRAMES, 1);
	return true;
}

void
mt_radio_report(struct radio *r, const struct mt_outcome *o)
{
	struct radio_event *e = mt_radio_event(r, RADIO_SENT);
	if (e == NULL)
		return;
	e->request = o->request;
	e->sent = o->sent;
	e->reason = o->reason;
}

struct tree_view
mt_radio_cached(
    struct radio *r, const struct protobuf_table *t, uint32_t kind, uint32_t key)
{
	struct tree_view tree;
	struct bytes_view v = mt_cache_get(&r->cache, kind, key);
	if (protobuf_decode(t, v, &r->arena, &tree) != MESH_OK)
		return (struct tree_view){ NULL, 0 };
	return tree;
}
