#include "mt_play.h"
#include "text.h"

static uint8_t arena_block[ARENA];

/* --- what the recorded radio said, as far as it is compared --- */

static bool
is_own_affair(json_t *frame, json_t *packet)
{
	json_t *message = json_object_get(
	    json_object_get(frame, "inner"), "payload_msg");
	bool positions = (play.session->but & POSITIONS) != 0;
	if (play_uint(packet, "from") != mt_device_number(play.device) ||
	    play_uint(packet, "to") != MT_BROADCAST)
		return false;
	return (strcmp(play_port_of(packet), "POSITION_APP") == 0 && !positions) ||
	    json_object_get(message, "local_stats") != NULL;
}

static void
drop_expected(size_t i)
{
	memmove(&play.expected[i], &play.expected[i + 1],
	    (--play.expected_count - i) * sizeof play.expected[0]);
}

/* The status about packet `id` that came latest before `end`; where `end` is now. */
static size_t
drop_status(uint32_t id, size_t end)
{
	for (size_t i = end; i-- > 0;) {
		json_t *status = json_object_get(
		    json_object_get(play.expected[i], "msg"), "queueStatus");
		if (status == NULL || play_uint(status, "mesh_packet_id") != id)
			continue;
		drop_expected(i);
		return end - 1;
	}
	return end;
}

static bool
is_empty_or_damaged(json_t *frame)
{
	return json_object_get(frame, "error") != NULL ||
	    json_object_size(json_object_get(frame, "msg")) == 0;
}

static bool
is_the_brokers(json_t *msg)
{
	return (play.session->but & BROKER) != 0 &&
	    json_object_get(msg, "mqttClientProxyMessage") != NULL;
}

void
play_expect(const struct mt_recording *r)
{
	json_t *frame, *frames = json_object_get(r->decoded, "frames");
	size_t i;
	json_array_foreach(frames, i, frame)
	{
		json_t *msg = json_object_get(frame, "msg");
		if (!play_is_from(frame, "radio") ||
		    json_object_get(frame, "event") != NULL ||
		    is_empty_or_damaged(frame) || is_the_brokers(msg))
			continue;
		play.expected[play.expected_count++] = frame;
		ck_assert_uint_lt(play.expected_count, LENGTH(play.expected));
	}
	for (i = 0; i < play.expected_count;) {
		frame = play.expected[i];
		json_t *packet = json_object_get(
		    json_object_get(frame, "msg"), "packet");
		bool copy = packet != NULL && play_is_copy(packet);
		if (!copy && (packet == NULL || !is_own_affair(frame, packet))) {
			i++;
			continue;
		}
		drop_expected(i);
		i = drop_status(play_uint(packet, "id"), i);
	}
	if ((play.session->but & LEFTOVER) != 0)
		(void)drop_status(0, play.expected_count);
}

/* --- comparing --- */

static struct tree_view
decoded(const struct protobuf_table *t, struct bytes_view bytes, struct arena *a)
{
	struct tree_view tree;
	ck_assert_int_eq(protobuf_decode(t, bytes, a, &tree), MESH_OK);
	return tree;
}

/* Their id becomes ours, where it is of the radio's choice; the same one each time. */
static void
translate(json_t *object, const char *key, struct tree_view ours, const char *path)
{
	int64_t n = 0;
	json_t *value = json_object_get(object, key);
	if (value == NULL || !tree_i64(ours, path, &n))
		return;
	uint32_t their = (uint32_t)json_integer_value(value);
	play_learn_id(their, (uint32_t)n);
	json_object_set_new(object, key, json_integer(play_our_id(their)));
}

static void
near_time(json_t *packet, struct tree_view ours)
{
	int64_t n = 0;
	json_t *time = json_object_get(packet, "rx_time");
	if (time == NULL || !tree_i64(ours, "packet.rx_time", &n))
		return;
	ck_assert_int_le(labs(json_integer_value(time) - n), 2);
	json_object_set_new(packet, "rx_time", json_integer(n));
}

static void
near_free(json_t *status, struct tree_view ours)
{
	int64_t n = 0;
	json_t *value = json_object_get(status, "free");
	if (value != NULL && tree_i64(ours, "queueStatus.free", &n) &&
	    labs(json_integer_value(value) - n) <= 1)
		json_object_set_new(status, "free", json_integer(n));
}

static void
any_metrics(json_t *packet, struct tree_view ours)
{
	const struct tree_item *payload = tree_find(
	    ours, text("packet.decoded.payload"));
	if (strcmp(play_port_of(packet), "TELEMETRY_APP") == 0 && payload != NULL &&
	    play_uint(packet, "from") == mt_device_number(play.device))
		json_object_set_new(json_object_get(packet, "decoded"), "payload",
		    json_string(mt_base64(payload->as.bytes)));
}

static void
compare(struct bytes_view said, json_t *frame)
{
	struct arena arena = arena_init(arena_block, sizeof arena_block);
	struct tree_view ours = decoded(&mt_from_radio, said, &arena);
	char where[256];
	json_t *msg = json_deep_copy(json_object_get(frame, "msg"));
	json_t *packet = json_object_get(msg, "packet");
	snprintf(where, sizeof where, "%s: answer %zu, recorded at %u ms, ours at %lld",
	    play.session->name, play.next, (unsigned)play_uint(frame, "t_ms"),
	    (long long)play.now.ms - START_MS);
	translate(json_object_get(msg, "queueStatus"), "mesh_packet_id", ours,
	    "queueStatus.mesh_packet_id");
	near_free(json_object_get(msg, "queueStatus"), ours);
	if (packet != NULL) {
		translate(packet, "id", ours, "packet.id");
		translate(json_object_get(packet, "decoded"), "request_id", ours,
		    "packet.decoded.request_id");
		near_time(packet, ours);
		any_metrics(packet, ours);
	}
	mt_compare(ours, msg, where);
	int64_t apart = (int64_t)play.now.ms - (int64_t)play_time_of(frame);
	ck_assert_msg(apart <= NEAR_MS && apart >= -NEAR_MS, "%s", where);
	json_decref(msg);
}

/* The node that came stands first among those that may come now. */
static void
pick_node(struct bytes_view said)
{
	struct arena arena = arena_init(arena_block, sizeof arena_block);
	int64_t number = 0;
	if (!tree_i64(decoded(&mt_from_radio, said, &arena), "node_info.num", &number))
		return;
	for (size_t i = play.next; i < play.expected_count; i++) {
		json_t *frame = play.expected[i],
		       *info = json_object_get(
			   json_object_get(frame, "msg"), "node_info");
		if (info == NULL)
			return;
		if (play_uint(info, "num") != (uint32_t)number)
			continue;
		play.expected[i] = play.expected[play.next];
		play.expected[play.next] = frame;
		return;
	}
}

/* Simulated air's second status about the broadcast took the place of the first. */
static bool
is_crowded_out(struct bytes_view said)
{
	struct arena arena = arena_init(arena_block, sizeof arena_block);
	struct tree_view ours = decoded(&mt_from_radio, said, &arena);
	if ((play.session->but & CROWDED) == 0 || play.crowded ||
	    tree_find(ours, text("queueStatus")) == NULL)
		return false;
	play.crowded = true;
	return true;
}

void
play_on_frame(struct bytes_view said)
{
	if (!play.comparing)
		return;
	if (play.next == play.expected_count) {
		if (play.more_ms == 0)
			play.more_ms = play.now.ms;
		return;
	}
	pick_node(said);
	json_t *frame = play.expected[play.next];
	if (is_crowded_out(said))
		return;
	compare(said, frame);
	play.next++;
}

void
play_check_end(void)
{
	ck_assert_msg(play.next == play.expected_count, "%s: answer %zu did not come",
	    play.session->name, play.next);
	ck_assert_msg(
	    play.more_ms == 0 || play.more_ms >= play.client_gone_ms - LATE_MS,
	    "%s: at %lld one frame more", play.session->name,
	    (long long)play.more_ms - START_MS);
	ck_assert_msg(
	    !play.must_end || play.radio_ended || (play.session->but & KICKED) != 0,
	    "%s: the radio did not hang up", play.session->name);
}
