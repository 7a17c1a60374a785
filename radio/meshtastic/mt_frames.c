#include "mt_frames.h"
#include "mt_air.h"
#include "mt_envelope.h"
#include "mt_facts.h"
#include "mt_odd.h"
#include "mt_opening.h"
#include "mt_order.h"
#include "mt_own.h"
#include "text.h"

/* 2020: a radio without a clock starts in 1970. */
#define CLOCK_WAS_SET_S 1577836800U

struct frame_in {        /* one FromRadio */
	uint32_t number; /* which member */
	uint64_t value;
	struct bytes_view bytes;
	struct tree_view tree; /* all of it */
};

/* --- frames: configuration --- */

static struct tree_view
member(const struct frame_in *f)
{
	/* A FromRadio has one member, behind at most an id. */
	for (size_t i = 0; i < f->tree.count; i += f->tree.items[i].span)
		if (f->tree.items[i].kind == TREE_MAP)
			return (struct tree_view){ &f->tree.items[i + 1],
				f->tree.items[i].span - 1 };
	return (struct tree_view){ NULL, 0 };
}

static uint32_t
number_in(struct tree_view tree, const char *name)
{
	int64_t n = 0;
	return tree_i64(tree, name, &n) ? (uint32_t)n : 0;
}

static uint32_t
cache_key(const struct radio *r, const struct frame_in *f)
{
	struct bytes_in in = bytes_in(f->bytes);
	struct protobuf_item first;
	switch (f->number) {
	case FROM_NODE_INFO:
		return number_in(member(f), "num");
	case FROM_CHANNEL:
		return number_in(member(f), "index");
	case FROM_CONFIG:
	case FROM_MODULE_CONFIG:
		return protobuf_next(&in, &first) ? first.number : 0;
	case FROM_FILE_INFO:
		return (uint32_t)mt_cache_count(&r->cache, FROM_FILE_INFO);
	}
	return 0;
}

static void
keep_frame(struct radio *r, const struct frame_in *f)
{
	if (!mt_cache_put(&r->cache, f->number, cache_key(r, f), f->bytes))
		mt_radio_count(r, COUNT_PORT_CACHE_DROPPED, 1);
}

static void
on_my_info(struct radio *r, const struct frame_in *f)
{
	r->handshake.my_node = number_in(member(f), "my_node_num");
	r->starts = number_in(member(f), "reboot_count");
	keep_frame(r, f);
}

static void
on_node_info(struct radio *r, const struct frame_in *f)
{
	struct id node = mt_node_id(number_in(member(f), "num"));
	if (!id_is(&node))
		return; /* pseudo nodes of old radios */
	keep_frame(r, f);
	mt_radio_count(r, COUNT_PORT_NODES_TAKEN, 1);
	struct tree_view facts = mt_facts_node(
	    member(f), (struct tree_view){ NULL, 0 }, &r->arena);
	struct radio_event *e = facts.count > 0 ? mt_radio_event(r, RADIO_NODE) : NULL;
	if (e == NULL)
		return;
	e->node = node;
	e->facts = facts;
}

static void
learn_version(struct radio *r, uint32_t major, uint32_t minor)
{
	enum { ANSWERS = 7, RECALLS = 8 };
	r->answers = major > 2 || (major == 2 && minor >= ANSWERS);
	r->recalls = major > 2 || (major == 2 && minor >= RECALLS);
}

static void
on_metadata(struct radio *r, const struct frame_in *f)
{
	uint64_t major = 0, minor = 0;
	struct text_view v = tree_text(member(f), "firmware_version");
	const char *dot = v.len > 0 ? memchr(v.ptr, '.', v.len) : NULL;
	keep_frame(r, f);
	if (dot == NULL)
		return;
	struct text_view head = { v.ptr, (size_t)(dot - v.ptr) };
	struct text_view tail = { dot + 1, v.len - head.len - 1 };
	const char *end = memchr(tail.ptr, '.', tail.len);
	if (end != NULL)
		tail.len = (size_t)(end - tail.ptr);
	if (text_parse_u64(head, &major) == MESH_OK &&
	    text_parse_u64(tail, &minor) == MESH_OK)
		learn_version(r, (uint32_t)major, (uint32_t)minor);
}

static void
tell_change(struct radio *r, enum radio_change change)
{
	struct radio_event *e = change != CHANGE_NONE ? mt_radio_event(r, RADIO_CHANGED)
						      : NULL;
	if (e == NULL)
		return;
	e->node = mt_node_id(r->handshake.my_node);
	e->reason = (uint16_t)change;
}

static void
on_config_complete(struct radio *r, const struct frame_in *f)
{
	if (!mt_handshake_complete(&r->handshake, (uint32_t)f->value))
		return; /* the end of an answer to somebody else, or to an older
			   question */
	uint32_t me = r->handshake.my_node;
	enum radio_change change = mt_identity_learn(&r->identity, me, r->starts);
	tell_change(r, change);
	struct radio_event *e = mt_radio_event(r, RADIO_READY);
	mt_radio_count(r, COUNT_PORT_HANDSHAKES_DONE, 1);
	mt_opening_learn(r);
	mt_air_learn(r);
	r->ready = true;
	mt_order_ready(r, change != CHANGE_NONE);
	r->unanswered = 0;
	r->heartbeat_due_ms = r->now.ms + r->heartbeat_ms;
	if (e == NULL)
		return;
	struct tree_view metadata = mt_radio_cached(
	    r, &mt_device_metadata, FROM_METADATA, 0);
	e->node = mt_node_id(me);
	e->facts = mt_facts_node(
	    mt_radio_cached(r, &mt_node_info, FROM_NODE_INFO, me), metadata, &r->arena);
}

static void
on_rebooted(struct radio *r, const struct frame_in *f)
{
	if (f->value == 0)
		return;
	r->ready = false;
	mt_order_lost(r);
	mt_identity_restarted(&r->identity);
	mt_handshake_restart(&r->handshake, r->now.ms);
}

/* --- frames: traffic --- */

static void
on_queue_status(struct radio *r, const struct frame_in *f)
{
	struct tree_view status = member(f);
	struct mt_outcome outcome;
	int64_t res = 0;
	uint32_t packet = number_in(status, "mesh_packet_id");
	(void)tree_i64(status, "res", &res);
	uint32_t free_places = number_in(status, "free");
	r->air.queue_free = free_places < UINT8_MAX ? (uint8_t)free_places : UINT8_MAX;
	if (mt_delivery_queued(
		&r->delivery, packet, (int32_t)res, free_places, &outcome))
		mt_radio_report(r, &outcome);
	if (packet != 0 || r->unanswered == 0)
		return;
	mt_radio_count(r, COUNT_PORT_HEARTBEATS_ANSWERED, 1);
	r->unanswered = 0;
	r->answers = true;
}

/* A radio on a simulated air gives each transmission back: as port 69, or, if it was
 * encrypted for one node, as a damaged copy.  A real radio never shows its own packets
 * encrypted, nor marks as decrypted what it could not decrypt. */
static bool
is_artefact(const struct radio *r, const struct mt_packet *p)
{
	if ((p->has & MT_HAS_ENCRYPTED) != 0)
		return p->from == r->handshake.my_node || p->pki_encrypted;
	return p->port == MT_PORT_SIMULATOR;
}

/* Since 2.8 a radio tells each client what it remembers of others as packets that
 * nobody has just sent.  They keep their old time, and lack what every reception by air
 * has: how strong it was. */
static bool
is_recalled(const struct radio *r, const struct mt_packet *p, struct mesh_now at)
{
	bool kind = p->port == MT_PORT_POSITION || p->port == MT_PORT_TELEMETRY ||
	    p->port == MT_PORT_NODE_STATUS;
	bool by_air = mt_packet_via(p) == 0;
	bool others = p->from != 0 && p->from != r->handshake.my_node;
	bool old = (unix_ms)p->rx_time * 1000 < at.unix_ms - (unix_ms)GRACE_MS;
	return r->recalls && kind && by_air && others && old && p->rssi == 0;
}

/* Told as what the radio knows of a node, for that is what it is. */
static void
recall(struct radio *r, const struct mt_packet *p)
{
	struct tree_view facts = mt_facts_sender(p, &r->arena);
	struct radio_event *e = facts.count > 0 ? mt_radio_event(r, RADIO_NODE) : NULL;
	mt_radio_count(r, COUNT_PORT_PACKETS_RECALLED, 1);
	if (e == NULL)
		return;
	e->node = mt_node_id(p->from);
	e->facts = facts;
}

static uint32_t
via_of(const struct radio *r, const struct mt_packet *p)
{
	uint32_t via = 0;
	if (p->from == 0 || p->from == r->handshake.my_node)
		via |= VIA_ECHO;
	if (p->rx_time >= CLOCK_WAS_SET_S &&
	    (unix_ms)p->rx_time * 1000 < r->up_unix_ms - (unix_ms)GRACE_MS)
		via |= VIA_BACKLOG; /* heard before we were there, or told again */
	return via;
}

static void
count_oddities(struct radio *r, unsigned odd)
{
	static const unsigned counters[MT_ODDITIES] = {
		[MT_ODD_PORT] = COUNT_PORT_PACKETS_UNKNOWN,
		[MT_ODD_CONTENTS] = COUNT_PORT_PACKETS_UNREADABLE,
		[MT_ODD_WORD] = COUNT_PORT_PACKETS_UNWORDED,
		[MT_ODD_TEXT] = COUNT_PORT_PACKETS_UNTIDY,
		[MT_ODD_CLOCK] = COUNT_PORT_PACKETS_MISDATED,
		[MT_ODD_HOPS] = COUNT_PORT_PACKETS_ODD_HOPS,
		[MT_ODD_SIGNAL] = COUNT_PORT_PACKETS_ODD_SIGNAL,
	};
	for (unsigned i = 0; odd >> i != 0; i++)
		if ((odd >> i & 1) != 0)
			mt_radio_count(r, counters[i], 1);
}

/* `via`: what only the way it came says. */
static void
receive_packet(struct radio *r, const struct mt_packet *packet, struct bytes_view raw,
    struct mesh_now at, uint32_t via)
{
	struct mt_packet p = *packet;
	struct mt_outcome outcome;
	struct radio_event *e = mt_radio_event(r, RADIO_RECEPTION);
	if (e == NULL) {
		mt_radio_count(r, COUNT_PORT_PACKETS_DROPPED, 1);
		return;
	}
	bool sealed = (p.has & MT_HAS_ENCRYPTED) != 0;
	bool opened = sealed && mt_opening_open(r, &p, &raw);
	mt_reception(&p, raw, at.unix_ms, &e->reception);
	e->reception.via |= via | via_of(r, &p) | (opened ? VIA_DECRYPTED : 0u);
	if (e->reception.via != 0)
		e->reception.has |= UINT64_C(1) << RECEPTION_VIA;
	mt_radio_count(r, COUNT_PORT_PACKETS_TAKEN, 1);
	count_oddities(r, mt_odd(&p, at.unix_ms));
	if (sealed)
		mt_radio_count(
		    r, opened ? COUNT_PORT_PACKETS_OPENED : COUNT_PORT_PACKETS_SHUT, 1);
	if (mt_delivery_routed(&r->delivery, &p, r->handshake.my_node, &outcome))
		mt_radio_report(r, &outcome);
	mt_air_hear(r, &p);
	mt_own_hear(r, &p);
	mt_opener_hear(&r->opener, &p, r->arena);
}

static void
take_packet(struct radio *r, struct bytes_view raw, struct mesh_now at, bool early)
{
	struct mt_packet p;
	if (!mt_packet_read(raw, &p) || is_artefact(r, &p))
		mt_radio_count(r, COUNT_PORT_PACKETS_ARTEFACT, 1);
	else if (mt_order_hear(r, &p))
		return;
	else if (is_recalled(r, &p, at))
		recall(r, &p);
	else if (mt_repeats_is(&r->repeats, &p, at.ms))
		mt_radio_count(r, COUNT_PORT_PACKETS_REPEATED, 1);
	else
		receive_packet(r, &p, raw, at, early ? VIA_BACKLOG : 0);
}

static void
on_packet(struct radio *r, const struct frame_in *f)
{
	mt_radio_count(r, COUNT_PORT_PACKETS_SEEN, 1);
	if (!r->ready && mt_hold_put(&r->hold, f->bytes, r->now))
		mt_radio_count(r, COUNT_PORT_PACKETS_EARLY, 1);
	else
		take_packet(r, f->bytes, r->now, !r->ready);
}

/* No radio hands on what it made up itself; and who has no number cannot be told from
 * others. */
static void
take_enveloped(struct radio *r, const struct mt_packet *p, struct bytes_view raw)
{
	struct id from = mt_node_id(p->from);
	mt_radio_count(r, COUNT_PORT_PACKETS_SEEN, 1);
	if (!id_is(&from) || p->id == 0 || p->port == MT_PORT_SIMULATOR)
		mt_radio_count(r, COUNT_PORT_PACKETS_ARTEFACT, 1);
	else if (mt_repeats_is(&r->repeats, p, r->now.ms))
		mt_radio_count(r, COUNT_PORT_PACKETS_REPEATED, 1);
	else
		receive_packet(r, p, raw, r->now, VIA_PROXY);
}

static unsigned
counter_of(const struct radio *r, enum mt_envelope what, const struct mt_packet *p)
{
	switch (what) {
	case MT_ENVELOPE_MALFORMED:
		return COUNT_PORT_ENVELOPES_MALFORMED;
	case MT_ENVELOPE_FOREIGN:
		return COUNT_PORT_ENVELOPES_FOREIGN;
	case MT_ENVELOPE_KNOWN:
		return COUNT_PORT_ENVELOPES_KNOWN;
	case MT_ENVELOPE_TAKEN:
		break;
	}
	return p->from == r->handshake.my_node && mt_delivery_knows(&r->delivery, p->id)
	    ? COUNT_PORT_ENVELOPES_KNOWN
	    : COUNT_PORT_ENVELOPES_TAKEN;
}

static void
on_envelope(struct radio *r, const struct frame_in *f)
{
	struct mt_packet p = { 0 };
	struct bytes_view raw;
	unsigned counter = COUNT_PORT_ENVELOPES_OFF;
	if (r->hears_proxy)
		counter = counter_of(
		    r, mt_envelope_read(f->bytes, r->handshake.my_node, &raw, &p), &p);
	mt_radio_count(r, COUNT_PORT_ENVELOPES_SEEN, 1);
	mt_radio_count(r, counter, 1);
	if (counter == COUNT_PORT_ENVELOPES_TAKEN)
		take_enveloped(r, &p, raw);
}

bool
mt_frames_release(struct radio *r)
{
	bool asks = r->handshake.state == MT_HANDSHAKE_WAKING ||
	    r->handshake.state == MT_HANDSHAKE_ASKED;
	if (asks && r->now.ms < mt_hold_deadline(&r->hold))
		return false;
	const struct mt_held *held = mt_hold_take(&r->hold);
	if (held == NULL)
		return false;
	r->arena = arena_init(r->arena_block, sizeof r->arena_block);
	take_packet(r, bytes_view(held->bytes, held->len), held->at, true);
	return true;
}

static const struct {
	uint32_t number;
	void (*handle)(struct radio *r, const struct frame_in *f);
} handlers[] = {
	{ FROM_PACKET, on_packet },
	{ FROM_MY_INFO, on_my_info },
	{ FROM_NODE_INFO, on_node_info },
	{ FROM_CONFIG, keep_frame },
	{ FROM_CONFIG_COMPLETE, on_config_complete },
	{ FROM_REBOOTED, on_rebooted },
	{ FROM_MODULE_CONFIG, keep_frame },
	{ FROM_CHANNEL, keep_frame },
	{ FROM_QUEUE_STATUS, on_queue_status },
	{ FROM_METADATA, on_metadata },
	{ FROM_MQTT, on_envelope },
	{ FROM_FILE_INFO, keep_frame },
	{ FROM_DEVICE_UI, keep_frame },
};

/* The last member is the one that counts; the message was already found to be sound. */
static struct frame_in
frame_of(struct bytes_view payload, struct tree_view tree)
{
	struct frame_in f = { .tree = tree };
	struct bytes_in in = bytes_in(payload);
	struct protobuf_item item;
	while (protobuf_next(&in, &item)) {
		const struct protobuf_field *row = protobuf_row(
		    &mt_from_radio, item.number);
		if (row == NULL || row->rule < PROTOBUF_ONEOF ||
		    protobuf_wire_of(row->kind) != item.wire)
			continue;
		f.number = item.number;
		f.value = item.value;
		f.bytes = item.bytes;
	}
	return f;
}

static void
handle(struct radio *r, struct bytes_view payload, struct tree_view tree)
{
	struct frame_in f = frame_of(payload, tree);
	mt_radio_count(
	    r, f.number == 0 ? COUNT_PORT_FRAMES_EMPTY : COUNT_PORT_FRAMES_TAKEN, 1);
	r->heard_ms = r->now.ms;
	mt_handshake_progress(&r->handshake, r->now.ms);
	for (size_t i = 0; i < LENGTH(handlers); i++)
		if (handlers[i].number == f.number)
			handlers[i].handle(r, &f);
}

void
mt_frames_take(struct radio *r, const struct stream_frame *frame)
{
	struct tree_view tree;
	r->arena = arena_init(r->arena_block, sizeof r->arena_block);
	enum mesh_err err = protobuf_decode(
	    &mt_from_radio, frame->payload, &r->arena, &tree);
	mt_radio_count(r, COUNT_PORT_FRAMES_SEEN, 1);
	if (err == MESH_OK) {
		handle(r, frame->payload, tree);
	} else if (err == MESH_FULL) {
		mt_radio_count(r, COUNT_PORT_FRAMES_TOO_LARGE, 1);
	} else {
		mt_radio_count(r, COUNT_PORT_FRAMES_MALFORMED, 1);
		stream_refuse(&r->stream, frame);
	}
}
