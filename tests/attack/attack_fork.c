/* Attack 18: two records under one number, and the claim that somebody wrote them. */
#include "attack.h"
#include "check_world.h"
#include "pack.h"
#include "wire.h"

/* 0 - 1 - 2; 2 is admitted and lies to 1. */
enum { HONEST = 0, VICTIM = 1, LIAR = 2 };

static void
a_line_of_three(void)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(10000);
	ck_assert(is_direct(VICTIM, HONEST) && is_direct(VICTIM, LIAR));
}
static void
push(const struct record *r)
{
	liar_sends(w, LIAR, VICTIM, liar_push(w, LIAR, liar_signs(w, LIAR, r)));
}

START_TEST(two_records_under_one_number_freeze_that_lane_everywhere)
{
	a_line_of_three();
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	push(&r);
	run(1000);
	world_cut(w, VICTIM, LIAR); /* its own core would mend what we break */
	r.body = hex("9302c0c0");
	push(&r);
	run(700);
	ck_assert_uint_eq(counter(VICTIM, "peer.fork"), 1);
	ck_assert_uint_eq(counter(HONEST, "peer.fork"), 1);
	ck_assert_uint_eq(w->sites[HONEST].notices[NOTICE_FORK], 1);
	r.at.seq = 2;
	struct bytes_view frames = liar_push(w, LIAR, liar_signs(w, LIAR, &r));
	world_flush(w, VICTIM);
	attack_starts(w);
	liar_sends(w, LIAR, VICTIM, frames);
	attack_moves(VICTIM, "rx.taken", 1);
	attack_moves(VICTIM, "record.frozen", 1);
	attack_ends(w, "a frozen lane");
	append(HONEST, 7); /* that lane of that origin, and nothing else */
	run(200);
	ck_assert_uint_eq(world_told(w, VICTIM, HONEST, LANE_PACKET, 7), 1);
	done();
}

/* --- the same with records of more than a datagram --- */

static uint8_t long_core[MESSAGE_FRAME_MAX], long_bundle[MESSAGE_FRAME_MAX],
    long_frame[MESSAGE_FRAME_MAX];

static struct bytes_view
long_push(const struct record *r)
{
	struct bytes_out core_out = bytes_out(long_core, sizeof long_core);
	struct bytes_out bundle_out = bytes_out(long_bundle, sizeof long_bundle);
	struct bytes_out frame_out = bytes_out(long_frame, sizeof long_frame);
	const struct mesh_identity *id = &w->sites[LIAR].identity;
	struct bundle_signer by = { id->seed, &id->key, w->network.id };
	ck_assert_int_eq(record_write(r, &core_out), MESH_OK);
	struct bytes_view written = bytes_written(&core_out);
	ck_assert_int_eq(bundle_sign(&by, &written, 1, &bundle_out), MESH_OK);
	struct envelope_hop hop = { .bundle = bytes_written(&bundle_out) };
	ck_assert_int_eq(envelope_put_push(&frame_out, &hop), MESH_OK);
	return bytes_written(&frame_out);
}
static void
push_long(const struct record *r, uint16_t message)
{
	enum { STEP = 1100 };
	struct bytes_view whole = long_push(r);
	for (size_t at = 0; at < whole.len; at += STEP) {
		uint8_t room[ENVELOPE_MAX];
		struct bytes_out out = bytes_out(room, sizeof room);
		size_t left = whole.len - at;
		struct frame_frag piece = { message, (uint32_t)whole.len, STEP,
			(uint8_t)(at / STEP),
			bytes_view(whole.ptr + at, left < STEP ? left : STEP) };
		ck_assert_int_eq(
		    wire_encode_numbered(&frame_frag_table, FRAME_FRAG, &piece, &out),
		    MESH_OK);
		liar_sends(w, LIAR, VICTIM, bytes_written(&out));
	}
}

START_TEST(two_long_records_under_one_number_freeze_that_lane_everywhere)
{
	static const size_t sizes[] = { 2000, 25000, 40000 };
	static uint8_t body[MESSAGE_FRAME_MAX], filler[MESSAGE_FRAME_MAX];
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		a_line_of_three();
		struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
		for (uint8_t way = 0; way < 2; way++) {
			struct bytes_out out = bytes_out(body, sizeof body);
			filler[0] = way;
			pack_array(&out, 1);
			pack_bin(&out, bytes_view(filler, sizes[i]));
			r.body = bytes_written(&out);
			push_long(&r, (uint16_t)(way + 1));
			run(1000);
			if (way == 0)
				world_cut(w, VICTIM, LIAR);
		}
		ck_assert_uint_eq(counter(VICTIM, "peer.fork"), 1);
		/* 80 KB are no record: there it is not known. */
		bool shown = sizes[i] < 30000;
		ck_assert_uint_eq(counter(HONEST, "peer.fork"), shown);
		ck_assert_uint_eq(counter(VICTIM, "tx.too_large"), !shown);
		done();
	}
}

/* --- slander --- */

static struct {
	uint8_t bytes[ENVELOPE_MAX];
	size_t len;
} said; /* a bundle of the honest site's */

static enum world_fate
keep_what_is_said(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	if (d->from == HONEST && d->to == VICTIM &&
	    find_push(frames_of(d, plain), LANE_ALERT, &frame, &hop, &r)) {
		memcpy(said.bytes, hop.bundle.ptr, hop.bundle.len);
		said.len = hop.bundle.len;
	}
	return WORLD_DELIVER;
}
static void
slander(const uint8_t *other, uint64_t seq, const char *why)
{
	uint8_t body[ENVELOPE_MAX];
	struct bytes_out out = bytes_out(body, sizeof body);
	pack_array(&out, 2);
	bytes_put(&out, said.bytes, said.len);
	bytes_put(&out, other, said.len);
	struct record r = liar_record(w, LIAR, LANE_LIVE, seq);
	r.type = LIVE_FORK;
	r.body = bytes_written(&out);
	push(&r);
	ck_assert_msg(counter(VICTIM, "peer.fork") == 0, "%s", why);
	run(500);
	for (uint32_t i = 0; i < 3; i++) {
		ck_assert_msg(counter(i, "peer.fork") == 0, "%s: site %u", why, i);
		ck_assert_uint_eq(w->sites[i].notices[NOTICE_FORK], 0);
	}
	ck_assert_uint_eq(counter(HONEST, "own.epoch_new"), 0);
}
START_TEST(nobody_is_frozen_by_a_proof_that_is_none)
{
	enum { IN_SIGNATURE = 20 };
	uint8_t other[ENVELOPE_MAX];
	a_line_of_three();
	said.len = 0;
	w->tap = keep_what_is_said;
	ck_assert_int_eq(world_append(w, HONEST, LANE_ALERT, 5, 50), MESH_OK);
	run(500);
	w->tap = NULL;
	ck_assert_uint_gt(said.len, 0);
	uint64_t seq = w->sites[LIAR].site->own.lane[LANE_LIVE].used + 100;
	memcpy(other, said.bytes, said.len);
	slander(other, seq, "the same twice");
	other[IN_SIGNATURE] ^= 1;
	slander(other, seq + 1, "the same, under another signature");
	other[IN_SIGNATURE] ^= 1;
	other[said.len - 1] ^= 1;
	slander(other, seq + 2, "another body, under the same signature");
	ck_assert_int_eq(world_append(w, HONEST, LANE_ALERT, 6, 50), MESH_OK);
	run(500);
	ck_assert_uint_eq(world_told(w, VICTIM, HONEST, LANE_ALERT, 6), 1);
	ck_assert_uint_eq(world_told(w, LIAR, HONEST, LANE_ALERT, 6), 1);
	done();
}

CHECK_MODULE(attack_fork, NULL,
    two_records_under_one_number_freeze_that_lane_everywhere,
    two_long_records_under_one_number_freeze_that_lane_everywhere,
    nobody_is_frozen_by_a_proof_that_is_none)
