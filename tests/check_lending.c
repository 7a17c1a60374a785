#include "check_mesh.h"
#include "lending.h"
#include "text.h"
#include <string.h>

/* Until when a radio is somebody else's, as a start finds it. */

enum { NOW_MS = 5000 };
static const unix_ms now = 1700000000000;
static uint8_t row[32]; /* of the radio "a": all that this store keeps */
static size_t row_len;
static bool full;

enum mesh_err
store_keep(struct store *s, struct text_view room, struct bytes_view key,
    struct bytes_view value, enum store_sync sync, uint64_t token)
{
	(void)s;
	(void)sync;
	(void)token;
	ck_assert(text_equal(room, text("lent")) && key.len == 1);
	ck_assert_uint_le(value.len, sizeof row);
	if (full)
		return MESH_FULL;
	memcpy(row, value.ptr, value.len);
	row_len = value.len;
	return MESH_OK;
}

enum mesh_err
store_kept(struct store *s, struct text_view room, struct bytes_view key,
    struct bytes_out *out)
{
	(void)s;
	ck_assert(text_equal(room, text("lent")));
	if (row_len == 0 || key.ptr[0] != 'a')
		return MESH_NOT_FOUND;
	bytes_put(out, row, row_len);
	return MESH_OK;
}

static void
setup(void)
{
	row_len = 0;
	full = false;
}

static uint32_t
left_at(unix_ms at)
{
	return lending_left(
	    NULL, text("a"), (struct mesh_now){ .ms = NOW_MS, .unix_ms = at });
}

START_TEST(what_is_left_is_found_at_a_start)
{
	ck_assert_uint_eq(left_at(now), 0);
	ck_assert(lending_keep(NULL, text("a"), now + LENDING_MOST_MS));
	ck_assert_uint_eq(left_at(now), LENDING_MOST_MS);
	ck_assert_uint_eq(left_at(now + 1000), LENDING_MOST_MS - 1000);
	ck_assert_uint_eq(left_at(now + LENDING_MOST_MS), 0);
	ck_assert_uint_eq(left_at(now + LENDING_MOST_MS + 1), 0);
	ck_assert_uint_eq(
	    lending_left(NULL, text("b"), (struct mesh_now){ .unix_ms = now }), 0);
}

/* A board without a clock begins in 1970, or where it was shut down long ago. */
START_TEST(to_a_clock_before_the_lending_nothing_is_lent)
{
	ck_assert(lending_keep(NULL, text("a"), now + LENDING_MOST_MS));
	ck_assert_uint_eq(left_at(now - 1), 0);
	ck_assert_uint_eq(left_at(7000), 0);
	ck_assert_uint_eq(left_at(0), 0);
}

START_TEST(a_row_that_does_not_read_lends_nothing)
{
	ck_assert(lending_keep(NULL, text("a"), INT64_MAX));
	ck_assert_uint_eq(left_at(-now), 0);
	ck_assert(lending_keep(NULL, text("a"), INT64_MIN));
	ck_assert_uint_eq(left_at(now), 0);
	ck_assert(lending_keep(NULL, text("a"), now + 1000));
	row_len--;
	ck_assert_uint_eq(left_at(now), 0);
	full = true;
	ck_assert(!lending_keep(NULL, text("a"), now + 1000));
}

CHECK_MODULE(lending, setup, what_is_left_is_found_at_a_start,
    to_a_clock_before_the_lending_nothing_is_lent,
    a_row_that_does_not_read_lends_nothing)
