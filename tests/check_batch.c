/* Batches: one signature for what is queued, taken apart and put together again on the
 * way (PROTOCOL.md 3). */
#include "check_world.h"
#include "inside_logs.h"

/* Bundles of site 0 on their way to site 1, by how many records they hold. */
static struct {
	size_t bundles, records, largest;
	struct world_datagram last; /* with records of the packet lane */
} heard;

static enum world_fate
count_bundles(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct bundle b;
	struct record r;
	enum mesh_err err;
	(void)ctx;
	if (d->from != 0 || d->to != 1)
		return WORLD_DELIVER;
	struct bytes_in in = bytes_in(frames_of(d, plain));
	while (envelope_next_frame(&in, &frame, &err)) {
		if (frame.number != FRAME_PUSH ||
		    envelope_push(&frame, &hop) != MESH_OK ||
		    bundle_read(hop.bundle, &b) != MESH_OK ||
		    bundle_record(&b, 0, &r) != MESH_OK || r.at.lane < LANE_ALERT ||
		    r.at.lane == LANE_STATE)
			continue;
		heard.bundles++;
		heard.records += b.count;
		heard.largest = b.count > heard.largest ? b.count : heard.largest;
		heard.last = *d;
	}
	return WORLD_DELIVER;
}
static void
line_of(uint32_t sites)
{
	begin(sites, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
	memset(&heard, 0, sizeof heard);
	w->tap = count_bundles;
}
static size_t
told(uint32_t at, uint64_t number)
{
	return world_told(w, at, 0, LANE_PACKET, number);
}

START_TEST(a_lane_at_rest_signs_at_once)
{
	line_of(2);
	append(0, 1);
	ck_assert_msg(told(0, 1) == 1, "before any time has passed");
	run(4);
	append(0, 2);
	ck_assert_msg(told(0, 2) == 0, "4 ms later it gathers");
	append(0, 3);
	run(1);
	ck_assert_msg(told(0, 2) == 1 && told(0, 3) == 1, "and signs at 5 ms");
	run(5);
	append(0, 4);
	ck_assert_msg(told(0, 4) == 1, "at rest again");
	run(100);
	ck_assert_uint_eq(heard.bundles, 3);
	ck_assert_uint_eq(heard.records, 4);
	done();
}
START_TEST(records_of_two_epochs_never_share_a_signature)
{
	line_of(2);
	append(0, 1);
	append(0, 2); /* gathers; then its log ends */
	w->sites[0].site->batch[LANE_PACKET - LANE_CONTROL].epoch--;
	append(0, 3);
	run(100);
	ck_assert_uint_eq(heard.largest, 1);
	ck_assert_uint_eq(heard.records, 3);
	done();
}
START_TEST(a_burst_travels_in_few_bundles_and_arrives_once)
{
	enum { BURST = 60 };
	line_of(3);
	for (uint64_t n = 0; n < BURST; n++)
		ck_assert_int_eq(world_append(w, 0, LANE_PACKET, n, 20), MESH_OK);
	run(300);
	ck_assert_uint_eq(heard.records, BURST);
	ck_assert_uint_gt(heard.largest, 5);
	ck_assert_uint_lt(heard.bundles, BURST / 5);
	for (uint32_t at = 0; at < 3; at++) {
		for (uint64_t n = 0; n < BURST; n++)
			ck_assert_uint_eq(told(at, n), 1);
	}
	uint64_t before = 0;
	for (size_t i = 0; i < w->sites[0].record_count; i++) {
		const struct world_record *r = &w->sites[0].records[i];
		if (r->origin != 0 || r->at.lane != LANE_PACKET)
			continue;
		ck_assert_uint_gt(r->at.seq, before);
		before = r->at.seq;
	}
	done();
}
START_TEST(alerts_are_signed_alone_and_never_wait)
{
	line_of(2);
	for (uint64_t n = 0; n < 5; n++) {
		ck_assert_int_eq(world_append(w, 0, LANE_ALERT, n, 20), MESH_OK);
		ck_assert_uint_eq(world_told(w, 0, 0, LANE_ALERT, n), 1);
	}
	run(100);
	ck_assert_uint_eq(heard.largest, 1);
	ck_assert_uint_eq(heard.bundles, 5);
	done();
}
START_TEST(who_stops_signs_what_gathered)
{
	line_of(2);
	for (uint64_t n = 0; n < 3; n++)
		append(0, n);
	mesh_site_leave(w->sites[0].site, world_now(w));
	run(50);
	for (uint64_t n = 0; n < 3; n++)
		ck_assert_uint_eq(told(0, n), 1);
	done();
}
START_TEST(what_the_store_refuses_of_a_batch_is_withheld)
{
	struct mesh_event e;
	line_of(2);
	struct mesh_site *s = w->sites[0].site;
	append(0, 0);
	run(4);
	for (uint64_t n = 1; n < 4; n++)
		append(0, n);
	mesh_site_tick(
	    s, (struct mesh_now){ .ms = w->now + 1, .unix_ms = world_now(w).unix_ms });
	for (int i = 0; mesh_site_next_event(s, &e);) {
		struct bundle b;
		if (e.kind != MESH_RECORD)
			continue;
		ck_assert_int_eq(bundle_read(e.record.proof, &b), MESH_OK);
		ck_assert_uint_eq(b.n, 3);
		ck_assert_uint_eq(b.count, 1); /* each with a proof of its own */
		ck_assert_int_eq(
		    bundle_verify(&b, w->network.id, &e.record.at.origin), MESH_OK);
		enum mesh_err err = i++ == 1 ? MESH_IO : MESH_OK;
		mesh_site_stored(s, e.ticket, err, NULL,
		    (struct mesh_now){
			.ms = w->now + 1, .unix_ms = world_now(w).unix_ms });
	}
	run(100);
	ck_assert(told(1, 1) == 1 && told(1, 2) == 0 && told(1, 3) == 1);
	/* A later one is stored: the hole is filled, and until then nothing is
	 * numbered. */
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 4, 20), MESH_FULL);
	run(400);
	ck_assert(told(1, 1) == 1 && told(1, 2) == 1 && told(1, 3) == 1);
	ck_assert_uint_eq(counter(0, "own.void"), 0);
	ck_assert_uint_eq(s->holdings.holes, 0);
	append(0, 4);
	run(100);
	ck_assert_uint_eq(told(1, 4), 1);
	ck_assert_uint_eq(w->sites[1].site->holdings.holes, 0);
	done();
}

/* --- made by hand, given to site 1 of a line 0-1-2 by site 0 --- */

enum { MADE = 5 };
static uint8_t made_room[2048], piece_room[2048];
static struct bundle made;

static void
make_batch(uint64_t first_seq)
{
	static uint8_t room[MADE][200];
	struct bytes_view cores[MADE];
	for (uint64_t i = 0; i < MADE; i++) {
		uint8_t body[] = { 0x92, (uint8_t)i, 0xc0 };
		struct record r = { .at = { w->sites[0].identity.key, 1ULL << 40,
					first_seq + i, LANE_PACKET },
			.back = i == 0 ? first_seq : 1,
			.type = 1,
			.hop_max = 9,
			.body = bytes_view(body, sizeof body) };
		struct bytes_out out = bytes_out(room[i], sizeof room[i]);
		ck_assert_int_eq(record_write(&r, &out), MESH_OK);
		cores[i] = bytes_written(&out);
	}
	struct bundle_signer by = { w->sites[0].identity.seed,
		&w->sites[0].identity.key, w->network.id };
	struct bytes_out out = bytes_out(made_room, sizeof made_room);
	ck_assert_int_eq(bundle_sign(&by, cores, MADE, &out), MESH_OK);
	ck_assert_int_eq(bundle_read(bytes_written(&out), &made), MESH_OK);
}
static struct bytes_view
piece_of(uint64_t keep)
{
	struct merkle_hash leaves[BUNDLE_CORES];
	struct bytes_out out = bytes_out(piece_room, sizeof piece_room);
	bundle_leaves(&made, leaves);
	ck_assert_int_eq(bundle_cut(&made, leaves, keep, &out), MESH_OK);
	return bytes_written(&out);
}
static void
give(struct bytes_view bundle)
{
	static uint32_t ahead;
	uint8_t frames[ENVELOPE_PLAIN_MAX], out[ENVELOPE_MAX];
	struct bytes_out push = bytes_out(frames, sizeof frames);
	struct envelope_hop hop = { .bundle = bundle };
	ck_assert_int_eq(envelope_put_push(&push, &hop), MESH_OK);
	size_t len = forge(&heard.last, counter_of(&heard.last) + 50 + ++ahead,
	    bytes_written(&push), out);
	world_inject(w, 1, &heard.last.source, bytes_view(out, len));
}
static void
line_with_a_batch(void)
{
	line_of(3);
	append(0, 1);
	run(500);
	w->tap = NULL;
	make_batch(1);
}
static size_t
told_of_made(uint32_t at)
{
	size_t count = 0;
	for (size_t i = 0; i < w->sites[at].record_count; i++)
		count += w->sites[at].records[i].at.epoch == 1ULL << 40;
	return count;
}

START_TEST(one_bundle_costs_one_verification_and_tells_every_record)
{
	line_with_a_batch();
	give(made.raw);
	ck_assert_uint_eq(told_of_made(1), MADE);
	run(100);
	ck_assert_uint_eq(told_of_made(2), MADE);
	done();
}
START_TEST(only_what_is_new_of_a_bundle_is_told_and_carried_on)
{
	line_with_a_batch();
	give(piece_of(0x06)); /* 1 and 2 */
	ck_assert_uint_eq(told_of_made(1), 2);
	uint64_t known = counter(1, "record.duplicate");
	give(piece_of(0x0e)); /* and 3 */
	ck_assert_uint_eq(counter(1, "record.duplicate"), known + 2);
	ck_assert_uint_eq(told_of_made(1), 3);
	run(100);
	ck_assert_uint_eq(told_of_made(2), 3);
	ck_assert_msg(counter(2, "record.duplicate") == 0, "cut anew, not sent again");
	give(made.raw);
	run(100);
	ck_assert_uint_eq(told_of_made(1), MADE);
	ck_assert_uint_eq(told_of_made(2), MADE);
	give(made.raw);
	ck_assert_uint_eq(counter(1, "record.duplicate"), known + 5 + MADE);
	done();
}
START_TEST(a_signed_root_vouches_for_its_own_leaves_only)
{
	line_with_a_batch();
	give(piece_of(0x01));
	ck_assert_uint_eq(told_of_made(1), 1);
	struct bytes_view v = piece_of(0x04);
	piece_room[v.len - 2] ^= 1; /* another body under the same signature */
	give(v);
	ck_assert_uint_eq(counter(1, "record.bad_sig"), 1);
	give(v);
	ck_assert_uint_eq(counter(1, "record.bad_cached"), 1);
	ck_assert_uint_eq(told_of_made(1), 1);
	piece_room[v.len - 2] ^= 1;
	give(v); /* the real one second */
	ck_assert_uint_eq(told_of_made(1), 2);
	ck_assert_uint_eq(counter(2, "record.bad_sig"), 0);
	done();
}
START_TEST(a_proof_with_a_hash_too_few_is_refused)
{
	line_with_a_batch();
	struct bundle b;
	struct bytes_out out = bytes_out(made_room, sizeof made_room);
	ck_assert_int_eq(bundle_read(piece_of(0x04), &b), MESH_OK);
	bytes_put_u8(&out, 0x95);
	bytes_put(&out, "\xc4\x40", 2);
	bytes_put(&out, b.sig, BUNDLE_SIG);
	bytes_put(&out, "\x05\x04\xc4\x20", 4);
	bytes_put(&out, b.fill.ptr, 32);
	bytes_put_view(&out, b.list);
	give(bytes_written(&out));
	ck_assert_uint_eq(counter(1, "record.bad_proof"), 1);
	ck_assert_uint_eq(told_of_made(1), 0);
	done();
}
CHECK_MODULE(batch, NULL, a_lane_at_rest_signs_at_once,
    records_of_two_epochs_never_share_a_signature,
    a_burst_travels_in_few_bundles_and_arrives_once,
    alerts_are_signed_alone_and_never_wait, who_stops_signs_what_gathered,
    what_the_store_refuses_of_a_batch_is_withheld,
    one_bundle_costs_one_verification_and_tells_every_record,
    only_what_is_new_of_a_bundle_is_told_and_carried_on,
    a_signed_root_vouches_for_its_own_leaves_only,
    a_proof_with_a_hash_too_few_is_refused)
