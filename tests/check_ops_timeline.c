#include "check_mesh.h"
#include "outbox_world.h"
#include "text.h"
#include <inttypes.h>
#include <stdlib.h>

/* One list of ours and of what was heard, against a sort of both. */

enum { HEARD = 24, OURS = 12, LINES = HEARD + OURS, MOMENTS = 16 };
static const unix_ms start_ms = 1700000000000;
struct line {
	unix_ms time_ms;
	bool ours;
	unsigned number; /* of the request, or of what was heard */
};
static struct line heard[HEARD], wanted[LINES];
static size_t heard_count, wanted_count;

static void
setup(void)
{
	outbox_world_start(true);
	heard_count = wanted_count = 0;
}

static int
newest_first(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	if (x->time_ms != y->time_ms)
		return x->time_ms < y->time_ms ? 1 : -1;
	if (x->ours != y->ours)
		return x->ours ? -1 : 1;
	return x->number < y->number ? 1 : -1;
}

static void
say_at(unix_ms time_ms)
{
	fake.world.now.unix_ms = time_ms;
	call_end(outbox_world_call(OP_MESSAGE_SEND, "", "{\"text\":\"one\"}"));
	wanted_count++;
	wanted[wanted_count - 1] = (struct line){ time_ms, true,
		(unsigned)wanted_count };
}

static void
hear_at(unix_ms time_ms)
{
	heard[heard_count] = (struct line){ time_ms, false, (unsigned)heard_count + 1 };
	heard_count++;
}

static void
sort_all(void)
{
	for (size_t i = 0; i < heard_count; i++)
		wanted[wanted_count++] = heard[i];
	qsort(heard, heard_count, sizeof heard[0], newest_first);
	qsort(wanted, wanted_count, sizeof wanted[0], newest_first);
}

/* As the store answers: inside the question's times, behind its place, `most` at once,
 * however many were asked for. */
static void
answer_as_store(unsigned most)
{
	const struct store_question *q = &fake.asked;
	char items[4096] = "", next[80] = "";
	unsigned count = 0;
	int64_t time = INT64_MAX;
	unsigned key = 0;
	ck_assert_int_eq(q->noun, STORE_MESSAGES);
	ck_assert_uint_gt(q->limit, 0);
	if (fake.asked_after[0] != '\0') {
		char *end, digits[3];
		time = strtoll(fake.asked_after, &end, 10);
		snprintf(digits, sizeof digits, "%.2s", end + 1);
		key = (unsigned)strtoul(digits, NULL, 16);
	}
	for (size_t i = 0; i < heard_count; i++) {
		const struct line *l = &heard[i];
		size_t len = strlen(items);
		if ((q->from_ms != 0 && l->time_ms < q->from_ms) ||
		    (q->to_ms != 0 && l->time_ms > q->to_ms) || l->time_ms > time ||
		    (l->time_ms == time && l->number >= key))
			continue;
		if (count == q->limit || count == most)
			break;
		snprintf(items + len, sizeof items - len, "%s{\"heard\":%u}",
		    count > 0 ? "," : "", l->number);
		count++;
		snprintf(next, sizeof next, "%" PRId64 ".%02x%050u", l->time_ms,
		    l->number, 0U); /* a key is long */
		if (i + 1 == heard_count)
			next[0] = '\0';
	}
	fake_answer(items, count, next);
}

/* One page; where it goes on is `next`.  Its lines, as they should come. */
static size_t
page(unsigned limit, unsigned most, char next[static 80], size_t from)
{
	char number[8];
	static char said[16384];
	snprintf(number, sizeof number, "%u", limit);
	struct call_pair pairs[] = { { text("limit"), text(number) },
		{ text("after"), text(next) } };
	const struct call_request q = { .op = &op_table[OP_MESSAGE_LIST],
		.pairs = pairs,
		.pair_count = next[0] != '\0' ? 2 : 1,
		.audience = AUDIENCE_OPERATOR };
	struct call *call = call_begin(fake.calls, &q);
	while (!call_is_done(call))
		answer_as_store(most);
	ck_assert_uint_eq(call_answer(call)->status, 200);
	snprintf(said, sizeof said, "%s", fake_text(call));
	call_end(call);
	size_t count = 0;
	const char *at = said;
	while ((at = strpbrk(at, "rh")) != NULL) {
		bool ours = strncmp(at, "request\":", 9) == 0;
		bool other = strncmp(at, "heard\":", 7) == 0;
		at += 1;
		if (!ours && !other)
			continue;
		const struct line *w = &wanted[from + count++];
		ck_assert_uint_le(from + count, wanted_count);
		ck_assert_msg(w->ours == ours &&
			w->number == strtoul(at + (ours ? 8 : 6), NULL, 10),
		    "line %zu: %s", from + count, at - 2);
	}
	const char *place = strstr(said, "\"next\":\"");
	next[0] = '\0';
	if (place != NULL)
		sscanf(place + 8, "%79[^\"]", next);
	return count;
}

static void
walk(unsigned limit, unsigned most)
{
	char next[80] = "";
	size_t count = 0;
	do {
		size_t now = page(limit, most, next, count);
		ck_assert_uint_le(now, limit);
		ck_assert(now > 0 || next[0] == '\0');
		count += now;
	} while (next[0] != '\0');
	ck_assert_msg(count == wanted_count, "%zu of %zu with %u, %u", count,
	    wanted_count, limit, most);
}

START_TEST(ours_and_the_heard_are_one_list_however_it_is_cut)
{
	for (unsigned round = 0; round < 40; round++) {
		setup();
		for (unsigned i = 0; i < OURS; i++)
			say_at(start_ms + rng_u32() % MOMENTS);
		for (unsigned i = 0; i < HEARD; i++)
			hear_at(start_ms + rng_u32() % MOMENTS);
		sort_all();
		for (unsigned limit = 1; limit < 8; limit++)
			walk(limit, 1 + rng_u32() % 4);
		walk(LINES, LINES);
	}
}
START_TEST(one_side_alone_is_a_list_too)
{
	walk(3, 3);
	for (unsigned i = 0; i < OURS; i++)
		say_at(start_ms + i);
	sort_all();
	walk(5, 5);
	setup();
	for (unsigned i = 0; i < HEARD; i++)
		hear_at(start_ms + i);
	sort_all();
	walk(5, 2);
}
START_TEST(the_packets_of_ours_are_left_out_of_the_heard)
{
	say_at(start_ms);
	struct call *call = fake_call(OP_MESSAGE_LIST, "", "");
	ck_assert(!call_is_done(call));
	ck_assert_int_eq(fake.asked.from_ms, start_ms + 1);
	ck_assert_uint_eq(fake.asked.limit, OP_LIMIT);
	fake_answer("{\"heard\":1}", 1, "");
	ck_assert_int_eq(fake.asked.to_ms, start_ms);
	ck_assert_uint_eq(fake.asked.limit, OP_LIMIT - 2);
	fake_answer("{\"heard\":2}", 1, "");
	ck_assert(call_is_done(call));
	ck_assert_ptr_nonnull(strstr(fake_text(call), "},{\"heard\":2}]"));
	call_end(call);
}
START_TEST(a_place_that_is_none_is_said)
{
	static const char *const wrong[] = { "sent.", "sent.1", "sent.x.1", "sent.1.x",
		"send.1", "sent.1.-1" };
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		struct call_pair pair = { text("after"), text(wrong[i]) };
		const struct call_request q = { .op = &op_table[OP_MESSAGE_LIST],
			.pairs = &pair,
			.pair_count = 1,
			.audience = AUDIENCE_OPERATOR };
		struct call *call = call_begin(fake.calls, &q);
		ck_assert_msg(call_is_done(call) && call_answer(call)->status == 400,
		    "%s: %u", wrong[i], call_answer(call)->status);
		call_end(call);
	}
	fake.ask_err = MESH_FULL;
	struct call *call = fake_call(OP_MESSAGE_LIST, "", "");
	ck_assert_uint_eq(call_answer(call)->status, 503);
	call_end(call);
	fake.ask_err = MESH_OK;
	call = fake_call(OP_MESSAGE_LIST, "", "");
	fake_refuse(MESH_MALFORMED); /* of a store's place */
	ck_assert_uint_eq(call_answer(call)->status, 400);
	call_end(call);
	ck_assert_uint_eq(fake.pages, 0);
}
CHECK_MODULE(ops_timeline, setup, ours_and_the_heard_are_one_list_however_it_is_cut,
    one_side_alone_is_a_list_too, the_packets_of_ours_are_left_out_of_the_heard,
    a_place_that_is_none_is_said)
