#include "check_mesh.h"
#include "question.h"

enum { ROWS = 20 };
static struct questions q;
static void *block;

static struct mesh_key
key_of(uint8_t site)
{
	return (struct mesh_key){ .bytes = { site } };
}
static void
setup(void)
{
	free(block);
	block = calloc(1, question_bytes(ROWS));
	question_init(&q, block, ROWS, 1000);
}
static struct question *
ask_all(uint64_t token, uint32_t known)
{
	struct question *open = question_open(&q, token, 500, 100);
	ck_assert_ptr_nonnull(open);
	open->known = known;
	return open;
}
static bool
answers(struct question *open, uint8_t row)
{
	struct mesh_key key = key_of(row);
	return question_count(open, row, &key);
}

START_TEST(a_question_is_over_when_all_have_answered)
{
	struct question *open = ask_all(7, 3);
	ck_assert_uint_eq(open->number, 1001);
	ck_assert_ptr_eq(question_find(&q, 1001), open);
	ck_assert(answers(open, 0) && answers(open, 8));
	ck_assert_ptr_null(question_over(&q, 599));
	ck_assert(answers(open, 19));
	ck_assert_ptr_eq(question_over(&q, 101), open);
	ck_assert_uint_eq(open->answered, 3);
	question_close(open);
	ck_assert_ptr_null(question_find(&q, 1001));
	ck_assert_ptr_null(question_find(&q, 0));
}
START_TEST(a_question_is_over_when_it_is_time)
{
	struct question *open = ask_all(7, 3);
	ck_assert_uint_eq(question_deadline(&q), 600);
	ck_assert(answers(open, 1));
	ck_assert_ptr_eq(question_over(&q, 600), open);
	ck_assert_uint_eq(open->answered, 1);
	ck_assert_uint_eq(open->known, 3);
}
START_TEST(nobody_is_counted_twice)
{
	struct question *open = ask_all(7, 3);
	for (uint8_t row = 0; row < ROWS; row++) {
		ck_assert(answers(open, row));
		ck_assert(!answers(open, row));
	}
	ck_assert_uint_eq(open->answered, ROWS);
	ck_assert_msg(open->known == ROWS, "who came meanwhile was asked as well");
}
START_TEST(only_who_was_asked_can_answer)
{
	struct question *open = ask_all(7, 1);
	open->is_to_one = true;
	open->to = key_of(5);
	ck_assert(!answers(open, 4));
	ck_assert(answers(open, 5));
}
START_TEST(a_new_question_begins_with_nobody)
{
	struct question *open = ask_all(7, 3);
	ck_assert(answers(open, 2));
	question_close(open);
	open = ask_all(8, 3);
	ck_assert(open->number == 1002 && open->token == 8);
	ck_assert(answers(open, 2));
}
START_TEST(the_newest_is_refused_when_too_many_are_open)
{
	for (size_t i = 0; i < QUESTION_OPEN; i++)
		(void)ask_all(i, 1);
	ck_assert_ptr_null(question_open(&q, 99, 500, 100));
	question_close(question_find(&q, 1004));
	ck_assert_ptr_nonnull(question_open(&q, 99, 500, 100));
}
START_TEST(budgets_are_bounded)
{
	/* clang-format off */
	static const struct { uint32_t asked, given; } row[] = {
		{ 0, QUESTION_BUDGET_MS }, { 1, 1 }, { 5000, 5000 },
		{ UINT32_MAX, QUESTION_BUDGET_MAX_MS },
	};
	/* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct question *open = question_open(&q, 1, row[i].asked, 100);
		ck_assert_uint_eq(open->ends_ms, 100 + row[i].given);
	}
}

START_TEST(what_is_asked_of_us_is_answered_once_and_in_time)
{
	struct mesh_key asker = key_of(3);
	struct question_asked asked;
	uint32_t ticket = question_note(&q, &asker, 77, 500);
	uint32_t late = question_note(&q, &asker, 78, 400);
	ck_assert(ticket != 0 && ticket != late);
	ck_assert(!question_take(&q, ticket + 9, 300, &asked));
	ck_assert(!question_take(&q, 0, 300, &asked));
	ck_assert(question_take(&q, ticket, 499, &asked));
	ck_assert_uint_eq(asked.number, 77);
	ck_assert_mem_eq(&asked.asker, &asker, sizeof asker);
	ck_assert(!question_take(&q, ticket, 499, &asked));
	ck_assert(!question_take(&q, late, 400, &asked));
}
START_TEST(a_full_table_forgets_what_ends_first)
{
	struct mesh_key asker = key_of(3);
	struct question_asked asked;
	uint32_t tickets[QUESTION_ASKED + 1];
	for (size_t i = 0; i <= QUESTION_ASKED; i++)
		tickets[i] = question_note(&q, &asker, i, 1000 - i % 7 * 100);
	size_t left = 0;
	for (size_t i = 0; i <= QUESTION_ASKED; i++)
		left += question_take(&q, tickets[i], 1, &asked);
	ck_assert_uint_eq(left, QUESTION_ASKED);
}

CHECK_MODULE(question, setup, a_question_is_over_when_all_have_answered,
    a_question_is_over_when_it_is_time, nobody_is_counted_twice,
    only_who_was_asked_can_answer, a_new_question_begins_with_nobody,
    the_newest_is_refused_when_too_many_are_open, budgets_are_bounded,
    what_is_asked_of_us_is_answered_once_and_in_time,
    a_full_table_forgets_what_ends_first)
