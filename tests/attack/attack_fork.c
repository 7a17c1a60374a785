/* Attack 18: two records under one number, and the claim that somebody wrote them. */
#include "attack.h"
#include "check_world.h"
#include "pack.h"

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
    nobody_is_frozen_by_a_proof_that_is_none)
