#include "mt_ether.h"
#include "id.h"
#include "mt_opener.h"
#include "radio_counters.h"
#include <stdlib.h>

enum { DATAGRAM_MAX = 512, ARENA_BYTES = 98304, HEARD = 256, EVENTS = 1 };

/* A busy mesh sends a few packets a second; more is somebody who makes them up. */
enum { BURST = 50, EACH_MS = 100 };

struct heard {
	uint32_t from, id;
};
struct radio {
	struct mt_opener opener;
	struct heard heard[HEARD];
	size_t heard_next;
	mesh_time_ms
	    credit_ms; /* time that was not spent on packets, up to BURST of them */
	mesh_time_ms seen_ms;
	struct radio_event events[EVENTS]; /* of the last datagram */
	size_t event_next, event_count;
	struct arena arena;
	uint64_t counters[COUNT_RADIO_ALL];
	uint8_t datagram[DATAGRAM_MAX], arena_block[ARENA_BYTES];
};

static struct radio *
create(const struct radio_params *params)
{
	struct radio *r = calloc(1, sizeof *r);
	if (r == NULL)
		return NULL;
	mt_opener_take(&r->opener, params->keys);
	r->credit_ms = (mesh_time_ms)BURST * EACH_MS;
	return r;
}

static void
destroy(struct radio *r)
{
	bytes_wipe(&r->opener, sizeof r->opener);
	free(r);
}

static struct radio_event *
add_event(struct radio *r, enum radio_event_kind kind)
{
	struct radio_event *e = &r->events[r->event_count++];
	*e = (struct radio_event){ .kind = kind };
	return e;
}

static void
forget_events(struct radio *r)
{
	r->event_next = r->event_count = 0;
}

static void
link_down(struct radio *r, struct mesh_now now)
{
	(void)now;
	forget_events(r);
}

/* Nobody has to answer: to listen is all. */
static void
link_up(struct radio *r, struct mesh_now now)
{
	(void)now;
	forget_events(r);
	add_event(r, RADIO_READY);
}

/* Heard before?  Else it is from now on. */
static bool
is_copy(struct radio *r, const struct mt_packet *p)
{
	for (size_t i = 0; i < HEARD; i++)
		if (r->heard[i].id == p->id && r->heard[i].from == p->from)
			return true;
	r->heard[r->heard_next++ % HEARD] = (struct heard){ p->from, p->id };
	return false;
}

static bool
has_room(struct radio *r, mesh_time_ms now)
{
	const mesh_time_ms most = (mesh_time_ms)BURST * EACH_MS;
	r->credit_ms += now - r->seen_ms;
	if (r->credit_ms > most)
		r->credit_ms = most;
	r->seen_ms = now;
	if (r->credit_ms < EACH_MS)
		return false;
	r->credit_ms -= EACH_MS;
	return true;
}

/* The node at the other end of a direct message is one of the two. */
static bool
open_packet(struct radio *r, struct mt_packet *p, struct bytes_view *raw)
{
	const struct mt_opener *o = &r->opener;
	return mt_opener_open(o, p, raw, mt_opener_peer(o, p->from), &r->arena) ||
	    mt_opener_open(o, p, raw, mt_opener_peer(o, p->to), &r->arena);
}

static void
take_packet(struct radio *r, struct mt_packet *p, struct bytes_view raw, unix_ms now)
{
	const uint64_t levels = UINT64_C(1) << RECEPTION_RSSI |
	    UINT64_C(1) << RECEPTION_SNR;
	bool opened = open_packet(r, p, &raw);
	struct radio_reception *out = &add_event(r, RADIO_RECEPTION)->reception;
	mt_reception(p, raw, now, out);
	out->via |= VIA_UDP | (opened ? VIA_DECRYPTED : 0u);
	out->has = (out->has & ~levels) | UINT64_C(1) << RECEPTION_VIA;
	r->counters[opened ? COUNT_PORT_PACKETS_OPENED : COUNT_PORT_PACKETS_SHUT]++;
	mt_opener_hear(&r->opener, p, r->arena);
}

/* A sender that is nobody, or contents that were never sealed: no node does that. */
static bool
is_artefact(const struct mt_packet *p)
{
	struct id from = mt_node_id(p->from);
	return !id_is(&from) || p->id == 0 || (p->has & MT_HAS_ENCRYPTED) == 0;
}

static void
take(struct radio *r, struct bytes_view datagram, struct mesh_now now)
{
	struct mt_packet p;
	if (datagram.len > DATAGRAM_MAX) {
		r->counters[COUNT_PORT_FRAMES_TOO_LARGE]++;
		return;
	}
	memcpy(r->datagram, datagram.ptr, datagram.len);
	struct bytes_view raw = bytes_view(r->datagram, datagram.len);
	if (!mt_packet_read(raw, &p)) {
		r->counters[COUNT_PORT_FRAMES_MALFORMED]++;
		return;
	}
	r->counters[COUNT_PORT_FRAMES_TAKEN]++;
	r->counters[COUNT_PORT_PACKETS_SEEN]++;
	if (is_artefact(&p)) {
		r->counters[COUNT_PORT_PACKETS_ARTEFACT]++;
		return;
	}
	if (is_copy(r, &p)) {
		r->counters[COUNT_PORT_PACKETS_REPEATED]++;
		return;
	}
	if (!has_room(r, now.ms)) {
		r->counters[COUNT_PORT_PACKETS_DROPPED]++;
		return;
	}
	r->counters[COUNT_PORT_PACKETS_TAKEN]++;
	take_packet(r, &p, raw, now.unix_ms);
}

/* One datagram each time; who did not fetch what the last one said has lost it. */
static void
receive(struct radio *r, struct bytes_view bytes, struct mesh_now now)
{
	forget_events(r);
	r->arena = arena_init(r->arena_block, sizeof r->arena_block);
	r->counters[COUNT_PORT_BYTES_SEEN] += bytes.len;
	r->counters[COUNT_PORT_FRAMES_SEEN]++;
	take(r, bytes, now);
}

static void
tick(struct radio *r, struct mesh_now now)
{
	(void)r;
	(void)now;
}

static enum mesh_err
submit(struct radio *r, const struct radio_request *q, struct mesh_now now)
{
	(void)q;
	(void)now;
	r->counters[COUNT_PORT_SENT_REFUSED]++;
	return MESH_DENIED;
}

static size_t
text_max(const struct radio_request *q)
{
	(void)q;
	return 0; /* it only listens, here and below */
}

static uint32_t
airtime(const struct radio *r, const struct radio_request *q)
{
	(void)r;
	(void)q;
	return 0;
}

static bool
air(const struct radio *r, struct radio_air *out)
{
	(void)r;
	*out = (struct radio_air){ .transmits = false };
	return false;
}

static bool
next_bytes(struct radio *r, struct bytes_view *out)
{
	(void)r;
	*out = bytes_view(NULL, 0);
	return false;
}

static bool
next_event(struct radio *r, struct radio_event *out)
{
	if (r->event_next == r->event_count)
		return false;
	*out = r->events[r->event_next++];
	return true;
}

static mesh_time_ms
deadline(const struct radio *r)
{
	(void)r;
	return MESH_NEVER;
}

static uint64_t
counter(const struct radio *r, size_t index)
{
	return r->counters[index];
}

const struct radio_ops radio_meshtastic_udp_ops = {
	.name = "meshtastic-udp",
	.network = NETWORK_MESHTASTIC,
	.needs_link = true,
	.datagrams = true,
	.create = create,
	.destroy = destroy,
	.link_up = link_up,
	.link_down = link_down,
	.receive = receive,
	.tick = tick,
	.submit = submit,
	.text_max = text_max,
	.airtime = airtime,
	.air = air,
	.next_bytes = next_bytes,
	.next_event = next_event,
	.deadline = deadline,
	.counter = counter,
};
