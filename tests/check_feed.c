#include "alert.h"
#include "arena.h"
#include "feed.h"
#include "filter.h"
#include "model_world.h"
#include "text.h"

static struct feed *feed;

static void
setup(void)
{
	feed_free(feed); /* of the test before: CK_FORK=no */
	feed = feed_new(16, 64 * 1024);
	ck_assert(feed != NULL);
}

static uint64_t
append(enum feed_topic topic, enum feed_stage stage, const char *kind)
{
	struct alert alert = { .has = 1 << ALERT_ROW_KIND | 1 << ALERT_ROW_TEXT,
		.kind = text(kind),
		.text = text("secret") };
	struct feed_item item = { .topic = topic,
		.stage = stage,
		.own = true,
		.time_ms = 5,
		.table = &alert_table,
		.object = &alert };
	return feed_append(feed, &item);
}

static struct feed_reader
reader(unsigned topics, unsigned stages)
{
	struct feed_reader r = { .topics = topics, .stages = stages };
	feed_join(feed, &r);
	return r;
}

static bool
next_is(struct feed_reader *r, uint64_t id, const char *kind)
{
	struct feed_item item;
	if (!feed_next(feed, r, &item))
		return false;
	const struct alert *a = item.object;
	ck_assert_uint_eq(item.id, id);
	ck_assert_msg(text_is(a->kind, kind), "%.*s", (int)a->kind.len, a->kind.ptr);
	return true;
}

START_TEST(a_reader_sees_what_comes_after_it_joined)
{
	append(FEED_ALERT, FEED_HEARD, "before.it");
	struct feed_reader r = reader(FEED_ALERT, FEED_HEARD);
	ck_assert_uint_eq(append(FEED_ALERT, FEED_HEARD, "a.b"), 2);
	append(FEED_ALERT, FEED_HEARD, "c.d");
	ck_assert(next_is(&r, 2, "a.b") && next_is(&r, 3, "c.d"));
	ck_assert(!next_is(&r, 0, ""));
}
START_TEST(readers_choose_topic_stage_and_filter)
{
	static uint8_t block[40000];
	struct arena arena = arena_init(block, sizeof block);
	struct filter_error why;
	struct feed_reader other = reader(FEED_NODE, FEED_HEARD);
	struct feed_reader stored = reader(FEED_ALERT, FEED_STORED);
	struct feed_reader some = reader(FEED_ALERT, FEED_HEARD | FEED_STORED);
	ck_assert_int_eq(
	    filter_parse(&alert_table, text("kind=c.d"), &arena, &some.filter, &why),
	    MESH_OK);
	append(FEED_ALERT, FEED_HEARD, "a.b");
	append(FEED_ALERT, FEED_STORED, "c.d");
	ck_assert(!next_is(&other, 0, ""));
	ck_assert(next_is(&stored, 2, "c.d"));
	ck_assert(next_is(&some, 2, "c.d") && !next_is(&some, 0, ""));
}
START_TEST(a_slow_reader_is_told_how_much_it_missed)
{
	struct feed_reader r = reader(FEED_ALERT, FEED_HEARD);
	for (int i = 0; i < 20; i++)
		append(FEED_ALERT, FEED_HEARD, "a.b");
	ck_assert(next_is(&r, 5, "a.b"));
	ck_assert_uint_eq(r.missed, 4);
}
START_TEST(resuming_says_when_it_is_too_late)
{
	struct feed_reader r = reader(FEED_ALERT, FEED_HEARD);
	for (int i = 0; i < 20; i++)
		append(FEED_ALERT, FEED_HEARD, "a.b");
	ck_assert(feed_resume(feed, &r, 4) && next_is(&r, 5, "a.b"));
	ck_assert(feed_resume(feed, &r, 20) && !next_is(&r, 0, ""));
	ck_assert(!feed_resume(feed, &r, 3) && !next_is(&r, 0, ""));
	ck_assert_msg(!feed_resume(feed, &r, 21), "an id of another boot");
	ck_assert_msg(!feed_resume(feed, &r, UINT64_MAX), "nonsense");
	ck_assert_uint_eq(feed_newest(feed), 20);
}
START_TEST(an_item_may_be_told_again_in_its_second_stage)
{
	struct feed_reader r = reader(FEED_ALERT, FEED_STORED);
	struct feed_item item;
	uint64_t id = append(FEED_ALERT, FEED_HEARD, "a.b");
	for (int i = 0; i < 40;
	     i++) { /* also where the ring closes and it goes itself */
		ck_assert(feed_find(feed, id, &item));
		item.stage = FEED_STORED;
		id = feed_append(feed, &item);
		ck_assert(next_is(&r, id, "a.b"));
	}
	ck_assert(!feed_find(feed, 1, &item) && !feed_find(feed, id + 1, &item));
}
START_TEST(items_of_any_size_stay_whole) /* ASan and the contents look for overlaps */
{
	static char long_text[8000];
	static uint64_t first_id;
	struct feed_item item;
	first_id = feed_newest(feed) + 1;
	memset(long_text, 'x', sizeof long_text);
	for (int i = 0; i < 5000; i++) {
		size_t len = rng_u32() % sizeof long_text;
		char kind[32];
		int n = snprintf(kind, sizeof kind, "k.%zu", len);
		struct alert a = { .has = 1 << ALERT_ROW_KIND | 1 << ALERT_ROW_TEXT,
			.kind = { kind, (size_t)n },
			.text = { long_text, len } };
		struct feed_item in = { .topic = FEED_ALERT,
			.stage = FEED_HEARD,
			.table = &alert_table,
			.object = &a };
		ck_assert_uint_eq(feed_append(feed, &in), first_id + (uint64_t)i);
		for (uint64_t id = feed_newest(feed); feed_find(feed, id, &item);
		     id--) {
			const struct alert *b = item.object;
			n = snprintf(kind, sizeof kind, "k.%zu", b->text.len);
			ck_assert(text_is(b->kind, kind));
			ck_assert(
			    b->text.len == 0 || b->text.ptr[b->text.len - 1] == 'x');
		}
	}
}
START_TEST(an_item_larger_than_an_item_is_refused)
{
	static char huge[FEED_ITEM_BYTES];
	struct alert a = { .has = 1 << ALERT_ROW_TEXT, .text = { huge, sizeof huge } };
	struct feed_item in = { .topic = FEED_ALERT,
		.stage = FEED_HEARD,
		.table = &alert_table,
		.object = &a };
	append(FEED_ALERT, FEED_HEARD, "a.b");
	ck_assert_uint_eq(feed_append(feed, &in), 0);
	ck_assert_uint_eq(feed_newest(feed), 1);
}
START_TEST(json_is_for_an_audience)
{
	uint64_t id = append(FEED_ALERT, FEED_HEARD, "a.b");
	ck_assert(text_is(feed_json(feed, id, AUDIENCE_VIEWER),
	    "{\"kind\":\"a.b\",\"text\":\"secret\"}"));
	ck_assert(text_is(feed_json(feed, id, AUDIENCE_PUBLIC), "{\"kind\":\"a.b\"}"));
	ck_assert(text_is(feed_json(feed, id, AUDIENCE_VIEWER),
	    "{\"kind\":\"a.b\",\"text\":\"secret\"}"));
	ck_assert(feed_json(feed, id + 1, AUDIENCE_VIEWER).len == 0);
	for (int i = 0; i < 20; i++)
		id = append(FEED_ALERT, FEED_HEARD, "c.d");
	ck_assert(feed_json(feed, 1, AUDIENCE_VIEWER).len == 0);
	ck_assert(text_is(feed_json(feed, id, AUDIENCE_PUBLIC), "{\"kind\":\"c.d\"}"));
}
CHECK_MODULE(feed, setup, a_reader_sees_what_comes_after_it_joined,
    readers_choose_topic_stage_and_filter, a_slow_reader_is_told_how_much_it_missed,
    resuming_says_when_it_is_too_late, an_item_may_be_told_again_in_its_second_stage,
    items_of_any_size_stay_whole, an_item_larger_than_an_item_is_refused,
    json_is_for_an_audience)
