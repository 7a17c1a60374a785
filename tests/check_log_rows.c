/* Superseding, dropping, count and sum against a memory of everything that was ever
 * put, looked through from the beginning each time. */
#include "log_rows.h"
#include "store_world.h"
#include "text.h"

enum { STEPS = 150, KEYS = 6 };

struct put {
	struct mesh_record r;
	bool stored;
};
static struct world world;
static struct put all[STEPS];
static size_t count;
static struct mesh_run runs_of[STEPS][3]; /* of DROPs, by index in `all` */
static size_t run_counts[STEPS];
static uint64_t floor_of[STEPS], last_floor; /* an origin only raises it */

static bool
is_dropped(uint64_t seq)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; all[i].stored && k < run_counts[i]; k++)
			if (seq >= runs_of[i][k].first && seq <= runs_of[i][k].last)
				return true;
	return false;
}

static bool
is_superseded(const struct mesh_record *r)
{
	struct bytes_view key, other;
	ck_assert(mesh_record_key(r, &key));
	for (size_t i = 0; i < count; i++)
		if (all[i].stored && mesh_record_key(&all[i].r, &other) &&
		    bytes_equal(key, other) && all[i].r.at.seq > r->at.seq)
			return true;
	return false;
}

static uint64_t
tomb_floor(void)
{
	uint64_t newest = 0, floor = 0;
	for (size_t i = 0; i < count; i++)
		if (all[i].stored && all[i].r.type == RECORD_CHECKPOINT &&
		    all[i].r.at.seq > newest) {
			newest = all[i].r.at.seq;
			floor = floor_of[i];
		}
	return floor;
}

/* Neither replaced nor dropped. */
static bool
is_odd(const struct mesh_record *r)
{
	struct bytes_view key;
	return r->type != RECORD_DROP && !mesh_record_key(r, &key);
}

static struct mesh_live
oracle(void)
{
	struct mesh_live live = { 0 };
	uint8_t leaf[32];
	for (size_t i = 0; i < count; i++) {
		const struct mesh_record *r = &all[i].r;
		if (!all[i].stored || r->type == RECORD_CHECKPOINT)
			continue;
		if (is_odd(r)) {
			live.weight++;
			continue;
		}
		if (r->type == RECORD_DROP ? r->at.seq < tomb_floor()
					   : is_superseded(r) || is_dropped(r->at.seq))
			continue;
		mesh_record_leaf(r, leaf);
		mesh_live_add(&live, leaf, 1);
	}
	return live;
}

static void
make_drop(struct world_draft *d, size_t i)
{
	uint64_t seq = i + 1;
	run_counts[i] = 1 + rng_u32() % 3;
	for (size_t k = 0; k < run_counts[i]; k++) {
		uint64_t first = 1 + rng_u64() % (seq - 1);
		uint64_t last = first + rng_u64() % 3;
		runs_of[i][k] = (struct mesh_run){ first, last < seq ? last : seq - 1 };
	}
	d->type = RECORD_DROP;
	d->body = world_drop(&world, runs_of[i], run_counts[i]);
}

static void
make_odd(struct world_draft *d)
{
	static const struct {
		uint16_t type;
		const char *body;
	} rows[] = { { RECORD_PUT, "90" }, { RECORD_PUT, "9107" },
		{ RECORD_PUT, "91c400" }, { 9, "91c40161" } };
	size_t at = rng_u32() % LENGTH(rows);
	d->type = rows[at].type;
	d->body = hex(rows[at].body);
}

static void
make(size_t i)
{
	char key[16], value[16];
	struct world_draft d = { .lane = LANE_STATE, .type = RECORD_PUT };
	snprintf(key, sizeof key, "user/%u", (unsigned)rng_u32() % KEYS);
	snprintf(value, sizeof value, "%zu", i);
	run_counts[i] = 0;
	unsigned dice = rng_u32() % 10;
	if (dice == 0 && i > 1) {
		make_drop(&d, i);
	} else if (dice == 1 && i > 1) {
		floor_of[i] = last_floor += rng_u64() % (i + 1 - last_floor);
		d.type = RECORD_CHECKPOINT;
		d.body = world_checkpoint(
		    &world, &(struct mesh_live){ .count = i }, floor_of[i]);
	} else if (dice == 2) {
		make_odd(&d);
	} else {
		d.body = world_put(&world, key, value);
	}
	all[i] = (struct put){ world_record(&world, &d), false };
}

static void
shuffle(size_t *order, size_t window)
{
	for (size_t i = 0; i < STEPS; i++)
		order[i] = i;
	for (size_t i = 0; window > 1 && i < STEPS; i++) {
		size_t span = STEPS - i < window ? STEPS - i : window;
		size_t other = i + rng_u32() % span, kept = order[i];
		order[i] = order[other];
		order[other] = kept;
	}
}

START_TEST(count_and_sum_are_what_a_look_at_everything_says)
{
	static const size_t windows[] = { 1, 2, 8, 20, 40 };
	for (size_t w = 0; w < LENGTH(windows) * 2; w++) {
		size_t order[STEPS];
		world_init(&world);
		count = STEPS;
		last_floor = 0;
		for (size_t i = 0; i < STEPS; i++)
			make(i);
		struct store *s = world_open(":memory:");
		shuffle(order, windows[w % LENGTH(windows)]);
		for (size_t i = 0; i < STEPS; i++) {
			struct store_outcome o = world_store(s, &all[order[i]].r);
			ck_assert_int_eq(o.err, MESH_OK);
			ck_assert(o.has_live);
			all[order[i]].stored = true;
			struct mesh_live expected = oracle();
			ck_assert_msg(o.live.count == expected.count,
			    "window %zu step %zu: %llu, not %llu", windows[w % 5], i,
			    (unsigned long long)o.live.count,
			    (unsigned long long)expected.count);
			ck_assert_mem_eq(o.live.sum, expected.sum, sizeof expected.sum);
			ck_assert_uint_eq(o.live.weight, expected.weight);
		}
		store_close(s);
		world_release(&world);
	}
}

START_TEST(numbers_that_back_declares_void_are_deleted)
{
	world_init(&world);
	struct store *s = world_open(":memory:");
	struct mesh_record r[4];
	for (uint32_t i = 0; i < 4; i++) {
		struct world_draft d = { .lane = LANE_PACKET,
			.body = world_reception(&world, 1 + i, i, 1000, -1),
			.seq = i == 3 ? 10 : i + 1,
			.back = i == 3 ? 8 : 1 }; /* 3..9 are void */
		r[i] = world_record(&world, &d);
		ck_assert_int_eq(world_store(s, &r[i]).err, MESH_OK);
	}
	ck_assert_uint_eq(store_counts(s).packets, 3);
	ck_assert_int_eq(world_store(s, &r[2]).err, MESH_OK);
	ck_assert_msg(store_counts(s).packets == 3, "void numbers do not come back");
	struct store_saved saved;
	ck_assert_int_eq(store_saved(s, &saved), MESH_OK);
	ck_assert_uint_eq(saved.holdings[0].run_count, 1);
	ck_assert_uint_eq(saved.holdings[0].runs[0].last, 10);
	store_saved_free(&saved);
	store_close(s);
	world_release(&world);
}

static enum mesh_err
settle(struct store *s, const struct mesh_record *like, uint64_t seq, uint64_t claims)
{
	struct mesh_record r = { .at = like->at, .back = 1, .claims = claims };
	struct store_outcome o;
	r.at.seq = seq;
	ck_assert_int_eq(store_settle(s, &r, 7), MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &o));
	ck_assert_uint_eq(o.token, 7);
	return o.err;
}

/* What a page of a keyed lane passes over: PROTOCOL.md 9. */
START_TEST(settled_numbers_join_the_have_set_and_store_nothing)
{
	world_init(&world);
	struct store *s = world_open(":memory:");
	struct world_draft d = { .lane = LANE_STATE,
		.seq = 4,
		.back = 1,
		.body = world_put(&world, "a", "1") };
	struct mesh_record r = world_record(&world, &d);
	r.claims = 4; /* 1..3 are dead, said its page */
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	ck_assert_int_eq(settle(s, &r, 9, 5), MESH_OK);
	struct mesh_record newer = r;
	newer.at.epoch++;
	ck_assert_msg(
	    settle(s, &newer, 9, 5) == MESH_DENIED, "only a record begins an epoch");
	struct store_saved saved;
	ck_assert_int_eq(store_saved(s, &saved), MESH_OK);
	ck_assert_uint_eq(saved.holding_count, 1);
	ck_assert_uint_eq(saved.holdings[0].run_count, 1);
	ck_assert_uint_eq(saved.holdings[0].runs[0].first, 1);
	ck_assert_uint_eq(saved.holdings[0].runs[0].last, 9);
	ck_assert_uint_eq(saved.holdings[0].live.count, 1);
	store_saved_free(&saved);
	store_close(s);
	world_release(&world);
}

START_TEST(the_65th_gap_is_refused_and_an_older_epoch_too)
{
	world_init(&world);
	struct store *s = world_open(":memory:");
	for (uint32_t i = 0; i <= MESH_RUNS; i++) {
		struct world_draft d = { .lane = LANE_PACKET,
			.seq = 2 + 2 * i,
			.body = world_reception(&world, 1, i, 1000, -1) };
		struct mesh_record r = world_record(&world, &d);
		enum mesh_err err = world_store(s, &r).err;
		ck_assert_int_eq(err, i < MESH_RUNS ? MESH_OK : MESH_FULL);
	}
	ck_assert_uint_eq(store_counts(s).packets, MESH_RUNS);
	struct world_draft d = { .lane = LANE_PACKET,
		.epoch = WORLD_EPOCH + 1,
		.seq = 1,
		.body = world_reception(&world, 1, 99, 1000, -1) };
	struct mesh_record newer = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &newer).err, MESH_OK);
	d.epoch = WORLD_EPOCH;
	d.seq = 3;
	struct mesh_record older = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &older).err, MESH_DENIED);
	ck_assert_msg(
	    store_counts(s).packets == MESH_RUNS + 1, "old rows stay readable");
	store_close(s);
	world_release(&world);
}

START_TEST(old_keyed_rows_go_with_the_new_epochs_first_matching_checkpoint)
{
	world_init(&world);
	struct store *s = world_open(":memory:");
	struct world_draft d = {
		.lane = LANE_STATE, .seq = 1, .body = world_put(&world, "user/old", "1")
	};
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	d.epoch = WORLD_EPOCH + 1;
	d.body = world_put(&world, "user/new", "2");
	r = world_record(&world, &d);
	struct store_outcome o = world_store(s, &r);
	ck_assert_uint_eq(o.live.count, 1);
	struct text_view list = world_list(s, STORE_STATE, 0);
	ck_assert(memmem(list.ptr, list.len, "user/old", 8) != NULL);
	d.seq = 2;
	d.type = RECORD_CHECKPOINT;
	d.body = world_checkpoint(&world, &o.live, 0);
	r = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	list = world_list(s, STORE_STATE, 0);
	ck_assert(memmem(list.ptr, list.len, "user/old", 8) == NULL);
	ck_assert(memmem(list.ptr, list.len, "user/new", 8) != NULL);
	store_close(s);
	world_release(&world);
}

START_TEST(a_checkpoint_that_came_first_is_looked_at_again)
{
	world_init(&world);
	struct store *s = world_open(":memory:");
	struct world_draft d = {
		.lane = LANE_STATE, .seq = 1, .body = world_put(&world, "user/old", "1")
	};
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	d.epoch = WORLD_EPOCH + 1;
	d.body = world_put(&world, "user/new", "2");
	struct mesh_record first = world_record(&world, &d);
	struct mesh_live live = { 0 };
	uint8_t leaf[32];
	mesh_record_leaf(&first, leaf);
	mesh_live_add(&live, leaf, 1);
	d.seq = 2;
	d.back = 1;
	d.type = RECORD_CHECKPOINT;
	d.body = world_checkpoint(&world, &live, 0);
	r = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	struct text_view list = world_list(s, STORE_STATE, 0);
	ck_assert(memmem(list.ptr, list.len, "user/old", 8) != NULL);
	ck_assert_int_eq(world_store(s, &first).err, MESH_OK);
	list = world_list(s, STORE_STATE, 0);
	ck_assert(memmem(list.ptr, list.len, "user/old", 8) == NULL);
	ck_assert(memmem(list.ptr, list.len, "user/new", 8) != NULL);
	store_close(s);
	world_release(&world);
}

START_TEST(a_body_that_reads_as_nothing_is_stored_and_passed_on)
{
	static const struct {
		enum mesh_lane lane;
		uint16_t type;
		const char *body, *why;
	} row[] = {
		{ LANE_PACKET, 1, "90", "required rows absent" },
		{ LANE_PACKET, 9, "9107", "unknown type" },
		{ LANE_METRIC, 1, "9107", "a lane without a view" },
		{ LANE_STATE, RECORD_DROP, "9107", "no runs" },
		{ LANE_STATE, RECORD_CHECKPOINT, "90", "nothing in it" },
		{ LANE_ALERT, 2, "91c0", "no alert" },
		{ LANE_CONTROL, 1, "91c40161", "control" },
	};
	world_init(&world);
	struct store *s = world_open(":memory:");
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct world_draft d = { .lane = row[i].lane,
			.type = row[i].type,
			.body = hex(row[i].body) };
		struct mesh_record r = world_record(&world, &d);
		ck_assert_msg(world_store(s, &r).err == MESH_OK, "%s", row[i].why);
		ck_assert_int_eq(store_fetch(s, &r.at, 1, 1), MESH_OK);
		store_work(s);
		struct store_outcome o;
		ck_assert(store_next(s, &o));
		ck_assert_msg(o.page->count == 1, "%s", row[i].why);
		store_page_free(o.page);
	}
	store_close(s);
	world_release(&world);
}
CHECK_MODULE(log_rows, NULL, count_and_sum_are_what_a_look_at_everything_says,
    numbers_that_back_declares_void_are_deleted,
    settled_numbers_join_the_have_set_and_store_nothing,
    the_65th_gap_is_refused_and_an_older_epoch_too,
    old_keyed_rows_go_with_the_new_epochs_first_matching_checkpoint,
    a_checkpoint_that_came_first_is_looked_at_again,
    a_body_that_reads_as_nothing_is_stored_and_passed_on)
