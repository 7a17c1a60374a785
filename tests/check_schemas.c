#include "arena.h"
#include "lanes.h"
#include "model_world.h"
#include "random_object.h"
#include "schemas.h"
#include "status.h"
#include "text.h"

static uint8_t object[16 * 1024], back[16 * 1024], body[256 * 1024];
static uint8_t blocks[2][256 * 1024];

START_TEST(every_table_is_sound)
{
	for (const struct field_table *const *t = schema_tables; *t != NULL; t++) {
		ck_assert_uint_le((*t)->object_bytes, sizeof object);
		ck_assert((*t)->has_offset == FIELD_NO_HAS || (*t)->count <= 64);
		for (size_t i = 0; i < (*t)->count; i++) {
			const struct field *f = &(*t)->rows[i];
			bool nests = f->kind == FIELD_STRUCT || f->kind == FIELD_LIST;
			ck_assert_msg(!nests || f->sub != NULL,
			    "%s.%s has no element table", (*t)->name, f->name);
			ck_assert_msg(f->doc != NULL && f->doc[0] != '\0',
			    "%s.%s says nothing", (*t)->name, f->name);
			ck_assert(field_find(*t, text(f->name)) == f);
		}
	}
}
START_TEST(every_table_goes_through_wire_and_json_unharmed)
{
	for (const struct field_table *const *t = schema_tables; *t != NULL; t++) {
		for (int round = 0; round < 300; round++) {
			struct arena a = arena_init(blocks[0], sizeof blocks[0]);
			struct arena b = arena_init(blocks[1], sizeof blocks[1]);
			struct bytes_out out = bytes_out(body, sizeof body);
			ck_assert(random_object(*t, object, &a));
			ck_assert_int_eq(mesh_body_encode(*t, object, &out), MESH_OK);
			enum mesh_err err = mesh_body_decode(
			    *t, bytes_written(&out), back, &b);
			ck_assert_msg(err == MESH_OK, "%s: %d", (*t)->name, err);
			ck_assert_msg(fields_equal(*t, object, back), "%s", (*t)->name);
			ck_assert_str_eq(world_json(*t, object), world_json(*t, back));
		}
	}
}
START_TEST(schemas_are_found_by_noun)
{
	ck_assert(schema_find(text("packets"))->table == &packet_table);
	ck_assert(schema_find(text("status"))->table == &status_table);
	ck_assert(schema_find(text("packet")) == NULL);
}
START_TEST(a_reception_is_fifteen_values_in_wire_order)
{
	static const char *const order[] = { "packet", "network", "from", "to", "type",
		"channel", "hop_limit", "hop_start", "rssi", "snr", "time_ms",
		"claimed_ms", "via", "radio", "raw" };
	ck_assert_uint_eq(reception_table.count, LENGTH(order));
	for (size_t i = 0; i < LENGTH(order); i++)
		ck_assert_str_eq(reception_table.rows[i].name, order[i]);
	static const char *const alert_order[] = { "id", "kind", "severity", "state",
		"since_ms", "subject", "text", "data", "rule" };
	for (size_t i = 0; i < LENGTH(alert_order); i++)
		ck_assert_str_eq(alert_statement_table.rows[i].name, alert_order[i]);
}
START_TEST(lanes_decode_what_they_know)
{
	struct arena lists = arena_init(blocks[0], sizeof blocks[0]);
	struct reception r = world_reception(1, 2, 3);
	struct bytes_out out = bytes_out(body, sizeof body);
	const struct field_table *table;
	union lane_object decoded;
	ck_assert_int_eq(mesh_body_encode(&reception_table, &r, &out), MESH_OK);
	struct mesh_record record = { .at = world_at(1, LANE_PACKET, 1),
		.type = 1,
		.body = bytes_written(&out) };
	ck_assert_int_eq(lane_decode(&record, &decoded, &table, &lists), MESH_OK);
	ck_assert(table == &reception_table);
	ck_assert(fields_equal(&reception_table, &r, &decoded.reception));
	record.type = 2;
	ck_assert_int_eq(
	    lane_decode(&record, &decoded, &table, &lists), MESH_NOT_FOUND);
	record.type = 4000;
	ck_assert_int_eq(
	    lane_decode(&record, &decoded, &table, &lists), MESH_NOT_FOUND);
	record.type = 1;
	record.body.len--;
	ck_assert_int_lt(lane_decode(&record, &decoded, &table, &lists), MESH_OK);
	ck_assert(lane_body((enum mesh_lane)99, 1) == NULL);
}
START_TEST(an_ordinary_reception_fits_one_datagram)
{
	static uint8_t raw[300];
	struct bytes_out out = bytes_out(body, sizeof body);
	struct reception r = world_reception(0xffffffff, 0xffffffff, 1700000000000);
	r.raw = bytes_view(raw, sizeof raw); /* more than a LoRa frame holds */
	ck_assert_int_eq(mesh_body_encode(&reception_table, &r, &out), MESH_OK);
	ck_assert_uint_le(out.len, 400);
}
START_TEST(a_peers_silence_is_shown_as_a_wall_clock_time)
{
	struct mesh_peer peer = { .state = PEER_DEAD,
		.reason = REASON_SILENT,
		.last_heard_ms = 4000,
		.rtt_us = 1500,
		.hops = 1 };
	struct mesh_now now = { .ms = 10000, .unix_ms = 1700000000000 };
	struct peer_status s;
	peer_status_of(&peer, now, &s);
	const char *json = world_json(&peer_status_table, &s);
	ck_assert(strstr(json, "\"state\":\"dead\",\"reason\":\"silent\"") != NULL);
	ck_assert(strstr(json, "\"last_heard_ms\":1699999994000") != NULL);
	ck_assert(strstr(json, "\"rtt_ms\":1.5") != NULL);
	peer = (struct mesh_peer){ .state = PEER_ALIVE };
	peer_status_of(&peer, now, &s);
	json = world_json(&peer_status_table, &s);
	ck_assert(strstr(json, "reason") == NULL && strstr(json, "rtt_ms") == NULL);
}
CHECK_MODULE(schemas, NULL, every_table_is_sound,
    every_table_goes_through_wire_and_json_unharmed, schemas_are_found_by_noun,
    a_reception_is_fifteen_values_in_wire_order, lanes_decode_what_they_know,
    an_ordinary_reception_fits_one_datagram,
    a_peers_silence_is_shown_as_a_wall_clock_time)
