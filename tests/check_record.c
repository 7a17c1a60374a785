#include "check_mesh.h"
#include "golden.h"
#include "pack.h"
#include "quota.h"
#include "record.h"
#include "text.h"

static uint8_t room[RECORD_MAX + 100];

static struct record
good(void)
{
	struct record r = {
		.at = { .epoch = 1765432100, .seq = 9, .lane = LANE_PACKET },
		.back = 1,
		.type = 1,
		.time_ms = 1765432100000,
		.hop_max = 32
	};
	static const uint8_t body[] = { 0x92, 0x01, 0xc0 };
	memset(r.at.origin.bytes, 0x11, 32);
	memset(r.dst.bytes, 0x22, 32);
	r.body = bytes_view(body, sizeof body);
	return r;
}

static void
show(const struct record *r, struct bytes_out *o)
{
	text_printf(o,
	    "lane=%d epoch=%llu seq=%llu back=%llu type=%u time_ms=%lld hop_max=%u "
	    "dst=",
	    (int)r->at.lane, (unsigned long long)r->at.epoch,
	    (unsigned long long)r->at.seq, (unsigned long long)r->back, r->type,
	    (long long)r->time_ms, r->hop_max);
	if (r->has_dst)
		text_put_hex(o, bytes_view(r->dst.bytes, 32));
	else
		text_put(o, "-");
	text_put(o, " body=");
	text_put_hex(o, r->body);
}

static void
check_line(const char *name, struct bytes_view core, const char *expected)
{
	static char shown[4096];
	struct bytes_out o = bytes_out(shown, sizeof shown),
			 out = bytes_out(room, sizeof room);
	struct record r;
	ck_assert_msg(record_read(core, &r) == MESH_OK, "%s: refused", name);
	show(&r, &o);
	ck_assert_str_eq(text_end(&o), expected);
	ck_assert_msg(bytes_equal(r.core, core), "the core is the bytes as they came");
	ck_assert(
	    r.body.ptr > core.ptr && r.body.ptr + r.body.len <= core.ptr + core.len);
	ck_assert_int_eq(record_write(&r, &out), MESH_OK);
	bool extended = strstr(name, "trailing") != NULL;
	ck_assert_msg(extended != bytes_equal(core, bytes_written(&out)),
	    "%s: other bytes", name);
}

START_TEST(golden_cores_read_and_write)
{
	ck_assert_uint_gt(golden_each("wire/records.txt", check_line), 6);
}
START_TEST(rules_of_the_numbers)
{
	/* clang-format off */
	static const struct { enum mesh_lane lane; uint64_t seq, back; uint8_t hop_max; bool dst; int64_t time_ms; bool ok; const char *why; } row[] = {
		{ LANE_PACKET, 9, 1, 32, false, 0, true, "plain" },
		{ LANE_PACKET, 9, 9, 32, false, 0, true, "the first of its epoch" },
		{ LANE_PACKET, 9, 10, 32, false, 0, false, "back beyond the beginning" },
		{ LANE_PACKET, 9, 0, 32, false, 0, false, "back 0 in a stored lane" },
		{ LANE_LIVE, 9, 0, 0, false, 0, true, "live" },
		{ LANE_LIVE, 9, 1, 0, false, 0, false, "back in the live lane" },
		{ LANE_LIVE, 9, 0, 0, true, 0, true, "live, to one site" },
		{ LANE_PACKET, 9, 1, 32, true, 0, false, "stored, to one site" },
		{ LANE_PACKET, 0, 1, 32, false, 0, false, "seq 0" },
		{ LANE_LIVE, 0, 0, 32, false, 0, false, "seq 0" },
		{ LANE_PACKET, RECORD_SEQ_MAX, 1, 32, false, 0, true, "the last seq" },
		{ LANE_PACKET, RECORD_SEQ_MAX + 1, 1, 32, false, 0, false, "beyond the last seq" },
		{ LANE_PACKET, 9, 1, 33, false, 0, false, "hop_max 33" },
		{ LANE_PACKET, 9, 1, 0, false, 0, true, "never relayed" },
		{ LANE_COUNT, 9, 1, 1, false, 0, false, "no such lane" },
		{ LANE_PACKET, 9, 1, 1, false, -1, false, "before 1970" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct record r = good(), back;
		struct bytes_out out = bytes_out(room, sizeof room);
		r.at.lane = row[i].lane;
		r.at.seq = row[i].seq;
		r.back = row[i].back;
		r.hop_max = row[i].hop_max;
		r.has_dst = row[i].dst;
		r.time_ms = row[i].time_ms;
		enum mesh_err err = record_write(&r, &out);
		ck_assert_msg(
		    err == (row[i].ok ? MESH_OK : MESH_MALFORMED), "%s", row[i].why);
		ck_assert(row[i].ok || (out.len == 0 && !out.failed));
		/* The reader knows the rules too. */
		out = bytes_out(room, sizeof room);
		pack_array(&out, 10);
		pack_bin(&out, bytes_view(r.at.origin.bytes, 32));
		pack_uint(&out, r.at.lane);
		pack_uint(&out, r.at.epoch);
		pack_uint(&out, r.at.seq);
		pack_uint(&out, r.back);
		pack_uint(&out, r.type);
		pack_int(&out, r.time_ms);
		pack_uint(&out, r.hop_max);
		if (r.has_dst)
			pack_bin(&out, bytes_view(r.dst.bytes, 32));
		else
			pack_nil(&out);
		bytes_put_view(&out, r.body);
		err = record_read(bytes_written(&out), &back);
		ck_assert_msg(err == (row[i].ok ? MESH_OK : MESH_MALFORMED), "read: %s",
		    row[i].why);
	}
}
/* Where bytes are bounded a number stands for a share of them: PROTOCOL.md 2. */
START_TEST(a_long_record_takes_as_many_numbers_as_it_counts_for)
{
	static const struct {
		enum mesh_lane lane;
		size_t core;
		uint32_t weight;
	} row[] = {
		{ LANE_STATE, 200, 1 },
		{ LANE_STATE, 838, 1 },
		{ LANE_STATE, 839, 2 },
		{ LANE_STATE, 2 * 838, 2 },
		{ LANE_STATE, 2 * 838 + 1, 3 },
		{ LANE_STATE, 60000, 72 },
		{ LANE_REGISTRY, 8589, 1 },
		{ LANE_REGISTRY, 8590, 2 },
		{ LANE_REGISTRY, 60000, 7 },
		{ LANE_PACKET, 60000, 1 },
		{ LANE_CONTROL, 60000, 1 },
	};
	static uint8_t value[RECORD_MAX], core[RECORD_MAX], body[RECORD_MAX];
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct record r = good(), again;
		struct bytes_out out = bytes_out(core, sizeof core);
		r.at.lane = row[i].lane;
		r.at.seq = 100;
		for (size_t len = row[i].core - 100; out.len != row[i].core; len++) {
			struct bytes_out made = bytes_out(body, sizeof body);
			pack_array(&made, 1);
			pack_bin(&made, bytes_view(value, len));
			r.body = bytes_written(&made);
			r.back = 100;
			out = bytes_out(core, sizeof core);
			ck_assert_int_eq(record_write(&r, &out), MESH_OK);
		}
		ck_assert_uint_eq(quota_weight(row[i].lane, out.len), row[i].weight);
		for (uint64_t back = 1; back <= 100; back++) {
			r.back = back;
			out = bytes_out(core, sizeof core);
			enum mesh_err err = back < row[i].weight ? MESH_MALFORMED
								 : MESH_OK;
			ck_assert_int_eq(record_write(&r, &out), err);
			out = bytes_out(core, sizeof core);
			record_write_head(&r, &out);
			bytes_put_view(&out, r.body);
			ck_assert_int_eq(record_read(bytes_written(&out), &again), err);
		}
	}
}
START_TEST(a_body_is_one_array)
{
	static const char *const bodies[] = { "", "01", "80", "c0",
		"9101"
		"01",
		"92", "c10a" };
	for (size_t i = 0; i < LENGTH(bodies); i++) {
		struct record r = good();
		struct bytes_out out = bytes_out(room, sizeof room);
		r.body = hex(bodies[i]);
		ck_assert_msg(record_write(&r, &out) != MESH_OK ||
			strcmp(bodies[i], "910101") == 0,
		    "%s", bodies[i]);
	}
}
START_TEST(truncated_or_flipped_cores_are_refused_or_something_else)
{
	struct record r = good(), back;
	struct bytes_out out = bytes_out(room, sizeof room);
	ck_assert_int_eq(record_write(&r, &out), MESH_OK);
	for (size_t len = 0; len < out.len; len++)
		ck_assert_int_eq(
		    record_read(bytes_view(room, len), &back), MESH_TRUNCATED);
	for (size_t bit = 0; bit < 8 * out.len; bit++) {
		room[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (record_read(bytes_written(&out), &back) == MESH_OK) {
			uint8_t again[256];
			struct bytes_out o = bytes_out(again, sizeof again);
			ck_assert_int_eq(record_write(&back, &o), MESH_OK);
			ck_assert(bytes_equal(bytes_written(&out), bytes_written(&o)));
		}
		room[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}
START_TEST(a_core_too_long_is_refused)
{
	static uint8_t body[RECORD_MAX];
	struct record r = good(), back;
	struct bytes_out out = bytes_out(room, sizeof room),
			 b = bytes_out(body, sizeof body);
	static const uint8_t zeros[RECORD_MAX];
	pack_array(&b, 1);
	pack_bin(&b, bytes_view(zeros, RECORD_MAX - 4));
	r.body = bytes_written(&b);
	ck_assert_int_eq(record_write(&r, &out), MESH_MALFORMED);
	ck_assert_uint_eq(out.len, 0);
	ck_assert_int_eq(
	    record_read(bytes_view(room, sizeof room), &back), MESH_MALFORMED);
}
START_TEST(only_puts_of_keyed_lanes_have_a_key)
{
	/* clang-format off */
	static const struct { enum mesh_lane lane; uint16_t type; const char *body; const char *key; const char *why; } row[] = {
		{ LANE_STATE, RECORD_PUT, "92c4026162" "01", "6162", "a PUT" },
		{ LANE_CONTROL, RECORD_PUT, "91c40161", "61", "without a value" },
		{ LANE_REGISTRY, RECORD_DROP, "92c4026162" "01", NULL, "a DROP" },
		{ LANE_PACKET, RECORD_PUT, "92c4026162" "01", NULL, "a time lane" },
		{ LANE_STATE, RECORD_PUT, "92a26162" "01", NULL, "a text is no key" },
		{ LANE_STATE, RECORD_PUT, "92c400" "01", NULL, "an empty key" },
		{ LANE_STATE, RECORD_PUT, "90", NULL, "nothing" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct bytes_view key;
		struct record r = { .at = { .lane = row[i].lane },
			.type = row[i].type,
			.body = hex(row[i].body) };
		ck_assert_msg(
		    record_key(&r, &key) == (row[i].key != NULL), "%s", row[i].why);
		ck_assert(row[i].key == NULL || bytes_equal(key, hex(row[i].key)));
	}
}
START_TEST(a_position_is_what_the_whole_core_says)
{
	struct record r = good(), back;
	struct mesh_position at;
	struct bytes_out out = bytes_out(room, sizeof room);
	ck_assert_int_eq(record_write(&r, &out), MESH_OK);
	for (size_t bit = 0; bit < 8 * out.len; bit++) {
		room[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (record_read(bytes_written(&out), &back) == MESH_OK) {
			ck_assert(record_position(bytes_written(&out), &at));
			ck_assert_mem_eq(&at.origin, &back.at.origin, sizeof at.origin);
			ck_assert(at.lane == back.at.lane &&
			    at.epoch == back.at.epoch && at.seq == back.at.seq);
		}
		room[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t len = 0; len < 32; len++) /* the key alone has as many */
		ck_assert(!record_position(bytes_view(room, len), &at));
}
CHECK_MODULE(record, NULL, golden_cores_read_and_write, rules_of_the_numbers,
    a_long_record_takes_as_many_numbers_as_it_counts_for, a_body_is_one_array,
    truncated_or_flipped_cores_are_refused_or_something_else,
    a_core_too_long_is_refused, only_puts_of_keyed_lanes_have_a_key,
    a_position_is_what_the_whole_core_says)
