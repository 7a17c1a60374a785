#include "check_mesh.h"
#include "reserve.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/reserve-XXXXXX";

START_TEST(room_is_held_until_it_is_given)
{
	char path[64];
	struct stat st;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/reserve", folder);
	ck_assert(!reserve_give(folder));
	ck_assert_int_eq(reserve_hold(folder), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, RESERVE_BYTES);
	ck_assert_int_ge(st.st_blocks * 512, RESERVE_BYTES);
	ck_assert_int_eq(reserve_hold(folder), 0);
	ck_assert(reserve_give(folder));
	ck_assert_int_ne(stat(path, &st), 0);
	ck_assert(!reserve_give(folder));
	rmdir(folder);
}
START_TEST(what_cannot_be_held_says_why)
{
	ck_assert_int_eq(
	    reserve_hold("/proc/self"), -ENOSPC); /* nothing is free there */
	ck_assert(reserve_is_scarce("/proc/self"));
	ck_assert_int_ne(reserve_hold("/nonexistent"), 0);
}
CHECK_MODULE(
    reserve, NULL, room_is_held_until_it_is_given, what_cannot_be_held_says_why)
