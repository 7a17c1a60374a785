#include "id.h"
#include "mt_crypto.h"
#include "mt_ether.h"
#include "mt_keys.h"
#include "radio_counters.h"
#include "text.h"

static const struct radio_ops *const ops = &radio_meshtastic_udp_ops;
static struct radio *radio;
static struct mesh_now now;
static struct radio_event event;
static uint8_t block[4096];
static struct arena arena;

static void
start(struct text_view keys)
{
	const struct radio_params params = { .seed = 1, .keys = keys };
	if (radio != NULL)
		ops->destroy(radio);
	radio = ops->create(&params);
	now = (struct mesh_now){ .ms = 1000, .unix_ms = 1700000000000 };
	ops->link_up(radio, now);
	ck_assert(ops->next_event(radio, &event) && event.kind == RADIO_READY);
}

static void
setup(void)
{
	arena = arena_init(block, sizeof block);
	start(mt_crypto_lines(bytes_view(NULL, 0)));
}

static bool
next_of(enum radio_event_kind kind)
{
	while (ops->next_event(radio, &event))
		if (event.kind == kind)
			return true;
	return false;
}

static bool
hear(struct bytes_view datagram)
{
	ops->receive(radio, datagram, now);
	return next_of(RADIO_RECEPTION);
}

/* What the firmware sealed into this packet, or NULL: no channel's key opens it. */
static json_t *
truth_of(const char *session, const struct mt_packet *p)
{
	size_t i;
	json_t *o;
	json_array_foreach(mt_crypto("packets"), i, o)
	{
		const char *name = json_string_value(json_object_get(o, "session"));
		if (strncmp(session, name, strlen(name)) == 0 &&
		    mt_crypto_number(o, "from") == p->from &&
		    mt_crypto_number(o, "id") == p->id && !mt_crypto_is_direct(o))
			return o;
	}
	return NULL;
}

static size_t opened, shut;

static void
check_heard(const char *session, struct bytes_view datagram)
{
	struct mt_packet p, open;
	const struct radio_reception *r = &event.reception;
	ck_assert(mt_packet_read(datagram, &p));
	json_t *truth = truth_of(session, &p);
	ck_assert((r->via & VIA_UDP) != 0);
	ck_assert_uint_eq(r->has >> RECEPTION_RSSI & 1, 0);
	ck_assert_uint_eq(r->has >> RECEPTION_SNR & 1, 0);
	ck_assert_msg(((r->via & VIA_DECRYPTED) != 0) == (truth != NULL),
	    "%s: packet %08x", session, p.id);
	if (truth == NULL) {
		shut++;
		return;
	}
	arena_reset(&arena);
	struct bytes_view plain = mt_crypto_bytes(truth, "plaintext_hex", &arena);
	ck_assert(mt_packet_read(r->raw, &open));
	ck_assert_uint_eq(r->type, open.port);
	ck_assert(bytes_equal(
	    bytes_view(r->raw.ptr + r->raw.len - plain.len, plain.len), plain));
	opened++;
}

static void
play(const struct mt_recording *r)
{
	size_t len = strlen(r->name);
	if (len < 4 || strcmp(r->name + len - 4, ".udp") != 0)
		return;
	setup();
	for (size_t i = 0; i < r->count; i++) {
		struct bytes_view datagram = { r->chunks[i].ptr, r->chunks[i].len };
		now.ms += 1000;
		if (hear(datagram))
			check_heard(r->name, datagram);
	}
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_FRAMES_MALFORMED), 0);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_SEEN),
	    ops->counter(radio, COUNT_PORT_PACKETS_TAKEN) +
		ops->counter(radio, COUNT_PORT_PACKETS_ARTEFACT) +
		ops->counter(radio, COUNT_PORT_PACKETS_REPEATED));
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_DROPPED), 0);
}

START_TEST(recorded_datagrams_are_heard_once_and_opened)
{
	opened = shut = 0;
	mt_recordings(play);
	ck_assert_uint_ge(opened, 40);
	ck_assert_uint_ge(shut, 4); /* direct messages */
}

/* MeshPacket{from 17, to all, channel 8, encrypted, id, hop_limit 3} of "hello". */
static const char hello[] = "0d44332211"
			    "15ffffffff"
			    "1808"
			    "2a0b3342fa3868e1e66a735092"
			    "3504030201"
			    "4803";

START_TEST(the_copy_of_a_relay_is_no_second_reception)
{
	uint8_t relayed[128];
	struct bytes_view v = hex(hello);
	memcpy(relayed, v.ptr, v.len);
	size_t len = v.len;
	relayed[len - 1] = 2; /* hops that are left */
	ck_assert(hear(bytes_view(v.ptr, v.len)));
	ck_assert_uint_eq(event.reception.hop_limit, 3);
	ck_assert(!hear(bytes_view(relayed, len)));
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_REPEATED), 1);
}
START_TEST(what_no_node_sends_is_left_out)
{
	static const char *const rows[] = {
		"15ffffffff18082a0b3342fa3868e1e66a7350923504030201", /* from nobody */
		"0d4433221115ffffffff18082a0b3342fa3868e1e66a735092", /* without id */
		"0d4433221115ffffffff2209080112056"
		"8656c6c6f3504030201", /* in the clear */
	};
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_msg(!hear(hex(rows[i])), "row %zu", i);
	ck_assert_uint_eq(
	    ops->counter(radio, COUNT_PORT_PACKETS_ARTEFACT), LENGTH(rows));
	ck_assert(!hear(hex("0d443322")));
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_FRAMES_MALFORMED), 1);
}
START_TEST(a_direct_message_opens_once_its_sender_told_its_key)
{
	size_t i;
	json_t *o;
	json_array_foreach(
	    mt_crypto("packets"), i, o) if (mt_crypto_is_direct(o)) break;
	start(mt_crypto_lines(mt_crypto_bytes(o, "receiver_private", &arena)));
	uint8_t user_room[48], data_room[64], room[160], sealed_room[160];
	struct bytes_out user = bytes_out(user_room, sizeof user_room);
	struct bytes_out data = bytes_out(data_room, sizeof data_room);
	struct mt_packet p = { .from = mt_crypto_number(o, "from"), .id = 4711 };
	struct mt_channel_key key;
	ck_assert(mt_key_expand(hex("01"), &key));
	mt_put_bytes(&user, 8, mt_crypto_bytes(o, "sender_public", &arena));
	mt_put_number(&data, 1, MT_PORT_NODEINFO);
	mt_put_bytes(&data, 2, bytes_written(&user));
	size_t len = mt_keys_seal_channel(&key, &p, bytes_written(&data), sealed_room);
	struct bytes_out told = bytes_out(room, sizeof room);
	mt_put_packet(
	    &told, p.from, MT_BROADCAST, 4711, 8, bytes_view(sealed_room, len));
	ck_assert(hear(bytes_written(&told)));
	ck_assert((event.reception.via & VIA_DECRYPTED) != 0);
	struct bytes_out direct = bytes_out(room, sizeof room);
	mt_put_packet(&direct, p.from, mt_crypto_number(o, "to"),
	    mt_crypto_number(o, "id"), 0, mt_crypto_bytes(o, "encrypted", &arena));
	ck_assert(hear(bytes_written(&direct)));
	ck_assert((event.reception.via & VIA_DECRYPTED) != 0);
}
/* More than a mesh can send is somebody who makes it up: records last. */
START_TEST(a_flood_is_held_to_what_a_mesh_can_send)
{
	uint8_t room[128];
	size_t taken = 0;
	for (uint32_t i = 0; i < 1000; i++) {
		struct bytes_out out = bytes_out(room, sizeof room);
		mt_put_packet(
		    &out, 0x1000 + i, MT_BROADCAST, 1 + i, 8, hex("01020304"));
		taken += hear(bytes_written(&out));
	}
	ck_assert_uint_eq(taken, 50);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_DROPPED), 950);
	now.ms += 1000;
	for (uint32_t i = 0; i < 100; i++) {
		struct bytes_out out = bytes_out(room, sizeof room);
		mt_put_packet(
		    &out, 0x9000 + i, MT_BROADCAST, 1 + i, 8, hex("01020304"));
		taken += hear(bytes_written(&out));
	}
	ck_assert_uint_eq(taken, 60);
}
START_TEST(it_never_transmits)
{
	struct bytes_view bytes;
	const struct radio_request q = {
		.request = 1, .kind = REQUEST_TEXT, .body = hex("6869")
	};
	ck_assert_int_eq(ops->submit(radio, &q, now), MESH_DENIED);
	ck_assert(!ops->next_bytes(radio, &bytes));
	ck_assert_uint_eq(ops->deadline(radio), MESH_NEVER);
}
CHECK_MODULE(mt_ether, setup, recorded_datagrams_are_heard_once_and_opened,
    the_copy_of_a_relay_is_no_second_reception, what_no_node_sends_is_left_out,
    a_direct_message_opens_once_its_sender_told_its_key,
    a_flood_is_held_to_what_a_mesh_can_send, it_never_transmits)
