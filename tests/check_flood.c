#include "check_mesh.h"
#include "flood.h"
#include "messages.h"

static const uint8_t tag[FLOOD_TAG] = { 1, 2, 3, 4 };

START_TEST(a_copy_is_judged_by_its_hops_and_its_trail)
{
	/* clang-format off */
	static const struct { uint8_t hops, hop_max; const char *trail; enum flood_verdict want; bool goes_on; const char *why; } row[] = {
		{ 0,   32, "",                 FLOOD_TAKE,  true,  "fresh" },
		{ 30,  32, "05060708",         FLOOD_TAKE,  true,  "one more hop" },
		{ 31,  32, "05060708",         FLOOD_TAKE,  false, "the last site" },
		{ 32,  32, "",                 FLOOD_HOPS,  false, "too far" },
		{ 255, 32, "",                 FLOOD_HOPS,  false, "flipped" },
		{ 0,   0,  "",                 FLOOD_HOPS,  false, "never relayed" },
		{ 0,   1,  "",                 FLOOD_TAKE,  false, "neighbours only" },
		{ 1,   32, "05060708" "01020304", FLOOD_TRAIL, true, "was here" },
		{ 1,   32, "05010203" "04060708", FLOOD_TAKE,  true, "not on a border" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct envelope_hop hop = { .hops = row[i].hops,
			.trail = hex(row[i].trail) };
		ck_assert_msg(flood_judge(&hop, row[i].hop_max, tag) == row[i].want,
		    "%s", row[i].why);
		ck_assert_msg(flood_goes_on(&hop, row[i].hop_max) == row[i].goes_on,
		    "%s", row[i].why);
	}
}
START_TEST(the_next_copy_bears_our_tag_last)
{
	uint8_t trail[FLOOD_TRAIL_MAX];
	struct envelope_hop hop = { .hops = 3, .age_ms = 9, .trail = hex("05060708") };
	struct envelope_hop next = flood_next(&hop, tag, trail);
	ck_assert(next.hops == 4 && next.age_ms == 9);
	ck_assert(bytes_equal(next.trail, hex("0506070801020304")));
	hop.trail = (struct bytes_view){ NULL, 0 };
	ck_assert_ptr_null(flood_next(&hop, tag, trail).trail.ptr);
	uint8_t full[FLOOD_TRAIL_MAX];
	rng_bytes(full, sizeof full);
	hop.trail = bytes_view(full, sizeof full);
	next = flood_next(&hop, tag, trail);
	ck_assert_uint_eq(next.trail.len, sizeof full);
	ck_assert(
	    memcmp(next.trail.ptr, full + FLOOD_TAG, sizeof full - FLOOD_TAG) == 0);
	ck_assert(
	    memcmp(next.trail.ptr + sizeof full - FLOOD_TAG, tag, FLOOD_TAG) == 0);
}
START_TEST(lanes_two_to_six_and_trace_have_a_trail)
{
	ck_assert(!flood_has_trail(LANE_LIVE, LIVE_SUSPECT));
	ck_assert(flood_has_trail(LANE_LIVE, LIVE_TRACE));
	ck_assert(!flood_has_trail(LANE_CONTROL, 1));
	for (enum mesh_lane lane = LANE_ALERT; lane < LANE_COUNT; lane++)
		ck_assert(flood_has_trail(lane, 1));
}
CHECK_MODULE(flood, NULL, a_copy_is_judged_by_its_hops_and_its_trail,
    the_next_copy_bears_our_tag_last, lanes_two_to_six_and_trace_have_a_trail)
