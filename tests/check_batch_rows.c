/* What is kept of batches: every record that is left can be proved, and nothing stays
 * of a batch that none is left of. */
#include "batch_rows.h"
#include "bundle.h"
#include "store_world.h"
#include <sqlite3.h>

enum { PUTS = 400 };

static struct world world;
static struct mesh_record all[PUTS];
static struct store *store;
static const char *path;

static void
begin(void)
{
	world_init(&world);
	path = world_path();
	store = world_open(path);
}

static void
end(void)
{
	store_close(store);
	world_release(&world);
	world_forget_paths();
}

static struct bytes_view
some_reception(struct world *w, size_t i)
{
	return world_reception(
	    w, 1 + rng_u32() % 5, rng_u32() % 40, 1700000000000 + (int)i, -80);
}

static struct bytes_view
some_put(struct world *w, size_t i)
{
	char key[16];
	snprintf(key, sizeof key, "user/%u", (unsigned)rng_u32() % 60);
	return world_put(w, key, i % 2 ? "this" : "that");
}

static struct bytes_view
some_entry(struct world *w, size_t i)
{
	char hash[16];
	snprintf(hash, sizeof hash, "%04x", (unsigned)rng_u32() % 60);
	uint16_t dim = i % 5 == 0 ? 0 : i % 3 == 0 ? 16 : 300;
	return world_entry(w, hash, "face", dim, rng_u32(), 0);
}

static struct bytes_view
some_body(struct world *w, enum mesh_lane lane, size_t i)
{
	return lane == LANE_PACKET ? some_reception(w, i)
	    : lane == LANE_STATE   ? some_put(w, i)
				   : some_entry(w, i);
}

static enum mesh_lane lane_made;

static struct bytes_view
some_of_lane(struct world *w, size_t i)
{
	return some_body(w, lane_made, i);
}

/* `all`, in batches of 1 to 64; the seed says how they are cut. */
static void
make(enum mesh_lane lane, size_t site, struct mesh_record *out, size_t count)
{
	lane_made = lane;
	for (size_t i = 0, n; i < count; i += n) {
		struct world_draft d = { .site = site, .lane = lane };
		n = 1 + rng_u32() % (rng_u32() % 2 ? 64 : 3);
		n = n < count - i ? n : count - i;
		world_batch(&world, &d, n, some_of_lane, out + i);
	}
}

static void
put_all(struct mesh_record *r, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(world_store(store, &r[i]).err, MESH_OK);
}

static const struct mesh_record *
find(const struct mesh_record *list, uint64_t seq)
{
	for (size_t i = 0; i < PUTS; i++)
		if (list[i].at.seq == seq)
			return &list[i];
	return NULL;
}

/* Every record that the store hands out is one of those that were put, byte for byte,
 * and proved by its origin's signature. */
static size_t
verify_all(const struct mesh_record *list)
{
	struct mesh_position from = { list[0].at.origin, list[0].at.epoch, 1,
		list[0].at.lane };
	size_t seen = 0;
	for (;;) {
		struct store_outcome o;
		ck_assert_int_eq(store_fetch(store, &from, PUTS, 1), MESH_OK);
		store_work(store);
		ck_assert(store_next(store, &o));
		ck_assert_int_eq(o.err, MESH_OK);
		for (size_t i = 0; i < o.page->count; i++) {
			const struct mesh_record *r = &o.page->records[i];
			const struct mesh_record *put = find(list, r->at.seq);
			struct bundle b;
			ck_assert(put != NULL && bytes_equal(put->core, r->core));
			ck_assert_int_eq(bundle_read(r->proof, &b), MESH_OK);
			ck_assert_int_eq(
			    bundle_verify(&b, world.netid, &r->at.origin), MESH_OK);
			ck_assert(bytes_equal(put->proof, r->proof));
			from.seq = r->at.seq + 1;
		}
		seen += o.page->count;
		bool more = o.page->next.len > 0;
		store_page_free(o.page);
		if (!more)
			return seen;
	}
}

/* Of every batch as many parts as its row says, and of no other. */
static void
check_counts(void)
{
	ck_assert_int_eq(
	    world_number(path,
		"SELECT count(*) FROM batch WHERE records<>(SELECT count(*) FROM"
		" record WHERE part/64=batch.id)"),
	    0);
	ck_assert_int_eq(
	    world_number(path,
		"SELECT count(*) FROM record WHERE part IS NOT NULL AND NOT EXISTS"
		" (SELECT 1 FROM batch WHERE id=part/64)"),
	    0);
}

START_TEST(records_come_back_as_they_were_signed_in_any_order)
{
	for (int mixed = 0; mixed < 2; mixed++) {
		begin();
		make(LANE_PACKET, 0, all, PUTS);
		if (mixed)
			world_shuffle(all, PUTS, 60, rng_u32);
		put_all(all, PUTS);
		ck_assert_uint_eq(verify_all(all), PUTS);
		check_counts();
		store_close(store);
		store = world_open(path); /* nothing of it was in memory alone */
		ck_assert_uint_eq(verify_all(all), PUTS);
		end();
	}
}
START_TEST(a_batch_in_order_is_one_row)
{
	begin();
	struct world_draft d = { .lane = LANE_PACKET };
	for (size_t i = 0; i < 10; i++)
		world_batch(&world, &d, 40, some_reception, all + 40 * i);
	put_all(all, PUTS);
	ck_assert_int_eq(world_number(path, "SELECT count(*) FROM batch"), 10);
	ck_assert_int_eq(world_number(path, "SELECT max(length(proof)) FROM batch"),
	    64 + 1 + 8 + 40 * 32);
	end();
}
/* Sites take turns, more of them than rows are kept at hand. */
START_TEST(what_comes_between_splits_no_batch)
{
	begin();
	static struct mesh_record of[WORLD_SITES][4][50];
	for (size_t site = 0; site < WORLD_SITES; site++)
		for (size_t k = 0; k < 4; k++) {
			struct world_draft d = { .site = site, .lane = LANE_PACKET };
			world_batch(&world, &d, 50, some_reception, of[site][k]);
		}
	for (size_t i = 0; i < 50; i++)
		for (size_t site = 0; site < WORLD_SITES; site++)
			for (size_t k = 0; k < 4; k++)
				put_all(&of[site][k][i], 1);
	ck_assert_int_eq(world_number(path, "SELECT count(*) FROM batch"), 16);
	check_counts();
	end();
}
START_TEST(who_is_signed_alone_needs_no_row)
{
	begin();
	struct world_draft d = { .lane = LANE_PACKET };
	for (size_t i = 0; i < PUTS; i++)
		world_batch(&world, &d, 1, some_reception, all + i);
	put_all(all, PUTS);
	ck_assert_int_eq(world_number(path, "SELECT count(*) FROM batch"), 0);
	ck_assert_uint_eq(verify_all(all), PUTS);
	end();
}
/* Keys are few: most are superseded. */
START_TEST(superseded_and_dropped_records_leave_their_batch)
{
	for (int mixed = 0; mixed < 2; mixed++) {
		begin();
		make(LANE_STATE, 0, all, PUTS);
		if (mixed)
			world_shuffle(all, PUTS, 60, rng_u32);
		put_all(all, PUTS);
		check_counts();
		size_t left = verify_all(all);
		ck_assert_uint_gt(left, 0);
		ck_assert_uint_le(left, 60);
		struct mesh_run run = { 1, PUTS };
		struct world_draft d = { .lane = LANE_STATE,
			.type = RECORD_DROP,
			.body = world_drop(&world, &run, 1) };
		struct mesh_record drop = world_record(&world, &d);
		put_all(&drop, 1);
		ck_assert_int_eq(world_number(path, "SELECT count(*) FROM batch"), 0);
		end();
	}
}
START_TEST(a_purge_takes_the_batches_too)
{
	begin();
	make(LANE_PACKET, 1, all, PUTS);
	put_all(all, PUTS);
	struct mesh_record upto = { .at = all[0].at };
	upto.at.lane = LANE_LIVE;
	struct store_outcome o = { .err = MESH_TRUNCATED };
	while (o.err == MESH_TRUNCATED) {
		ck_assert_int_eq(store_purge(store, &upto, 1), MESH_OK);
		store_work(store);
		ck_assert(store_next(store, &o));
	}
	ck_assert_int_eq(world_number(path, "SELECT count(*) FROM record"), 0);
	ck_assert_int_eq(world_number(path, "SELECT count(*) FROM batch"), 0);
	end();
}
/* Four fifths of an entry; it comes back in its place, and goes with its record. */
START_TEST(embeddings_stand_apart_and_come_back)
{
	for (int mixed = 0; mixed < 2; mixed++) {
		begin();
		make(LANE_REGISTRY, 0, all, PUTS);
		if (mixed)
			world_shuffle(all, PUTS, 60, rng_u32);
		put_all(all, PUTS);
		check_counts();
		size_t left = verify_all(all);
		ck_assert_uint_le(left, 60);
		ck_assert_int_le(
		    world_number(path, "SELECT max(length(core)) FROM record"), 600);
		ck_assert_int_gt(
		    world_number(path, "SELECT count(vector) FROM record"), 20);
		ck_assert_int_eq(
		    world_number(path,
			"SELECT count(*) FROM record LEFT JOIN entry USING (id)"
			" WHERE entry.vector IS NOT record.vector"),
		    0);
		ck_assert_int_eq(store_rebuild_views(store), MESH_OK);
		ck_assert_uint_eq(verify_all(all), left);
		ck_assert_int_eq(
		    world_number(path,
			"SELECT count(*) FROM record LEFT JOIN entry USING (id)"
			" WHERE entry.vector IS NOT record.vector"),
		    0);
		struct mesh_run run = { 1, PUTS };
		struct world_draft d = { .lane = LANE_REGISTRY,
			.type = RECORD_DROP,
			.body = world_drop(&world, &run, 1) };
		struct mesh_record drop = world_record(&world, &d);
		put_all(&drop, 1);
		ck_assert_int_eq(
		    world_number(path, "SELECT count(*) FROM vector_block"), 0);
		ck_assert_int_eq(world_number(path, "SELECT count(*) FROM batch"), 0);
		end();
	}
}
/* What another site is not told of, it would take for dead. */
START_TEST(a_damaged_proof_ends_the_page_of_a_keyed_lane)
{
	static const enum mesh_lane lanes[] = { LANE_STATE, LANE_PACKET };
	for (size_t i = 0; i < LENGTH(lanes); i++) {
		begin();
		for (size_t k = 0; k < 3; k++) {
			struct world_draft d = { .lane = lanes[i] };
			world_batch(&world, &d, 4, i == 0 ? some_put : some_reception,
			    all + 4 * k);
		}
		put_all(all, 12);
		world_number(
		    path, "UPDATE batch SET proof=x'00' WHERE id=2 RETURNING 1");
		struct mesh_position from = { all[0].at.origin, all[0].at.epoch, 1,
			lanes[i] };
		struct store_outcome o;
		ck_assert_int_eq(store_fetch(store, &from, PUTS, 1), MESH_OK);
		store_work(store);
		ck_assert(store_next(store, &o));
		const struct mesh_record *r = o.page->records;
		size_t count = o.page->count;
		ck_assert_uint_le(r[i == 0 ? count - 1 : 3].at.seq, 4);
		ck_assert_int_eq(o.page->next.len > 0, i == 0);
		ck_assert_uint_eq(r[count - 1].at.seq > 8, i == 1);
		store_page_free(o.page);
		end();
	}
}
CHECK_MODULE(batch_rows, NULL, records_come_back_as_they_were_signed_in_any_order,
    a_batch_in_order_is_one_row, what_comes_between_splits_no_batch,
    who_is_signed_alone_needs_no_row, superseded_and_dropped_records_leave_their_batch,
    a_purge_takes_the_batches_too, embeddings_stand_apart_and_come_back,
    a_damaged_proof_ends_the_page_of_a_keyed_lane)
