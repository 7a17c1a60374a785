/* What local programs say to searches. */
#include "check_mesh.h"
#include "hearsay.h"
#include "hit.h"
#include "text.h"
#include <math.h>

static struct feed *feed;
static struct hearsay *hearsay;
static const struct mesh_key self = { { 5 } };
static const struct mesh_now now = { .ms = 1000, .unix_ms = 1700000000000 };
static uint8_t like[8] = { 0, 0, 0x80, 0x3f };

static void
setup(void)
{
	hearsay_free(hearsay);
	feed_free(feed);
	feed = feed_new(64, 64 * 1024);
	hearsay = hearsay_new(feed, &self);
	hearsay_listeners(hearsay, 2);
}

static struct seek
sound(void)
{
	return (struct seek){ .kind = SEEK_NEAREST,
		.dtype = ENTRY_F32,
		.dim = 2,
		.like = bytes_view(like, sizeof like),
		.type = text("face"),
		.top = 10,
		.least = 0.25,
		.has = 1U << SEEK_KIND | 1U << SEEK_DTYPE | 1U << SEEK_DIM |
		    1U << SEEK_LIKE | 1U << SEEK_TOP | 1U << SEEK_TYPE |
		    1U << SEEK_LEAST };
}

static uint64_t
ask(const struct seek *s)
{
	return hearsay_ask(hearsay, s, text("hill"), 1000, now);
}

/* Two programs are told of the question asked last. */
static void
tell(uint32_t one, uint32_t other)
{
	hearsay_told(hearsay, feed_newest(feed), one);
	hearsay_told(hearsay, feed_newest(feed), other);
	ck_assert(!hearsay_offered(hearsay, now.ms));
}

static const char *
say(uint64_t number, uint32_t from, size_t count, mesh_time_ms when)
{
	static struct seek_hit hits[HEARSAY_HITS + 1];
	struct list_view list = { hits, count };
	for (size_t i = 0; i < count; i++)
		hits[i] = (struct seek_hit){ .hash = bytes_view("\1\2", 2),
			.type = text("face"),
			.score = 0.5 };
	return hearsay_tell(hearsay, number, from, &list, when);
}

START_TEST(a_search_is_told_to_programs_with_their_half_of_the_time)
{
	struct seek s = sound();
	struct feed_item item;
	uint64_t number = ask(&s);
	ck_assert_uint_ne(number, 0);
	ck_assert(hearsay_question(hearsay, number, &item));
	const struct asked *asked = item.object;
	ck_assert(item.topic == FEED_ASKED && item.table == &asked_table);
	ck_assert(text_is(asked->site, "hill") && text_is(asked->type, "face"));
	ck_assert(asked->within_ms == 500 && asked->top == 10 && asked->dim == 2);
	ck_assert(bytes_equal(asked->like, bytes_view(like, sizeof like)));
	ck_assert_uint_eq(hearsay_ends(hearsay, number), 1500);
}
START_TEST(nobody_is_asked_where_nobody_listens_or_of_another_sites_entries)
{
	struct seek s = sound();
	hearsay_listeners(hearsay, 0);
	ck_assert_uint_eq(ask(&s), 0);
	hearsay_listeners(hearsay, 1);
	s.has |= 1U << SEEK_ORIGIN;
	s.origin = (struct mesh_key){ { 6 } };
	ck_assert_uint_eq(ask(&s), 0);
	s.origin = self;
	ck_assert_uint_ne(ask(&s), 0);
	ck_assert_uint_eq(hearsay_ask(NULL, &s, text("hill"), 1000, now), 0);
}
START_TEST(it_is_over_when_all_have_said_something_or_it_is_time)
{
	struct seek s = sound();
	size_t count;
	uint64_t number = ask(&s);
	tell(3, 63);
	ck_assert_ptr_null(say(number, 3, 2, 1001));
	ck_assert(!hearsay_is_over(hearsay, number, 1001));
	ck_assert(hearsay_is_over(hearsay, number, 1500));
	ck_assert_ptr_null(say(number, 63, 0, 1001));
	ck_assert(hearsay_is_over(hearsay, number, 1001));
	const struct seek_hit *hits = hearsay_hits(hearsay, number, &count);
	ck_assert_uint_eq(count, 2);
	ck_assert(key_equal(&hits[0].origin, &self) && hits[0].hash.len == 2);
	hearsay_close(hearsay, number);
	ck_assert_str_eq(say(number, 4, 1, 1001), "id: that search is over");
}
START_TEST(who_was_not_told_is_not_waited_for)
{
	struct seek s = sound();
	uint64_t number = ask(&s);
	ck_assert_msg(!hearsay_is_over(hearsay, number, 1001), "nobody was told yet");
	hearsay_told(hearsay, feed_newest(feed) + 1, 2); /* of something else */
	hearsay_told(hearsay, feed_newest(feed), HEARSAY_PROGRAMS);
	ck_assert_msg(hearsay_offered(hearsay, 1001), "nobody wants to know of it");
	ck_assert(hearsay_is_over(hearsay, number, 1001));
	ck_assert_msg(!hearsay_offered(hearsay, 1001), "that is no news");
}
START_TEST(late_second_and_too_many_words_are_refused)
{
	struct seek s = sound();
	size_t count;
	uint64_t number = ask(&s);
	ck_assert_str_eq(say(number, 0, 1, 1500), "id: that search is over");
	ck_assert_str_eq(say(number + 1, 0, 1, 1001), "id: that search is over");
	ck_assert_str_eq(say(0, 0, 1, 1001), "id: that search is over");
	ck_assert_ptr_nonnull(say(number, 0, HEARSAY_HITS + 1, 1001));
	ck_assert_ptr_nonnull(say(number, HEARSAY_PROGRAMS, 1, 1001));
	ck_assert_ptr_null(say(number, 0, HEARSAY_HITS, 1001));
	ck_assert_str_eq(say(number, 0, 0, 1001), "id: answered already");
	(void)hearsay_hits(hearsay, number, &count);
	ck_assert_uint_eq(count, HEARSAY_HITS);
}
START_TEST(of_more_hits_than_there_is_room_for_the_best_stand)
{
	struct seek s = sound();
	size_t count, better = 0;
	uint64_t number = ask(&s);
	struct seek_hit hits[] = {
		{ .hash = bytes_view("\3", 1), .type = text("face"), .score = 0.9 },
		{ .hash = bytes_view("\4", 1), .type = text("face"), .score = 0.3 },
		{ .hash = bytes_view("\5", 1), .type = text("face"), .score = 0.8 },
	};
	struct list_view list = { hits, LENGTH(hits) };
	tell(0, 1);
	ck_assert_ptr_null(say(number, 0, HEARSAY_HITS, 1001));
	ck_assert_ptr_null(hearsay_tell(hearsay, number, 1, &list, 1001));
	ck_assert(hearsay_is_over(hearsay, number, 1001));
	const struct seek_hit *all = hearsay_hits(hearsay, number, &count);
	ck_assert_uint_eq(count, HEARSAY_HITS);
	for (size_t i = 0; i < count; i++) {
		ck_assert(all[i].score > 0.4);
		better += all[i].score > 0.7 && all[i].hash.len == 1;
	}
	ck_assert_uint_eq(better, 2);
}
START_TEST(a_hit_is_what_the_search_is_for)
{
	static uint8_t long_hash[ENTRY_HASH_MAX + 1];
	struct seek s = sound();
	/* clang-format off */
	const struct { struct seek_hit hit; const char *why; } rows[] = {
		{ { .hash = { long_hash, 0 }, .type = text("face"), .score = 0.5 }, "no hash" },
		{ { .hash = { long_hash, sizeof long_hash }, .type = text("face"), .score = 0.5 }, "a long hash" },
		{ { .hash = { long_hash, 4 }, .type = text("bag"), .score = 0.5 }, "another type" },
		{ { .hash = { long_hash, 4 }, .type = text(""), .score = 0.5 }, "no type" },
		{ { .hash = { long_hash, 4 }, .type = text("face"), .score = (double)NAN }, "no number" },
		{ { .hash = { long_hash, 4 }, .type = text("face"), .score = (double)INFINITY }, "no finite number" },
		{ { .hash = { long_hash, 4 }, .type = text("face"), .score = 1.5 }, "no cosine" },
		{ { .hash = { long_hash, 4 }, .type = text("face"), .score = 0.2 }, "below the threshold" },
	}; /* clang-format on */
	uint64_t number = ask(&s);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct list_view one = { &rows[i].hit, 1 };
		ck_assert_msg(hearsay_tell(hearsay, number, 1, &one, 1001) != NULL,
		    "%s", rows[i].why);
	}
	ck_assert_ptr_null(say(number, 1, 1, 1001));
}
START_TEST(more_searches_than_there_is_room_for_are_not_told)
{
	struct seek s = sound();
	uint64_t numbers[HEARSAY_MAX];
	for (size_t i = 0; i < HEARSAY_MAX; i++)
		ck_assert_uint_ne(numbers[i] = ask(&s), 0);
	ck_assert_uint_eq(ask(&s), 0);
	hearsay_close(hearsay, numbers[3]);
	ck_assert_uint_ne(ask(&s), 0);
}
CHECK_MODULE(hearsay, setup, a_search_is_told_to_programs_with_their_half_of_the_time,
    nobody_is_asked_where_nobody_listens_or_of_another_sites_entries,
    it_is_over_when_all_have_said_something_or_it_is_time,
    who_was_not_told_is_not_waited_for, late_second_and_too_many_words_are_refused,
    of_more_hits_than_there_is_room_for_the_best_stand, a_hit_is_what_the_search_is_for,
    more_searches_than_there_is_room_for_are_not_told)
