#include "check_mesh.h"
#include "deadline.h"

enum { CAP = 37 };
static struct deadline d;
static void *block;

static void
setup(void)
{
	free(block);
	block = malloc(deadline_bytes(CAP));
	deadline_init(&d, block, CAP);
}

START_TEST(timers_come_due_in_order)
{
	uint32_t id;
	ck_assert_uint_eq(deadline_next(&d), MESH_NEVER);
	deadline_set(&d, 3, 300);
	deadline_set(&d, 1, 100);
	deadline_set(&d, 2, 200);
	deadline_set(&d, 1, 250); /* moved, not doubled */
	ck_assert_uint_eq(deadline_next(&d), 200);
	ck_assert(!deadline_due(&d, 199, &id));
	ck_assert(deadline_due(&d, 1000, &id) && id == 2);
	ck_assert(deadline_due(&d, 1000, &id) && id == 1);
	deadline_clear(&d, 3);
	deadline_clear(&d, 3);
	ck_assert(!deadline_due(&d, 1000, &id));
	ck_assert_uint_eq(deadline_of(&d, 3), MESH_NEVER);
}
START_TEST(any_sequence_equals_a_plain_list)
{
	mesh_time_ms when[CAP];
	for (uint32_t i = 0; i < CAP; i++)
		when[i] = MESH_NEVER;
	for (int i = 0; i < 50000; i++) {
		uint32_t id = rng_u32() % CAP, due;
		mesh_time_ms soonest = MESH_NEVER, at = rng_u32() % 50;
		when[id] = at < 10 ? MESH_NEVER : at;
		deadline_set(&d, id, when[id]);
		for (uint32_t k = 0; k < CAP; k++)
			soonest = when[k] < soonest ? when[k] : soonest;
		ck_assert_uint_eq(deadline_next(&d), soonest);
		if (!deadline_due(&d, rng_u32() % 30, &due))
			continue;
		ck_assert_uint_eq(when[due], soonest);
		when[due] = MESH_NEVER;
	}
}
CHECK_MODULE(
    deadline, setup, timers_come_due_in_order, any_sequence_equals_a_plain_list)
