/* Every recorded session, field by field against the official library's decoding. */
#include "arena.h"
#include "check_mesh.h"
#include "id.h"
#include "inspect.h"
#include "mt_codec.h"
#include "mt_recording.h"
#include "mt_words.h"
#include "radio_counters.h"
#include "stream.h"
#include "text.h"

enum { ARENA = 1 << 17, FEW_SESSIONS = 60 };
static uint8_t arena_block[ARENA];
static size_t frames_seen, receptions_seen, ready_seen;

static void
setup(void)
{
	frames_seen = receptions_seen = ready_seen = 0;
}

/* --- contents --- */

static void check_inner(
    uint32_t port, struct bytes_view, json_t *, struct arena *, const char *where);

static uint32_t
port_of(const struct tree_item *item)
{
	if (item == NULL)
		return 0;
	for (const struct protobuf_word *w = mt_words_ports; w->name != NULL; w++)
		if (item->kind == TREE_TEXT && text_is(item->as.text, w->name))
			return (uint32_t)w->value;
	ck_assert_int_eq(item->kind, TREE_I64);
	return (uint32_t)item->as.i;
}

static struct bytes_view
bytes_of(const struct tree_item *item)
{
	return item != NULL && item->kind == TREE_BYTES ? item->as.bytes
							: bytes_view(NULL, 0);
}

static void
check_packet_inner(
    struct bytes_view raw, json_t *inner, struct arena *arena, const char *where)
{
	struct mt_packet p;
	ck_assert_msg(mt_packet_read(raw, &p), "%s: not a packet", where);
	if ((p.has & MT_HAS_DECODED) != 0)
		check_inner(p.port, p.payload, inner, arena, where);
}

static void
check_envelope(
    struct bytes_view data, json_t *inner, struct arena *arena, const char *where)
{
	struct tree_view tree;
	struct bytes_in in = bytes_in(data);
	struct protobuf_item f;
	ck_assert_int_eq(
	    protobuf_decode(&mt_service_envelope, data, arena, &tree), MESH_OK);
	mt_compare(tree, json_object_get(inner, "payload_msg"), where);
	while (protobuf_next(&in, &f))
		if (f.number == 1)
			check_packet_inner(f.bytes,
			    json_object_get(inner, "packet_inner"), arena, where);
}

static void
check_inner(uint32_t port, struct bytes_view payload, json_t *inner,
    struct arena *arena, const char *where)
{
	json_t *message = json_object_get(inner, "payload_msg");
	json_t *plain = json_object_get(inner, "payload_text");
	json_t *compressed = json_object_get(inner, "compressed_inner");
	const struct protobuf_table *table = mt_payload_table(port);
	struct tree_view tree;
	if (plain != NULL) {
		struct text_view v = { (const char *)payload.ptr, payload.len };
		ck_assert_msg(mt_port_is_text(port), "%s: port %u", where, port);
		ck_assert_msg(text_is(v, json_string_value(plain)), "%s: text", where);
	}
	if (message == NULL)
		return;
	ck_assert_msg(table != NULL, "%s: no table for port %u", where, port);
	ck_assert_str_eq(
	    table->name, json_string_value(json_object_get(inner, "payload_type")));
	ck_assert_int_eq(protobuf_decode(table, payload, arena, &tree), MESH_OK);
	mt_compare(tree, message, where);
	if (compressed != NULL)
		check_inner(port_of(tree_find(tree, text("portnum"))),
		    bytes_of(tree_find(tree, text("data"))), compressed, arena, where);
}

/* --- frames --- */

static void
check_reencoded(const struct protobuf_table *table, struct tree_view tree,
    struct arena *arena, const char *where)
{
	uint8_t block[1024];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct tree_view again;
	ck_assert_msg(
	    protobuf_encode(table, tree, &out) == MESH_OK, "%s: encode", where);
	ck_assert_int_eq(
	    protobuf_decode(table, bytes_written(&out), arena, &again), MESH_OK);
	ck_assert_msg(tree_equal(tree, again), "%s: changed by encoding", where);
}

static void
check_message(const struct protobuf_table *table, struct bytes_view payload,
    json_t *expected, const char *where)
{
	struct arena arena = arena_init(arena_block, sizeof arena_block);
	struct tree_view tree;
	enum mesh_err err = protobuf_decode(table, payload, &arena, &tree);
	json_t *inner = json_object_get(expected, "inner");
	struct bytes_in in = bytes_in(payload);
	struct protobuf_item f;
	if (json_object_get(expected, "error") != NULL) {
		ck_assert_msg(err == MESH_MALFORMED, "%s: must not parse", where);
		return;
	}
	ck_assert_msg(err == MESH_OK, "%s: %d", where, err);
	mt_compare(tree, json_object_get(expected, "msg"), where);
	check_reencoded(table, tree, &arena, where);
	uint32_t packet = table == &mt_from_radio ? 2 : 1;
	while (inner != NULL && protobuf_next(&in, &f))
		if (f.number == packet && f.wire == WIRE_LEN)
			check_packet_inner(f.bytes, inner, &arena, where);
	struct bytes_view envelope = bytes_of(
	    tree_find(tree, text("mqttClientProxyMessage.data")));
	if (inner != NULL && envelope.ptr != NULL)
		check_envelope(envelope, inner, &arena, where);
}

struct direction { /* one way of one session, on its way through the stream parser */
	const struct mt_recording *r;
	const char *from;
	struct stream stream;
	json_t *frames;
	size_t next;           /* index of the frame that must come now */
	struct bytes_out past; /* bytes fed so far */
	size_t offset;         /* of the first byte that no frame has used */
};

static json_t *
expected_frame(struct direction *d)
{
	for (; d->next < json_array_size(d->frames); d->next++) {
		json_t *f = json_array_get(d->frames, d->next);
		if (strcmp(json_string_value(json_object_get(f, "from")), d->from) ==
			0 &&
		    json_object_get(f, "hex") != NULL)
			return f;
	}
	return NULL;
}

static void
check_frame(struct direction *d, const struct stream_frame *frame, size_t chunk)
{
	char where[256];
	size_t len, skipped_len;
	json_t *f = expected_frame(d);
	snprintf(where, sizeof where, "%s %s frame %zu", d->r->name, d->from, d->next);
	ck_assert_msg(f != NULL, "%s: more frames than were recorded", where);
	d->next++;
	uint8_t *whole = mt_hex(f, "hex", &len);
	uint8_t *skipped = mt_hex(f, "skipped_before", &skipped_len);
	ck_assert_msg(
	    bytes_equal(frame->whole, bytes_view(whole, len)), "%s: bytes", where);
	ck_assert_msg(
	    json_integer_value(json_object_get(f, "chunk")) == (json_int_t)chunk,
	    "%s: came with chunk %zu", where, chunk);
	ck_assert_msg(frame->skipped == skipped_len &&
		bytes_equal(bytes_view(d->past.ptr + d->offset, skipped_len),
		    bytes_view(skipped, skipped_len)),
	    "%s: %zu bytes skipped before it, expected %zu", where, frame->skipped,
	    skipped_len);
	d->offset += skipped_len + len;
	bool to_radio = strcmp(json_string_value(json_object_get(f, "msg_type")),
			    "ToRadio") == 0;
	check_message(
	    to_radio ? &mt_to_radio : &mt_from_radio, frame->payload, f, where);
	free(whole);
	free(skipped);
	frames_seen++;
}

static void
feed(struct direction *d, struct bytes_view bytes, size_t chunk)
{
	struct stream_frame frame;
	bytes_put_view(&d->past, bytes);
	ck_assert_uint_eq(stream_put(&d->stream, bytes), bytes.len);
	while (stream_next(&d->stream, &frame))
		check_frame(d, &frame, chunk);
}

static void
check_direction(const struct mt_recording *r, const char *from, size_t step)
{
	static uint8_t block[8192], past[1 << 20];
	struct direction d = { r, from, stream_init(block, sizeof block),
		json_object_get(r->decoded, "frames"), 0, bytes_out(past, sizeof past),
		0 };
	for (size_t i = 0; i < r->count; i++) {
		const struct mt_chunk *c = &r->chunks[i];
		if (strcmp(c->from, from) != 0)
			continue;
		for (size_t at = 0; at < c->len; at += step) {
			size_t len = c->len - at < step ? c->len - at : step;
			feed(&d, bytes_view(c->ptr + at, len), i);
		}
	}
	ck_assert_msg(expected_frame(&d) == NULL, "%s %s: frame %zu did not come",
	    r->name, from, d.next);
}

static void
check_datagrams(const struct mt_recording *r)
{
	json_t *list = json_object_get(r->decoded, "datagrams");
	ck_assert_uint_eq(json_array_size(list), r->count);
	for (size_t i = 0; i < r->count; i++) {
		struct bytes_view v = { r->chunks[i].ptr, r->chunks[i].len };
		check_message(&mt_mesh_packet, v, json_array_get(list, i), r->name);
		frames_seen++;
	}
}

static void
check_session_cut_at(const struct mt_recording *r, size_t step)
{
	if (strcmp(r->list, "datagrams") == 0) {
		check_datagrams(r);
		return;
	}
	check_direction(r, "client", step);
	check_direction(r, "radio", step);
	check_direction(r, "ether", step);
}

static void
as_recorded(const struct mt_recording *r)
{
	check_session_cut_at(r, 4096);
}

static void
byte_by_byte(const struct mt_recording *r)
{
	check_session_cut_at(r, 1);
}

START_TEST(every_frame_is_what_the_official_library_says)
{
	ck_assert_uint_ge(mt_recordings(as_recorded), FEW_SESSIONS);
	ck_assert_uint_ge(frames_seen, 3700);
}
START_TEST(every_frame_is_the_same_byte_by_byte)
{
	ck_assert_uint_ge(mt_recordings(byte_by_byte), FEW_SESSIONS);
}

/* --- the driver --- */

static const struct radio_ops *ops;
static struct radio *radio;
static struct mesh_now now;

/* The radio's bytes, with our own nonce where the recorded client's was. */
struct replay {
	struct bytes_out bytes;
	json_t *packets[256]; /* expected receptions */
	size_t packet_count;
	bool has_info, ends; /* my_info came; the handshake came to its end */
	uint32_t my_node;
};

static uint32_t
uint_of(json_t *object, const char *key)
{
	return (uint32_t)json_integer_value(json_object_get(object, key));
}

static bool
is_artefact(const struct replay *p, json_t *packet)
{
	json_t *port = json_object_get(json_object_get(packet, "decoded"), "portnum");
	if (json_object_get(packet, "encrypted") != NULL)
		return uint_of(packet, "from") == p->my_node ||
		    json_is_true(json_object_get(packet, "pki_encrypted"));
	return port != NULL && strcmp(json_string_value(port), "SIMULATOR_APP") == 0;
}

static void
add_frame(struct replay *p, json_t *f, uint32_t nonce)
{
	size_t len, skipped_len;
	json_t *msg = json_object_get(f, "msg");
	json_t *packet = json_object_get(msg, "packet");
	uint8_t *whole = mt_hex(f, "hex", &len);
	uint8_t *skipped = mt_hex(f, "skipped_before", &skipped_len);
	bytes_put(&p->bytes, skipped, skipped_len);
	if (json_object_get(msg, "my_info") != NULL) {
		p->has_info = true;
		p->my_node = uint_of(json_object_get(msg, "my_info"), "my_node_num");
	}
	if (json_object_get(msg, "config_complete_id") != NULL) {
		uint8_t block[16];
		struct bytes_out out = bytes_out(block, sizeof block);
		bytes_put_u8(&out, 7 << 3);
		for (uint32_t n = nonce; n > 0; n >>= 7)
			bytes_put_u8(
			    &out, (uint8_t)((n & 0x7f) | (n > 0x7f ? 0x80 : 0)));
		stream_write(&p->bytes, bytes_written(&out));
		p->ends = p->ends || p->has_info;
	} else {
		bytes_put(&p->bytes, whole, len);
	}
	if (packet != NULL && !is_artefact(p, packet))
		p->packets[p->packet_count++] = packet;
	ck_assert_uint_lt(p->packet_count, LENGTH(p->packets));
	free(whole);
	free(skipped);
}

static uint32_t
begin_session(void)
{
	const struct radio_params params = { .seed = check_seed() };
	struct bytes_view out;
	now = (struct mesh_now){ .ms = 1000, .unix_ms = 1700000000000 };
	radio = ops->create(&params);
	ops->link_up(radio, now);
	ck_assert(ops->next_bytes(radio, &out) && out.len == 32);
	now.ms = ops->deadline(radio) > now.ms ? ops->deadline(radio) : now.ms + 100;
	ops->tick(radio, now);
	ck_assert(ops->next_bytes(radio, &out) && out.len > 6);
	struct bytes_in in = bytes_in(bytes_view(out.ptr + 4, out.len - 4));
	struct protobuf_item f;
	ck_assert(protobuf_next(&in, &f) && f.number == 3);
	return (uint32_t)f.value;
}

static double
real_of(json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static void
check_reception(const struct radio_reception *r, json_t *packet, const char *where)
{
	json_t *decoded = json_object_get(packet, "decoded");
	uint32_t from = uint_of(packet, "from"), to = uint_of(packet, "to");
	struct id id = id_of_packet(ID_MT_PACKET, from, uint_of(packet, "id"));
	struct id sender = id_of_node(ID_MT_NODE, from);
	ck_assert_msg(id_equal(&r->packet, &id), "%s: packet id", where);
	ck_assert_msg(id_equal(&r->from, &sender), "%s: from", where);
	ck_assert_msg(
	    to == MT_BROADCAST ? !id_is(&r->to) : id_number(&r->to) == to, "%s", where);
	ck_assert_uint_eq(r->hop_limit, uint_of(packet, "hop_limit"));
	ck_assert_uint_eq(r->hop_start, uint_of(packet, "hop_start"));
	ck_assert_uint_eq(r->channel, uint_of(packet, "channel"));
	ck_assert_int_eq(
	    r->rssi, (int32_t)json_integer_value(json_object_get(packet, "rx_rssi")));
	float snr = (float)real_of(packet, "rx_snr");
	ck_assert(memcmp(&r->snr, &snr, sizeof snr) == 0);
	ck_assert_int_eq(r->claimed_ms, (unix_ms)uint_of(packet, "rx_time") * 1000);
	const char *port = json_string_value(json_object_get(decoded, "portnum"));
	ck_assert_msg(
	    port == NULL ? r->type == 0 : strcmp(mt_port_name(r->type), port) == 0,
	    "%s: type %u", where, r->type);
	ck_assert_int_eq(r->time_ms, now.unix_ms);
	ck_assert_uint_eq(r->network, NETWORK_MESHTASTIC);
}

static void
check_contents(const struct radio_reception *r, const char *where)
{
	struct arena arena = arena_init(arena_block, sizeof arena_block);
	struct tree_view tree;
	ck_assert_msg(inspect(NETWORK_MESHTASTIC, r->raw, &arena, &tree) == MESH_OK,
	    "%s: inspect", where);
	if (r->type == MT_PORT_TEXT)
		ck_assert_msg(tree_text(tree, "text").len > 0, "%s: no text", where);
	if (r->type == MT_PORT_POSITION)
		ck_assert_msg(tree_find(tree, text("position")) != NULL, "%s", where);
}

static void
drain(const struct replay *p, size_t *at, size_t *ready, const char *where)
{
	struct radio_event e;
	while (ops->next_event(radio, &e)) {
		if (e.kind == RADIO_READY) {
			++*ready;
			ck_assert_uint_eq(id_number(&e.node), p->my_node);
			ck_assert(tree_text(e.facts, "firmware").len > 0);
			ck_assert(tree_text(e.facts, "long_name").len > 0);
		}
		if (e.kind != RADIO_RECEPTION)
			continue;
		ck_assert_msg(*at < p->packet_count, "%s: one too many", where);
		check_reception(&e.reception, p->packets[*at], where);
		check_contents(&e.reception, where);
		++*at;
	}
}

static void
check_sums(const char *where)
{
	uint64_t n[COUNT_RADIO_ALL];
	for (size_t i = 0; i < COUNT_RADIO_ALL; i++)
		n[i] = ops->counter(radio, i);
	ck_assert_msg(n[COUNT_PORT_FRAMES_SEEN] ==
		n[COUNT_PORT_FRAMES_TAKEN] + n[COUNT_PORT_FRAMES_MALFORMED] +
		    n[COUNT_PORT_FRAMES_TOO_LARGE] + n[COUNT_PORT_FRAMES_EMPTY],
	    "%s: frames", where);
	ck_assert_msg(n[COUNT_PORT_PACKETS_SEEN] ==
		n[COUNT_PORT_PACKETS_TAKEN] + n[COUNT_PORT_PACKETS_ARTEFACT] +
		    n[COUNT_PORT_PACKETS_REPEATED] + n[COUNT_PORT_PACKETS_RECALLED] +
		    n[COUNT_PORT_PACKETS_ADMIN] + n[COUNT_PORT_PACKETS_DROPPED],
	    "%s: packets", where);
	ck_assert_uint_eq(n[COUNT_PORT_BYTES_DROPPED], 0);
	for (size_t i = COUNT_PORT_PACKETS_UNKNOWN; i <= COUNT_PORT_PACKETS_ODD_SIGNAL;
	     i++) /* the clock of the test is not the recording's */
		ck_assert_msg(n[i] == 0 || i == COUNT_PORT_PACKETS_MISDATED, "%s: %s",
		    where, radio_counters.rows[i].name);
}

static void
drive_cut_at(const struct mt_recording *r, size_t step)
{
	static uint8_t block[1 << 20];
	struct replay p = { .bytes = bytes_out(block, sizeof block) };
	json_t *frames = json_object_get(r->decoded, "frames");
	size_t at = 0, ready = 0;
	uint32_t nonce = begin_session();
	for (size_t i = 0; i < json_array_size(frames); i++) {
		json_t *f = json_array_get(frames, i);
		if (strcmp(json_string_value(json_object_get(f, "from")), "radio") == 0)
			add_frame(&p, f, nonce);
	}
	for (size_t i = 0; i < p.bytes.len; i += step) {
		size_t len = p.bytes.len - i < step ? p.bytes.len - i : step;
		ops->receive(radio, bytes_view(block + i, len), now);
		drain(&p, &at, &ready, r->name);
	}
	ops->link_down(radio, now); /* what waited for the radio's name comes */
	drain(&p, &at, &ready, r->name);
	ck_assert_msg(at == p.packet_count, "%s: %zu receptions of %zu", r->name, at,
	    p.packet_count);
	ck_assert_msg(ready == p.ends, "%s: ready %zu times", r->name, ready);
	check_sums(r->name);
	receptions_seen += at;
	ready_seen += ready;
	ops->destroy(radio);
}

static void
drive(const struct mt_recording *r)
{
	if (strcmp(r->list, "frames") != 0)
		return;
	drive_cut_at(r, 4096);
	drive_cut_at(r, 37);
	drive_cut_at(r, 1);
}

START_TEST(the_driver_reports_every_reception_once)
{
	ops = radio_driver(text("meshtastic"));
	ck_assert(ops != NULL);
	ck_assert_uint_ge(mt_recordings(drive), FEW_SESSIONS);
	ck_assert_uint_ge(receptions_seen, 300);
	ck_assert_uint_ge(ready_seen, 150);
	printf("%zu receptions, %zu handshakes\n", receptions_seen, ready_seen);
}
CHECK_MODULE(mt_vectors, setup, every_frame_is_what_the_official_library_says,
    every_frame_is_the_same_byte_by_byte, the_driver_reports_every_reception_once)
