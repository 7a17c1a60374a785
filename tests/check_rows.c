#include "check_mesh.h"
#include "envelope.h"
#include "pack.h"
#include "rows.h"

/* What a neighbour says that it holds: each mark is looked up, so their number counts.
 */

enum { ROWS_MAX = 4096 };
static uint8_t bytes[ROWS_MAX];
static struct bytes_out out;

static void
begin(size_t rows)
{
	out = bytes_out(bytes, sizeof bytes);
	pack_array(&out, 4);
	pack_uint(&out, FRAME_ROWS);
	pack_uint(&out, UINT64_MAX);
	pack_array(&out, rows);
}
static void
put_row(const uint8_t *lanes, size_t count)
{
	static const uint8_t oid[MESSAGE_OID] = { 1, 2, 3 };
	pack_array(&out, 3);
	pack_bin(&out, bytes_view(oid, sizeof oid));
	pack_uint(&out, 7);
	pack_array(&out, 3 * count);
	for (size_t i = 0; i < count; i++) {
		pack_uint(&out, lanes[i]);
		pack_uint(&out, 1);
		pack_uint(&out, 9);
	}
}
static enum mesh_err
read_it(struct rows *rows)
{
	pack_bool(&out, true);
	ck_assert(!out.failed);
	return rows_read(bytes_written(&out), rows);
}

START_TEST(lanes_of_a_row_come_once_and_in_order)
{
	static const struct {
		uint8_t lanes[8];
		size_t count;
		enum mesh_err err;
	} rows[] = {
		{ { 1, 2, 3, 4, 5, 6 }, 6, MESH_OK },
		{ { 2, 6 }, 2, MESH_OK },
		{ { 0 }, 1, MESH_MALFORMED },
		{ { 6, 6 }, 2, MESH_MALFORMED },
		{ { 3, 2 }, 2, MESH_MALFORMED },
		{ { 1, 2, 3, 4, 5, 6, 6 }, 7, MESH_MALFORMED },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct rows read;
		begin(1);
		put_row(rows[i].lanes, rows[i].count);
		ck_assert_int_eq(read_it(&read), rows[i].err);
	}
}
START_TEST(every_row_begins_its_lanes_anew)
{
	static const uint8_t lanes[] = { 1, 6 };
	struct rows read;
	struct rows_mark mark;
	size_t count = 0;
	begin(3);
	for (int i = 0; i < 3; i++)
		put_row(lanes, LENGTH(lanes));
	ck_assert_int_eq(read_it(&read), MESH_OK);
	ck_assert_uint_eq(read.mask, UINT64_MAX);
	for (; rows_next(&read, &mark); count++)
		ck_assert_int_eq(mark.lane, lanes[count % LENGTH(lanes)]);
	ck_assert_uint_eq(count, 6);
}
START_TEST(more_than_a_datagram_is_refused)
{
	static const uint8_t lane[] = { 6 };
	for (size_t n = 1; n < 100; n++) {
		struct rows read;
		begin(n);
		for (size_t i = 0; i < n; i++)
			put_row(lane, 1);
		enum mesh_err err = read_it(&read);
		bool fits = bytes_written(&out).len <= ENVELOPE_PLAIN_MAX;
		ck_assert_int_eq(err, fits ? MESH_OK : MESH_MALFORMED);
	}
}
CHECK_MODULE(rows, NULL, lanes_of_a_row_come_once_and_in_order,
    every_row_begins_its_lanes_anew, more_than_a_datagram_is_refused)
