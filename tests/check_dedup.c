#include "bytes.h"
#include "check_mesh.h"
#include "dedup.h"

enum { CAPACITY = 100 };
static struct dedup cache;
static void *block;

static void
setup(void)
{
	static const uint8_t secret[DEDUP_KEY] = { 7 };
	free(block);
	block = calloc(1, dedup_bytes(CAPACITY));
	dedup_init(&cache, block, CAPACITY, secret);
}

static struct dedup_mark
mark(uint64_t n)
{
	return dedup_mark_of(&cache, bytes_view(&n, sizeof n));
}

START_TEST(a_second_copy_is_a_duplicate)
{
	struct dedup_mark one = mark(1), two = mark(2);
	ck_assert(!dedup_seen(&cache, &one));
	ck_assert(dedup_admit(&cache, &one));
	ck_assert(dedup_seen(&cache, &one) && !dedup_seen(&cache, &two));
	ck_assert(!dedup_admit(&cache, &one));
	ck_assert(dedup_admit(&cache, &two));
}
START_TEST(the_last_hundred_are_always_known)
{
	for (uint64_t n = 0; n < 1000; n++) {
		struct dedup_mark m = mark(n);
		ck_assert_msg(
		    dedup_admit(&cache, &m), "%llu is new", (unsigned long long)n);
		for (uint64_t back = 0; back < CAPACITY && back <= n; back++) {
			struct dedup_mark old = mark(n - back);
			ck_assert(dedup_seen(&cache, &old));
		}
	}
}
START_TEST(old_marks_are_forgotten_in_the_end)
{
	struct dedup_mark first = mark(0);
	ck_assert(dedup_admit(&cache, &first));
	for (uint64_t n = 1; n <= 2 * CAPACITY; n++) {
		struct dedup_mark m = mark(n);
		ck_assert(dedup_admit(&cache, &m));
	}
	ck_assert(!dedup_seen(&cache, &first));
	ck_assert_msg(dedup_admit(&cache, &first), "one redundant look, no more");
}
START_TEST(another_secret_gives_other_marks)
{
	struct dedup other = cache;
	other.key[0] ^= 1;
	struct dedup_mark a = mark(1);
	struct dedup_mark b = dedup_mark_of(&other, bytes_view(&(uint64_t){ 1 }, 8));
	ck_assert_mem_ne(&a, &b, sizeof a);
}
CHECK_MODULE(dedup, setup, a_second_copy_is_a_duplicate,
    the_last_hundred_are_always_known, old_marks_are_forgotten_in_the_end,
    another_secret_gives_other_marks)
