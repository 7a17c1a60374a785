#include "check_mesh.h"
#include "spare.h"
#include <fcntl.h>
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
CHECK_MODULE(spare, NULL, pages_of_the_start_are_given_back_and_all_goes_on)
