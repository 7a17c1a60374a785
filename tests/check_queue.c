#include "queue.h"
#include "store_world.h"
#include "text.h"
#include <sys/timerfd.h>
#include <unistd.h>

static struct queue queue;

static struct request *
note(uint64_t token, enum store_sync sync)
{
	struct request *r = request_of_keep(
	    text("room"), bytes_view("k", 1), bytes_view("v", 1), token);
	r->sync = sync;
	return r;
}

static void
open_queue(size_t requests, size_t bytes, bool threads)
{
	struct queue_limits limits = { requests, bytes, 3 };
	ck_assert_int_eq(queue_init(&queue, &limits, threads), 0);
}

START_TEST(what_is_away_counts_until_the_loop_took_it_back)
{
	open_queue(2, SIZE_MAX, false);
	ck_assert_int_eq(queue_put(&queue, note(1, SYNC_GROUP)), MESH_OK);
	ck_assert_int_eq(queue_put(&queue, note(2, SYNC_GROUP)), MESH_OK);
	struct request *third = note(3, SYNC_GROUP);
	ck_assert_int_eq(queue_put(&queue, third), MESH_FULL);
	struct request_list batch;
	request_list_init(&batch);
	queue_take(&queue, 10, -1, &batch);
	ck_assert_uint_eq(batch.count, 2);
	ck_assert_msg(queue_put(&queue, third) == MESH_FULL, "still away");
	queue_finish(&queue, &batch);
	ck_assert_msg(queue_put(&queue, third) == MESH_FULL, "not yet taken back");
	struct request *r = queue_next_done(&queue);
	ck_assert_uint_eq(r->outcome.token, 1);
	request_free(r);
	ck_assert_int_eq(queue_put(&queue, third), MESH_OK);
	queue_release(&queue);
}

START_TEST(bytes_are_bounded_too)
{
	struct request *r = note(1, SYNC_GROUP);
	open_queue(100, r->bytes * 3, false);
	size_t fit = 0;
	while (queue_put(&queue, r) == MESH_OK) {
		fit++;
		r = note(1, SYNC_GROUP);
	}
	ck_assert_uint_eq(fit, 3);
	request_free(r);
	queue_release(&queue);
}

#define FAR_NS (1000000000L * 1000000) /* would sleep for days */

static int
timerfd_of(long ns)
{
	struct itimerspec in = { .it_value = { ns / 1000000000, ns % 1000000000 } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(timerfd_settime(fd, 0, &in, NULL), 0);
	return fd;
}

static bool
is_over(int timer)
{
	uint64_t times;
	return read(timer, &times, sizeof times) == sizeof times;
}

START_TEST(only_haste_cuts_the_rest_short)
{
	open_queue(100, SIZE_MAX, true);
	struct request_list batch;
	request_list_init(&batch);
	int rested = timerfd_of(20 * 1000000);
	/* Rings, as the first in an empty queue; that alone is no haste. */
	ck_assert_int_eq(queue_put(&queue, note(1, SYNC_GROUP)), MESH_OK);
	queue_take(&queue, 10, rested, &batch);
	ck_assert(is_over(rested));
	ck_assert_uint_eq(batch.count, 1);
	close(rested);
	queue_finish(&queue, &batch);
	queue_release(&queue);
}

START_TEST(haste_ends_the_gathering)
{
	open_queue(100, SIZE_MAX, true);
	struct request_list batch;
	request_list_init(&batch);
	ck_assert_int_eq(queue_put(&queue, note(1, SYNC_NOW)), MESH_OK);
	ck_assert_int_eq(queue_wait(&queue, -1), QUEUE_READY);
	int rested = timerfd_of(FAR_NS);
	queue_take(&queue, 10, rested, &batch);
	ck_assert_uint_eq(batch.count, 1);
	for (uint64_t i = 0; i < 3; i++) /* urgent_at */
		ck_assert_int_eq(queue_put(&queue, note(i, SYNC_GROUP)), MESH_OK);
	queue_take(&queue, 10, rested, &batch);
	ck_assert_uint_eq(batch.count, 4);
	close(rested);
	queue_finish(&queue, &batch);
	queue_release(&queue);
}

/* What is left for the worker to do: so much history, and that beside it. */
static void
take_history(size_t history, enum store_sync beside, size_t others)
{
	struct request_list batch;
	request_list_init(&batch);
	queue.urgent_at = SIZE_MAX;
	for (size_t i = 0; i < history; i++)
		ck_assert_int_eq(queue_put(&queue, note(i, SYNC_LATER)), MESH_OK);
	for (size_t i = 0; i < others; i++)
		ck_assert_int_eq(queue_put(&queue, note(i, beside)), MESH_OK);
	queue_take(&queue, SIZE_MAX, -1, &batch);
	ck_assert_uint_eq(batch.count, history + others);
	queue_finish(&queue, &batch);
}
START_TEST(much_history_alone_may_wait_longer_until_something_else_comes)
{
	static const struct {
		size_t history, others;
		enum store_sync beside;
		bool idles;
	} rows[] = { { QUEUE_HISTORY, 0, SYNC_GROUP, true },
		{ QUEUE_HISTORY - 1, 0, SYNC_GROUP, false },
		{ QUEUE_HISTORY, 1, SYNC_GROUP, false },
		{ QUEUE_HISTORY, 1, SYNC_NOW, false },
		{ 0, QUEUE_HISTORY, SYNC_GROUP, false } };
	open_queue(1000, SIZE_MAX, false);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		take_history(rows[i].history, rows[i].beside, rows[i].others);
		ck_assert_msg(queue_idles(&queue) == rows[i].idles, "row %zu", i);
		ck_assert_int_eq(queue_put(&queue, note(1, SYNC_LATER)), MESH_OK);
		ck_assert(!queue.urgent);
		ck_assert_int_eq(queue_put(&queue, note(2, SYNC_GROUP)), MESH_OK);
		ck_assert_msg(queue.urgent == rows[i].idles, "row %zu", i);
		struct request_list two;
		request_list_init(&two);
		queue_take(&queue, SIZE_MAX, -1, &two);
		queue_finish(&queue, &two);
	}
	queue_release(&queue);
}

START_TEST(a_cancelled_request_never_comes_back)
{
	open_queue(100, SIZE_MAX, false);
	struct request_list done;
	request_list_init(&done);
	for (uint64_t i = 1; i <= 3; i++)
		ck_assert_int_eq(queue_put(&queue, note(i, SYNC_GROUP)), MESH_OK);
	queue_cancel(&queue, 2); /* waiting */
	request_list_put(&done, queue_take_one(&queue));
	queue_cancel(&queue, 1); /* running */
	ck_assert(atomic_load(&queue.running->cancelled));
	queue_finish(&queue, &done);
	request_list_put(&done, queue_take_one(&queue));
	queue_finish(&queue, &done);
	queue_cancel(&queue, 3); /* done */
	ck_assert_ptr_null(queue_next_done(&queue));
	ck_assert_uint_eq(queue.in_flight, 0);
	ck_assert_uint_eq(queue.bytes, 0);
	ck_assert_int_eq(queue_put(&queue, note(4, SYNC_GROUP)), MESH_OK);
	queue_release(&queue);
}

START_TEST(closing_lets_the_worker_finish_what_waits)
{
	open_queue(100, SIZE_MAX, true);
	ck_assert_int_eq(queue_put(&queue, note(1, SYNC_GROUP)), MESH_OK);
	queue_close(&queue);
	struct request *late = note(2, SYNC_GROUP);
	ck_assert_int_eq(queue_put(&queue, late), MESH_FULL);
	request_free(late);
	ck_assert_int_eq(queue_wait(&queue, -1), QUEUE_READY);
	struct request_list batch;
	request_list_init(&batch);
	int rested = timerfd_of(FAR_NS);
	queue_take(&queue, 10, rested, &batch);
	close(rested);
	queue_finish(&queue, &batch);
	ck_assert_int_eq(queue_wait(&queue, -1), QUEUE_CLOSING);
	queue_release(&queue);
}
static uint64_t
token_of(struct request_list *l)
{
	struct request *r = request_list_take(l);
	uint64_t token = r != NULL ? r->outcome.token : 0;
	request_free(r);
	return token;
}

START_TEST(what_is_told_twice_overtakes_and_takes_a_bite_along)
{
	enum { OTHERS = 100, FIRST = 1000 };
	struct request_list batch;
	open_queue(SIZE_MAX, SIZE_MAX, false);
	request_list_init(&batch);
	for (uint64_t i = 1; i <= OTHERS; i++)
		ck_assert_int_eq(queue_put(&queue, note(i, SYNC_GROUP)), MESH_OK);
	ck_assert(!queue_is_pressed(&queue));
	ck_assert_int_eq(queue_put(&queue, note(FIRST, SYNC_TWICE)), MESH_OK);
	ck_assert_int_eq(queue_put(&queue, note(FIRST + 1, SYNC_TWICE)), MESH_OK);
	ck_assert(queue_is_pressed(&queue));
	queue_take(&queue, OTHERS * 2, -1, &batch);
	ck_assert(!queue_is_pressed(&queue));
	ck_assert_uint_eq(batch.count, 2 + QUEUE_BITE);
	ck_assert_uint_eq(token_of(&batch), FIRST);
	ck_assert_uint_eq(token_of(&batch), FIRST + 1);
	ck_assert_uint_eq(token_of(&batch), 1);
	queue_put_back(&queue, &batch); /* left: in its old place */
	ck_assert_uint_eq(batch.count, 0);
	queue_take(&queue, OTHERS, -1, &batch);
	ck_assert_uint_eq(batch.count, OTHERS - 1);
	for (uint64_t i = 2; i <= OTHERS; i++)
		ck_assert_uint_eq(token_of(&batch), i);
	queue_release(&queue);
}

START_TEST(what_is_told_twice_counts_until_the_second_time)
{
	struct request_list batch;
	struct queue syncs;
	open_queue(1, SIZE_MAX, false);
	ck_assert_int_eq(
	    queue_init(&syncs, &(struct queue_limits){ 1, SIZE_MAX, 1 }, false), 0);
	request_list_init(&batch);
	ck_assert_int_eq(queue_put(&queue, note(7, SYNC_TWICE)), MESH_OK);
	queue_take(&queue, 1, -1, &batch);
	batch.first->outcome.written = true;
	queue_finish(&queue, &batch);
	struct request *r = queue_next_done(&queue);
	ck_assert_uint_eq(queue.in_flight, 1);
	r->outcome.written = false;
	ck_assert_int_eq(queue_put(&syncs, r), MESH_OK);
	queue_take(&syncs, 1, -1, &batch);
	queue_return(&syncs, &batch, &queue);
	ck_assert(syncs.in_flight == 0 && syncs.bytes == 0 && queue.in_flight == 1);
	r = queue_next_done(&queue);
	ck_assert_uint_eq(r->outcome.token, 7);
	ck_assert(queue.in_flight == 0 && queue.bytes == 0);
	request_free(r);
	queue_release(&syncs);
	queue_release(&queue);
}

START_TEST(a_list_is_split_and_joined_at_any_place)
{
	for (size_t n = 0; n <= 4; n++) {
		struct request_list l, rest;
		request_list_init(&l);
		request_list_init(&rest);
		for (uint64_t i = 1; i <= 3; i++)
			request_list_put(&l, note(i, SYNC_GROUP));
		request_list_split(&l, n, &rest);
		ck_assert_uint_eq(l.count, n < 3 ? n : 3);
		ck_assert_uint_eq(l.count + rest.count, 3);
		request_list_put(&l, note(4, SYNC_GROUP)); /* its end is its own */
		request_list_prepend(&rest, &l);
		ck_assert(l.count == 0 && rest.count == 4);
		for (uint64_t i = 1; i <= 4; i++) {
			uint64_t first = n < 3 ? n : 3, is = i <= first ? i : i - 1;
			ck_assert_uint_eq(token_of(&rest), i == first + 1 ? 4 : is);
		}
		request_list_put(&rest, note(5, SYNC_GROUP));
		ck_assert_uint_eq(token_of(&rest), 5);
	}
}
CHECK_MODULE(queue, NULL, what_is_told_twice_overtakes_and_takes_a_bite_along,
    what_is_told_twice_counts_until_the_second_time,
    a_list_is_split_and_joined_at_any_place,
    what_is_away_counts_until_the_loop_took_it_back, bytes_are_bounded_too,
    only_haste_cuts_the_rest_short, haste_ends_the_gathering,
    much_history_alone_may_wait_longer_until_something_else_comes,
    a_cancelled_request_never_comes_back, closing_lets_the_worker_finish_what_waits)
