/* A site of the next version among ours: what we do not know we carry on, unharmed.
 *
 * 0 - 1 - 2.  Site 0 is newer: it signs records of types that nobody here knows, with
 * more elements than our tables have, speaks more versions and has more features. */
#include "attack.h"
#include "check_world.h"
#include "inside_peers.h"

enum { NEWER = 0, OURS = 1, BEYOND = 2, LATER_TYPE = 4711 };

/* The bundle that our site sends on, as it stands in its PUSH. */
static struct {
	enum mesh_lane lane;
	uint64_t seq;
	uint8_t bytes[ENVELOPE_MAX];
	size_t len;
} carried;

static enum world_fate
watch_what_goes_on(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	if (d->from == OURS && d->to == BEYOND &&
	    find_push(frames_of(d, plain), carried.lane, &frame, &hop, &r) &&
	    r.at.seq == carried.seq) {
		memcpy(carried.bytes, hop.bundle.ptr, hop.bundle.len);
		carried.len = hop.bundle.len;
	}
	return WORLD_DELIVER;
}
static void
a_line_of_three(void)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(OURS, NEWER) && is_direct(OURS, BEYOND));
	w->tap = watch_what_goes_on;
}
static size_t
told(uint32_t at, enum mesh_lane lane, uint64_t seq)
{
	const struct world_site *s = &w->sites[at];
	size_t times = 0;
	for (size_t i = 0; i < s->record_count; i++)
		times += s->records[i].at.lane == lane && s->records[i].at.seq == seq &&
		    s->records[i].origin == NEWER;
	return times;
}
/* Four elements more in the body, two behind it. */
static struct bytes_view
a_later_record(enum mesh_lane lane, uint64_t seq, uint16_t type)
{
	struct record r = liar_record(w, NEWER, lane, seq);
	r.type = type;
	r.body = hex("96c401aa0782a16101a162c091a178cb3ff8000000000000c0");
	carried.lane = lane;
	carried.seq = seq;
	carried.len = 0;
	return liar_signs_more(w, NEWER, &r, hex("a56c6174657293010203"), 2);
}

START_TEST(unknown_types_of_every_log_are_stored_and_carried_on_as_they_are)
{
	a_line_of_three();
	for (enum mesh_lane lane = LANE_CONTROL; lane < LANE_COUNT; lane++) {
		uint64_t seq = 1000;
		struct bytes_view bundle = a_later_record(lane, seq, LATER_TYPE);
		uint8_t sent[ENVELOPE_MAX];
		memcpy(sent, bundle.ptr, bundle.len);
		liar_sends(w, NEWER, OURS, liar_push(w, NEWER, bundle));
		run(1000);
		ck_assert_msg(told(OURS, lane, seq) == 1, "lane %d", (int)lane);
		if (lane == LANE_REGISTRY)
			continue; /* P2 waits to be asked for */
		ck_assert_msg(told(BEYOND, lane, seq) == 1, "lane %d", (int)lane);
		ck_assert_uint_eq(carried.len, bundle.len);
		ck_assert_mem_eq(carried.bytes, sent, bundle.len);
	}
	ck_assert_uint_eq(counter(OURS, "rx.shape"), 0);
	done();
}
START_TEST(unknown_live_news_is_carried_on_and_changes_nothing)
{
	a_line_of_three();
	uint64_t seq = w->sites[NEWER].site->own.lane[LANE_LIVE].used + 100;
	struct bytes_view bundle = a_later_record(LANE_LIVE, seq, LATER_TYPE);
	size_t len = bundle.len;
	world_flush(w, OURS);
	attack_starts(w);
	liar_sends(w, NEWER, OURS, liar_push(w, NEWER, bundle));
	attack_holds(w, OURS, "unknown live news");
	run(500);
	ck_assert_uint_eq(carried.len, len);
	attack_holds(w, BEYOND, "unknown live news");
	done();
}
/* What we know keeps its meaning, whatever stands behind it. */
START_TEST(known_types_may_grow_at_the_end)
{
	static const char key[] = "user/x";
	a_line_of_three();
	for (uint64_t i = 0; i < 2; i++) {
		struct record r = liar_record(w, NEWER, LANE_STATE, 2000 + i);
		uint8_t body[64];
		struct bytes_out out = bytes_out(body, sizeof body);
		bytes_put_view(&out, hex(i == 0 ? "92c406" : "94c406"));
		bytes_put(&out, key, sizeof key - 1);
		bytes_put_view(&out, hex(i == 0 ? "07" : "0793010203a178"));
		r.type = RECORD_PUT;
		r.body = bytes_written(&out);
		struct bytes_view bundle = liar_signs(w, NEWER, &r);
		liar_sends(w, NEWER, OURS, liar_push(w, NEWER, bundle));
		run(100);
		ck_assert_uint_eq(told(BEYOND, LANE_STATE, 2000 + i), 1);
	}
	done();
}
START_TEST(unknown_frames_are_skipped_and_the_next_one_is_read)
{
	a_line_of_three();
	uint8_t frames[64];
	struct bytes_out out = bytes_out(frames, sizeof frames);
	bytes_put_view(&out, hex("9363a56c6174657293010203")); /* [99, ...] */
	bytes_put_view(&out, hex("92ccfac0"));                 /* [250, nil] */
	bytes_put_view(&out, hex("930207c0"));                 /* PING 7 */
	world_flush(w, OURS);
	uint64_t sent = w->sites[OURS].sent;
	attack_starts(w);
	liar_sends(w, NEWER, OURS, bytes_written(&out));
	world_flush(w, OURS);
	attack_moves(OURS, "rx.taken", 1);
	attack_moves(OURS, "rx.frame_unknown", 2);
	attack_answers(OURS, 64);
	attack_ends(w, "unknown frames");
	run(20);
	ck_assert_uint_gt(w->sites[OURS].sent, sent); /* its PONG */
	done();
}
START_TEST(known_frames_may_grow_at_the_end)
{
	a_line_of_three();
	world_flush(w, OURS);
	attack_starts(w);
	liar_sends(w, NEWER, OURS, hex("950207c093010203a56c61746572"));
	world_flush(w, OURS);
	attack_moves(OURS, "rx.taken", 1);
	attack_answers(OURS, 64);
	attack_ends(w, "a longer PING");
	done();
}
/* The lower of both highest, and the features of both. */
START_TEST(versions_and_features_meet_in_what_both_have)
{
	begin(2, 0);
	world_start_all(w);
	run(100);
	struct introduce *told_by = &w->sites[NEWER].site->handshake.self.told;
	told_by->proto_max = INSIDE_PROTO + 5;
	told_by->features = UINT64_MAX;
	world_join_all(w);
	run(8000);
	ck_assert(is_direct(OURS, NEWER) && is_direct(NEWER, OURS));
	for (uint32_t i = 0; i < 2; i++) {
		struct sessions *ss = &w->sites[i].site->sessions;
		const struct session *s = session_at(
		    ss, session_of(ss, &w->sites[1 - i].identity.key));
		ck_assert_uint_eq(s->peer.proto, INSIDE_PROTO);
		ck_assert_uint_eq(s->peer.features,
		    w->sites[OURS].site->handshake.self.told.features);
	}
	append(NEWER, 1);
	append(OURS, 2);
	run(200);
	ck_assert_uint_eq(world_told(w, OURS, NEWER, LANE_PACKET, 1), 1);
	ck_assert_uint_eq(world_told(w, NEWER, OURS, LANE_PACKET, 2), 1);
	done();
}
/* --- a site of the version before among ours: it has no features --- */

static size_t to_before, cut_for_it;

static enum world_fate
watch_what_it_gets(void *ctx, const struct world_datagram *d)
{
	static const bool known[] = { [FRAME_PUSH] = true,
		[FRAME_PING] = true,
		[FRAME_PONG] = true,
		[FRAME_ACK] = true,
		[FRAME_PROBE] = true,
		[FRAME_PROBED] = true,
		[FRAME_PATH] = true,
		[FRAME_PATH_ACK] = true,
		[FRAME_CLOSE] = true };
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct bundle b;
	enum mesh_err err = MESH_OK;
	(void)ctx;
	if (d->to != BEYOND || d->from != OURS)
		return WORLD_DELIVER;
	struct bytes_in in = bytes_in(frames_of(d, plain));
	while (envelope_next_frame(&in, &frame, &err)) {
		to_before++;
		ck_assert_msg(frame.number < LENGTH(known) && known[frame.number],
		    "frame %u", frame.number);
		if (frame.number != FRAME_PUSH)
			continue;
		ck_assert_int_eq(envelope_push(&frame, &hop), MESH_OK);
		ck_assert_int_eq(bundle_read(hop.bundle, &b), MESH_OK);
		ck_assert_uint_eq(b.count, 1);
		cut_for_it += b.n > 1;
	}
	return WORLD_DELIVER;
}
START_TEST(the_version_before_gets_only_what_it_can_read)
{
	begin(3, 0);
	to_before = cut_for_it = 0;
	world_start_all(w);
	w->sites[BEYOND].site->handshake.self.told.features = 0;
	w->tap = watch_what_it_gets;
	world_join_line(w);
	run(8000);
	ck_assert(is_direct(OURS, BEYOND));
	for (uint64_t i = 1; i <= 30; i++)
		append(NEWER, i);
	run(2000);
	for (uint64_t i = 1; i <= 30; i++)
		ck_assert_uint_eq(world_told(w, BEYOND, NEWER, LANE_PACKET, i), 1);
	ck_assert_uint_gt(to_before, 30);
	ck_assert_uint_gt(cut_for_it, 20);
	done();
}
/* It is decided: else a later version would send it for ever. */
START_TEST(a_datagram_with_an_unknown_frame_is_acknowledged)
{
	a_line_of_three();
	struct mesh_site *s = w->sites[NEWER].site;
	struct neighbour *n = peering_neighbour(
	    s, peers_find(&s->peers, &w->sites[OURS].identity.key));
	struct handle parcel = parcel_of_frame(&s->parcels, PARCEL_P2, PARCEL_ACKED,
	    hex("9363a56c6174657293010203"), w->now);
	(void)pace_put(&n->pace, &s->parcels, parcel, w->now);
	world_flush(w, NEWER);
	run(100);
	ck_assert_uint_eq(counter(OURS, "rx.frame_unknown"), 1);
	ck_assert(!hop_has(&n->hop, &s->parcels, parcel));
	ck_assert_uint_eq(counter(NEWER, "tx.retry"), 0);
	parcel_release(&s->parcels, parcel);
	done();
}
START_TEST(a_later_beacon_is_understood)
{
	begin(2, 0);
	world_start(w, OURS);
	run(2000);
	world_inject(w, OURS, &w->sites[NEWER].path,
	    liar_later_beacon(w, &w->sites[NEWER].identity, 9, 1));
	ck_assert_uint_eq(counter(OURS, "rx.shape"), 0);
	struct mesh_peer p;
	ck_assert(world_peer(w, OURS, NEWER, &p));
	ck_assert_uint_eq(p.boot, 9);
	done();
}

CHECK_MODULE(versions, NULL,
    unknown_types_of_every_log_are_stored_and_carried_on_as_they_are,
    unknown_live_news_is_carried_on_and_changes_nothing,
    known_types_may_grow_at_the_end,
    unknown_frames_are_skipped_and_the_next_one_is_read,
    known_frames_may_grow_at_the_end, versions_and_features_meet_in_what_both_have,
    the_version_before_gets_only_what_it_can_read,
    a_datagram_with_an_unknown_frame_is_acknowledged, a_later_beacon_is_understood)
