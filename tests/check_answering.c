#include "answering.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "hearsay.h"
#include "meshd_counters.h"
#include "seek.h"
#include "text.h"

/* What other sites search here: which questions are refused, what an answer holds. */

static struct meshd_counts counts;
static struct answering *answering;
static const struct mesh_now now = { .ms = 1000, .unix_ms = 1700000000000 };
static uint8_t like[8] = { 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40 };

static void
setup(void)
{
	fake_start();
	counts = (struct meshd_counts){ { 0 } };
	answering_free(answering);
	struct answering_params params = { .counts = &counts, .self = { { 5 } } };
	answering = answering_new(&params);
}

static struct mesh_key asker;

static struct seek
sound(void)
{
	return (struct seek){ .kind = SEEK_NEAREST,
		.dtype = ENTRY_F32,
		.dim = 2,
		.like = bytes_view(like, sizeof like),
		.top = 10,
		.has = 1U << SEEK_KIND | 1U << SEEK_DTYPE | 1U << SEEK_DIM |
		    1U << SEEK_LIKE | 1U << SEEK_TOP };
}

static void
ask(const struct seek *s, uint64_t ticket)
{
	uint8_t room[2048];
	struct bytes_out out = bytes_out(room, sizeof room);
	ck_assert_int_eq(mesh_body_encode(&seek_table, s, &out), MESH_OK);
	struct mesh_event e = { .kind = MESH_QUESTION,
		.ticket = ticket,
		.site = asker,
		.budget_ms = 900,
		.body = bytes_written(&out) };
	answering_question(answering, &e, now);
}

static void
found(const struct store_hit *hits, size_t count, bool partial)
{
	struct store_outcome o = { .token = fake.search_token,
		.page = fake_hits(hits, count, partial) };
	answering_outcome(answering, &o, now);
	store_page_free(o.page);
}

static struct seek_answer
answer(void)
{
	static uint64_t block[2048];
	struct arena lists = arena_init(block, sizeof block);
	struct seek_answer a;
	ck_assert_uint_le(fake.answer_len, 800);
	ck_assert_int_eq(mesh_body_decode(&seek_answer_table,
			     bytes_view(fake.answer, fake.answer_len), &a, &lists),
	    MESH_OK);
	return a;
}

START_TEST(a_question_that_cannot_be_read_is_refused)
{
	struct seek s = sound();
	struct mesh_event e = {
		.kind = MESH_QUESTION, .ticket = 4, .body = bytes_view("\xc1", 1)
	};
	answering_question(answering, &e, now);
	ck_assert(fake.answers == 1 && fake.answer_len == SIZE_MAX);
	s.kind = 9;
	ask(&s, 5);
	s = sound();
	s.dim = 3;
	ask(&s, 6);
	s = sound();
	s.filter = text("no such thing");
	s.has |= 1U << SEEK_FILTER;
	ask(&s, 7);
	uint8_t nan[8] = { 0, 0, 0xc0, 0x7f };
	s = sound();
	s.like = bytes_view(nan, sizeof nan);
	ask(&s, 8);
	ck_assert(fake.answers == 5 && fake.answer_ticket == 8);
	ck_assert_uint_eq(counts.n[COUNT_SEARCH_MALFORMED], 5);
	ck_assert_uint_eq(fake.searches, 0);
}

START_TEST(a_question_for_others_is_refused_and_one_for_us_is_not)
{
	struct seek s = sound();
	struct mesh_key self = { { 5 } }, other = { { 6 } };
	uint8_t oid[SEEK_OID];
	struct seek_site only = { bytes_view(oid, sizeof oid) };
	s.only = (struct list_view){ &only, 1 };
	s.has |= 1U << SEEK_ONLY_SITES;
	seek_oid(&other, oid);
	ask(&s, 1);
	ck_assert(fake.answers == 1 && fake.answer_len == SIZE_MAX);
	seek_oid(&self, oid);
	ask(&s, 2);
	ck_assert(fake.searches == 1 && fake.answers == 1);
}

static struct store_hit
hit(uint8_t n, double score)
{
	struct store_hit h = { .origin = { { n } },
		.score = score,
		.hash_len = 32,
		.type_len = 4,
		.type = "face" };
	h.hash[0] = n;
	return h;
}

/* Program 0 has been told the question. */
static void
listened(struct hearsay *h)
{
	hearsay_told(h, feed_newest(fake.feed), 0);
	(void)hearsay_offered(h, now.ms);
}

/* A program says something with that score; NULL hash: nothing. */
static void
program_says(struct hearsay *h, const char *hash, double score)
{
	struct seek_hit hit = { .hash = bytes_view(hash, hash != NULL ? 2 : 0),
		.type = text("face"),
		.score = score };
	struct list_view list = { &hit, hash != NULL };
	ck_assert_ptr_null(hearsay_tell(h, 1, 0, &list, now.ms));
}

START_TEST(what_programs_say_is_merged_with_what_the_store_found)
{
	struct hearsay *h = hearsay_new(fake.feed, &(struct mesh_key){ { 5 } });
	struct answering_params params = {
		.counts = &counts, .self = { { 5 } }, .hearsay = h
	};
	struct store_hit hits[] = { hit(1, 0.9), hit(2, 0.5) };
	struct seek s = sound();
	for (int early = 0; early < 2; early++) {
		setup();
		answering_free(answering);
		hearsay_free(h);
		h = params.hearsay = hearsay_new(fake.feed, &params.self);
		answering = answering_new(&params);
		hearsay_listeners(h, 1);
		ask(&s, 3);
		listened(h);
		if (early)
			program_says(h, "ab", 0.7);
		found(hits, 2, false);
		ck_assert_uint_eq(fake.answers, (unsigned)early);
		if (!early) {
			ck_assert_uint_eq(answering_deadline(answering), 1450);
			program_says(h, "ab", 0.7);
			answering_tick(answering, now);
		}
		struct seek_answer a = answer();
		const struct seek_hit *all = a.hits.items;
		ck_assert_uint_eq(a.hits.count, 3);
		ck_assert(
		    all[1].score > 0.69 && key_equal(&all[1].origin, &params.self));
		ck_assert_uint_eq(fake.answers, 1);
	}
	answering_free(answering);
	answering = NULL;
	hearsay_free(h);
}
START_TEST(programs_that_say_nothing_are_waited_for_until_half_the_time)
{
	struct mesh_now later = now;
	struct answering_params params = { .counts = &counts, .self = { { 5 } } };
	struct store_hit hits[] = { hit(1, 0.9) };
	struct seek s = sound();
	answering_free(answering);
	params.hearsay = hearsay_new(fake.feed, &params.self);
	answering = answering_new(&params);
	hearsay_listeners(params.hearsay, 1);
	ask(&s, 3);
	listened(params.hearsay);
	found(hits, 1, false);
	later.ms += 449;
	answering_tick(answering, later);
	ck_assert_uint_eq(fake.answers, 0);
	later.ms += 1;
	answering_tick(answering, later);
	ck_assert(fake.answers == 1 && answer().hits.count == 1);
	answering_free(answering);
	answering = NULL;
	hearsay_free(params.hearsay);
}

START_TEST(an_answer_holds_the_best_that_fit_and_says_whether_there_are_more)
{
	struct store_hit hits[40];
	struct seek s = sound();
	for (uint8_t i = 0; i < LENGTH(hits); i++)
		hits[i] = hit(i, 1 - i / 100.0);
	s.top = 40;
	ask(&s, 3);
	ck_assert(fake.searched.top == 40 && fake.searched.dim == 2);
	found(hits, LENGTH(hits), false);
	struct seek_answer a = answer();
	const struct seek_hit *first = a.hits.items;
	ck_assert(a.more && !a.partial && a.hits.count > 4 && a.hits.count < 40);
	ck_assert(first[0].hash.ptr[0] == 0 && first[1].hash.ptr[0] == 1);
	size_t shown = a.hits.count;
	s.after = (struct seek_place){ .has = 7,
		.score = hits[shown - 1].score,
		.hash = bytes_view(hits[shown - 1].hash, 32),
		.origin = hits[shown - 1].origin };
	s.has |= 1U << SEEK_AFTER;
	ask(&s, 4);
	found(hits, LENGTH(hits), true);
	a = answer();
	first = a.hits.items;
	ck_assert_uint_eq(first[0].hash.ptr[0], shown);
	ck_assert(a.partial);
	ck_assert_uint_eq(counts.n[COUNT_SEARCH_ANSWERED], 2);
}

/* --- an embedding --- */

enum { MANY = 512 };
static uint8_t numbers[4 * MANY];

static struct seek
of_numbers(uint32_t from)
{
	return (struct seek){ .kind = SEEK_LIST,
		.top = 1,
		.hash = bytes_view("\xab\xcd", 2),
		.origin = { { 3 } },
		.numbers = from,
		.has = 1U << SEEK_KIND | 1U << SEEK_TOP | 1U << SEEK_HASH |
		    1U << SEEK_ORIGIN | 1U << SEEK_NUMBERS };
}

static struct entry_put
entry_of_numbers(void)
{
	for (size_t i = 0; i < sizeof numbers; i++)
		numbers[i] = (uint8_t)(1 + i % 100);
	return (struct entry_put){ .has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE |
		    1U << ENTRY_PUT_DTYPE | 1U << ENTRY_PUT_DIM |
		    1U << ENTRY_PUT_EMBEDDING,
		.hash = bytes_view("\xab\xcd", 2),
		.type = text("face"),
		.dtype = ENTRY_F32,
		.dim = MANY,
		.embedding = bytes_view(numbers, sizeof numbers) };
}

/* What the store has under the key; `partial`: an index. */
static void
kept(const struct entry_put *put, bool partial)
{
	static uint8_t room[8192];
	struct bytes_out out = bytes_out(room, sizeof room);
	ck_assert_int_eq(mesh_body_encode(&entry_put_table, put, &out), MESH_OK);
	struct mesh_record r = { .at = { .origin = { { 3 } },
				     .lane = LANE_REGISTRY,
				     .epoch = 4,
				     .seq = 9 },
		.type = RECORD_PUT,
		.body = bytes_written(&out) };
	struct store_page page = { .records = &r, .count = 1, .partial = partial };
	answering_outcome(answering,
	    &(struct store_outcome){ .token = fake.asked_token, .page = &page }, now);
}

START_TEST(an_embedding_is_told_part_by_part)
{
	struct entry_put put = entry_of_numbers();
	size_t len = 0, rounds = 0;
	for (; len < sizeof numbers; rounds++) {
		struct seek s = of_numbers((uint32_t)len);
		ask(&s, 3);
		ck_assert(fake.searches == 0 && fake.found_at.origin.bytes[0] == 3);
		kept(&put, false);
		struct seek_answer a = answer();
		const struct seek_hit *hit = a.hits.items;
		const struct seek_said *said = seek_said(hit);
		ck_assert(a.hits.count == 1 && bytes_equal(hit->hash, put.hash));
		ck_assert(said->epoch == 4 && said->seq == 9 && said->dim == MANY);
		ck_assert(said->numbers.len > 0 &&
		    bytes_equal(
			said->numbers, bytes_view(numbers + len, said->numbers.len)));
		len += said->numbers.len;
	}
	ck_assert(len == sizeof numbers && rounds == 3);
	ck_assert_uint_eq(counts.n[COUNT_SEARCH_ANSWERED], 3);
}

/* Zeros stand for what an index leaves out: nobody is to take them for numbers. */
START_TEST(an_embedding_that_is_not_here_is_refused)
{
	struct entry_put put = entry_of_numbers(), plain = put;
	struct seek s = of_numbers(0), behind = of_numbers(sizeof numbers);
	plain.has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE;
	ask(&s, 1);
	kept(&put, true);
	ck_assert(fake.answers == 1 && fake.answer_len == SIZE_MAX);
	ask(&s, 2);
	kept(&plain, false);
	ck_assert(fake.answers == 2 && fake.answer_len == SIZE_MAX);
	ask(&behind, 3);
	kept(&put, false);
	ck_assert(fake.answers == 3 && fake.answer_len == SIZE_MAX);
	ask(&s, 4);
	answering_outcome(answering,
	    &(struct store_outcome){ .token = fake.asked_token, .err = MESH_NOT_FOUND },
	    now);
	ck_assert(fake.answers == 4 && fake.answer_len == SIZE_MAX);
	s.has &= ~(1U << SEEK_ORIGIN);
	ask(&s, 5);
	ck_assert(fake.answers == 5 && fake.answer_len == SIZE_MAX);
	ck_assert_uint_eq(counts.n[COUNT_SEARCH_MALFORMED], 1);
	ask(&behind, 6); /* no question stayed open */
	ask(&behind, 7);
	ck_assert_uint_eq(counts.n[COUNT_SEARCH_BUSY], 0);
}

START_TEST(a_search_is_hurried_in_time_for_the_way_back)
{
	struct seek s = sound();
	ask(&s, 3);
	mesh_time_ms due = answering_deadline(answering);
	ck_assert(due >= now.ms + 600 && due < now.ms + 900);
	struct mesh_now then = { .ms = due };
	answering_tick(answering, then);
	answering_tick(answering, then);
	ck_assert_uint_eq(fake.hurries, 1);
	ck_assert_uint_eq(answering_deadline(answering), MESH_NEVER);
}

START_TEST(one_asker_has_a_few_at_a_time)
{
	struct seek s = sound();
	for (uint64_t i = 0; i < ANSWERING_EACH + 2; i++)
		ask(&s, i);
	ck_assert_uint_eq(fake.searches, ANSWERING_EACH);
	ck_assert_uint_eq(counts.n[COUNT_SEARCH_BUSY], 2);
	found(NULL, 0, false);
	ask(&s, 9);
	ck_assert_uint_eq(fake.searches, ANSWERING_EACH + 1);
}

START_TEST(what_is_found_too_late_is_counted)
{
	struct seek s = sound();
	ask(&s, 3);
	fake.answer_err = MESH_NOT_FOUND;
	found(NULL, 0, false);
	ck_assert_uint_eq(counts.n[COUNT_SEARCH_LATE], 1);
	ck_assert_uint_eq(counts.n[COUNT_SEARCH_ANSWERED], 0);
}

START_TEST(what_finds_no_room_is_not_answered)
{
	struct seek s = sound();
	for (uint64_t i = 0; i < ANSWERING_MAX + 3; i++) {
		asker.bytes[0] = (uint8_t)(i / ANSWERING_EACH);
		ask(&s, i);
	}
	ck_assert_uint_eq(fake.searches, ANSWERING_MAX);
	ck_assert_uint_eq(counts.n[COUNT_SEARCH_BUSY], 3);
	struct store_outcome failed = { .token = fake.search_token, .err = MESH_IO };
	answering_outcome(answering, &failed, now);
	ck_assert_uint_eq(fake.answers, 0);
	ask(&s, 99);
	ck_assert_uint_eq(fake.searches, ANSWERING_MAX + 1);
}

/* --- lists, and hits that say all --- */

static struct seek
list_of(uint32_t top)
{
	return (struct seek){
		.kind = SEEK_LIST, .top = top, .has = 1U << SEEK_KIND | 1U << SEEK_TOP
	};
}

static struct store_hit
telling(uint8_t n, size_t meta_bytes)
{
	static uint8_t meta[ENTRY_META_BYTES];
	struct store_hit h = hit(n, 0);
	for (size_t i = 0; i < sizeof meta; i++)
		meta[i] = (uint8_t)i;
	h.said = (struct seek_said){ .has = UINT64_MAX,
		.epoch = 3,
		.seq = 4,
		.time_ms = 5,
		.expires_ms = 6,
		.dtype = ENTRY_F32,
		.dim = 2,
		.metadata = bytes_view(meta, meta_bytes),
		.bytes = (uint32_t)meta_bytes };
	return h;
}

START_TEST(a_list_is_asked_of_the_store_as_it_was_asked_here)
{
	struct seek s = list_of(7);
	s.hash = bytes_view("\1\2", 2);
	s.type = text("face");
	s.after = (struct seek_place){ .has = 15, .hash = s.hash, .time_ms = 77 };
	s.has |= 1U << SEEK_HASH | 1U << SEEK_TYPE | 1U << SEEK_AFTER;
	ask(&s, 1);
	ck_assert(fake.searched.list && fake.searched.told && fake.searched.top == 7);
	ck_assert(fake.searched.hash.len == 2 && fake.searched.after != NULL);
	found(NULL, 0, false);
	ck_assert(fake.answers == 1 && answer().hits.count == 0);
}

START_TEST(no_program_is_asked_for_a_list)
{
	struct hearsay *h = hearsay_new(fake.feed, &(struct mesh_key){ { 5 } });
	struct answering_params params = {
		.counts = &counts, .self = { { 5 } }, .hearsay = h
	};
	struct seek s = list_of(7);
	answering_free(answering);
	answering = answering_new(&params);
	hearsay_listeners(h, 1);
	uint64_t before = feed_newest(fake.feed);
	ask(&s, 1);
	ck_assert_uint_eq(feed_newest(fake.feed), before);
	found(NULL, 0, false);
	ck_assert_uint_eq(fake.answers, 1);
	answering_free(answering);
	answering = NULL;
	hearsay_free(h);
}

START_TEST(hits_say_all_when_that_is_asked_for_and_nothing_else_otherwise)
{
	for (int whole = 0; whole < 2; whole++) {
		struct store_hit hits[] = { telling(1, 60), telling(2, 0) };
		struct seek s = sound();
		s.whole = whole;
		s.has |= 1U << SEEK_WHOLE;
		ask(&s, 1);
		found(hits, 2, false);
		struct seek_answer a = answer();
		const struct seek_hit *first = a.hits.items;
		const struct seek_said *said = seek_said(first);
		ck_assert(a.hits.count == 2 && (said != NULL) == whole);
		if (!whole)
			continue;
		ck_assert(said->epoch == 3 && said->seq == 4 && said->time_ms == 5 &&
		    said->expires_ms == 6 && said->dim == 2);
		ck_assert(said->metadata.len == 60 && said->bytes == 60);
		ck_assert(seek_said(&first[1])->metadata.len == 0);
	}
}

/* Part after part, until all of it was told. */
START_TEST(metadata_longer_than_an_answer_is_told_in_parts)
{
	for (size_t all = 500; all <= ENTRY_META_BYTES; all += 211) {
		size_t parts = 0;
		for (size_t rest = 0; rest < all;) {
			struct store_hit hits[] = { telling(1, all), telling(2, 100) };
			struct seek s = list_of(9);
			s.rest = (uint32_t)rest;
			s.has |= 1U << SEEK_REST;
			ask(&s, 1);
			found(hits, 2, false);
			struct seek_answer a = answer();
			const struct seek_said *said = seek_said(a.hits.items);
			ck_assert(a.hits.count >= 1 && said->bytes == all);
			ck_assert(a.more == (a.hits.count == 1));
			ck_assert(said->metadata.len > 0);
			for (size_t i = 0; i < said->metadata.len; i++)
				ck_assert_uint_eq(
				    said->metadata.ptr[i], (uint8_t)(rest + i));
			rest += said->metadata.len;
			parts++;
		}
		ck_assert_uint_le(parts, 1 + all / 600);
	}
}

CHECK_MODULE(answering, setup, an_embedding_is_told_part_by_part,
    an_embedding_that_is_not_here_is_refused,
    what_programs_say_is_merged_with_what_the_store_found,
    programs_that_say_nothing_are_waited_for_until_half_the_time,
    a_question_that_cannot_be_read_is_refused,
    a_question_for_others_is_refused_and_one_for_us_is_not,
    an_answer_holds_the_best_that_fit_and_says_whether_there_are_more,
    a_search_is_hurried_in_time_for_the_way_back, one_asker_has_a_few_at_a_time,
    what_is_found_too_late_is_counted, what_finds_no_room_is_not_answered,
    a_list_is_asked_of_the_store_as_it_was_asked_here, no_program_is_asked_for_a_list,
    hits_say_all_when_that_is_asked_for_and_nothing_else_otherwise,
    metadata_longer_than_an_answer_is_told_in_parts)
