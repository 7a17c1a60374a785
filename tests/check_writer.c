/* What was answered ok survives kill -9. */
#include "store_world.h"
#include "text.h"
#include "wal_room.h"
#include "writer.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 50, RECORDS = 600 };
static struct world world;
static struct mesh_record all[RECORDS];

static void
ring(void *ctx)
{
	if (write(*(int *)ctx, &(uint64_t){ 1 }, 8) != 8)
		_exit(3);
}

/* The child: write, and tell the parent each acknowledged number. */
static void
work_until_killed(const char *path, int to_parent)
{
	int bell = eventfd(0, EFD_CLOEXEC);
	struct store_params params = {
		.path = path, .threads = true, .wake = ring, .wake_ctx = &bell
	};
	struct store *s;
	struct store_outcome o;
	uint64_t n;
	if (store_open(&s, &params) != 0)
		_exit(4);
	for (uint32_t i = 0; i < RECORDS; i++) {
		if (store_put_record(
			s, &all[i], i % 50 == 0 ? SYNC_NOW : SYNC_GROUP, i) != MESH_OK)
			_exit(5);
		while (i % 7 == 0 &&
		    poll(&(struct pollfd){ bell, POLLIN, 0 }, 1, 1) > 0 &&
		    read(bell, &n, sizeof n) > 0)
			while (store_next(s, &o))
				if (o.err != MESH_OK ||
				    write(to_parent, &o.token, sizeof o.token) < 0)
					_exit(6);
	}
	for (;;)
		pause();
}

static bool
take_ack(int from_child, bool *acked)
{
	uint64_t token;
	if (read(from_child, &token, sizeof token) != sizeof token)
		return false;
	ck_assert_uint_lt(token, RECORDS);
	acked[token] = true;
	return true;
}

/* When it is killed is what the test is about: after any number of answers, however
 * slow the machine, and any moment later.  A child that has no more to say is quiet. */
static size_t
hear_some(int from_child, bool *acked)
{
	enum { QUIET_MS = 500 };
	struct pollfd fd = { from_child, POLLIN, 0 };
	size_t heard = 0, wanted = rng_u32() % (RECORDS / 2);
	while (
	    heard < wanted && poll(&fd, 1, QUIET_MS) > 0 && take_ack(from_child, acked))
		heard++;
	poll(NULL, 0, (int)(rng_u32() % 8));
	return heard;
}

static size_t
run_and_kill(const char *path, bool *acked)
{
	int fd[2], status;
	ck_assert_int_eq(pipe(fd), 0);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		close(fd[0]);
		work_until_killed(path, fd[1]);
	}
	close(fd[1]);
	size_t count = hear_some(fd[0], acked);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFSIGNALED(status), "the child ended by itself: %d", status);
	while (take_ack(fd[0], acked))
		count++;
	close(fd[0]);
	return count;
}

static bool
has_record(struct store *s, const struct mesh_record *r)
{
	struct store_outcome o;
	ck_assert_int_eq(store_fetch(s, &r->at, 1, 1), MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &o));
	ck_assert_int_eq(o.err, MESH_OK);
	bool same = o.page->count == 1 &&
	    bytes_equal(o.page->records[0].proof, r->proof);
	store_page_free(o.page);
	return same;
}

/* Records and holding tell one story: one run, as long as there are rows. */
static void
check_database(const char *path, const bool *acked)
{
	struct store_saved saved;
	struct store *s = world_open(path);
	ck_assert_int_eq(store_saved(s, &saved), MESH_OK);
	uint64_t last = saved.holding_count > 0 ? saved.holdings[0].runs[0].last : 0;
	ck_assert_uint_le(saved.holding_count, 1);
	for (size_t i = 0; i < RECORDS; i++) {
		bool held = all[i].at.seq <= last;
		ck_assert_msg(held || !acked[i], "record %zu was acknowledged", i);
		if (i % 10 == 0 || all[i].at.seq == last || all[i].at.seq == last + 1)
			ck_assert_msg(has_record(s, &all[i]) == held, "record %zu", i);
	}
	ck_assert_uint_eq(store_counts(s).packets, last);
	store_saved_free(&saved);
	store_close(s);
}

START_TEST(what_was_acknowledged_survives_kill)
{
	size_t total = 0;
	world_init(&world);
	for (uint32_t i = 0; i < RECORDS; i++) {
		struct world_draft d = { .lane = LANE_PACKET,
			.body = world_reception(&world, 1 + i % 5, i, 1000 + i, -80) };
		all[i] = world_record(&world, &d);
	}
	bool acked[RECORDS] = { false };
	const char *path = world_path();
	for (int round = 0; round < ROUNDS; round++) {
		if (round % 10 ==
		    0) { /* a fresh file now and then, else the same again */
			path = world_path();
			memset(acked, 0, sizeof acked);
		}
		total += run_and_kill(path, acked);
		check_database(path, acked);
	}
	ck_assert_msg(
	    total > RECORDS, "too few acknowledged to mean anything: %zu", total);
	world_release(&world);
	world_forget_paths();
}
/* Until then the loop's own thread uses the connection. */
START_TEST(nothing_is_verified_before_the_first_tick)
{
	static const uint8_t netid[16] = { 1 };
	static struct writer writer;
	static struct faults faults;
	static struct queue queue;
	ck_assert_int_eq(
	    queue_init(&queue, &(struct queue_limits){ 8, 4096, 8 }, false), 0);
	struct writer_params params = { .path = ":memory:",
		.faults = &faults,
		.queue = &queue,
		.netid = netid,
		.waits = true };
	ck_assert_int_eq(writer_open(&writer, &params), 0);
	ck_assert(!writer_is_verifying(&writer) && !writer_work(&writer, -1));
	ck_assert_int_eq(queue_put(&queue, request_of_tick(1700000000000)), MESH_OK);
	writer_work(&writer, -1);
	ck_assert(writer_is_verifying(&writer));
	writer_close(&writer);
	queue_release(&queue);
}

/* Put in, and what its lane then counts. */
static struct mesh_live
put_at(struct writer *writer, struct queue *queue, const struct mesh_record *record)
{
	struct mesh_live live = { 0 };
	ck_assert_int_eq(
	    queue_put(queue, request_of_record(record, SYNC_GROUP, 7)), MESH_OK);
	writer_work(writer, -1);
	for (struct request *r; (r = queue_next_done(queue)) != NULL; request_free(r))
		if (r->kind == REQUEST_RECORD && r->outcome.has_live)
			live = r->outcome.live;
	return live;
}
/* More rows are damaged than one step may give up, so some come before its end. */
START_TEST(a_lane_that_is_recounted_counts_nothing_twice)
{
	enum { ROWS = 100 };
	static struct writer writer;
	static struct faults faults;
	static struct queue queue;
	struct mesh_live before = { 0 }, live;
	char key[16];
	world_init(&world);
	ck_assert_int_eq(
	    queue_init(&queue, &(struct queue_limits){ 256, 1 << 20, 8 }, false), 0);
	struct writer_params params = { .path = ":memory:",
		.faults = &faults,
		.queue = &queue,
		.netid = world.netid,
		.waits = true };
	ck_assert_int_eq(writer_open(&writer, &params), 0);
	for (size_t i = 0; i < ROWS; i++) {
		snprintf(key, sizeof key, "key/%zu", i);
		struct world_draft d = { .lane = LANE_STATE,
			.type = RECORD_PUT,
			.body = world_put(&world, key, "value") };
		all[i] = world_record(&world, &d);
		before = put_at(&writer, &queue, &all[i]);
	}
	ck_assert_uint_eq(before.count, ROWS);
	statements_exec(&writer.s, "UPDATE record SET core=x'9b' WHERE seq%2=0");
	ck_assert_int_eq(queue_put(&queue, request_of_tick(1700000000000)), MESH_OK);
	for (int i = 0; i < 4; i++)
		writer_work(&writer, -1);
	ck_assert_msg(
	    writer.verify.unreadable > 0 && writer.verify.unreadable < ROWS / 2,
	    "it waits in the middle");
	for (size_t i = 0; i < ROWS; i++) {
		live = put_at(&writer, &queue, &all[i]);
		ck_assert_uint_eq(live.count, ROWS);
		ck_assert_mem_eq(live.sum, before.sum, sizeof live.sum);
	}
	writer_work(&writer, -1); /* to the end: what has no row is counted no more */
	for (size_t i = 0; i < ROWS; i++)
		live = put_at(&writer, &queue, &all[i]);
	ck_assert_uint_eq(live.count, ROWS);
	ck_assert_mem_eq(live.sum, before.sum, sizeof live.sum);
	writer_close(&writer);
	queue_release(&queue);
	world_release(&world);
}

/* A writer on a file of its own. */
static struct {
	char path[32];
	struct writer writer;
	struct faults faults;
	struct queue queue, syncs;
	struct syncer syncer;
} alone;

static void
alone_open(void)
{
	const struct queue_limits limits = { 256, 1 << 20, 8 };
	memset(&alone, 0, sizeof alone);
	strcpy(alone.path, "/tmp/check_writer.XXXXXX");
	world_init(&world);
	ck_assert_int_ge(mkstemp(alone.path), 0);
	ck_assert_int_eq(queue_init(&alone.queue, &limits, false), 0);
	ck_assert_int_eq(queue_init(&alone.syncs, &limits, false), 0);
	struct syncer_params syncer = {
		.queue = &alone.syncs, .home = &alone.queue, .faults = &alone.faults
	};
	ck_assert_int_eq(syncer_open(&alone.syncer, &syncer), 0);
	struct writer_params params = { .path = alone.path,
		.faults = &alone.faults,
		.queue = &alone.queue,
		.syncer = &alone.syncer };
	ck_assert_int_eq(writer_open(&alone.writer, &params), 0);
}

static void
alone_close(void)
{
	char log[sizeof alone.path + 4];
	writer_close(&alone.writer);
	syncer_close(&alone.syncer);
	queue_release(&alone.syncs);
	queue_release(&alone.queue);
	world_release(&world);
	snprintf(log, sizeof log, "%s-wal", alone.path);
	unlink(log);
	unlink(alone.path);
}

static uint64_t
alone_put(size_t i)
{
	char key[24];
	snprintf(key, sizeof key, "key/%zu", i);
	struct world_draft d = { .lane = LANE_STATE,
		.type = RECORD_PUT,
		.body = world_put(&world, key, "value") };
	all[i] = world_record(&world, &d);
	return put_at(&alone.writer, &alone.queue, &all[i]).count;
}

static int
cache_of(const struct writer *writer)
{
	int used = 0, most;
	ck_assert_int_eq(sqlite3_db_status(
			     writer->s.db, SQLITE_DBSTATUS_CACHE_USED, &used, &most, 0),
	    SQLITE_OK);
	return used;
}
START_TEST(its_cache_is_given_back_when_it_is_quiet)
{
	enum { FEW = 200 };
	alone_open();
	ck_assert(!writer_is_warm(&alone.writer));
	for (size_t i = 0; i < FEW; i++)
		ck_assert_uint_eq(alone_put(i), i + 1);
	int warm = cache_of(&alone.writer);
	ck_assert(writer_is_warm(&alone.writer));
	writer_cool(&alone.writer);
	ck_assert_int_lt(cache_of(&alone.writer), warm / 2);
	ck_assert(!writer_is_warm(&alone.writer));
	ck_assert_uint_eq(
	    put_at(&alone.writer, &alone.queue, &all[0]).count, (uint64_t)FEW);
	alone_close();
}

static off_t
length_of_log(void)
{
	char log[sizeof alone.path + 4];
	struct stat about;
	snprintf(log, sizeof log, "%s-wal", alone.path);
	ck_assert_int_eq(stat(log, &about), 0);
	return about.st_size;
}

/* All of the log is in the database, and the next commit begins it anew. */
static void
begin_log_anew(size_t i)
{
	ck_assert_int_eq(sqlite3_wal_checkpoint_v2(alone.writer.s.db, NULL,
			     SQLITE_CHECKPOINT_RESTART, NULL, NULL),
	    SQLITE_OK);
	(void)alone_put(i);
}
static void
fill_log(void)
{
	statements_clear(&alone.writer.s);
	statements_exec(&alone.writer.s,
	    "REPLACE INTO kept VALUES('test', x'01', zeroblob(14 * 1048576))");
	ck_assert_int_eq(alone.writer.s.err, SQLITE_OK);
}
START_TEST(its_log_stays_long_until_it_is_quiet)
{
	enum { MIB = 1 << 20 };
	alone_open();
	fill_log();
	for (size_t i = 0; i < 3; i++) {
		begin_log_anew(i);
		ck_assert_int_gt(length_of_log(), 14 * MIB);
	}
	fill_log();
	writer_cool(&alone.writer);
	begin_log_anew(3);
	ck_assert_int_le(length_of_log(), 8 * MIB + WAL_ROOM_BYTES);
	alone_close();
}

CHECK_MODULE(writer, NULL, what_was_acknowledged_survives_kill,
    nothing_is_verified_before_the_first_tick,
    a_lane_that_is_recounted_counts_nothing_twice,
    its_cache_is_given_back_when_it_is_quiet, its_log_stays_long_until_it_is_quiet)
