#include "check_mesh.h"
#include "drop.h"
#include "entry.h"
#include "expiring.h"
#include "fake_world.h"

/* Our own entries end: which numbers a DROP names, when it is looked for. */

static struct meshd_counts counts;
static struct expiring expiring;
static const struct mesh_key self = { { 3 } };

static void
setup(void)
{
	fake_start();
	counts = (struct meshd_counts){ { 0 } };
	expiring = expiring_init(NULL, fake.world.intents, &counts, &self);
}

static void
tick(mesh_time_ms ms)
{
	expiring_tick(&expiring,
	    (struct mesh_now){ .ms = ms, .unix_ms = 1700000000000 + (unix_ms)ms });
}

static void
over(const uint64_t *seqs, size_t count, struct store_expiry behind)
{
	struct mesh_record records[8] = { { .type = 0 } };
	struct store_page page = { .records = records, .count = count };
	for (size_t i = 0; i < count; i++)
		records[i].at = (struct mesh_position){
			.lane = LANE_REGISTRY, .epoch = 4, .seq = seqs[i]
		};
	struct store_outcome o = { .page = &page,
		.behind = behind,
		.err = count > 0 ? MESH_OK : MESH_NOT_FOUND };
	expiring_outcome(&expiring, &o, (struct mesh_now){ .ms = 1000 });
}

START_TEST(what_is_over_is_dropped_neighbours_as_one_run)
{
	static const uint64_t seqs[] = { 4, 5, 6, 9, 11, 12 };
	static const uint8_t body[] = { 0x91, 0x93, 0x92, 4, 6, 0x92, 9, 9, 0x92, 11,
		12 };
	struct intent i;
	tick(1000);
	ck_assert(fake.asks == 1 && key_equal(&fake.found_at.origin, &self));
	ck_assert_int_eq(fake.ending.now, 1700000001000);
	over(seqs, LENGTH(seqs), (struct store_expiry){ 0 });
	ck_assert(intents_peek(fake.world.intents, &i));
	ck_assert(i.lane == LANE_REGISTRY && i.type == RECORD_DROP && i.epoch == 4);
	ck_assert(bytes_equal(i.body, bytes_view(body, sizeof body)));
	ck_assert_uint_eq(counts.n[COUNT_REGISTRY_EXPIRED], 6);
	ck_assert_uint_eq(expiring_deadline(&expiring), 1000 + EXPIRING_EACH_MS);
}

static bool
asked_behind(int64_t row)
{
	return fake.ending.behind.row == row && fake.ending.behind.ms == 10 * row;
}

/* A page of damaged ones has none to drop: the round goes on behind it, and the next
 * one begins anew. */
START_TEST(what_may_be_more_is_asked_for_soon_behind_the_last)
{
	static const uint64_t seqs[] = { 4 };
	tick(1000);
	ck_assert(asked_behind(0));
	over(NULL, 0, (struct store_expiry){ 70, 7 });
	ck_assert_uint_eq(expiring_deadline(&expiring), 1000 + EXPIRING_SOON_MS);
	tick(1000 + EXPIRING_SOON_MS);
	ck_assert(asked_behind(7));
	over(seqs, 1, (struct store_expiry){ 90, 9 });
	ck_assert_uint_eq(intents_count(fake.world.intents), 1);
	tick(1000 + EXPIRING_SOON_MS);
	ck_assert(asked_behind(9));
	over(NULL, 0, (struct store_expiry){ 0 });
	tick(1000 + EXPIRING_SOON_MS + EXPIRING_EACH_MS);
	ck_assert(asked_behind(0));
}

/* What nobody could write down is asked for once more. */
START_TEST(a_page_that_no_intent_takes_is_not_passed_over)
{
	static const uint64_t seqs[] = { 4 };
	for (int i = 0; i < 16; i++)
		ck_assert_int_eq(intents_put(fake.world.intents,
				     &(struct intent){ .kind = INTENT_APPEND }),
		    MESH_OK);
	tick(1000);
	over(seqs, 1, (struct store_expiry){ 90, 9 });
	ck_assert_uint_eq(counts.n[COUNT_REGISTRY_EXPIRED], 0);
	tick(1000 + EXPIRING_SOON_MS);
	ck_assert(fake.asks == 2 && asked_behind(0));
}

/* Its list says so of each; the records say when. */
START_TEST(what_the_record_does_not_call_over_stays)
{
	static const struct {
		unix_ms expires_ms;
		bool goes;
	} row[] = { { 0, false }, { 1700000000999, true }, { 1700000001000, true },
		{ 1700000001001, false } };
	static uint8_t room[LENGTH(row)][64];
	static const uint8_t body[] = { 0x91, 0x91, 0x92, 2, 3 };
	struct mesh_record records[LENGTH(row)];
	struct intent i;
	for (size_t k = 0; k < LENGTH(row); k++) {
		struct bytes_out out = bytes_out(room[k], sizeof room[k]);
		struct entry_put put = { .hash = bytes_view("\x1a", 1),
			.type = { "face", 4 },
			.expires_ms = row[k].expires_ms,
			.has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE |
			    (uint64_t)(row[k].expires_ms != 0) << ENTRY_PUT_EXPIRES };
		ck_assert_int_eq(
		    mesh_body_encode(&entry_put_table, &put, &out), MESH_OK);
		records[k] = (struct mesh_record){ .type = RECORD_PUT,
			.at = { .lane = LANE_REGISTRY, .epoch = 4, .seq = k + 1 },
			.body = bytes_written(&out) };
	}
	struct store_page page = { .records = records, .count = LENGTH(row) };
	struct store_outcome o = { .page = &page };
	struct mesh_now now = { .ms = 1000, .unix_ms = 1700000001000 };
	expiring_outcome(&expiring, &o, now);
	ck_assert(intents_peek(fake.world.intents, &i));
	ck_assert(bytes_equal(i.body, bytes_view(body, sizeof body)));
	intents_drop(fake.world.intents);
	page.count = 1;
	expiring_outcome(&expiring, &o, now);
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
}

START_TEST(nothing_is_over_and_it_is_asked_again_after_a_while)
{
	tick(1000);
	ck_assert_uint_eq(expiring_deadline(&expiring), MESH_NEVER);
	over(NULL, 0, (struct store_expiry){ 0 });
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
	tick(1001);
	ck_assert_uint_eq(fake.asks, 1);
	tick(1000 + EXPIRING_EACH_MS);
	ck_assert_uint_eq(fake.asks, 2);
}

START_TEST(without_a_clock_nothing_ends)
{
	expiring_tick(&expiring, (struct mesh_now){ .ms = 1000, .unix_ms = 5000 });
	ck_assert_uint_eq(fake.asks, 0);
	fake.ask_err = MESH_FULL;
	tick(1000 + EXPIRING_EACH_MS);
	fake.ask_err = MESH_OK;
	tick(1000 + 2 * EXPIRING_EACH_MS);
	ck_assert_uint_eq(fake.asks, 2);
}

CHECK_MODULE(expiring, setup, what_is_over_is_dropped_neighbours_as_one_run,
    what_may_be_more_is_asked_for_soon_behind_the_last,
    a_page_that_no_intent_takes_is_not_passed_over,
    what_the_record_does_not_call_over_stays,
    nothing_is_over_and_it_is_asked_again_after_a_while, without_a_clock_nothing_ends)
