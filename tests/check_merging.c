#include "check_mesh.h"
#include "merging.h"

/* Many sites with many hits each, of which an answer holds a few: merged, and asked
 * again where that is needed, they give the best of all, whatever the order. */

enum { SITES = 12, HITS = 40, FIT = 5, ROUNDS = 200 };
static struct seek_hit held[SITES][HITS];
static uint8_t hashes[SITES][HITS][4];
static size_t counts[SITES];
static struct mesh_key keys[SITES];

static int
by_order(const void *a, const void *b)
{
	return seek_order(a, b);
}

/* Few scores and few hashes, so that they meet; entries of one origin are held by
 * several sites. */
static void
invent(void)
{
	for (size_t i = 0; i < SITES; i++) {
		keys[i] = (struct mesh_key){ { (uint8_t)(i + 1) } };
		counts[i] = rng_u32() % (HITS + 1);
		for (size_t k = 0; k < counts[i]; k++) {
			uint8_t n = (uint8_t)(rng_u32() % 60),
				o = (uint8_t)(rng_u32() % SITES);
			memcpy(hashes[i][k], (uint8_t[]){ n, o, 1, 2 }, 4);
			held[i][k] = (struct seek_hit){ bytes_view(hashes[i][k], 4),
				{ { (uint8_t)(o + 1) } }, { "face", 4 },
				(double)((n * 7U + o * 13U) % 20) / 20, { NULL, 0 } };
		}
		qsort(held[i], counts[i], sizeof held[i][0], by_order);
	}
}

static void
answer(struct merging *m, size_t site, const struct seek_hit *after)
{
	struct seek_hit hits[HITS];
	size_t all = 0;
	for (size_t k = 0; k < counts[site]; k++)
		if (after == NULL || seek_order(after, &held[site][k]) < 0)
			hits[all++] = held[site][k];
	size_t fit = all < FIT ? all : FIT;
	merging_answer(m, &keys[site],
	    &(struct seek_answer){ .hits = { hits, fit }, .more = all > fit });
}

static size_t
oracle(struct seek_hit *out, size_t top)
{
	static struct seek_hit all[SITES * HITS];
	size_t count = 0, kept = 0;
	for (size_t i = 0; i < SITES; i++)
		for (size_t k = 0; k < counts[i]; k++)
			all[count++] = held[i][k];
	qsort(all, count, sizeof all[0], by_order);
	for (size_t i = 0; i < count && kept < top; i++)
		if (kept == 0 || seek_order(&out[kept - 1], &all[i]) != 0)
			out[kept++] = all[i];
	return kept;
}

static void
start(struct merging *m, uint32_t top)
{
	memset(m, 0, sizeof *m);
	m->top = top;
}

static void
run_round(uint32_t top)
{
	static struct merging m;
	struct mesh_key sites[MERGING_SITES];
	struct merging_place after;
	struct seek_hit wanted[MERGING_TOP];
	start(&m, top);
	size_t first = rng_u32() % SITES, asked = 0;
	for (size_t i = 0; i < SITES; i++)
		answer(&m, (first + i * 5) % SITES, NULL);
	for (size_t count; (count = merging_next(&m, sites, &after)) > 0;) {
		for (size_t i = 0; i < count; i++)
			answer(&m, (size_t)(sites[i].bytes[0] - 1), &after.hit);
		ck_assert_uint_lt(++asked, HITS);
	}
	size_t count = oracle(wanted, top);
	ck_assert_uint_eq(m.count, count);
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(seek_order(&m.best[i].hit, &wanted[i]) == 0,
		    "top %u: %zu differs", top, i);
}

START_TEST(the_list_is_that_of_all_entries_together)
{
	for (int round = 0; round < ROUNDS; round++) {
		invent();
		run_round(1 + rng_u32() % MERGING_TOP);
	}
}

START_TEST(what_cannot_be_better_is_not_asked_for)
{
	static struct merging m;
	struct mesh_key sites[MERGING_SITES];
	struct merging_place after;
	static const uint8_t names[4] = { 1, 2, 3, 4 };
	struct seek_hit good = { bytes_view(names, 1), { { 1 } }, { "a", 1 }, 0.9,
		{ NULL, 0 } };
	struct seek_hit bad = { bytes_view(names + 1, 1), { { 2 } }, { "a", 1 }, 0.1,
		{ NULL, 0 } };
	start(&m, 1);
	merging_answer(&m, &good.origin,
	    &(struct seek_answer){ .hits = { &good, 1 }, .more = true });
	merging_answer(&m, &bad.origin,
	    &(struct seek_answer){ .hits = { &bad, 1 }, .more = true });
	ck_assert_uint_eq(merging_next(&m, sites, &after), 0);
	start(&m, 2);
	merging_answer(&m, &bad.origin,
	    &(struct seek_answer){ .hits = { &bad, 1 }, .more = true });
	ck_assert_uint_eq(merging_next(&m, sites, &after), 1);
	ck_assert(key_equal(&sites[0], &bad.origin));
	ck_assert_uint_eq(merging_next(&m, sites, &after), 0);
}

START_TEST(our_own_hit_stays_ours_when_others_bring_it_too)
{
	static struct merging m;
	static const uint8_t name[1] = { 7 };
	struct seek_hit hit = { bytes_view(name, 1), { { 1 } }, { "a", 1 }, 0.5,
		{ NULL, 0 } };
	start(&m, 5);
	ck_assert(merging_add(&m, &hit, -1));
	ck_assert(!merging_add(&m, &hit, 3));
	ck_assert(m.count == 1 && m.best[0].local == 3);
}

START_TEST(who_says_more_of_a_hit_is_asked_for_the_rest_of_it)
{
	static const uint8_t name[1] = { 7 }, meta[2] = { 0x91, 0x80 };
	static const struct seek_said said = {
		.seq = 3, .metadata = { meta, 2 }, .bytes = 9
	};
	struct seek_hit bare = { bytes_view(name, 1), { { 1 } }, { "a", 1 }, 0.5,
		{ NULL, 0 } };
	struct seek_hit whole = bare;
	struct mesh_key old = { { 8 } }, new = { { 9 } };
	whole.said = (struct list_view){ &said, 1 };
	for (int swapped = 0; swapped < 2; swapped++) {
		static struct merging m;
		start(&m, 5);
		merging_answer(&m, swapped ? &new : &old,
		    &(struct seek_answer){ .hits = { swapped ? &whole : &bare, 1 } });
		merging_answer(&m, swapped ? &old : &new,
		    &(struct seek_answer){ .hits = { swapped ? &bare : &whole, 1 } });
		const struct seek_said *known = seek_said(&m.best[0].hit);
		ck_assert(m.count == 1 && known != NULL && known->seq == 3);
		ck_assert(key_equal(&m.best[0].from, &new));
		ck_assert(known->metadata.len == 2 && known->metadata.ptr[0] == 0x91 &&
		    known->metadata.ptr != meta && known->bytes == 9);
	}
}

CHECK_MODULE(merging, NULL, the_list_is_that_of_all_entries_together,
    what_cannot_be_better_is_not_asked_for,
    our_own_hit_stays_ours_when_others_bring_it_too,
    who_says_more_of_a_hit_is_asked_for_the_rest_of_it)
