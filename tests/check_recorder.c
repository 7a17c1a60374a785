/* A recording that is given away: framed as before, and without keys and places. */
#include "arena.h"
#include "check_mesh.h"
#include "mt_codec.h"
#include "mt_recording.h"
#include "mt_redact.h"
#include "recorder.h"
#include "stream.h"
#include "text.h"

enum { ARENA = 1 << 17, SECRETS = 4096, SECRET_MAX = 64 };
static uint8_t arena_block[ARENA];
static size_t frames_seen, secrets_seen;

/* --- what must not be found --- */

static struct secret {
	uint8_t bytes[SECRET_MAX];
	size_t len;
} secrets[SECRETS];
static size_t secret_count;

static void
add_secret(struct bytes_view v)
{
	if (v.len < 4 || v.len > SECRET_MAX)
		return;
	for (size_t i = 0; i < secret_count; i++)
		if (bytes_equal(bytes_view(secrets[i].bytes, secrets[i].len), v))
			return;
	ck_assert_uint_lt(secret_count, SECRETS);
	secrets[secret_count].len = v.len;
	memcpy(secrets[secret_count++].bytes, v.ptr, v.len);
}

static void
add_number(int64_t n)
{
	uint8_t bytes[4];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)((uint32_t)n >> 8 * i);
	if (n > 100 || n < -100) /* smaller ones stand everywhere */
		add_secret(bytes_view(bytes, sizeof bytes));
}

static bool
is_called(const struct tree_item *item, const char *const *names)
{
	for (; *names != NULL; names++)
		if (text_is(item->name, *names))
			return true;
	return false;
}

static void
find_secrets(struct tree_view tree)
{
	static const char *const keys[] = { "private_key", "public_key", "admin_key",
		"psk", "wifi_psk", "password", "session_passkey", "long_name", NULL };
	static const char *const places[] = { "latitude_i", "longitude_i", NULL };
	for (size_t i = 0; i < tree.count; i++) {
		const struct tree_item *item = &tree.items[i];
		int64_t n = item->kind == TREE_I64 ? item->as.i : (int64_t)item->as.u;
		if (item->kind == TREE_BYTES && is_called(item, keys))
			add_secret(item->as.bytes);
		else if (item->kind == TREE_TEXT && is_called(item, keys))
			add_secret(bytes_view(item->as.text.ptr, item->as.text.len));
		else if ((item->kind == TREE_I64 || item->kind == TREE_U64) &&
		    is_called(item, places))
			add_number(n);
	}
}

static void
find_in_payload(struct tree_view tree, struct arena *arena)
{
	const struct tree_item *payload = tree_find(
	    tree, text("packet.decoded.payload"));
	struct tree_view inner;
	for (uint32_t port = 0; payload != NULL && port < 80; port++) {
		const struct protobuf_table *t = mt_payload_table(port);
		struct text_view name = tree_text(tree, "packet.decoded.portnum");
		if (t == NULL || mt_port_name(port) == NULL ||
		    !text_is(name, mt_port_name(port)))
			continue;
		if (protobuf_decode(t, payload->as.bytes, arena, &inner) == MESH_OK)
			find_secrets(inner);
	}
}

static const struct protobuf_table *
table_of(enum mt_redact_side side)
{
	return side == MT_TO_RADIO ? &mt_to_radio : &mt_from_radio;
}

static void
gather(enum mt_redact_side side, struct bytes_view payload)
{
	struct arena arena = arena_init(arena_block, sizeof arena_block);
	struct tree_view tree;
	if (protobuf_decode(table_of(side), payload, &arena, &tree) != MESH_OK)
		return;
	find_secrets(tree);
	find_in_payload(tree, &arena);
}

static void
each_frame(const struct mt_recording *r,
    void (*with)(enum mt_redact_side side, struct bytes_view payload))
{
	json_t *frame;
	size_t i;
	json_array_foreach(json_object_get(r->decoded, "frames"), i, frame)
	{
		size_t len;
		const char *from = json_string_value(json_object_get(frame, "from"));
		uint8_t *whole = mt_hex(frame, "hex", &len);
		if (whole != NULL)
			with(strcmp(from, "radio") == 0 ? MT_FROM_RADIO : MT_TO_RADIO,
			    bytes_view(whole + 4, len - 4));
		free(whole);
	}
}

static void
gather_all(const struct mt_recording *r)
{
	each_frame(r, gather);
}

/* --- redacted frames --- */

static bool
contains(struct bytes_view where, const struct secret *s)
{
	for (size_t at = 0; at + s->len <= where.len; at++)
		if (memcmp(where.ptr + at, s->bytes, s->len) == 0)
			return true;
	return false;
}

static void
check_redacted(enum mt_redact_side side, struct bytes_view payload)
{
	uint8_t block[STREAM_PAYLOAD_MAX];
	struct arena arena = arena_init(arena_block, sizeof arena_block);
	struct tree_view before, after;
	struct bytes_view redacted = bytes_view(block, payload.len);
	memcpy(block, payload.ptr, payload.len);
	mt_redact(side, block, payload.len);
	for (size_t i = 0; i < secret_count; i++) {
		secrets_seen += contains(payload, &secrets[i]);
		ck_assert_msg(!contains(redacted, &secrets[i]),
		    "frame %zu still holds a secret of %zu bytes", frames_seen,
		    secrets[i].len);
	}
	frames_seen++;
	if (protobuf_decode(table_of(side), payload, &arena, &before) != MESH_OK)
		return;
	ck_assert_msg(
	    protobuf_decode(table_of(side), redacted, &arena, &after) == MESH_OK,
	    "frame %zu is no message any more", frames_seen);
	ck_assert_uint_eq(before.count == 0, after.count == 0);
	if (before.count > 0) /* the same member, of the same kind */
		ck_assert(text_equal(before.items[0].name, after.items[0].name) &&
		    before.items[0].kind == after.items[0].kind);
}

static void
redact_all(const struct mt_recording *r)
{
	each_frame(r, check_redacted);
}

START_TEST(no_key_and_no_place_of_any_recording_is_left)
{
	(void)mt_recordings(gather_all);
	ck_assert_uint_ge(secret_count, 20);
	(void)mt_recordings(redact_all);
	ck_assert_uint_ge(frames_seen, 3500);
	ck_assert_uint_ge(secrets_seen, 500);
}

/* ids, ports and numbers: what a recording is made for */
START_TEST(what_a_recording_is_for_stays)
{
	/* from 0x11 to all, TEXT "x" request_id 9, id 7, hop_limit 3, hop_start 3 */
	uint8_t frame[] = { 0x12, 0x1e, 0x0d, 0x11, 0, 0, 0, 0x15, 0xff, 0xff, 0xff,
		0xff, 0x22, 0x0a, 0x08, 1, 0x12, 1, 'y', 0x35, 9, 0, 0, 0, 0x35, 7, 0,
		0, 0, 0x48, 3, 0x78 };
	uint8_t before[sizeof frame];
	frame[1] = sizeof frame - 2 + 1;
	memcpy(before, frame, sizeof frame);
	uint8_t whole[sizeof frame + 1];
	memcpy(whole, frame, sizeof frame);
	whole[sizeof frame] = 3;
	mt_redact(MT_FROM_RADIO, whole, sizeof whole);
	before[18] = 'x';
	ck_assert(memcmp(whole, before, sizeof before) == 0);
	ck_assert_uint_eq(whole[sizeof frame], 3);
}
START_TEST(a_frame_that_is_no_message_is_blanked)
{
	uint8_t frame[] = { 0x12, 0x7f, 0x01, 0x02 };
	static const uint8_t zero[sizeof frame];
	mt_redact(MT_FROM_RADIO, frame, sizeof frame);
	ck_assert(memcmp(frame, zero, sizeof frame) == 0);
}

/* --- lines --- */

static void
expect_line(struct recorder *r, uint64_t t_ms, bool from_client, const char *bytes)
{
	struct recorder_line line;
	ck_assert_msg(recorder_next(r, &line), "no %s", bytes);
	ck_assert_uint_eq(line.t_ms, t_ms);
	ck_assert(line.from_client == from_client && line.eof == (bytes[0] == 0));
	ck_assert(bytes_equal(line.bytes, hex(bytes)));
}

START_TEST(lines_are_frames_with_their_times)
{
	struct recorder_line line;
	struct recorder *r = recorder_new(1000);
	recorder_take(r, true, hex("c3c394c300021801"), 1000);
	recorder_take(r, false, hex("94c30002"), 1015);
	recorder_take(r, false, hex("3801"), 1017);
	recorder_take(r, false, hex("94c3"), 1018);
	recorder_end(r, 1020);
	recorder_take(r, false, hex("94c300023802"), 1030);
	expect_line(r, 0, true, "000094c300021801");
	expect_line(r, 17, false, "94c300023801");
	expect_line(r, 20, false, "");
	expect_line(r, 30, false, "94c300023802");
	ck_assert(!recorder_next(r, &line));
	recorder_free(r);
}
START_TEST(a_full_recorder_keeps_the_oldest_and_counts_the_rest)
{
	struct recorder_line line;
	struct recorder *r = recorder_new(0);
	size_t fetched = 0;
	for (unsigned i = 0; i < 5000; i++)
		recorder_take(r, false, hex("94c300023801"), i);
	ck_assert_uint_eq(recorder_lost(r), 5000 - 4096);
	while (recorder_next(r, &line))
		ck_assert_uint_eq(line.t_ms, fetched++);
	ck_assert_uint_eq(fetched, 4096);
	recorder_free(r);
}
START_TEST(any_bytes_are_redacted_without_harm)
{
	for (int round = 0; round < 20000; round++) {
		uint8_t bytes[96];
		size_t len = rng_u32() % sizeof bytes;
		rng_bytes(bytes, len);
		if (len > 2 && round % 2 == 0)
			bytes[0] = 0x12, bytes[1] = (uint8_t)(len - 2);
		mt_redact((enum mt_redact_side)(round % 2), bytes, len);
	}
}
CHECK_MODULE(recorder, NULL, no_key_and_no_place_of_any_recording_is_left,
    what_a_recording_is_for_stays, a_frame_that_is_no_message_is_blanked,
    lines_are_frames_with_their_times,
    a_full_recorder_keeps_the_oldest_and_counts_the_rest,
    any_bytes_are_redacted_without_harm)
