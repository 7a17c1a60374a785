#include "check_world.h"
#include "inside_own.h"
#include "inside_peers.h"

/* The core against those who mean ill: PROTOCOL.md 8, step by step. */

enum { KEEP = 400 };
static struct world_datagram kept[KEEP];
static size_t kept_count;

static enum world_fate
keep_all(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	if (kept_count < KEEP)
		kept[kept_count++] = *d;
	return WORLD_DELIVER;
}

/* Give `datagram` to `to`: exactly one counter moves, nothing is told, nothing sent
 * but, where allowed, one datagram. */
static void
is_dropped(uint32_t to, const struct mesh_path *from, struct bytes_view datagram,
    uint64_t answers, const char *why)
{
	world_flush(w, to);
	uint64_t before = counters_of_input(to), sent = w->sites[to].sent;
	size_t told = w->sites[to].record_count, changes = w->sites[to].change_count;
	world_inject(w, to, from, datagram);
	ck_assert_msg(counters_of_input(to) == before + 1, "%s: %d counters moved", why,
	    (int)(counters_of_input(to) - before));
	ck_assert_msg(w->sites[to].record_count == told, "%s: told", why);
	ck_assert_msg(w->sites[to].change_count == changes, "%s: a peer changed", why);
	ck_assert_msg(w->sites[to].sent <= sent + answers, "%s: answered", why);
}

static void
quiet_pair_with_history(void)
{
	begin(2, 0);
	world_join_all(w);
	kept_count = 0;
	w->tap = keep_all;
	world_start_all(w);
	run(3000);
	for (uint64_t n = 0; n < 10; n++)
		append((uint32_t)(n % 2), n);
	ck_assert_int_eq(world_append(w, 0, LANE_ALERT, 77, 100), MESH_OK);
	run(8000);
	w->tap = NULL;
	ck_assert_uint_gt(kept_count, 20);
}

START_TEST(every_replayed_datagram_is_dropped_and_counted_once)
{
	quiet_pair_with_history();
	uint64_t boots = peer(0, 1).boot;
	for (size_t i = 0; i < kept_count; i++)
		is_dropped(kept[i].to, &kept[i].source,
		    bytes_view(kept[i].bytes, kept[i].len),
		    kept[i].bytes[0] == ENVELOPE_HS1, "replay");
	ck_assert(is_direct(0, 1) && is_direct(1, 0) && peer(0, 1).boot == boots);
	run(6000); /* half-open handshakes of replayed HS1 are over */
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	done();
}
START_TEST(replays_to_a_later_life_are_dropped_too)
{
	quiet_pair_with_history();
	world_kill(w, 0);
	run(50);
	world_start(w, 0);
	run(6000);
	for (size_t i = 0; i < kept_count; i++)
		if (kept[i].to == 0)
			is_dropped(0, &kept[i].source,
			    bytes_view(kept[i].bytes, kept[i].len),
			    kept[i].bytes[0] == ENVELOPE_HS1, "replay");
	/* And those of the earlier life to the other: its boot is over. */
	for (size_t i = 0; i < kept_count; i++)
		if (kept[i].to == 1 && kept[i].broadcast)
			is_dropped(1, &kept[i].source,
			    bytes_view(kept[i].bytes, kept[i].len), 0, "old beacon");
	done();
}
START_TEST(every_truncation_is_dropped_and_counted_once)
{
	quiet_pair_with_history();
	for (size_t i = 0; i < kept_count; i += 7)
		for (size_t len = 0; len < kept[i].len; len++) {
			uint8_t *exact = malloc(len > 0 ? len : 1);
			ck_assert(exact != NULL);
			memcpy(exact, kept[i].bytes, len);
			is_dropped(kept[i].to, &kept[i].source, bytes_view(exact, len),
			    0, "truncated");
			free(exact);
		}
	done();
}
START_TEST(oversize_and_nonsense_are_dropped_and_counted_once)
{
	quiet_pair_with_history();
	static uint8_t large[65507];
	for (unsigned first = 0; first < 256; first++) {
		large[0] = (uint8_t)first;
		is_dropped(
		    0, &kept[0].source, bytes_view(large, sizeof large), 0, "oversize");
		is_dropped(0, &kept[0].source, bytes_view(large, 1), 0, "one byte");
		is_dropped(0, &kept[0].source, bytes_view(large, 1200), 0, "zeros");
		is_dropped(0, &kept[0].source, bytes_view(large, 256), 0, "zeros");
	}
	for (int i = 0; i < 2000; i++) {
		rng_bytes(large, 300);
		large[0] = (uint8_t)(ENVELOPE_BEACON + rng_u32() % 6);
		is_dropped(0, &kept[0].source, bytes_view(large, 1 + rng_u32() % 300),
		    0, "random");
	}
	done();
}
START_TEST(a_foreign_network_is_a_stranger_and_nothing_more)
{
	begin(2, 0);
	world_join_all(w);
	kept_count = 0;
	w->tap = keep_all;
	rng_bytes(w->network.key, sizeof w->network.key); /* another key, same world */
	world_start_all(w);
	run(3000);
	append(0, 1);
	run(1000);
	done();
	begin(2, 0);
	world_start_all(w);
	run(1000);
	for (size_t i = 0; i < kept_count; i++)
		is_dropped(kept[i].to, &kept[i].source,
		    bytes_view(kept[i].bytes, kept[i].len), 0, "foreign");
	ck_assert_uint_gt(counter(0, "rx.stranger"), 0);
	run(10);
	ck_assert_uint_eq(w->sites[0].notices[NOTICE_STRANGER], 1);
	struct mesh_peer p;
	ck_assert(mesh_site_peer(w->sites[0].site, 0, &p));
	ck_assert_int_eq(p.state, PEER_STRANGER);
	ck_assert(!mesh_site_peer(w->sites[0].site, 1, &p));
	done();
}

/* --- flips on the way --- */

static size_t flipped;

/* Every bit of the first of each kind, at the moment it would arrive; then itself. */
static enum world_fate
flip_first(void *ctx, const struct world_datagram *d)
{
	unsigned *seen = ctx;
	unsigned kind = d->bytes[0] - ENVELOPE_BEACON;
	if (seen[kind]++ >= 3 || w->sites[d->to].site == NULL)
		return WORLD_DELIVER;
	struct world_datagram bad = *d;
	for (size_t bit = 0; bit < 8 * d->len; bit++) {
		bad.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		is_dropped(
		    d->to, &d->source, bytes_view(bad.bytes, d->len), 0, "flipped");
		bad.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		flipped++;
	}
	return WORLD_DELIVER;
}
START_TEST(every_single_bit_is_guarded_by_a_tag)
{
	unsigned seen[6] = { 0 };
	flipped = 0;
	begin(2, 0);
	world_join_all(w);
	w->tap = flip_first;
	w->tap_ctx = seen;
	world_start_all(w);
	run(3000);
	append(0, 5);
	run(500);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 5), 1);
	ck_assert_uint_gt(seen[0], 0);
	ck_assert_uint_gt(seen[1], 0);
	ck_assert_uint_gt(seen[2], 0);
	ck_assert_uint_gt(seen[3], 0);
	ck_assert_uint_gt(seen[5], 0);
	ck_assert_uint_gt(flipped, 10000);
	done();
}

/* --- an admitted neighbour forges --- */

static struct world_datagram caught;

static enum world_fate
catch_packet(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	if (caught.len > 0 || d->to != 1 ||
	    !find_push(frames_of(d, plain), LANE_PACKET, &frame, &hop, &r))
		return WORLD_DELIVER;
	caught = *d;
	return WORLD_DROP;
}

/* Site 0 appends `number`; its PUSH to site 1 is caught and does not arrive. */
static struct bytes_view
catch_push(uint64_t number, uint8_t plain[static ENVELOPE_PLAIN_MAX],
    struct envelope_frame *frame, struct envelope_hop *hop)
{
	struct record r;
	caught.len = 0;
	w->tap = catch_packet;
	append(0, number);
	run(12);
	w->tap = NULL;
	ck_assert_uint_gt(caught.len, 0);
	struct bytes_view frames = frames_of(&caught, plain);
	ck_assert(find_push(frames, LANE_PACKET, frame, hop, &r));
	return frames;
}
static void
line_of_three(void)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
}
static void
inject_frames(uint32_t number, struct bytes_view frames)
{
	uint8_t out[ENVELOPE_MAX];
	size_t len = forge(&caught, number, frames, out);
	world_inject(w, 1, &caught.source, bytes_view(out, len));
}

START_TEST(a_forged_record_first_does_not_keep_the_real_one_out)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	line_of_three();
	struct bytes_view frames = catch_push(5, plain, &frame, &hop);
	uint8_t *last = plain + (hop.bundle.ptr - plain) + hop.bundle.len - 1;
	*last ^= 1; /* inside the body */
	inject_frames(counter_of(&caught) + 100, frames);
	ck_assert_uint_eq(counter(1, "record.bad_sig"), 1);
	ck_assert_uint_eq(counter(1, "record.bad_cached"), 0);
	inject_frames(counter_of(&caught) + 101, frames);
	ck_assert_uint_eq(counter(1, "record.bad_sig"), 1);
	ck_assert_uint_eq(counter(1, "record.bad_cached"), 1);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 5), 0);
	*last ^= 1;
	inject_frames(counter_of(&caught) + 102, frames);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 5), 1);
	run(500);
	ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, 5), 1);
	ck_assert_uint_eq(counter(2, "record.bad_sig"), 0); /* it went no further */
	done();
}
START_TEST(an_unsigned_datagram_is_not_acknowledged)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	line_of_three();
	struct bytes_view frames = catch_push(5, plain, &frame, &hop);
	struct neighbour *n = peering_neighbour(w->sites[1].site,
	    peers_find(&w->sites[1].site->peers, &w->sites[0].identity.key));
	uint32_t before = n->hop.ack_counter;
	plain[(hop.bundle.ptr - plain) + (ptrdiff_t)hop.bundle.len - 1] ^= 1;
	inject_frames(counter_of(&caught) + 100, frames);
	ck_assert_uint_eq(n->hop.ack_counter, before);
	plain[(hop.bundle.ptr - plain) + (ptrdiff_t)hop.bundle.len - 1] ^= 1;
	inject_frames(counter_of(&caught) + 101, frames);
	ck_assert_uint_eq(n->hop.ack_counter, counter_of(&caught) + 101);
	done();
}
START_TEST(no_bit_of_a_record_can_be_changed_under_a_right_tag)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	line_of_three();
	struct bytes_view frames = catch_push(5, plain, &frame, &hop);
	uint32_t number = counter_of(&caught) + 100;
	size_t begin_at = (size_t)(hop.bundle.ptr - plain);
	uint64_t refused = 0;
	struct mesh_site *site = w->sites[1].site; /* with all the time in the world */
	rate_init(&site->checks, 1000000, 1000000, w->now);
	struct neighbour *n = peering_neighbour(
	    site, peers_find(&site->peers, &w->sites[0].identity.key));
	rate_init(&n->pushes, 1000000, 1000000, w->now);
	for (size_t bit = 0; bit < 8 * hop.bundle.len; bit++, number++) {
		uint8_t *byte = &plain[begin_at + bit / 8];
		*byte ^= (uint8_t)(1U << bit % 8);
		uint64_t before = counters_of_input(1);
		inject_frames(number, frames);
		refused += counters_of_input(1) > before;
		*byte ^= (uint8_t)(1U << bit % 8);
		ck_assert_msg(world_told(w, 1, 0, LANE_PACKET, 5) == 0, "bit %zu", bit);
	}
	ck_assert_uint_eq(refused, 8 * hop.bundle.len);
	ck_assert_uint_gt(counter(1, "record.bad_sig"), 1000);
	inject_frames(number, frames);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 5), 1);
	done();
}
/* PROTOCOL.md 7: what an admitted neighbour may change is taken for what it is. */
START_TEST(hop_fields_decide_only_about_their_own_copy)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	/* clang-format off */
	static const struct { uint8_t hops; uint32_t age; size_t trail; const char *counter; const char *why; } row[] = {
		{ 0,   0,          1, NULL,           "as it was" },
		{ 31,  0,          1, NULL,           "the last hop there is" },
		{ 1,   UINT32_MAX, 1, NULL,           "as old as can be" },
		{ 0,   0,          0, NULL,           "no trail" },
		{ 0,   0,          32, NULL,          "a full trail of others" },
		{ 32,  0,          1, "record.hops",  "one too far" },
		{ 255, 0,          1, "record.hops",  "much too far" },
		{ 0,   0,          2, "record.trail", "our own tag" },
	}; /* clang-format on */
	line_of_three();
	for (size_t i = 0; i < LENGTH(row); i++) {
		uint8_t trail[FLOOD_TRAIL_MAX] = { 1, 2, 3, 4 }, bytes[ENVELOPE_MAX];
		struct bytes_out out = bytes_out(bytes, ENVELOPE_PLAIN_MAX);
		(void)catch_push(100 + i, plain, &frame, &hop);
		mesh_tag(&w->sites[1].identity.key, trail + 4);
		if (row[i].trail > 2)
			memset(trail, 9, sizeof trail);
		hop.hops = row[i].hops;
		hop.age_ms = row[i].age;
		hop.trail = bytes_view(
		    row[i].trail > 0 ? trail : NULL, row[i].trail * FLOOD_TAG);
		ck_assert_int_eq(envelope_put_push(&out, &hop), MESH_OK);
		uint64_t before = row[i].counter != NULL ? counter(1, row[i].counter)
							 : 0;
		inject_frames(counter_of(&caught) + 1000, bytes_written(&out));
		size_t told = world_told(w, 1, 0, LANE_PACKET, 100 + i);
		ck_assert_msg(told == (row[i].counter == NULL), "%s", row[i].why);
		if (row[i].counter != NULL)
			ck_assert_uint_eq(counter(1, row[i].counter), before + 1);
		world_kill(w, 0); /* a fresh session: our counters ran ahead */
		run(50);
		world_start(w, 0);
		run(6000);
	}
	done();
}
START_TEST(bits_flipped_in_hop_fields_deliver_once_or_not_at_all)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	line_of_three();
	for (size_t bit = 0; bit < 24; bit++) { /* head of array, number, hops */
		struct bytes_view frames = catch_push(500 + bit, plain, &frame, &hop);
		plain[(size_t)(frame.bytes.ptr - plain) + bit / 8] ^= (uint8_t)(1U
		    << bit % 8);
		inject_frames(counter_of(&caught) + 1, frames);
		run(300);
		ck_assert_uint_le(world_told(w, 1, 0, LANE_PACKET, 500 + bit), 1);
		for (size_t i = 0; i < w->sites[1].record_count; i++)
			ck_assert_uint_ne(w->sites[1].records[i].tag, UINT64_MAX - 1);
		world_kill(w, 0);
		run(50);
		world_start(w, 0);
		run(6000);
	}
	done();
}
/* --- old words from another mouth --- */

static struct world_datagram voice; /* some datagram from 2 to 1 */
static struct {
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
	size_t len;
} bye; /* the goodbye of site 0, as a frame */

static enum world_fate
listen(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	if (d->from == 2 && d->to == 1 && d->bytes[0] == ENVELOPE_DATA)
		voice = *d;
	if (d->from == 0 && d->to == 1 &&
	    find_push(frames_of(d, plain), LANE_LIVE, &frame, &hop, &r) &&
	    r.type == LIVE_BYE) {
		memcpy(bye.bytes, frame.bytes.ptr, frame.bytes.len);
		bye.len = frame.bytes.len;
	}
	return WORLD_DELIVER;
}
START_TEST(an_old_lifes_goodbye_kills_nobody)
{
	uint8_t out[ENVELOPE_MAX];
	line_of_three();
	bye.len = voice.len = 0;
	w->tap = listen;
	world_stop(w, 0);
	run(3000);
	world_start(w, 0);
	run(8000);
	w->tap = NULL;
	ck_assert(bye.len > 0 && voice.len > 0 && is_direct(1, 0));
	size_t len = forge(
	    &voice, counter_of(&voice) + 10, bytes_view(bye.bytes, bye.len), out);
	/* Within the cache of duplicates it is one; in a later life of the reader the
	 * boot decides. */
	world_inject(w, 1, &voice.source, bytes_view(out, len));
	ck_assert_int_eq(peer(1, 0).state, PEER_ALIVE);
	world_kill(w, 1);
	w->tap = listen;
	world_start(w, 1);
	run(8000);
	w->tap = NULL;
	ck_assert(is_direct(1, 0));
	len = forge(
	    &voice, counter_of(&voice) + 10, bytes_view(bye.bytes, bye.len), out);
	world_inject(w, 1, &voice.source, bytes_view(out, len));
	ck_assert_uint_eq(counter(1, "record.old_boot"), 1);
	ck_assert_int_eq(peer(1, 0).state, PEER_ALIVE);
	done();
}
START_TEST(a_log_that_is_over_is_refused)
{
	line_of_three();
	struct mesh_site *site = w->sites[1].site;
	struct peer *p = peers_at(
	    &site->peers, peers_find(&site->peers, &w->sites[0].identity.key));
	p->epoch++; /* as kept from before, when the have-sets were lost */
	append(0, 1);
	run(500);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 0);
	ck_assert_uint_eq(counter(1, "record.old_epoch"), 1);
	done();
}
START_TEST(an_unknown_type_is_stored_and_carried_on)
{
	line_of_three();
	uint64_t seq;
	struct mesh_draft d = { LANE_PACKET, 4711, 0, NULL, hex("9301a0c0") };
	ck_assert_int_eq(
	    mesh_site_append(w->sites[0].site, &d, &seq, world_now(w)), MESH_OK);
	run(1000);
	size_t found = 0;
	for (size_t i = 0; i < w->sites[2].record_count; i++)
		found += w->sites[2].records[i].type == 4711;
	ck_assert_uint_eq(found, 1);
	done();
}
START_TEST(a_record_goes_as_far_as_its_hops_allow)
{
	begin(4, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
	uint64_t seq;
	struct mesh_draft d = { LANE_PACKET, 7, 2, NULL, hex("9101") };
	ck_assert_int_eq(
	    mesh_site_append(w->sites[0].site, &d, &seq, world_now(w)), MESH_OK);
	run(1000);
	for (uint32_t at = 0; at < 4; at++) {
		size_t found = 0;
		for (size_t i = 0; i < w->sites[at].record_count; i++)
			found += w->sites[at].records[i].type == 7;
		ck_assert_uint_eq(found, at <= 2 ? 1 : 0);
	}
	for (uint32_t at = 0; at < 4; at++)
		ck_assert_uint_eq(counter(at, "record.hops"), 0);
	done();
}
START_TEST(a_suspicion_by_no_witness_is_ignored)
{
	begin(4, 0);
	world_join_line(w);
	world_start_all(w);
	run(10000);
	struct live_suspect body = { w->sites[0].identity.key, w->sites[0].boot, 9000 };
	struct mesh_site *liar = w->sites[3].site; /* no neighbour of site 0 */
	inside_enter(liar, world_now(w));
	append_live(liar, LIVE_SUSPECT, &live_suspect_table, &body);
	mesh_time_ms at = w->now;
	ck_assert_int_eq(world_put(w, 3, "x", 1), MESH_OK);
	run(100);
	ck_assert_uint_gt(counter(1, "peer.suspect_ignored"), 0);
	ck_assert_int_eq(peer(1, 0).state, PEER_ALIVE);
	world_run(w, at + 3000);
	ck_assert_int_eq(peer(1, 0).state, PEER_ALIVE);
	ck_assert_int_eq(peer(2, 0).state, PEER_ALIVE);
	done();
}
CHECK_MODULE(receive, NULL, an_old_lifes_goodbye_kills_nobody,
    a_log_that_is_over_is_refused, every_replayed_datagram_is_dropped_and_counted_once,
    replays_to_a_later_life_are_dropped_too,
    every_truncation_is_dropped_and_counted_once,
    oversize_and_nonsense_are_dropped_and_counted_once,
    a_foreign_network_is_a_stranger_and_nothing_more,
    every_single_bit_is_guarded_by_a_tag,
    a_forged_record_first_does_not_keep_the_real_one_out,
    an_unsigned_datagram_is_not_acknowledged,
    no_bit_of_a_record_can_be_changed_under_a_right_tag,
    hop_fields_decide_only_about_their_own_copy,
    bits_flipped_in_hop_fields_deliver_once_or_not_at_all,
    an_unknown_type_is_stored_and_carried_on, a_record_goes_as_far_as_its_hops_allow,
    a_suspicion_by_no_witness_is_ignored)
