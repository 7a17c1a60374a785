#include "arena.h"
#include "check_mesh.h"
#include "describe.h"
#include "golden.h"
#include "messages.h"
#include "pack.h"
#include "random_object.h"
#include "text.h"
#include "wire.h"

enum { ROOM = 1 << 19 };
static uint8_t made[ROOM], carved[ROOM], wire[ROOM], again[ROOM];
static union {
	uint8_t bytes[512];
	uint64_t aligned;
} object, back;

static const struct message *
message_named(const char *name)
{
	for (size_t i = 0; i < message_count; i++) {
		if (strcmp(messages[i].name, name) == 0)
			return &messages[i];
	}
	ck_abort_msg("no message is called %s", name);
	return NULL;
}

static enum mesh_err
encode(const struct message *m, const void *from, struct bytes_out *out)
{
	if (m->place == MESSAGE_FRAME)
		return wire_encode_numbered(m->table, m->number, from, out);
	return wire_encode(m->table, from, out);
}

static enum mesh_err
decode(const struct message *m, struct bytes_view v, void *into, void *room)
{
	struct arena arena = arena_init(room, ROOM);
	if (m->place == MESSAGE_FRAME)
		return wire_decode_numbered(m->table, v, into, &arena);
	return wire_decode(m->table, v, into, &arena);
}

static bool seen[64];

static void
check_line(const char *name, struct bytes_view bytes, const char *expected)
{
	static char shown[8192];
	const struct message *m = message_named(name);
	struct bytes_out out = bytes_out(again, sizeof again);
	struct bytes_out json_room = bytes_out(shown, sizeof shown);
	struct json_out json = json_out(&json_room);
	ck_assert_msg(
	    decode(m, bytes, &object, carved) == MESH_OK, "%s: not decoded", name);
	describe_json(m->table, &object, AUDIENCE_OPERATOR, &json);
	ck_assert_str_eq(text_end(&json_room), expected);
	ck_assert_msg(encode(m, &object, &out) == MESH_OK, "%s: not encoded", name);
	ck_assert_msg(bytes_equal(bytes, bytes_written(&out)), "%s: other bytes", name);
	seen[m - messages] = true;
}

START_TEST(golden_messages_read_and_write)
{
	ck_assert_uint_gt(golden_each("wire/messages.txt", check_line), 20);
	for (size_t i = 0; i < message_count; i++)
		ck_assert_msg(seen[i], "%s has no golden vector", messages[i].name);
}

static struct bytes_view
any(const struct message *m)
{
	struct arena arena = arena_init(made, ROOM);
	struct bytes_out out = bytes_out(wire, sizeof wire);
	ck_assert(random_object(m->table, &object, &arena));
	ck_assert_msg(encode(m, &object, &out) == MESH_OK, "%s", m->name);
	return bytes_written(&out);
}

START_TEST(any_message_survives_the_trip)
{
	for (size_t i = 0; i < message_count; i++) {
		for (int k = 0; k < 300; k++) {
			struct bytes_view v = any(&messages[i]);
			ck_assert_msg(decode(&messages[i], v, &back, carved) == MESH_OK,
			    "%s", messages[i].name);
			ck_assert(fields_equal(messages[i].table, &object, &back));
		}
	}
}
START_TEST(every_truncation_and_flipped_bit_is_refused_or_harmless)
{
	static uint8_t more[ROOM];
	for (size_t i = 0; i < message_count; i++) {
		const struct message *m = &messages[i];
		struct bytes_view v;
		do {
			v = any(m);
		} while (v.len > 400);
		for (size_t len = 0; len < v.len; len++)
			ck_assert(decode(m, bytes_view(v.ptr, len), &back, carved) ==
			    MESH_TRUNCATED);
		for (size_t bit = 0; bit < 8 * v.len; bit++) {
			wire[bit / 8] ^= (uint8_t)(1U << bit % 8);
			struct bytes_out out = bytes_out(again, sizeof again);
			if (decode(m, v, &object, carved) == MESH_OK) {
				ck_assert_int_eq(encode(m, &object, &out), MESH_OK);
				ck_assert_int_eq(
				    decode(m, bytes_written(&out), &back, more),
				    MESH_OK);
				ck_assert(fields_equal(m->table, &object, &back));
			}
			wire[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
	}
}

static void
check_table(const struct field_table *t)
{
	ck_assert_uint_gt(t->count, 0);
	ck_assert_uint_le(t->count, 64);
	ck_assert_uint_le(t->object_bytes, sizeof object);
	ck_assert(!t->bare || t->count == 1);
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->rows[i];
		bool needs = f->kind == FIELD_STRUCT || f->kind == FIELD_LIST;
		ck_assert_msg(needs == (f->sub != NULL), "%s.%s: element table",
		    t->name, f->name);
		ck_assert_msg(f->doc != NULL && f->doc[strlen(f->doc) - 1] == '.',
		    "%s.%s: no sentence", t->name, f->name);
		ck_assert(f->lo <= f->hi);
		if (needs)
			check_table(f->sub);
	}
}

START_TEST(every_row_keeps_the_contract)
{
	for (size_t i = 0; i < message_count; i++) {
		const struct message *m = &messages[i];
		check_table(m->table);
		bool keyed = m->place == MESSAGE_STATE || m->place == MESSAGE_CONTROL;
		ck_assert((m->key != NULL) == keyed);
		for (size_t k = 0; k < i; k++)
			ck_assert_msg(strcmp(m->name, messages[k].name) != 0,
			    "%s twice", m->name);
		if (m->place != MESSAGE_PART && !keyed)
			ck_assert_ptr_eq(message_find(m->place, m->number), m);
	}
	ck_assert_ptr_null(message_find(MESSAGE_FRAME, 0));
	ck_assert_ptr_null(message_find(MESSAGE_FRAME, 200));
}
START_TEST(info_fits_its_half_of_a_handshake)
{
	uint8_t eighteen[18] = { 0 }, hash[32] = { 0 }, boot_id[8] = { 0 };
	struct hand_info full = { .sid = UINT32_MAX,
		.boot = UINT64_MAX,
		.boot_id = { boot_id, 8 },
		.proto_min = 1,
		.proto_max = 1,
		.features = UINT64_MAX,
		.observed = { eighteen, 18 },
		.name = text("twenty-four bytes long.."),
		.cert_hash = { hash, 32 },
		.ping_s = HAND_PING_MAX_S };
	struct bytes_out out = bytes_out(wire, sizeof wire);
	ck_assert_int_eq(wire_encode(&hand_info_table, &full, &out), MESH_OK);
	ck_assert_uint_eq(full.name.len, MESSAGE_INFO_NAME_MAX);
	ck_assert_uint_le(out.len, MESSAGE_INFO_MAX);
	full.name = text("twenty-five bytes long...");
	ck_assert_int_eq(wire_encode(&hand_info_table, &full, &out), MESH_MALFORMED);
}
START_TEST(class_follows_from_lane_and_type)
{
	/* clang-format off */
	static const struct { enum mesh_lane lane; uint16_t type; enum message_class class; } row[] = {
		{ LANE_LIVE, LIVE_SUSPECT, CLASS_P0 }, { LANE_LIVE, LIVE_REFUTE, CLASS_P0 },
		{ LANE_LIVE, LIVE_BYE, CLASS_P0 }, { LANE_LIVE, LIVE_FORK, CLASS_P0 },
		{ LANE_LIVE, LIVE_TRACE, CLASS_P1 }, { LANE_LIVE, LIVE_COMMAND, CLASS_P1 },
		{ LANE_LIVE, LIVE_TELL, CLASS_P1 },
		{ LANE_LIVE, 999, CLASS_P1 }, { LANE_CONTROL, RECORD_PUT, CLASS_P0 },
		{ LANE_ALERT, 1, CLASS_P0 }, { LANE_STATE, RECORD_PUT, CLASS_P1 },
		{ LANE_PACKET, 1, CLASS_P1 }, { LANE_METRIC, 1, CLASS_P1 }, { LANE_REGISTRY, 1, CLASS_P2 },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_int_eq(
		    message_class_of(row[i].lane, row[i].type), row[i].class);
}
CHECK_MODULE(messages, NULL, golden_messages_read_and_write,
    any_message_survives_the_trip,
    every_truncation_and_flipped_bit_is_refused_or_harmless,
    every_row_keeps_the_contract, info_fits_its_half_of_a_handshake,
    class_follows_from_lane_and_type)
