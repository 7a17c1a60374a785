#include "mt_radio.h"
#include "id.h"

void
mt_radio_count(struct radio *r, unsigned counter, uint64_t n)
{
	r->counters[counter] += n;
}

bool
mt_radio_has_room(const struct radio *r)
{
	return r->event_next == r->event_count || r->event_count < EVENTS;
}

struct radio_event *
mt_radio_event(struct radio *r, enum radio_event_kind kind)
{
	if (!mt_radio_has_room(r))
		return NULL;
	if (r->event_next == r->event_count)
		r->event_next = r->event_count = 0;
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

/* Others hear it from here on, so it is a packet like any other. */
static void
echo(struct radio *r, struct bytes_view copy)
{
	struct mt_packet p;
	mt_radio_count(r, COUNT_PORT_PACKETS_SEEN, 1);
	struct radio_event *e = mt_packet_read(copy, &p)
	    ? mt_radio_event(r, RADIO_RECEPTION)
	    : NULL;
	if (e == NULL) {
		mt_radio_count(r, COUNT_PORT_PACKETS_DROPPED, 1);
		return;
	}
	mt_reception(&p, copy, r->now.unix_ms, &e->reception);
	e->reception.via |= VIA_ECHO;
	e->reception.has |= UINT64_C(1) << RECEPTION_VIA;
	mt_radio_count(r, COUNT_PORT_PACKETS_TAKEN, 1);
}

void
mt_radio_report(struct radio *r, const struct mt_outcome *o)
{
	bool answered = o->sent == SENT_ANSWERED;
	if (o->copy.len > 0)
		echo(r, o->copy);
	struct radio_event *e = mt_radio_event(r, RADIO_SENT);
	if (e == NULL)
		return;
	e->request = o->request;
	e->sent = o->sent;
	e->reason = o->reason;
	e->packet = id_of_packet(ID_MT_PACKET,
	    answered ? o->answer_from : r->handshake.my_node,
	    answered ? o->answer : o->packet);
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
