#include "mt_order.h"
#include "id.h"
#include "mt_settings.h"

enum { ORDER_HOPS = 3 }; /* as the official client says; they lead nowhere */

/* For the log alone: without room for it nothing waits. */
static void
tell_tended(struct radio *r, enum radio_tended what, enum radio_sent sent)
{
	struct radio_event *e = mt_radio_event(r, RADIO_TENDED);
	if (e == NULL)
		return;
	e->reason = (uint16_t)what;
	e->sent = sent;
}

static void
settle_clock(struct radio *r, enum radio_sent sent)
{
	bool told = r->clock.step == MT_CLOCK_SET ||
	    r->clock.step == MT_CLOCK_LOOK_AGAIN;
	if (sent != SENT_ACKED) {
		mt_clock_stop(&r->clock);
		if (told)
			tell_tended(r, TENDED_CLOCK, SENT_FAILED);
		return;
	}
	enum mt_clock_news news = mt_clock_answered(
	    &r->clock, r->answer_time, r->now.unix_ms);
	mt_radio_count(r, COUNT_PORT_CLOCK_RIGHT, news == MT_CLOCK_RIGHT);
	mt_radio_count(r, COUNT_PORT_CLOCK_SET, news == MT_CLOCK_WAS_SET);
	mt_radio_count(r, COUNT_PORT_CLOCK_KEPT, news == MT_CLOCK_KEPT);
	if (news == MT_CLOCK_WAS_SET || news == MT_CLOCK_KEPT)
		tell_tended(r, TENDED_CLOCK,
		    news == MT_CLOCK_WAS_SET ? SENT_ACKED : SENT_FAILED);
}

static void
report(struct radio *r)
{
	struct mt_admin_outcome o;
	if (!mt_radio_has_room(r) || !mt_admin_outcome(&r->admin, &o))
		return; /* no room for its event: at the next tick */
	if (o.order == 0) {
		settle_clock(r, o.sent);
		return;
	}
	struct radio_event *e = mt_radio_event(r, RADIO_ORDERED);
	if (e == NULL)
		return;
	e->request = o.order;
	e->sent = o.sent;
	e->reason = o.reason;
	e->question = o.question;
}

/* --- telling --- */

static enum mesh_err
ask_for(struct radio *r, const struct radio_order *o)
{
	struct mt_section s;
	size_t index;
	uint8_t block[16], orders_block[32];
	struct bytes_out message = bytes_out(block, sizeof block);
	struct bytes_out orders = bytes_out(orders_block, sizeof orders_block);
	if (!mt_section_named(o->section, r->handshake.my_node, &s, &index) ||
	    s.get == 0)
		return MESH_MALFORMED;
	protobuf_put_key(&message, s.get, WIRE_VARINT);
	protobuf_put_varint(&message, s.of);
	mt_admin_put(&orders, bytes_written(&message));
	enum mesh_err err = mt_admin_begin(
	    &r->admin, MT_ADMIN_TELL, o->order, bytes_written(&orders), r->now.ms);
	if (err == MESH_OK)
		r->asked_section = index;
	return err;
}

enum mesh_err
mt_order_administer(struct radio *r, const struct radio_order *o)
{
	struct id self = mt_node_id(r->handshake.my_node);
	if (!r->ready || !id_is(&self)) /* else it would go to everybody */
		return MESH_FULL;
	if (o->kind == ORDER_TELL)
		return ask_for(r, o);
	return mt_admin_begin(
	    &r->admin, MT_ADMIN_APPLY, o->order, o->orders, r->now.ms);
}

static void
send_next(struct radio *r)
{
	uint8_t block[STREAM_PAYLOAD_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	bool asks = r->admin.kind == MT_ADMIN_TELL;
	struct bytes_view message;
	if (!mt_admin_is_due(&r->admin, r->now.ms))
		return;
	uint32_t id = mt_handshake_random(&r->handshake);
	if (!mt_admin_next(&r->admin, id, r->now.ms, &message))
		return;
	mt_put_message(&out,
	    &(struct mt_message){ .to = r->handshake.my_node,
		.id = id,
		.port = MT_PORT_ADMIN,
		.hop_limit = ORDER_HOPS,
		.want_ack = 1,
		.want_response = asks,
		.payload = message });
	(void)mt_radio_send(r, bytes_written(&out)); /* no room: it has no answer */
	if (r->admin.kind == MT_ADMIN_FORGET)
		tell_tended(r, TENDED_RESTART, SENT_ACCEPTED);
	bytes_wipe(block, sizeof block);
}

/* Between the orders of others. */
static void
tend_clock(struct radio *r)
{
	uint8_t block[16], orders_block[32];
	struct bytes_out message = bytes_out(block, sizeof block);
	struct bytes_out orders = bytes_out(orders_block, sizeof orders_block);
	struct id self = mt_node_id(r->handshake.my_node);
	bool says = r->clock.step == MT_CLOCK_SET;
	if (!id_is(&self))
		mt_clock_stop(&r->clock);
	if (r->admin.kind != MT_ADMIN_NONE ||
	    !mt_clock_message(&r->clock, r->now.unix_ms, &message))
		return;
	mt_admin_put(&orders, bytes_written(&message));
	r->asked_section = SIZE_MAX;
	if (mt_admin_begin(&r->admin, says ? MT_ADMIN_SAY : MT_ADMIN_TELL, 0,
		bytes_written(&orders), r->now.ms) != MESH_OK)
		mt_clock_stop(&r->clock);
}

void
mt_order_ready(struct radio *r, bool anew)
{
	mt_admin_back(&r->admin, anew, r->now.ms);
	mt_clock_begin(&r->clock);
}

/* What it says now is what counts, whether it started anew or not. */
static void
read_again(struct radio *r)
{
	r->ready = false;
	mt_handshake_restart(&r->handshake, r->now.ms);
}

void
mt_order_tick(struct radio *r)
{
	mt_admin_tick(&r->admin, r->now.ms);
	report(r);
	if (r->ready)
		tend_clock(r);
	if (r->ready)
		send_next(r);
	if (mt_admin_rereads(&r->admin, r->now.ms))
		read_again(r);
}

/* --- hearing --- */

/* The contents of a response are those of the message that the handshake has; only of
 * the owner it has more. */
static void
keep_told(struct radio *r, struct bytes_view told)
{
	uint8_t block[STREAM_PAYLOAD_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct bytes_in in = bytes_in(told);
	struct protobuf_item item;
	struct mt_section s;
	bool answered = false; /* a text may be empty */
	if (!mt_section_at(r->asked_section, r->handshake.my_node, &s))
		return;
	while (protobuf_next(&in, &item)) {
		if (item.number != s.get + 1 || item.wire != WIRE_LEN)
			continue;
		if (s.asked && item.bytes.len > 0) {
			protobuf_put_key(&out, s.set, WIRE_LEN);
			protobuf_put_varint(&out, item.bytes.len);
		}
		if (s.kind == FROM_NODE_INFO) {
			bytes_put_view(&out, mt_cache_get(&r->cache, s.kind, s.key));
			protobuf_put_key(&out, s.member, WIRE_LEN);
			protobuf_put_varint(&out, item.bytes.len);
		}
		bytes_put_view(&out, item.bytes);
		answered = true;
	}
	if (answered && (out.len > 0 || s.asked) && !out.failed)
		(void)mt_cache_put(&r->cache, s.kind, s.key, bytes_written(&out));
}

bool
mt_order_hear(struct radio *r, const struct mt_packet *p)
{
	struct bytes_view told;
	if (!mt_admin_hear(&r->admin, p, r->handshake.my_node, r->now.ms, &told))
		return false;
	mt_radio_count(r, COUNT_PORT_PACKETS_ADMIN, 1);
	r->answer_time = p->rx_time;
	keep_told(r, told);
	report(r);
	return true;
}

void
mt_order_lost(struct radio *r)
{
	mt_admin_lost(&r->admin);
	mt_clock_stop(&r->clock);
	report(r);
}

mesh_time_ms
mt_order_deadline(const struct radio *r)
{
	if (r->admin.ended)
		return r->now.ms;
	if (!r->ready)
		return MESH_NEVER;
	bool clock = r->clock.step != MT_CLOCK_REST && r->admin.kind == MT_ADMIN_NONE;
	return clock ? r->now.ms : mt_admin_deadline(&r->admin);
}
