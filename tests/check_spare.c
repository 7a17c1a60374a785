#include "check_mesh.h"
#include "spare.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one fault brings at most: all of a large folio of the page cache. */
enum { BIG = 4 * 1024 * 1024, WINDOW = 512 * 1024 };
static const char big[BIG] = { 1 };

/* Pages of the middle of `big` that this process has in view; /proc/self/pagemap. */
static size_t
pages_in_view(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), count = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	for (size_t at = 2 * WINDOW; at < BIG - 2 * WINDOW; at += page) {
		uint64_t entry = 0;
		off_t row = (off_t)((uintptr_t)(big + at) / page * sizeof entry);
		ck_assert_int_eq(pread(fd, &entry, sizeof entry, row), sizeof entry);
		count += entry >> 63;
	}
	close(fd);
	return count;
}

START_TEST(pages_of_the_start_are_given_back_and_all_goes_on)
{
	static const char *const words[] = { "still", "here" };
	char *kept = strdup("written");
	const volatile char *touched = big;
	unsigned sum = 0;
	for (size_t i = 0; i < BIG; i += 512)
		sum += (unsigned)touched[i];
	ck_assert_uint_eq(sum, 1);
	ck_assert_uint_gt(pages_in_view(), 0);
	spare_pages();
	ck_assert_uint_eq(pages_in_view(), 0);
	ck_assert_str_eq(words[0], "still"); /* relocated: it stays */
	ck_assert_str_eq(kept, "written");
	spare_pages(); /* again is as good */
	ck_assert_str_eq(words[1], "here");
	ck_assert_int_eq(touched[0], 1);
	free(kept);
}

static long
resident_pages(void)
{
	long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%ld %ld", &size, &resident), 2);
	fclose(f);
	return resident;
}

enum { PIECES = 32 * 1024, PIECE = 1000, KEPT_OF = 100 };
static uint8_t *pieces[PIECES];

/* One piece in a hundred is kept, so that no end of the heap is free. */
static void
burst(void)
{
	for (size_t i = 0; i < PIECES; i++) {
		if (pieces[i] == NULL)
			pieces[i] = malloc(PIECE);
		ck_assert_ptr_nonnull(pieces[i]);
		memset(pieces[i], (int)(i % 251), PIECE);
	}
	for (size_t i = 0; i < PIECES; i++)
		if (i % KEPT_OF != 0) {
			free(pieces[i]);
			pieces[i] = NULL;
		}
}

static void
end_burst(void)
{
	for (size_t i = 0; i < PIECES; i += KEPT_OF) {
		ck_assert_uint_eq(pieces[i][PIECE - 1], i % 251);
		free(pieces[i]);
		pieces[i] = NULL;
	}
}
START_TEST(what_a_burst_freed_between_pieces_in_use_is_given_back)
{
	size_t left = 0;
	burst();
	long before = resident_pages();
	bool done = spare_heap(&left);
	long given = before - resident_pages();
#ifndef __SANITIZE_ADDRESS__ /* its allocator keeps what it likes */
	ck_assert(done);
	ck_assert_int_gt(given * sysconf(_SC_PAGESIZE), PIECES * PIECE / 2);
#else
	(void)done, (void)given;
#endif
	end_burst();
}
/* The allocator calls free what it gave back, too; and the next burst takes just
 * that. */
START_TEST(what_was_given_back_is_looked_for_again_only_after_the_next_burst)
{
	size_t left = 0;
	for (size_t round = 0; round < 3; round++) {
		burst();
		bool first = spare_heap(&left), again = spare_heap(&left);
		ck_assert_msg(!again, "nothing came in between");
#ifndef __SANITIZE_ADDRESS__
		ck_assert_msg(first, "round %zu", round);
#else
		(void)first;
#endif
	}
	end_burst();
}
CHECK_MODULE(spare, NULL, pages_of_the_start_are_given_back_and_all_goes_on,
    what_a_burst_freed_between_pieces_in_use_is_given_back,
    what_was_given_back_is_looked_for_again_only_after_the_next_burst)
