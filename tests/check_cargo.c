/* cargo.c: records of more than one datagram, from site to site. */
#include "check_world.h"
#include "inside_peers.h"
#include "world_disk.h"

enum { LONGEST = 60 * 1024 };

static bool
all_told(const struct world *world, void *ctx)
{
	uint64_t number = *(uint64_t *)ctx;
	for (uint32_t at = 0; at < world->params.sites; at++)
		if (world->sites[at].site != NULL &&
		    world_told(world, at, 0, LANE_PACKET, number) == 0)
			return false;
	return true;
}
static void
wait_told(uint64_t number, mesh_time_ms ms)
{
	mesh_time_ms from = w->now;
	ck_assert_msg(world_wait(w, all_told, &number, w->now + ms),
	    "record %llu is not everywhere after %llu ms", (unsigned long long)number,
	    (unsigned long long)(w->now - from));
}
static void
write_large(uint32_t site, uint64_t number, size_t bytes)
{
	ck_assert_int_eq(world_append(w, site, LANE_PACKET, number, bytes), MESH_OK);
}
static void
nothing_is_left(void)
{
	run(8000);
	for (uint32_t i = 0; i < w->params.sites; i++) {
		const struct mesh_site *s = w->sites[i].site;
		ck_assert_uint_eq(pool_taken(&s->parcels.pool), 0);
		ck_assert_uint_eq(s->frags.blocks, 0);
		ck_assert_uint_eq(s->cargo.readers, 0);
	}
}
static void
a_line(uint32_t sites, double loss)
{
	begin(sites, loss);
	world_join_line(w);
	world_start_all(w);
	run(8000);
}

START_TEST(a_long_record_goes_along_a_line_at_any_loss)
{
	static const struct {
		double loss;
		mesh_time_ms ms;
	} rows[] = { { 0, 1000 }, { 0.1, 5000 }, { 0.3, 15000 } };
	static const size_t sizes[] = { 1000, 1200, 5000, 30000, LONGEST };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		a_line(3, rows[i].loss);
		for (size_t k = 0; k < LENGTH(sizes); k++) {
			write_large(0, k, sizes[k]);
			wait_told(k, rows[i].ms);
		}
		for (uint32_t at = 0; at < 3; at++)
			for (uint64_t n = 0; n < LENGTH(sizes); n++)
				ck_assert_uint_eq(
				    world_told(w, at, 0, LANE_PACKET, n), 1);
		if (rows[i].loss == 0) {
			ck_assert_uint_eq(counted("record.late"), 0); /* pushed */
			ck_assert_uint_eq(counted("frag.timeout"), 0);
			nothing_is_left();
		}
		done();
	}
}
START_TEST(who_joins_late_gets_long_records_too)
{
	begin(3, 0.05);
	world_join_all(w);
	world_start(w, 0);
	world_start(w, 1);
	run(4000);
	for (uint64_t n = 0; n < 12; n++) {
		write_large(0, n, n % 3 == 0 ? 200 : LONGEST - n * 3000);
		run(50);
	}
	run(3000);
	world_start(w, 2);
	for (uint64_t n = 0; n < 12; n++)
		wait_told(n, 10000);
	for (uint64_t n = 0; n < 12; n++)
		ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, n), 1);
	ck_assert_uint_ge(counter(2, "record.late"), 12);
	done();
}
START_TEST(more_than_64_kib_is_refused_by_name)
{
	a_line(2, 0);
	uint64_t before = counter(0, "tx.too_large");
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 1, 65000), MESH_OK); /* just */
	run(3000);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 1);
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 2, 65500), MESH_MALFORMED);
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 3, 72 * 1024), MESH_MALFORMED);
	ck_assert_int_eq(world_append(w, 0, LANE_CONTROL, 4, 2000), MESH_MALFORMED);
	ck_assert_uint_eq(counter(0, "tx.too_large"), before + 3);
	write_large(0, 5, 10);
	run(1000);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 5), 1);
	done();
}
START_TEST(many_long_records_at_once_arrive_some_by_repair)
{
	begin(5, 0.02);
	world_join_ring(w);
	world_start_all(w);
	run(8000);
	size_t refused = 0;
	for (uint64_t n = 0; n < 30; n++) {
		refused += world_append(w, 0, LANE_PACKET, n, 20000 + 1000 * n) !=
		    MESH_OK;
		refused += world_append(w, (uint32_t)(1 + n % 4), LANE_PACKET, 100 + n,
			       300) != MESH_OK;
		run(20);
	}
	uint64_t wrote = 0;
	for (uint64_t n = 0; n < 30; n++) {
		if (world_told(w, 0, 0, LANE_PACKET, n) == 0)
			continue; /* no room at the writer: it was told so */
		wrote++;
		wait_told(n, 20000);
		for (uint32_t at = 0; at < 5; at++)
			ck_assert_uint_eq(world_told(w, at, 0, LANE_PACKET, n), 1);
	}
	ck_assert_uint_ge(wrote, 10);
	ck_assert_uint_le(refused, 30);
	nothing_is_left();
	done();
}
START_TEST(a_copy_is_known_by_its_first_piece)
{
	begin(3, 0);
	world_join_all(w);
	world_start_all(w);
	run(8000);
	uint64_t sent = 0;
	for (uint32_t i = 0; i < 3; i++)
		sent += w->sites[i].sent;
	write_large(0, 1, LONGEST);
	wait_told(1, 2000);
	run(1500);
	for (uint32_t i = 0; i < 3; i++)
		sent -= w->sites[i].sent;
	/* 54 pieces each to two neighbours and their ACKs; between those two next to
	 * nothing. */
	ck_assert_uint_lt(-sent, 54 * 2 * 2 + 60);
	done();
}

/* 2 is of the version before: it can put nothing together. */
START_TEST(who_reads_no_pieces_gets_none_and_is_not_hurt)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	w->sites[2].site->handshake.self.told.features = FEATURE_REPAIR |
	    FEATURE_BATCHES;
	run(8000);
	for (uint64_t n = 0; n < 10; n++) {
		write_large(0, n, n % 3 == 0 ? 5000 : 100);
		run(100);
	}
	run(20000);
	for (uint64_t n = 0; n < 10; n++) {
		ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, n), 1);
		ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, n), n % 3 != 0);
	}
	ck_assert_uint_gt(counter(1, "tx.too_large"), 0);
	ck_assert_uint_eq(counter(2, "rx.frame_unknown"), 0);
	done();
}
/* A bundle is cut up for it; what finds no slot is counted. */
START_TEST(a_bundle_cut_for_0_1_counts_what_it_loses)
{
	static struct handle hog[2000];
	size_t hogs = 0;
	begin(2, 0);
	world_join_line(w);
	world_start_all(w);
	w->sites[1].site->handshake.self.told.features = 0;
	run(8000);
	struct parcels *ps = &w->sites[0].site->parcels;
	while (ps->pool.free_count > INSIDE_LINK_PARCELS + 8)
		hog[hogs++] = parcel_of_nothing(ps);
	uint64_t before = counter(0, "shed.queue_full");
	for (uint64_t n = 0; n < 12; n++)
		if (world_append(w, 0, LANE_PACKET, n, 10) != MESH_OK)
			break;
	run(300);
	size_t told = 0, wrote = 0;
	for (uint64_t n = 0; n < 12; n++) {
		told += world_told(w, 1, 0, LANE_PACKET, n);
		wrote += world_told(w, 0, 0, LANE_PACKET, n);
	}
	ck_assert_uint_lt(told, wrote);
	ck_assert_uint_eq(counter(0, "shed.queue_full") - before, wrote - told);
	while (hogs > 0)
		parcel_release(ps, hog[--hogs]);
	done();
}

/* --- long records that are written in a row --- */

enum { ROW = 40, ROW_BYTES = 2000, NO_BATCH = 255 };

static size_t
append_raw(enum mesh_lane lane, uint64_t number, size_t bytes)
{
	static uint8_t room[LONGEST];
	uint64_t seq;
	struct bytes_out body = bytes_out(room, sizeof room);
	disk_body(&body, NULL, number, bytes);
	struct mesh_draft d = { lane, 1, 0, NULL, bytes_written(&body) };
	return mesh_site_append(w->sites[0].site, &d, &seq, world_site_now(w, 0)) ==
	    MESH_OK;
}
/* Site 0 tells all it has to tell, as often as something is told; the store refuses
 * that one.  How many were told. */
static size_t
tell_and_store(size_t refuse, uint8_t of_batch)
{
	struct mesh_site *s = w->sites[0].site;
	struct mesh_event e;
	size_t told = 0;
	static uint64_t ticket[ROW * 2];
	for (size_t before = SIZE_MAX; told != before;) {
		before = told;
		mesh_site_tick(s, world_site_now(w, 0));
		while (mesh_site_next_event(s, &e)) {
			struct bundle b;
			if (e.kind != MESH_RECORD)
				continue;
			ck_assert_int_eq(bundle_read(e.record.proof, &b), MESH_OK);
			ck_assert_uint_eq(b.count, 1);
			if (of_batch != NO_BATCH)
				ck_assert_uint_eq(b.n, of_batch);
			ck_assert_int_eq(
			    bundle_verify(&b, w->network.id, &e.record.at.origin),
			    MESH_OK);
			ck_assert_uint_lt(told, LENGTH(ticket));
			ticket[told++] = e.ticket;
		}
	}
	for (size_t i = 0; i < told; i++)
		mesh_site_stored(s, ticket[i], i == refuse ? MESH_IO : MESH_OK, NULL,
		    world_site_now(w, 0));
	return told;
}
START_TEST(long_records_in_a_row_share_a_signature)
{
	a_line(2, 0);
	write_large(0, 0, ROW_BYTES); /* at rest: alone, at once */
	ck_assert_uint_eq(world_told(w, 0, 0, LANE_PACKET, 0), 1);
	run(1);
	for (uint64_t n = 1; n <= ROW; n++) /* what is short joins in */
		ck_assert(append_raw(LANE_PACKET, n, n % 5 == 4 ? 50 : ROW_BYTES));
	ck_assert_uint_eq(tell_and_store(SIZE_MAX, NO_BATCH), 0);
	w->now += 20;
	ck_assert_uint_eq(tell_and_store(7, ROW), ROW);
	run(8000); /* what was refused was offered again, and all went over */
	for (uint64_t n = 0; n <= ROW; n++)
		ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, n), 1);
	ck_assert_uint_eq(counter(0, "own.void"), 0);
	done();
}
START_TEST(very_long_records_and_alerts_are_signed_alone)
{
	a_line(2, 0);
	ck_assert(append_raw(LANE_PACKET, 1, 20000));
	ck_assert(append_raw(LANE_ALERT, 2, ROW_BYTES));
	ck_assert(append_raw(LANE_ALERT, 3, ROW_BYTES));
	ck_assert_uint_eq(tell_and_store(SIZE_MAX, 1), 3);
	run(3000);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_ALERT, 3), 1);
	done();
}
START_TEST(who_joins_late_pulls_what_was_signed_together)
{
	begin(3, 0.02);
	world_join_line(w);
	world_start(w, 0);
	world_start(w, 1);
	run(8000);
	for (uint64_t n = 0; n < 300; n++) {
		while (world_append(w, 0, LANE_PACKET, n, n % 7 == 0 ? 40 : 2400) !=
		    MESH_OK)
			run(1);
		if (n % 50 == 49)
			run(25);
	}
	run(5000);
	world_start(w, 2);
	for (uint64_t n = 0; n < 300; n++)
		wait_told(n, 30000);
	for (uint64_t n = 0; n < 300; n++)
		ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, n), 1);
	nothing_is_left();
	done();
}
START_TEST(pulled_long_records_share_pages_and_fill_their_datagrams)
{
	enum { PULLED = 200 }; /* of ROW_BYTES: each would need three alone */
	begin(2, 0);
	world_join_all(w);
	world_start(w, 0);
	run(4000);
	for (uint64_t n = 0; n < PULLED; n++) {
		while (world_append(w, 0, LANE_PACKET, n, ROW_BYTES) != MESH_OK)
			run(1);
		if (n % 50 == 49)
			run(25);
	}
	run(2000);
	uint64_t sent = w->sites[0].sent;
	world_start(w, 1);
	for (uint64_t n = 0; n < PULLED; n++)
		wait_told(n, 10000);
	sent = w->sites[0].sent - sent;
	ck_assert_uint_gt(sent, PULLED * 2);
	ck_assert_uint_lt(sent, PULLED * 13 / 5);
	for (uint64_t n = 0; n < PULLED; n++)
		ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, n), 1);
	ck_assert_uint_eq(counter(1, "record.duplicate"), 0);
	ck_assert_uint_eq(counter(1, "shed.store_busy"), 0);
	nothing_is_left();
	done();
}

/* --- any mix, over a bad way, to a store that refuses --- */

enum { MIXED = 60 };

static void
a_mixed_world(bool refuses, bool slow)
{
	struct world_params p = { .sites = 3,
		.seed = check_seed(),
		.loss = rng_u32() % 3 * 0.05,
		.delay_min_ms = 1,
		.delay_max_ms = slow ? 3 : 40, /* all overtake each other */
		.store_ms = 1 + rng_u32() % 20,
		.event_ms = slow ? 20 : 0 };
	w = world_new(&p);
	world_join_line(w);
	world_start(w, 0);
	world_start(w, 1);
	run(5000);
	for (uint64_t n = 0; n < MIXED; n++) {
		static const uint32_t most[] = { 900, 900, 4000, 4000, 40000 };
		size_t bytes = 20 + rng_u32() % most[rng_u32() % LENGTH(most)];
		for (int i = 0;
		     i < 5000 && world_append(w, 0, LANE_PACKET, n, bytes) != MESH_OK;
		     i++)
			run(1);
		if (rng_u32() % 3 == 0)
			run(rng_u32() % 50);
		if (refuses && rng_u32() % 4 == 0)
			w->sites[1].store_err = rng_u32() % 2 ? MESH_IO : MESH_OK;
	}
	w->sites[1].store_err = MESH_OK;
}
static void
a_mix_arrives(bool refuses, bool slow)
{
	a_mixed_world(refuses, slow);
	run(4000); /* or it would be pushed once more */
	world_start(w, 2);
	if (refuses)
		run(500);
	w->sites[2].store_err = refuses ? MESH_IO : MESH_OK;
	run(1000);
	w->sites[2].store_err = MESH_OK;
	for (uint64_t n = 0; n < MIXED; n++)
		wait_told(n, 120000);
	run(30000); /* what was refused is offered again */
	for (uint32_t at = 0; at < 3; at++)
		for (uint64_t n = 0; n < MIXED; n++) {
			size_t times = world_told(w, at, 0, LANE_PACKET, n);
			ck_assert_uint_ge(times, 1);
			ck_assert(times == 1 || (refuses && at > 0));
		}
	uint64_t epoch, high, least = MIXED, busy = counted("shed.store_busy");
	ck_assert(!slow || busy > 0); /* the buffer was in use */
	for (uint32_t at = 0; at < 3; at++)
		ck_assert(mesh_site_high(w->sites[at].site, &w->sites[0].identity.key,
			      LANE_PACKET, &epoch, &high) &&
		    high >= least);
	nothing_is_left();
	done();
}
START_TEST(any_mix_is_told_once_and_leaves_nothing_behind)
{
	for (int how = 0; how < 4; how++)
		a_mix_arrives(how & 1, how & 2);
}

/* --- ways that lose what is longer than 508 bytes --- */

static size_t longest;
static enum world_fate
only_short_ones(void *ctx, const struct world_datagram *d)
{
	const bool *narrow = ctx;
	longest = d->len > longest ? d->len : longest;
	return *narrow && d->len > MTU_SHORT ? WORLD_DROP : WORLD_DELIVER;
}
static bool
is_short(uint32_t at, uint32_t of)
{
	struct mesh_site *s = w->sites[at].site;
	const struct neighbour *n = peering_neighbour(
	    s, peers_find(&s->peers, &w->sites[of].identity.key));
	return n != NULL && mtu_is_short(&n->hop.mtu, w->now);
}

START_TEST(all_passes_where_only_508_bytes_do)
{
	static const size_t sizes[] = { 300, 600, 800, 1000, 5000, LONGEST };
	bool narrow = true;
	a_line(3, 0.02);
	w->tap = only_short_ones;
	w->tap_ctx = &narrow;
	for (size_t k = 0; k < LENGTH(sizes); k++) {
		write_large(0, k, sizes[k]);
		wait_told(k, 15000);
	}
	ck_assert(is_short(0, 1));
	longest = 0;
	for (uint64_t n = 100; n < 200; n++) { /* batches, too */
		write_large(0, n, 200);
		if (n % 10 == 0)
			run(2);
	}
	wait_told(199, 15000);
	for (uint64_t n = 100; n < 200; n++)
		wait_told(n, 15000);
	ck_assert_uint_le(longest, MTU_SHORT);
	for (uint32_t at = 1; at < 3; at++)
		for (uint64_t n = 0; n < 200; n++)
			ck_assert_uint_le(world_told(w, at, 0, LANE_PACKET, n), 1);
	done();
}
START_TEST(who_joins_late_over_a_narrow_way_gets_all)
{
	bool narrow = true;
	begin(2, 0);
	world_join_all(w);
	w->tap = only_short_ones;
	w->tap_ctx = &narrow;
	world_start(w, 0);
	run(4000);
	for (uint64_t n = 0; n < 60; n++) {
		write_large(0, n, n % 20 == 0 ? 30000 : 100 + n * 10);
		run(50);
	}
	world_start(w, 1);
	for (uint64_t n = 0; n < 60; n++)
		wait_told(n, 40000);
	done();
}
START_TEST(a_way_that_widens_is_used_again)
{
	bool narrow = true;
	a_line(2, 0);
	w->tap = only_short_ones;
	w->tap_ctx = &narrow;
	write_large(0, 1, 1000);
	wait_told(1, 15000);
	ck_assert(is_short(0, 1));
	narrow = false;
	run(MTU_SHORT_MS);
	ck_assert(!is_short(0, 1));
	longest = 0;
	write_large(0, 2, 800);
	wait_told(2, 1000);
	ck_assert_uint_gt(longest, 800);
	narrow = true;
	write_large(0, 3, 1000);
	wait_told(3, 15000);
	run(MTU_SHORT_MS); /* still narrow: three in vain are enough */
	write_large(0, 4, 800);
	wait_told(4, 4000);
	done();
}
START_TEST(loss_is_not_taken_for_a_narrow_way)
{
	a_line(2, 0.3);
	for (uint64_t n = 0; n < 40; n++) {
		write_large(0, n, 20000);
		wait_told(n, 20000);
		ck_assert(!is_short(0, 1));
	}
	done();
}

CHECK_MODULE(cargo, NULL, a_long_record_goes_along_a_line_at_any_loss,
    who_joins_late_gets_long_records_too, more_than_64_kib_is_refused_by_name,
    many_long_records_at_once_arrive_some_by_repair, a_copy_is_known_by_its_first_piece,
    all_passes_where_only_508_bytes_do, who_joins_late_over_a_narrow_way_gets_all,
    a_way_that_widens_is_used_again, loss_is_not_taken_for_a_narrow_way,
    who_reads_no_pieces_gets_none_and_is_not_hurt,
    a_bundle_cut_for_0_1_counts_what_it_loses, long_records_in_a_row_share_a_signature,
    very_long_records_and_alerts_are_signed_alone,
    who_joins_late_pulls_what_was_signed_together,
    pulled_long_records_share_pages_and_fill_their_datagrams,
    any_mix_is_told_once_and_leaves_nothing_behind)
