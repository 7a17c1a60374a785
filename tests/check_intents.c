#include "alert.h"
#include "intents.h"
#include "model_world.h"
#include "text.h"

static struct intents *queue;

static void
setup(void)
{
	intents_free(queue);
	queue = intents_new(4, 64);
	ck_assert(queue != NULL);
}

static enum mesh_err
put(const char *body, uint64_t token)
{
	struct intent i = { .kind = INTENT_APPEND,
		.lane = LANE_ALERT,
		.type = 1,
		.token = token,
		.body = bytes_view(body, strlen(body)) };
	return intents_put(queue, &i);
}

static bool
head_is(const char *body, uint64_t token)
{
	struct intent i;
	if (!intents_peek(queue, &i))
		return false;
	return i.token == token && bytes_equal(i.body, bytes_view(body, strlen(body)));
}

START_TEST(an_echo_keeps_whom_it_is_for)
{
	struct intent i,
	    echo = {
		    .kind = INTENT_ECHO, .to = { { 7 } }, .budget_ms = 500, .token = 9
	    };
	ck_assert_int_eq(intents_put(queue, &echo), MESH_OK);
	ck_assert(intents_peek(queue, &i));
	ck_assert(i.kind == INTENT_ECHO && i.to.bytes[0] == 7 && !i.to_all);
	ck_assert(i.budget_ms == 500 && i.token == 9 && i.body.len == 0);
}
START_TEST(a_decision_leaves_no_secret_behind_when_it_is_done)
{
	static const uint8_t nothing[32];
	struct mesh_decree got,
	    d = { .kind = DECREE_ROTATE, .key32 = { 1, 2, 3 }, .until_ms = 5 };
	struct intent i;
	setup();
	intents_free(queue);
	queue = intents_new(4, 512);
	ck_assert_int_eq(intents_decree(queue, &d, 8), MESH_OK);
	ck_assert(intents_peek(queue, &i) && i.kind == INTENT_DECREE && i.token == 8);
	memcpy(&got, i.body.ptr, sizeof got);
	ck_assert_mem_eq(&got, &d, sizeof d);
	const uint8_t *key = i.body.ptr + offsetof(struct mesh_decree, key32);
	intents_drop(queue);
	ck_assert_mem_eq(key, nothing, sizeof nothing);
}
START_TEST(first_in_first_out_and_the_head_stays_until_dropped)
{
	ck_assert_int_eq(put("one", 1), MESH_OK);
	ck_assert_int_eq(put("two", 2), MESH_OK);
	ck_assert(head_is("one", 1) && head_is("one", 1));
	intents_drop(queue);
	ck_assert(head_is("two", 2));
	intents_drop(queue);
	intents_drop(queue); /* of an empty queue: nothing */
	ck_assert(!head_is("", 0));
	ck_assert_uint_eq(intents_serial(queue), 2);
}
START_TEST(a_full_queue_refuses_the_newest)
{
	for (uint64_t i = 0; i < 4; i++)
		ck_assert_int_eq(put("x", i), MESH_OK);
	ck_assert_int_eq(put("y", 9), MESH_FULL);
	ck_assert_uint_eq(intents_count(queue), 4);
	ck_assert(head_is("x", 0) && !intents_is_calm(queue));
}
START_TEST(bytes_run_out_before_the_slots_do)
{
	char body[41] = "0123456789012345678901234567890123456789";
	ck_assert_int_eq(put(body, 1), MESH_OK);
	ck_assert(!intents_is_calm(queue));
	ck_assert_int_eq(put(body, 2), MESH_FULL);
	ck_assert(head_is(body, 1));
	intents_drop(queue);
	ck_assert_int_eq(put(body, 2), MESH_OK);
}
START_TEST(any_mixture_keeps_bodies_and_order)
{
	static char bodies[8][40];
	uint64_t in = 0, out = 0;
	for (int i = 0; i < 50000; i++) {
		char *body = bodies[in % 8];
		size_t len = rng_u32() % 39;
		memset(body, 'a' + (int)(in % 26), len);
		body[len] = '\0';
		if (rng_u32() % 2 == 0 && put(body, in) == MESH_OK)
			in++;
		if (rng_u32() % 2 == 0 && out < in) {
			ck_assert(head_is(bodies[out % 8], out));
			intents_drop(queue);
			out++;
		}
	}
	ck_assert_uint_gt(out, 1000);
}
START_TEST(objects_are_checked_before_they_wait)
{
	struct alert_ack ack = { .has = 1 << ACK_ID | 1 << ACK_SINCE,
		.since_ms = 4,
		.id = { .kind = 9, .len = 2 } };
	ck_assert_int_eq(
	    intents_append(queue, LANE_ALERT, ALERT_ACK, &alert_ack_table, &ack, 7),
	    MESH_OK);
	struct intent i;
	ck_assert(intents_peek(queue, &i) && i.type == ALERT_ACK && i.token == 7);
	ack.has = 0;
	ck_assert_int_eq(
	    intents_append(queue, LANE_ALERT, ALERT_ACK, &alert_ack_table, &ack, 7),
	    MESH_MALFORMED);
}
CHECK_MODULE(intents, setup, an_echo_keeps_whom_it_is_for,
    a_decision_leaves_no_secret_behind_when_it_is_done,
    first_in_first_out_and_the_head_stays_until_dropped,
    a_full_queue_refuses_the_newest, bytes_run_out_before_the_slots_do,
    any_mixture_keeps_bodies_and_order, objects_are_checked_before_they_wait)
