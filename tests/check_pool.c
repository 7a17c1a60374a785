#include "check_mesh.h"
#include "pool.h"

enum { CAP = 5 };
struct thing {
	uint64_t n;
	char text[9];
};
static struct pool p;
static void *block;

static void
setup(void)
{
	free(block);
	block = malloc(pool_bytes(CAP, sizeof(struct thing)));
	memset(block, 0xaa, pool_bytes(CAP, sizeof(struct thing)));
	pool_init(&p, block, CAP, sizeof(struct thing));
}

START_TEST(a_stale_handle_finds_nothing)
{
	struct handle first = pool_take(&p);
	struct thing *t = pool_at(&p, first);
	ck_assert(t != NULL && t->n == 0);
	t->n = 7;
	pool_give(&p, first);
	ck_assert_ptr_null(pool_at(&p, first));
	struct handle again = pool_take(&p);
	ck_assert_uint_eq(again.index, first.index);
	ck_assert_ptr_null(pool_at(&p, first));
	t = pool_at(&p, again);
	ck_assert_msg(t->n == 0, "slots come zeroed");
	pool_give(&p, first);
	ck_assert_msg(pool_at(&p, again) != NULL, "giving a stale handle is a no-op");
	ck_assert_ptr_null(pool_at(&p, (struct handle){ 0, 0 }));
	ck_assert_ptr_null(pool_at(&p, (struct handle){ 99, 1 }));
}
START_TEST(a_full_pool_says_so)
{
	struct handle h[CAP];
	for (int i = 0; i < CAP; i++)
		ck_assert_uint_ne((h[i] = pool_take(&p)).generation, 0);
	ck_assert_uint_eq(pool_take(&p).generation, 0);
	ck_assert_uint_eq(pool_taken(&p), CAP);
	pool_give(&p, h[2]);
	ck_assert_uint_eq(pool_take(&p).index, 2);
}
START_TEST(a_walk_meets_each_taken_slot_once)
{
	struct handle h[4];
	unsigned seen = 0;
	for (int i = 0; i < 4; i++)
		h[i] = pool_take(&p);
	pool_give(&p, h[1]);
	for (uint32_t i = 0; pool_walk(&p, &i) != NULL; i++) {
		struct handle here = pool_handle(&p, i);
		seen |= 1U << i;
		ck_assert_ptr_nonnull(pool_at(&p, here));
		pool_give(&p, here);
	}
	ck_assert_uint_eq(seen, 1U << 0 | 1U << 2 | 1U << 3);
	ck_assert_uint_eq(pool_taken(&p), 0);
}
CHECK_MODULE(pool, setup, a_stale_handle_finds_nothing, a_full_pool_says_so,
    a_walk_meets_each_taken_slot_once)
