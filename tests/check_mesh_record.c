#include "bundle.h"
#include "check_mesh.h"
#include "id.h"
#include "meshproto.h"
#include "seal.h"

static uint8_t seed[32] = { 1 }, netid[16] = { 2 };
static struct mesh_key key;

static struct bytes_view
bundle_of(enum mesh_lane lane, size_t n, const char *body)
{
	static uint8_t room[1024];
	uint8_t cores[2][256];
	struct bytes_view views[2];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct bundle_signer by = { seed, &key, netid };
	seal_public_of(seed, key.bytes);
	for (size_t i = 0; i < n; i++) {
		struct bytes_out o = bytes_out(cores[i], sizeof cores[i]);
		struct record r = { .at = { key, 3, 4 + i, lane },
			.back = 1,
			.type = 1,
			.time_ms = 55,
			.hop_max = 32,
			.body = hex(body) };
		ck_assert_int_eq(record_write(&r, &o), MESH_OK);
		views[i] = bytes_written(&o);
	}
	ck_assert_int_eq(bundle_sign(&by, views, n, &out), MESH_OK);
	return bytes_written(&out);
}

START_TEST(a_record_is_read_from_its_proof)
{
	struct mesh_record r;
	struct bytes_view proof = bundle_of(LANE_STATE, 1,
			      "92c4026162"
			      "07"),
			  found;
	uint8_t leaf[32], bytes[256] = { 0 }, want[32];
	ck_assert_int_eq(mesh_record_read(proof, &r), MESH_OK);
	ck_assert(key_equal(&r.at.origin, &key) && r.at.seq == 4 && r.at.epoch == 3);
	ck_assert(
	    r.back == 1 && r.type == 1 && r.time_ms == 55 && r.at.lane == LANE_STATE);
	ck_assert(
	    bytes_equal(r.body, hex("92c402616207")) && bytes_equal(r.proof, proof));
	ck_assert(mesh_record_key(&r, &found) && bytes_equal(found, hex("6162")));
	memcpy(bytes + 1, r.core.ptr, r.core.len);
	seal_hash(bytes_view(bytes, r.core.len + 1), want);
	mesh_record_leaf(&r, leaf);
	ck_assert_mem_eq(leaf, want, 32);
}
START_TEST(a_bundle_of_two_or_of_nothing_is_no_record)
{
	struct mesh_record r;
	ck_assert_int_eq(
	    mesh_record_read(bundle_of(LANE_PACKET, 2, "90"), &r), MESH_MALFORMED);
	ck_assert_int_eq(mesh_record_read(hex("95"), &r), MESH_TRUNCATED);
	ck_assert_msg(r.core.ptr == NULL && r.at.seq == 0, "and leaves nothing behind");
}
START_TEST(lanes_with_keys_are_three)
{
	for (int lane = 0; lane < LANE_COUNT; lane++)
		ck_assert(mesh_lane_is_keyed((enum mesh_lane)lane) ==
		    (lane == LANE_CONTROL || lane == LANE_STATE ||
			lane == LANE_REGISTRY));
}
START_TEST(sums_carry_and_come_back_in_any_order)
{
	struct mesh_live live = { 0 }, zero = { 0 };
	uint8_t leaves[20][32], max[32], one[32] = { 1 };
	memset(max, 0xff, sizeof max);
	mesh_live_add(&live, max, 1);
	mesh_live_add(&live, one, 1);
	ck_assert_msg(
	    memcmp(live.sum, zero.sum, 32) == 0 && live.count == 2, "mod 2^256");
	mesh_live_remove(&live, one, 1);
	ck_assert_mem_eq(live.sum, max, 32);
	mesh_live_remove(&live, max, 1);
	rng_bytes(leaves, sizeof leaves);
	for (size_t i = 0; i < LENGTH(leaves); i++)
		mesh_live_add(&live, leaves[i], 1);
	for (size_t i = LENGTH(leaves); i > 0; i--)
		mesh_live_remove(&live, leaves[i - 1], 1);
	ck_assert_mem_eq(&live, &zero, sizeof live);
	mesh_live_add(&live,
	    hex("ff00000000000000000000000000000000000000000000000000000000000001").ptr,
	    1);
	mesh_live_add(&live,
	    hex("0200000000000000000000000000000000000000000000000000000000000080").ptr,
	    1);
	ck_assert_mem_eq(live.sum,
	    hex("0101000000000000000000000000000000000000000000000000000000000081").ptr,
	    32);
}
CHECK_MODULE(mesh_record, NULL, a_record_is_read_from_its_proof,
    a_bundle_of_two_or_of_nothing_is_no_record, lanes_with_keys_are_three,
    sums_carry_and_come_back_in_any_order)
