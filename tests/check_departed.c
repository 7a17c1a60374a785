#include "check_world.h"
#include "pack.h"
#include "world_disk.h"

/* A site says much in all lanes, each of the others hears another part of it, and it is
 * gone: what nobody heard is given up after ten minutes, and then all have the same,
 * nothing lost and nothing twice, whatever happens meanwhile.  PROTOCOL.md 9. */

enum { SITES = 5, GONE = 0, KEYS = 8, FILLER = 120 };
enum { NAMED = 1000 * 1000 }; /* the first number: nothing else bears such a one */
static const enum mesh_lane lanes[] = { LANE_STATE, LANE_ALERT, LANE_PACKET,
	LANE_METRIC, LANE_REGISTRY };

static mesh_time_ms
minutes(unsigned count)
{
	return (mesh_time_ms)count * 60 * 1000;
}

/* --- it speaks --- */

enum { DEAF = 85 }; /* percent of what it sends, to each site */

static enum world_fate
half_heard(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	bool lost = d->from == GONE && !d->broadcast && rng_u32() % 100 < DEAF;
	return lost ? WORLD_DROP : WORLD_DELIVER;
}

static void
put(enum mesh_lane lane, uint64_t number)
{
	uint8_t bytes[256];
	char key[16];
	uint64_t seq;
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	snprintf(key, sizeof key, "key/%u", (unsigned)(number % KEYS));
	disk_body(&body, key, NAMED + number, 0);
	struct mesh_draft d = { lane, RECORD_PUT, 0, NULL, bytes_written(&body) };
	ck_assert_int_eq(
	    mesh_site_append(w->sites[GONE].site, &d, &seq, world_site_now(w, GONE)),
	    MESH_OK);
	world_drain(w, GONE);
}
static void
say(enum mesh_lane lane, uint64_t number)
{
	if (mesh_lane_is_keyed(lane) && number % 3 != 0)
		put(lane, number);
	else
		ck_assert_int_eq(
		    world_append(w, GONE, lane, NAMED + number, FILLER), MESH_OK);
}
static void
say_much(uint64_t first, unsigned rounds, mesh_time_ms pause)
{
	for (uint64_t n = first; n < first + rounds; n++) {
		for (size_t l = 0; l < LENGTH(lanes); l++)
			say(lanes[l], n * LENGTH(lanes) + l);
		run(pause);
	}
}
static void
islands(bool apart)
{
	for (uint32_t a = 1; a < SITES; a++)
		for (uint32_t b = a + 1; b < SITES; b++)
			(apart ? world_cut : world_join)(w, a, b);
}

enum { BEFORE = 20, ROUNDS = 60, ALL = (BEFORE + ROUNDS) * LENGTH(lanes) };
static bool heard[ALL]; /* by any of the others */

static size_t
told_at(uint32_t at, uint64_t number)
{
	return world_told(w, at, GONE, lanes[number % LENGTH(lanes)], NAMED + number);
}
static bool
is_heard(uint64_t number)
{
	for (uint32_t at = 1; at < SITES; at++)
		if (told_at(at, number) > 0)
			return true;
	return false;
}
/* Each of the others heard some, and it is gone. */
static void
one_is_gone(bool apart)
{
	begin(SITES, 0);
	w->params.unlimited = true;
	world_join_all(w);
	world_start_all(w);
	run(6000);
	say_much(0, BEFORE, 20);
	run(5000);
	w->tap = half_heard;
	islands(apart);
	say_much(BEFORE, ROUNDS, 10);
	run(20);
	world_kill(w, GONE);
	w->tap = NULL;
	islands(false);
	run(200); /* what was on its way has come */
	unsigned lost = 0;
	for (uint64_t n = 0; n < ALL; n++) {
		heard[n] = is_heard(n);
		lost += !heard[n];
	}
	ck_assert_uint_gt(lost, 10);
	ck_assert_uint_lt(lost, ALL / 2);
}

/* --- what of it everybody has --- */

static bool
same_digest(uint32_t a, uint32_t b)
{
	struct mesh_site *x = w->sites[a].site, *y = w->sites[b].site;
	return memcmp(digest_sum(&x->holdings.digest), digest_sum(&y->holdings.digest),
		   DIGEST) == 0;
}
static bool
same_rows(uint32_t a, uint32_t b)
{
	for (size_t l = 0; l < LENGTH(lanes); l++)
		if (mesh_lane_is_keyed(lanes[l]) &&
		    !world_same_rows(w, a, b, GONE, lanes[l]))
			return false;
	return true;
}
/* `ctx`: the first of them.  Nobody lacks anything below what it has. */
static bool
all_same(const struct world *world, void *ctx)
{
	uint32_t first = *(const uint32_t *)ctx;
	for (uint32_t at = first; at < SITES; at++)
		if (world->sites[at].site->holdings.holes > 0 ||
		    !same_digest(first, at) || !same_rows(first, at))
			return false;
	return true;
}
/* Another PUT of its key came later, and was heard. */
static bool
is_replaced(uint64_t number)
{
	size_t l = number % LENGTH(lanes);
	if (!mesh_lane_is_keyed(lanes[l]) || number % 3 == 0)
		return false;
	for (uint64_t n = number + LENGTH(lanes); n < ALL; n += LENGTH(lanes))
		if (n % 3 != 0 && n % KEYS == number % KEYS && heard[n])
			return true;
	return false;
}
/* What any of them has heard all were told, once. */
static void
told_to_all(uint32_t first)
{
	for (uint64_t n = 0; n < ALL; n++)
		for (uint32_t at = first; at < SITES; at++) {
			size_t l = n % LENGTH(lanes);
			size_t told = told_at(at, n);
			ck_assert_msg(told == heard[n] || (told < 2 && is_replaced(n)),
			    "%llu of lane %d at site %u: %zu times, heard %d",
			    (unsigned long long)n, lanes[l], at, told, heard[n]);
		}
}
/* Ten minutes of rounds; one that a slow answer kept from filling takes two.  And who
 * learns late that there is something above asks later. */
enum { IN_THE_END = 16 * 60 * 1000 };

static void
wait_same(uint32_t first, mesh_time_ms until)
{
	ck_assert_msg(world_wait(w, all_same, &first, until), "they differ");
	told_to_all(first);
	run(minutes(2)); /* and it stays so */
	ck_assert(all_same(w, &first));
	told_to_all(first);
}

/* Nobody has been asked for what nobody holds anything above of. */
static void
no_claims(void)
{
	struct gap *one;
	for (uint32_t at = 1; at < SITES; at++)
		for (uint32_t i = 0;
		     (one = gaps_walk(&w->sites[at].site->gaps, &i)) != NULL; i++)
			ck_assert(one->hole);
}
static void
all_agree_on_what_was_heard(bool apart)
{
	one_is_gone(apart);
	mesh_time_ms gone = w->now;
	run(minutes(9));
	ck_assert_uint_eq(counted("sync.given_up"), 0);
	no_claims();
	wait_same(1, gone + IN_THE_END);
	ck_assert_uint_gt(counted("sync.given_up"), 0);
	ck_assert_uint_eq(counted("sync.refetch"), 0);
	done();
}
START_TEST(those_who_were_together_agree_after_ten_minutes)
{
	all_agree_on_what_was_heard(false);
}
START_TEST(those_who_were_apart_agree_after_ten_minutes)
{
	all_agree_on_what_was_heard(true);
}
START_TEST(who_starts_again_meanwhile_takes_ten_minutes_from_then_on)
{
	one_is_gone(true);
	run(minutes(5));
	world_kill(w, 2);
	run(3000);
	world_start(w, 2);
	wait_same(1, w->now + IN_THE_END);
	world_kill(w, 3); /* and what it gave up is not on its disk */
	run(3000);
	world_start(w, 3);
	wait_same(1, w->now + IN_THE_END);
	done();
}
START_TEST(what_was_given_up_comes_with_who_was_gone)
{
	uint32_t first = 1;
	one_is_gone(true);
	mesh_time_ms gone = w->now;
	ck_assert(world_wait(w, all_same, &first, gone + IN_THE_END));
	world_start(w, GONE);
	for (uint64_t n = 0; n < ALL; n++)
		heard[n] = true;
	wait_same(GONE, w->now + minutes(2));
	done();
}
START_TEST(what_is_missing_comes_with_who_was_gone_for_short)
{
	one_is_gone(true);
	run(minutes(3));
	world_start(w, GONE);
	for (uint64_t n = 0; n < ALL; n++)
		heard[n] = true;
	wait_same(GONE, w->now + minutes(2));
	ck_assert_uint_eq(counted("sync.given_up"), 0);
	done();
}

CHECK_MODULE(departed, NULL, those_who_were_together_agree_after_ten_minutes,
    those_who_were_apart_agree_after_ten_minutes,
    who_starts_again_meanwhile_takes_ten_minutes_from_then_on,
    what_was_given_up_comes_with_who_was_gone,
    what_is_missing_comes_with_who_was_gone_for_short)
