#include "mt_driver.h"
#include "mt_handshake.h"
#include "mt_session.h"
#include "stream.h"

const struct radio_ops *const ops = &radio_meshtastic_ops;
struct radio *radio;
struct mesh_now now;
struct radio_event event;
struct bytes_view bytes;

void
mt_driver_start(struct text_view keys)
{
	const struct radio_params params = {
		.seed = 7, .heartbeat_ms = 30000, .silence_ms = 90000, .keys = keys
	};
	now = (struct mesh_now){ .ms = 1000, .unix_ms = 1700000000000 };
	if (radio != NULL)
		ops->destroy(radio);
	radio = ops->create(&params);
	ops->link_up(radio, now);
}

void
wait_ms(uint32_t ms)
{
	now.ms += ms;
	now.unix_ms += ms;
	ops->tick(radio, now);
}

void
say(struct bytes_view payload)
{
	uint8_t block[STREAM_FRAME_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	stream_write(&out, payload);
	ops->receive(radio, bytes_written(&out), now);
}

void
say_member(uint32_t number, struct bytes_view message)
{
	uint8_t block[STREAM_PAYLOAD_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	protobuf_put_key(&out, number, WIRE_LEN);
	protobuf_put_varint(&out, message.len);
	bytes_put_view(&out, message);
	say(bytes_written(&out));
}

void
say_packet(const char *fields)
{
	say_member(2, hex(fields));
}

bool
next_of(enum radio_event_kind kind)
{
	while (ops->next_event(radio, &event))
		if (event.kind == kind)
			return true;
	return false;
}

struct protobuf_item
sent(void)
{
	static uint8_t copy[1024];
	struct protobuf_item item = { 0 };
	if (!ops->next_bytes(radio, &bytes))
		return item;
	ck_assert_uint_ge(bytes.len, 4);
	memcpy(copy, bytes.ptr, bytes.len);
	struct bytes_in in = bytes_in(bytes_view(copy + 4, bytes.len - 4));
	ck_assert(protobuf_next(&in, &item));
	return item;
}

uint32_t
ask(void)
{
	ck_assert(ops->next_bytes(radio, &bytes)); /* wake-up */
	wait_ms(MT_WAKE_MS);
	struct protobuf_item item = sent();
	ck_assert_uint_eq(item.number, 3);
	return (uint32_t)item.value;
}

void
complete(uint32_t nonce)
{
	uint8_t block[8];
	struct bytes_out out = bytes_out(block, sizeof block);
	protobuf_put_key(&out, 7, WIRE_VARINT);
	protobuf_put_varint(&out, nonce);
	say(bytes_written(&out));
}

void
become_ready(void)
{
	uint32_t nonce = ask();
	say(hex("1a04081058"
		"01"));
	say(hex("6a0c0a0a322e372e32362e353465")); /* firmware 2.7.26.54e */
	complete(nonce);
	ck_assert(next_of(RADIO_READY));
}
