/* How often programs may have something carried to all sites. */
#include "check_mesh.h"
#include "fake_world.h"
#include "meshd_counters.h"
#include "text.h"

static const struct {
	enum op_number op;
	const char *body;
	enum meshd_counter refused;
} news[] = {
	{ OP_APP_PUBLISH, "{\"topic\":\"app.chess\",\"data\":1}",
	    COUNT_POSTS_TOO_FAST },
	{ OP_METRIC_ADD, "{\"name\":\"room.temp\",\"value\":1}",
	    COUNT_SAMPLES_TOO_FAST },
};
static struct meshd_counts counts;
static struct op_pace posts, samples;

static void
setup(void)
{
	fake_start();
	memset(&counts, 0, sizeof counts);
	posts = samples = (struct op_pace){ .counts = &counts };
	fake.world.posts = &posts;
	fake.world.samples = &samples;
}

/* How many of `tried` are taken. */
static unsigned
taken(size_t which, unsigned tried)
{
	unsigned count = 0;
	for (unsigned i = 0; i < tried; i++) {
		struct intent intent;
		struct call *call = fake_call(news[which].op, NULL, news[which].body);
		bool refused = call_is_done(call) && call_answer(call)->status == 503;
		ck_assert(!refused || strstr(fake_text(call), "too fast") != NULL);
		count += !refused;
		call_end(call);
		while (intents_peek(fake.world.intents, &intent))
			intents_drop(fake.world.intents);
		while (intents_peek(fake.world.asks, &intent))
			intents_drop(fake.world.asks);
	}
	return count;
}

START_TEST(twenty_in_a_row_and_five_a_second_are_taken)
{
	for (size_t i = 0; i < LENGTH(news); i++) {
		ck_assert_uint_eq(taken(i, 30), 20);
		ck_assert_uint_eq(counts.n[news[i].refused], 10);
		fake.world.now.ms += 1000;
		ck_assert_uint_eq(taken(i, 30), 5);
	}
}
START_TEST(where_nobody_set_a_pace_there_is_none)
{
	fake.world.posts = fake.world.samples = NULL;
	for (size_t i = 0; i < LENGTH(news); i++)
		ck_assert_uint_eq(taken(i, 30), 30);
}
CHECK_MODULE(ops_pace, setup, twenty_in_a_row_and_five_a_second_are_taken,
    where_nobody_set_a_pace_there_is_none)
