/* Vectors in blocks against a plain memory of them, over commits and rollbacks, and
 * what damage does. */
#include "check_mesh.h"
#include "migrations.h"
#include "store_tables.h"
#include "store_world.h"
#include "vectors.h"

enum { MOST = 400, SIZES = 5 };
static const struct {
	enum dot_dtype dtype;
	size_t dim;
} sizes[SIZES] = { { DOT_F32, 512 }, { DOT_F16, 700 }, { DOT_I8, 3 }, { DOT_I8, 516 },
	{ DOT_F32, DOT_DIM_MAX } };

struct kept { /* what ought to be there */
	int64_t ref;
	size_t size;
	uint32_t seed;
};
static struct statements statements;
static struct vectors vectors;
static struct kept now[MOST], committed[MOST];
static size_t now_count, committed_count;
static uint8_t row_room[DOT_DIM_MAX * 4], out_room[DOT_DIM_MAX * 4];

static void
open_file(const char *path)
{
	ck_assert_int_eq(statements_open(&statements, path), SQLITE_OK);
	ck_assert_int_eq(
	    migrations_run(&statements, path, migrations, STORE_SCHEMA), 0);
	vectors_init(&vectors, &statements, STATEMENTS_WRITE);
	now_count = committed_count = 0;
}

static void
begin(void)
{
	statements_exec(&statements, "BEGIN IMMEDIATE");
	ck_assert_int_eq(statements.err, SQLITE_OK);
}

static void
commit(void)
{
	vectors_flush(&vectors);
	statements_exec(&statements, "COMMIT");
	ck_assert_int_eq(statements.err, SQLITE_OK);
	memcpy(committed, now, sizeof now);
	committed_count = now_count;
}

static void
roll_back(void)
{
	statements_clear(&statements);
	statements_exec(&statements, "ROLLBACK");
	vectors_forget(&vectors);
	memcpy(now, committed, sizeof now);
	now_count = committed_count;
}

static void
close_file(void)
{
	vectors_forget(&vectors);
	statements_close(&statements);
	world_forget_paths();
}

static struct bytes_view
row_of(size_t size, uint32_t seed)
{
	size_t len = sizes[size].dim * dot_width(sizes[size].dtype);
	for (size_t i = 0; i < len; i++)
		row_room[i] = (uint8_t)(seed * 31 + i * 7 + (i >> 8));
	return bytes_view(row_room, len);
}

static int64_t
put(size_t size, uint32_t seed)
{
	int64_t ref = vectors_put(
	    &vectors, sizes[size].dtype, sizes[size].dim, row_of(size, seed));
	ck_assert_int_ge(ref, 65536);
	return ref;
}

static void
keep_one(void)
{
	struct kept k = { 0, rng_u32() % SIZES, rng_u32() };
	k.ref = put(k.size, k.seed);
	for (size_t i = 0; i < now_count; i++)
		ck_assert_int_ne(now[i].ref, k.ref);
	now[now_count++] = k;
}

static void
free_one(void)
{
	size_t at = rng_u32() % now_count;
	vectors_free(&vectors, now[at].ref);
	now[at] = now[--now_count];
}

static bool
reads(int64_t ref, struct bytes_view want)
{
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	return vectors_read(&vectors, ref, &out) &&
	    bytes_equal(bytes_written(&out), want);
}

static void
compare(void)
{
	for (size_t i = 0; i < now_count; i++)
		ck_assert(reads(now[i].ref, row_of(now[i].size, now[i].seed)));
}

static int64_t
count_rows(const char *sql)
{
	sqlite3_stmt *st;
	ck_assert_int_eq(
	    sqlite3_prepare_v2(statements.db, sql, -1, &st, NULL), SQLITE_OK);
	int64_t n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
	sqlite3_finalize(st);
	return n;
}

START_TEST(whatever_is_put_and_freed_the_rest_reads_back_byte_for_byte)
{
	open_file(world_path());
	for (int i = 0; i < 60; i++) {
		begin();
		for (uint32_t n = rng_u32() % 40; n > 0; n--) {
			if (now_count < MOST && (now_count == 0 || rng_u32() % 5 < 3))
				keep_one();
			else
				free_one();
		}
		compare();
		rng_u32() % 4 == 0 ? roll_back() : commit();
		compare();
		if (i % 20 == 0)
			vectors_forget(&vectors); /* as at the next start */
	}
	begin();
	while (now_count > 0)
		free_one();
	commit();
	ck_assert_int_eq(count_rows("SELECT count(*) FROM vector_block"), 0);
	ck_assert_int_eq(count_rows("SELECT count(*) FROM vector_room"), 0);
	close_file();
}
START_TEST(a_vector_of_512_floats_takes_2100_bytes_of_disk)
{
	enum { MANY = 4000 };
	open_file(world_path());
	int64_t pages = count_rows("PRAGMA page_count");
	begin();
	for (uint32_t i = 0; i < MANY; i++)
		put(0, i);
	commit();
	pages = count_rows("PRAGMA page_count") - pages;
	ck_assert_int_le(pages * count_rows("PRAGMA page_size") / MANY, 2100);
	close_file();
}
START_TEST(freed_slots_are_taken_before_the_file_grows)
{
	static int64_t refs[330];
	open_file(":memory:");
	begin();
	for (uint32_t i = 0; i < LENGTH(refs); i++)
		refs[i] = put(0, i);
	int64_t blocks = count_rows("SELECT count(*) FROM vector_block");
	for (size_t i = 0; i < LENGTH(refs); i += 3)
		vectors_free(&vectors, refs[i]);
	commit();
	begin();
	for (uint32_t i = 0; i < LENGTH(refs); i += 3)
		put(0, i);
	commit();
	ck_assert_int_eq(count_rows("SELECT count(*) FROM vector_block"), blocks);
	close_file();
}
START_TEST(what_is_no_vector_is_refused_and_what_is_no_ref_reads_nothing)
{
	open_file(":memory:");
	begin();
	struct bytes_view row = row_of(0, 1);
	static const struct {
		enum dot_dtype dtype;
		size_t dim, len;
	} bad[] = { { DOT_NONE, 512, 2048 }, { DOT_DTYPES, 512, 2048 },
		{ DOT_F32, 0, 0 }, { DOT_F32, 511, 2048 }, { DOT_F32, 512, 2047 },
		{ DOT_I8, DOT_DIM_MAX + 1, DOT_DIM_MAX + 1 } };
	for (size_t i = 0; i < LENGTH(bad); i++)
		ck_assert_int_eq(vectors_put(&vectors, bad[i].dtype, bad[i].dim,
				     bytes_view(row.ptr, bad[i].len)),
		    0);
	int64_t ref = put(0, 1);
	static const int64_t steps[] = { 1, 65536, -65536, INT64_MIN };
	for (size_t i = 0; i < LENGTH(steps); i++) {
		int64_t other = steps[i] < -65536 ? steps[i] : ref + steps[i];
		ck_assert(!reads(other, row));
		vectors_free(&vectors, other);
	}
	ck_assert(!reads(0, row));
	ck_assert(!reads(3, row));
	struct bytes_out out = bytes_out(out_room, 2047);
	ck_assert(!vectors_read(&vectors, ref, &out));
	ck_assert(out.failed && out.len == 0);
	ck_assert_int_eq(statements.err, SQLITE_OK);
	ck_assert(reads(ref, row_of(0, 1)));
	commit();
	close_file();
}
START_TEST(damage_to_rooms_and_blocks_hides_vectors_and_stops_no_new_one)
{
	static const char *const damage[] = { "DELETE FROM vector_block",
		"DELETE FROM vector_room", "UPDATE vector_block SET data=x'00'",
		"UPDATE vector_room SET dtype=9", "UPDATE vector_room SET dtype=-1",
		"UPDATE vector_room SET dim=0", "UPDATE vector_room SET dim=5000",
		"UPDATE vector_room SET used=x''",
		"UPDATE vector_room SET used=zeroblob(300)",
		"UPDATE vector_room SET used=x'ffffffffffffffff'",
		"UPDATE vector_room SET id=id+1" };
	static uint8_t block[VECTORS_BLOCK];
	for (size_t i = 0; i < LENGTH(damage); i++) {
		open_file(":memory:");
		begin();
		int64_t old = put(0, 1);
		commit();
		vectors_forget(&vectors);
		statements_exec(&statements, damage[i]);
		begin();
		struct bytes_out out = bytes_out(out_room, sizeof out_room);
		vectors_read(&vectors, old, &out); /* whatever it says */
		struct vectors_room room;
		enum dot_dtype dtype;
		vectors_walk(&vectors, 512, 0);
		while (vectors_next_room(&vectors, &room))
			vectors_read_block(&vectors, &room, block, &dtype);
		int64_t ref = put(0, 2);
		ck_assert_msg(reads(ref, row_of(0, 2)), "%s", damage[i]);
		vectors_free(&vectors, old);
		commit();
		close_file();
	}
}
/* What a walk shows of a vector is the vector, or the upper halves of its numbers. */
static bool
is_scanned(int64_t ref, enum dot_dtype dtype, const uint8_t *shown)
{
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	if (!vectors_read(&vectors, ref, &out))
		return false;
	if (dtype != DOT_HIGH)
		return memcmp(out.ptr, shown, out.len) == 0;
	for (size_t i = 0; i < out.len / 4; i++)
		if (memcmp(out.ptr + 4 * i + 2, shown + 2 * i, 2) != 0)
			return false;
	return true;
}

START_TEST(a_walk_over_the_blocks_meets_every_vector_of_its_length_once)
{
	static uint8_t block[VECTORS_BLOCK];
	open_file(":memory:");
	begin();
	for (int i = 0; i < MOST; i++)
		keep_one();
	for (int i = 0; i < 100; i++)
		free_one();
	commit();
	for (size_t size = 0; size < SIZES; size++) {
		size_t met = 0, want = 0;
		enum dot_dtype dtype;
		struct vectors_room room;
		vectors_walk(&vectors, sizes[size].dim, 0);
		while (vectors_next_room(&vectors, &room)) {
			ck_assert(vectors_read_block(&vectors, &room, block, &dtype));
			size_t stride = room.dim * dot_width(dtype);
			for (size_t i = 0; i < vectors_slots(&room); i++) {
				if (!vectors_has(&room, i))
					continue;
				met++;
				ck_assert(is_scanned(
				    vectors_ref(&room, i), dtype, block + i * stride));
			}
		}
		for (size_t i = 0; i < now_count; i++)
			want += now[i].size == size;
		ck_assert_uint_eq(met, want);
	}
	close_file();
}
CHECK_MODULE(vectors, NULL, whatever_is_put_and_freed_the_rest_reads_back_byte_for_byte,
    a_vector_of_512_floats_takes_2100_bytes_of_disk,
    freed_slots_are_taken_before_the_file_grows,
    what_is_no_vector_is_refused_and_what_is_no_ref_reads_nothing,
    damage_to_rooms_and_blocks_hides_vectors_and_stops_no_new_one,
    a_walk_over_the_blocks_meets_every_vector_of_its_length_once)
