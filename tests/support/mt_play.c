#include "mt_play.h"

struct play play;

/* --- recordings --- */

uint32_t
play_uint(json_t *object, const char *key)
{
	return (uint32_t)json_integer_value(json_object_get(object, key));
}

mesh_time_ms
play_time_of(json_t *frame)
{
	return START_MS + (mesh_time_ms)play_uint(frame, "t_ms");
}

bool
play_is_from(json_t *frame, const char *who)
{
	return strcmp(json_string_value(json_object_get(frame, "from")), who) == 0;
}

const char *
play_port_of(json_t *packet)
{
	const char *name = json_string_value(
	    json_object_get(json_object_get(packet, "decoded"), "portnum"));
	return name != NULL ? name : "";
}

bool
play_is_copy(json_t *packet)
{
	uint32_t me = mt_device_number(play.device);
	return strcmp(play_port_of(packet), "SIMULATOR_APP") == 0 ||
	    (json_object_get(packet, "encrypted") != NULL &&
		play_uint(packet, "from") == me);
}

/* --- ids of the radio's choice: theirs and ours --- */

bool
play_knows_id(uint32_t their)
{
	for (size_t i = 0; i < play.id_count; i++)
		if (play.theirs[i] == their)
			return true;
	return false;
}

uint32_t
play_our_id(uint32_t their)
{
	for (size_t i = 0; i < play.id_count; i++)
		if (play.theirs[i] == their)
			return play.ours[i];
	return their;
}

void
play_learn_id(uint32_t their, uint32_t our)
{
	if (play_knows_id(their))
		return;
	ck_assert_uint_lt(play.id_count, ROUND);
	play.theirs[play.id_count] = their;
	play.ours[play.id_count++] = our;
}

void play_on_frame(struct bytes_view payload);

static void
drain(void)
{
	struct bytes_view out;
	struct stream_frame frame;
	struct mt_packet p;
	while (mt_device_next_bytes(play.device, &out)) {
		ck_assert_uint_eq(stream_put(&play.stream, out), out.len);
		while (stream_next(&play.stream, &frame)) {
			ck_assert_uint_eq(frame.skipped, 0);
			play_on_frame(frame.payload);
		}
	}
	while (mt_device_next_sent(play.device, &out)) {
		ck_assert(mt_packet_read(out, &p));
		play.sent[play.sent_count++] = (struct play_sent){ p.id, p.to,
			p.request_id, false };
		ck_assert_uint_lt(play.sent_count, ROUND);
	}
}

/* Time goes from deadline to deadline, as in a server. */
void
play_run_to(mesh_time_ms until)
{
	for (;;) {
		mesh_time_ms due = mt_device_deadline(play.device);
		mesh_time_ms next = due < until ? due : until;
		if (next > play.now.ms) {
			play.now.unix_ms += (unix_ms)(next - play.now.ms);
			play.now.ms = next;
		}
		mt_device_tick(play.device, play.now);
		drain();
		play.radio_ended |= mt_device_hangs_up(play.device);
		if (next >= until)
			return;
	}
}

static struct bytes_view
packet_in(struct bytes_view message)
{
	struct bytes_in in = bytes_in(message);
	struct protobuf_item f;
	ck_assert(protobuf_next(&in, &f) && f.wire == WIRE_LEN);
	return f.bytes;
}

/* A packet without the time that the recorded radio put to it. */
static struct bytes_view
without_rx_time(struct bytes_view packet, uint8_t block[STREAM_PAYLOAD_MAX])
{
	enum { RX_TIME = 7 };
	struct bytes_in in = bytes_in(packet);
	struct bytes_out out = bytes_out(block, STREAM_PAYLOAD_MAX);
	struct protobuf_item f;
	for (const uint8_t *from = in.ptr; protobuf_next(&in, &f); from = in.ptr)
		if (f.number != RX_TIME)
			bytes_put(&out, from, (size_t)(in.ptr - from));
	return bytes_written(&out);
}

/* What simulated air copies was transmitted by our radio, too: the first such packet
 * that has no match yet.  From then on we know what our radio calls it. */
static void
match_sent(json_t *packet)
{
	uint32_t id = play_uint(packet, "id"), to = play_uint(packet, "to");
	json_t *decoded = json_object_get(packet, "decoded");
	uint32_t request_id = play_our_id(play_uint(decoded, "request_id"));
	if (play_knows_id(id))
		return;
	for (size_t i = 0; i < play.sent_count; i++) {
		struct play_sent *s = &play.sent[i];
		if (s->matched || s->to != to || s->request_id != request_id)
			continue;
		s->matched = true;
		play_learn_id(id, s->id);
		return;
	}
}

/* Others answered what our radio has not transmitted yet: let it. */
static void
find_out(const struct mt_recording *r, uint32_t id, mesh_time_ms at)
{
	json_t *frame;
	size_t i;
	if (id == 0 || play_knows_id(id))
		return;
	play_run_to(at + SENT_MS);
	json_array_foreach(json_object_get(r->decoded, "frames"), i, frame)
	{
		json_t *packet = json_object_get(
		    json_object_get(frame, "msg"), "packet");
		if (packet != NULL && play_uint(packet, "id") == id)
			match_sent(packet);
	}
}

/* A heard packet that answers one of our radio's own choice names it as ours. */
static void
rename_request(uint8_t *packet, size_t len, uint32_t request_id)
{
	enum { REQUEST_ID = 6 << 3 | WIRE_I32, BYTES = 5 };
	uint8_t theirs[BYTES] = { REQUEST_ID };
	for (size_t i = 1; i < BYTES; i++)
		theirs[i] = (uint8_t)(request_id >> 8 * (i - 1));
	for (size_t at = 0; request_id != 0 && at + BYTES <= len; at++)
		if (memcmp(packet + at, theirs, BYTES) == 0)
			for (size_t i = 1; i < BYTES; i++)
				packet[at + i] = (uint8_t)(play_our_id(request_id) >>
				    8 * (i - 1));
}

static void
play_frame(const struct mt_recording *r, json_t *frame)
{
	uint8_t block[STREAM_PAYLOAD_MAX];
	size_t len, skipped_len;
	uint8_t *whole = mt_hex(frame, "hex", &len);
	uint8_t *skipped = mt_hex(frame, "skipped_before", &skipped_len);
	json_t *packet = json_object_get(json_object_get(frame, "msg"), "packet");
	uint32_t me = mt_device_number(play.device), from = play_uint(packet, "from");
	mesh_time_ms at = play_time_of(frame);
	if (play_is_from(frame, "client")) {
		play_run_to(at);
		mt_device_receive(
		    play.device, bytes_view(skipped, skipped_len), play.now);
		mt_device_receive(play.device, bytes_view(whole, len), play.now);
		if ((play.session->but & RETEST) != 0 && skipped_len == 1 &&
		    skipped[0] == STREAM_START1) {
			play.comparing = false; /* the one that is too much */
			play_run_to(at + LATE_MS);
			play.comparing = true;
		}
	} else if (play_is_from(frame, "ether") && from == me) {
		play_run_to(at);
		match_sent(packet);
		mt_device_overhear(
		    play.device, play_our_id(play_uint(packet, "id")), play.now);
	} else if (play_is_from(frame, "radio") && from == me && play_is_copy(packet)) {
		play_run_to(at);
		match_sent(packet);
	} else if (play_is_from(frame, "radio") && packet != NULL && from != me &&
	    strcmp(play_port_of(packet), "SIMULATOR_APP") != 0) {
		play_run_to(at - 1);
		struct bytes_view raw = packet_in(bytes_view(whole + 4, len - 4));
		uint32_t request = play_uint(
		    json_object_get(packet, "decoded"), "request_id");
		find_out(r, request, at);
		raw = without_rx_time(raw, block);
		rename_request(block, raw.len, request);
		mt_device_hear(play.device, raw, play.now);
	}
	free(whole);
	free(skipped);
}

/* --- the radio's state --- */

static void
keep_state(const struct mt_recording *r, bool nodes_only)
{
	json_t *frame;
	size_t i;
	bool told = nodes_only; /* the configuration; nodes come again and again */
	json_array_foreach(json_object_get(r->decoded, "frames"), i, frame)
	{
		size_t len;
		json_t *msg = json_object_get(frame, "msg");
		json_t *info = json_object_get(msg, "node_info");
		bool other = info != NULL &&
		    play_uint(info, "num") != mt_device_number(play.device);
		uint8_t *whole = mt_hex(frame, "hex", &len);
		if (whole != NULL && play_is_from(frame, "radio") && (other || !told) &&
		    json_object_get(msg, "packet") == NULL)
			(void)mt_device_keep(
			    play.device, bytes_view(whole + 4, len - 4));
		told = told || json_object_get(msg, "config_complete_id") != NULL;
		free(whole);
	}
}

static bool
lists_others(const struct mt_recording *r)
{
	json_t *frame;
	size_t i, count = 0, wants = 0;
	json_array_foreach(json_object_get(r->decoded, "frames"), i, frame)
	{
		json_t *msg = json_object_get(frame, "msg");
		count += json_object_get(msg, "node_info") != NULL;
		wants += json_object_get(msg, "config_complete_id") != NULL;
	}
	return count > wants;
}

static mesh_time_ms
first_metrics(const struct mt_recording *r)
{
	json_t *frame;
	size_t i;
	json_array_foreach(json_object_get(r->decoded, "frames"), i, frame)
	{
		json_t *inner = json_object_get(frame, "inner");
		json_t *packet = json_object_get(
		    json_object_get(frame, "msg"), "packet");
		json_t *telemetry = json_object_get(inner, "payload_msg");
		if (play_is_from(frame, "radio") &&
		    strcmp(play_port_of(packet), "TELEMETRY_APP") == 0 &&
		    play_uint(packet, "to") == MT_BROADCAST &&
		    json_object_get(telemetry, "device_metrics") != NULL)
			return (mesh_time_ms)play_uint(frame, "t_ms");
	}
	return 0;
}

/* --- playing --- */

static void
know_client_ids(const struct mt_recording *r)
{
	json_t *frame;
	size_t i;
	json_array_foreach(json_object_get(r->decoded, "frames"), i, frame)
	{
		json_t *packet = json_object_get(
		    json_object_get(frame, "msg"), "packet");
		bool told = play_is_from(frame, "client") ||
		    play_uint(packet, "from") != mt_device_number(play.device);
		if (packet == NULL || !told)
			continue;
		play_learn_id(play_uint(packet, "id"), play_uint(packet, "id"));
	}
}

static void
play_connection(const struct mt_recording *r)
{
	json_t *frame, *frames = json_object_get(r->decoded, "frames");
	size_t i;
	bool gone = false;
	play_run_to(play_time_of(json_array_get(frames, 0)) - 1);
	mt_device_link_up(play.device, play.now);
	play.client_gone_ms = MESH_NEVER;
	json_array_foreach(frames, i, frame)
	{
		bool event = json_object_get(frame, "event") != NULL;
		if (!event)
			play_frame(r, frame);
		if (!event || gone)
			continue;
		gone = true;
		play.client_gone_ms = play_time_of(frame);
		play.must_end = play_is_from(frame, "radio");
		if (play.must_end)
			play_run_to(play.client_gone_ms + LATE_MS);
	}
	play_run_to(play.client_gone_ms);
	mt_device_link_down(play.device, play.now);
}

static void
begin(const struct mt_recording *r)
{
	struct mt_recording other = mt_recording_read("handshake_cli_info");
	play.device = mt_device_new(&(struct mt_device_params){ .seed = check_seed(),
	    .passkey = 0x72310c8a0d8cd8d8,
	    .metrics_ms = (uint32_t)first_metrics(r),
	    .simulated_air = true });
	play.now = (struct mesh_now){ .ms = START_MS - 1, .unix_ms = 1700000000000 };
	play.stream = stream_init(play.block, sizeof play.block);
	keep_state(r, false);
	if (!lists_others(r)) /* it knew the other one, but was not asked */
		keep_state(&other, true);
	mt_recording_free(&other);
}

static void
end(void)
{
	mt_device_free(play.device);
}

void
play_session(const struct play_session *s)
{
	struct mt_recording r = mt_recording_read(s->name), before = { 0 };
	memset(&play, 0, sizeof play);
	play.session = s;
	if (s->before != NULL)
		before = mt_recording_read(s->before);
	begin(s->before != NULL ? &before : &r);
	if (s->before != NULL)
		play_connection(&before);
	play.radio_ended = false;
	know_client_ids(&r);
	play_expect(&r);
	play.comparing = true;
	play_connection(&r);
	play_check_end();
	end();
	mt_recording_free(&r);
	if (s->before != NULL)
		mt_recording_free(&before);
}
