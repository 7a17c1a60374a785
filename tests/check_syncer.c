/* What is told before the disk has it, and what is not.  Syncs are held, or fail. */
#include "fault_vfs.h"
#include "store_world.h"
#include "syncer.h"
#include "text.h"
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct world world;
static struct store *store;
static int bell = -1;

static void
ring(void *ctx)
{
	if (write(*(int *)ctx, &(uint64_t){ 1 }, 8) != 8)
		abort();
}

static struct store *
open_with_threads(const char *path)
{
	struct store *s;
	struct store_params params = {
		.path = path, .threads = true, .wake = ring, .wake_ctx = &bell
	};
	bell = eventfd(0, EFD_CLOEXEC);
	ck_assert_int_eq(store_open(&s, &params), 0);
	return s;
}

static struct store_outcome
next_outcome(struct store *s)
{
	struct store_outcome o;
	uint64_t n;
	while (!store_next(s, &o))
		ck_assert_int_eq(read(bell, &n, sizeof n), sizeof n);
	return o;
}

static struct mesh_record
record_in(enum mesh_lane lane, uint32_t n)
{
	struct world_draft d = { .lane = lane,
		.body = world_reception(&world, 1, n, 1000, -1) };
	return world_record(&world, &d);
}

static void
put(enum mesh_lane lane, enum store_sync sync, uint64_t token)
{
	struct mesh_record r = record_in(lane, (uint32_t)token);
	ck_assert_int_eq(store_put_record(store, &r, sync, token), MESH_OK);
}

static const char *held; /* its path */
/* The log begins with a sync of its own; then the disk is slow. */
static void
start_held(void)
{
	fault_vfs_install();
	world_init(&world);
	held = world_path();
	store = open_with_threads(held);
	put(LANE_PACKET, SYNC_NOW, 100);
	ck_assert_uint_eq(next_outcome(store).token, 100);
	fault_vfs_hold();
}

static void
stop(void)
{
	store_close(store);
	close(bell);
	world_release(&world);
	world_forget_paths();
}

START_TEST(a_slow_disk_holds_up_the_last_answer_and_nothing_else)
{
	start_held();
	put(LANE_ALERT, SYNC_TWICE, 1);
	struct store_outcome o = next_outcome(store);
	ck_assert(o.token == 1 && o.err == MESH_OK && o.written);
	put(LANE_CONTROL, SYNC_NOW, 2);
	for (uint64_t token = 3; token < 10; token++) { /* not even the next one */
		enum mesh_lane lane = token % 2 != 0 ? LANE_PACKET : LANE_ALERT;
		put(lane, lane == LANE_ALERT ? SYNC_TWICE : SYNC_GROUP, token);
		o = next_outcome(store);
		ck_assert(o.token == token && o.err == MESH_OK);
		ck_assert(o.written == (lane == LANE_ALERT));
	}
	fault_vfs_go_on();
	bool said[10] = { false };
	for (size_t i = 0; i < 5; i++) { /* 1, 2, 4, 6, 8 */
		o = next_outcome(store);
		ck_assert(o.err == MESH_OK && !o.written && !said[o.token]);
		said[o.token] = true;
	}
	ck_assert(said[1] && said[2] && said[4] && said[6] && said[8]);
	ck_assert(!store_next(store, &o));
	stop();
}

/* The database without its log: it grows when that is folded. */
static off_t
bytes_of_held(void)
{
	struct stat st;
	ck_assert_int_eq(stat(held, &st), 0);
	return st.st_size;
}
START_TEST(the_log_is_folded_beside_the_writer)
{
	enum { ALERTS = SYNCER_FOLD_PAGES / 4 }; /* each takes some pages */
	start_held();
	for (uint64_t token = 1; token <= ALERTS; token++) {
		put(LANE_ALERT, SYNC_TWICE, token);
		ck_assert(next_outcome(store).written);
	}
	off_t before = bytes_of_held();
	fault_vfs_go_on();
	for (uint64_t token = 1; token <= ALERTS; token++)
		ck_assert_int_eq(next_outcome(store).err, MESH_OK);
	for (int left = 6000; bytes_of_held() == before; left--) {
		ck_assert_msg(left > 0, "the database has all while the store runs");
		poll(NULL, 0, 10);
	}
	stop();
}

/* The database without its log. */
static const char *
copy_of(const char *path)
{
	static uint8_t bytes[1 << 20];
	FILE *from = fopen(path, "rb");
	const char *copy = world_path();
	FILE *to = fopen(copy, "wb");
	ck_assert(from != NULL && to != NULL);
	size_t n = fread(bytes, 1, sizeof bytes, from);
	ck_assert(n < sizeof bytes && fwrite(bytes, 1, n, to) == n);
	fclose(from);
	fclose(to);
	return copy;
}

/* A store that has an alert on its disk, and whose next sync fails; its path. */
static const char *
start_with(struct mesh_record *alert)
{
	fault_vfs_install();
	world_init(&world);
	const char *path = world_path();
	store = world_open(path);
	*alert = record_in(LANE_ALERT, 1);
	ck_assert_int_eq(world_store(store, alert).err, MESH_OK);
	fault_vfs_arm(1, FAULT_SYNC);
	return path;
}

START_TEST(a_sync_that_fails_is_told_to_who_waited_and_heals)
{
	struct store_saved saved;
	struct mesh_record alert, next;
	const char *path = start_with(&alert);
	next = record_in(LANE_ALERT, 2);
	ck_assert_int_eq(store_put_record(store, &next, SYNC_TWICE, 2), MESH_OK);
	store_work(store);
	struct store_outcome o;
	ck_assert(store_next(store, &o) && o.written && o.err == MESH_OK);
	ck_assert(store_next(store, &o) && !o.written && o.err == MESH_IO);
	ck_assert(store_is_readonly(store) && !store_is_full(store));
	ck_assert_int_eq(world_store(store, &alert).err, MESH_IO);
	fault_vfs_heal();
	/* What was told as written is no less there than before. */
	ck_assert_int_eq(world_store(store, &next).err, MESH_OK);
	ck_assert(!store_is_readonly(store));
	/* The log was not trusted any more: without it, the database has all. */
	ck_assert_int_eq(world_number(copy_of(path), "SELECT count(*) FROM record"), 2);
	ck_assert_int_eq(store_saved(store, &saved), MESH_OK);
	ck_assert_uint_eq(saved.holdings[0].runs[0].last, 2);
	store_saved_free(&saved);
	store_close(store);
	world_release(&world);
	world_forget_paths();
}

/* Folding syncs, too, and its failure is told once: nothing is promised on top. */
START_TEST(a_fold_whose_sync_fails_is_no_less_a_fault)
{
	enum { MANY = 2 * SYNCER_FOLD_PAGES };
	struct mesh_record alert, next;
	const char *path = start_with(&alert);
	int written = 1;
	struct store_outcome o;
	for (uint64_t token = 2; token < MANY && !store_is_readonly(store); token++) {
		put(LANE_PACKET, SYNC_GROUP, token);
		store_work(store);
		ck_assert(store_next(store, &o) && o.err == MESH_OK);
		written++;
	}
	ck_assert(store_is_readonly(store));
	fault_vfs_heal();
	next = record_in(LANE_ALERT, MANY + 1);
	ck_assert_int_eq(world_store(store, &next).err, MESH_OK);
	ck_assert_int_eq(
	    world_number(copy_of(path), "SELECT count(*) FROM record"), written + 1);
	store_close(store);
	world_release(&world);
	world_forget_paths();
}

START_TEST(a_log_that_is_too_long_is_left_to_the_writer)
{
	struct queue waiting, home;
	struct queue_limits some = { 8, 1 << 20, 8 };
	struct faults faults = { 0 };
	struct syncer y;
	fault_vfs_install();
	world_init(&world);
	const char *path = world_path();
	store = world_open(path);
	put(LANE_PACKET, SYNC_GROUP, 1);
	store_work(store);
	ck_assert_int_eq(queue_init(&waiting, &some, false), 0);
	ck_assert_int_eq(queue_init(&home, &some, false), 0);
	struct syncer_params params = { path, NULL, &waiting, &home, &faults };
	ck_assert_int_eq(syncer_open(&y, &params), 0);
	unsigned long before = fault_vfs_synced();
	syncer_note_log(&y, SYNCER_MOST_PAGES);
	(void)syncer_work(&y);
	ck_assert_uint_eq(fault_vfs_synced(), before);
	syncer_note_log(&y, SYNCER_MOST_PAGES - 1);
	(void)syncer_work(&y);
	ck_assert_uint_gt(fault_vfs_synced(), before);
	syncer_close(&y);
	queue_release(&waiting);
	queue_release(&home);
	store_close(store);
	world_release(&world);
	world_forget_paths();
}

/* The child tells when it may be pushed, and is killed before any disk has it. */
static void
write_until_killed(const char *path, int to_parent)
{
	store = open_with_threads(path);
	put(LANE_PACKET, SYNC_NOW, 100);
	(void)next_outcome(store);
	fault_vfs_hold();
	put(LANE_ALERT, SYNC_TWICE, 1);
	struct store_outcome o = next_outcome(store);
	if (!o.written || write(to_parent, &o.token, sizeof o.token) < 0)
		_exit(6);
	for (;;)
		pause();
}

START_TEST(what_may_be_pushed_survives_kill)
{
	int fd[2], status;
	uint64_t token;
	fault_vfs_install();
	world_init(&world);
	const char *path = world_path();
	ck_assert_int_eq(pipe(fd), 0);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		write_until_killed(path, fd[1]);
	close(fd[1]);
	ck_assert_int_eq(read(fd[0], &token, sizeof token), sizeof token);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFSIGNALED(status), "the child ended by itself: %d", status);
	ck_assert_int_eq(
	    world_number(path, "SELECT count(*) FROM record WHERE lane=2"), 1);
	close(fd[0]);
	world_release(&world);
	world_forget_paths();
}
CHECK_MODULE(syncer, NULL, a_slow_disk_holds_up_the_last_answer_and_nothing_else,
    the_log_is_folded_beside_the_writer,
    a_sync_that_fails_is_told_to_who_waited_and_heals,
    a_fold_whose_sync_fails_is_no_less_a_fault,
    a_log_that_is_too_long_is_left_to_the_writer, what_may_be_pushed_survives_kill)
