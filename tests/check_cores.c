/* Rows of which the key alone is kept, of every length that a record can have. */
#include "cores.h"
#include "pack.h"
#include "record.h"
#include "store_world.h"

enum { FEW = 600, MANY = RECORD_MAX - 100 };
static const uint8_t leaf[32] = { 7 };
static uint8_t body[CORES_ROOM], core[CORES_ROOM], row[CORES_ROOM], again[CORES_ROOM];

/* A value of as many of `len` bytes as it can take; what it took. */
static size_t
put_value(struct bytes_out *out, size_t len)
{
	static const uint8_t zeros[RECORD_MAX];
	size_t before = out->len;
	if (len == 1)
		pack_uint(out, 0);
	else if (len <= FEW)
		pack_bin(out, bytes_view(zeros, (len < 250 ? len : 250) - 2));
	else
		pack_bin(out, bytes_view(zeros, len - 3));
	return out->len - before;
}

/* A PUT of one key and that many bytes of values behind it; false: no record is as
 * long. */
static bool
make(size_t len, struct mesh_record *r)
{
	struct bytes_out values = bytes_out(body, sizeof body);
	struct bytes_out out = bytes_out(core, sizeof core);
	size_t count = 1 + (len > FEW ? 1 : (len + 249) / 250);
	pack_array(&values, count);
	pack_bin(&values, bytes_view("key", 3));
	while (len > 0)
		len -= put_value(&values, len);
	enum { NUMBERS = 8 }; /* as many as the longest counts for */
	struct record put = { .at = { .lane = LANE_REGISTRY, .seq = NUMBERS },
		.back = NUMBERS,
		.type = RECORD_PUT,
		.body = bytes_written(&values) };
	return record_write(&put, &out) == MESH_OK &&
	    mesh_record_of_core(bytes_written(&out), r) == MESH_OK;
}

/* Into a row and out again. */
static void
check_kept(sqlite3_stmt *st, const struct mesh_record *r, size_t len)
{
	struct bytes_out kept = bytes_out(row, sizeof row);
	struct bytes_out back = bytes_out(again, sizeof again);
	struct mesh_record out;
	struct bytes_view key;
	uint8_t its_leaf[32];
	ck_assert(cores_leave_key(r, bytes_view(leaf, sizeof leaf), &kept));
	bind_bytes(st, 1, bytes_written(&kept));
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	ck_assert_uint_eq(cores_bytes(st, 0), r->core.len);
	ck_assert_msg(cores_read(st, 0, NULL, &back, &out), "%zu bytes behind", len);
	ck_assert_uint_eq(out.core.len, r->core.len);
	ck_assert(mesh_record_key(&out, &key));
	ck_assert(bytes_equal(key, bytes_view("key", 3)));
	ck_assert(cores_leaf(st, 0, its_leaf));
	ck_assert_mem_eq(its_leaf, leaf, sizeof leaf);
	sqlite3_reset(st);
}
START_TEST(a_key_alone_reads_back_whatever_length_was_left_out)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	struct mesh_record r = { .back = 0 };
	ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_prepare_v2(db, "SELECT ?1,1,-2", -1, &st, NULL), SQLITE_OK);
	for (size_t len = 0; len <= FEW; len++) {
		ck_assert_msg(make(len, &r), "%zu", len);
		check_kept(st, &r, len);
	}
	size_t len = MANY;
	for (; make(len, &r); len++)
		check_kept(st, &r, len);
	ck_assert(make(len - 1, &r));
	ck_assert_uint_eq(r.core.len, RECORD_MAX);
	sqlite3_finalize(st);
	sqlite3_close(db);
}
CHECK_MODULE(cores, NULL, a_key_alone_reads_back_whatever_length_was_left_out)
