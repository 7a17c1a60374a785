/* Attack 18: two records under one number, and the claim that somebody wrote them. */
#include "attack.h"
#include "check_world.h"
#include "pack.h"
#include "rows.h"
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

/* --- epoch after epoch, by who has the key of a site --- */

static void
begin_anew(uint64_t times)
{
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	for (uint64_t i = 1; i <= times; i++) {
		r.at.epoch++;
		push(&r);
		run(300);
	}
}
static uint64_t
epoch_at(uint32_t at)
{
	return holdings_epoch(
	    &w->sites[at].site->holdings, &w->sites[LIAR].identity.key);
}

START_TEST(the_fifth_epoch_of_a_day_is_heard_by_nobody)
{
	a_line_of_three();
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	world_cut(w, VICTIM, LIAR); /* its own core would mend what we break */
	begin_anew(PEERS_EPOCHS);
	uint64_t last = r.at.epoch + PEERS_EPOCHS;
	ck_assert_uint_eq(epoch_at(VICTIM), last);
	ck_assert_uint_eq(epoch_at(HONEST), last);
	r.at.epoch = last + 1;
	struct bytes_view frames = liar_push(w, LIAR, liar_signs(w, LIAR, &r));
	world_flush(w, VICTIM);
	attack_starts(w);
	liar_sends(w, LIAR, VICTIM, frames);
	attack_moves(VICTIM, "rx.taken", 1);
	attack_moves(VICTIM, "record.new_epoch", 1);
	attack_ends(w, "one epoch too many");
	r.at.epoch = last; /* its log goes on where it was */
	r.at.seq = 2;
	push(&r);
	run(300);
	ck_assert_uint_eq(world_told(w, HONEST, LIAR, LANE_METRIC, 0), 0);
	ck_assert_uint_eq(epoch_at(HONEST), last);
	done();
}
/* By the claim of a neighbour, too, nobody asks for it. */
START_TEST(the_fifth_epoch_of_a_day_is_not_asked_for)
{
	uint8_t row[ROWS_ROW_MAX], frame[256], oid[8];
	struct bytes_out row_out = bytes_out(row, sizeof row);
	struct bytes_out out = bytes_out(frame, sizeof frame);
	struct mesh_run held[LANE_COUNT - 1] = { [LANE_METRIC - LANE_CONTROL] = {
						     1, 9 } };
	const struct rows rows = { .mask = 1, .last = true };
	a_line_of_three();
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	world_cut(w, VICTIM, LIAR);
	begin_anew(PEERS_EPOCHS);
	mesh_oid(&w->sites[LIAR].identity.key, oid);
	ck_assert(rows_put(&row_out, oid, r.at.epoch + PEERS_EPOCHS + 1, held));
	ck_assert_int_eq(rows_write(&rows, 1, bytes_written(&row_out), &out), MESH_OK);
	uint64_t asked = counter(VICTIM, "sync.pull");
	liar_sends(w, LIAR, VICTIM, bytes_written(&out));
	run(1);
	ck_assert_uint_eq(counter(VICTIM, "rx.shape"), 0);
	ck_assert_uint_eq(counter(VICTIM, "sync.pull"), asked);
	done();
}
/* A loop of restarts under a restored snapshot: the count goes on. */
START_TEST(a_restart_forgets_no_fork)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(5000);
	for (int i = 1; i < OWN_FORKS; i++) {
		struct own *o = &w->sites[VICTIM].site->own;
		ck_assert(own_forked(o, w->now));
		o->keep_due = true;
		world_drain(w, VICTIM); /* nothing else would wake it */
		run(100);
		world_kill(w, VICTIM);
		world_start(w, VICTIM);
		run(5000);
	}
	ck_assert(!own_forked(&w->sites[VICTIM].site->own, w->now));
	ck_assert_int_eq(mesh_site_writing(w->sites[VICTIM].site), WRITING_FORKED);
	done();
}

CHECK_MODULE(attack_fork, NULL, the_fifth_epoch_of_a_day_is_heard_by_nobody,
    the_fifth_epoch_of_a_day_is_not_asked_for, a_restart_forgets_no_fork,
    two_records_under_one_number_freeze_that_lane_everywhere,
    two_long_records_under_one_number_freeze_that_lane_everywhere,
    nobody_is_frozen_by_a_proof_that_is_none)
