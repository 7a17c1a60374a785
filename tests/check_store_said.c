/* What is told before the database has it, by a store with its three threads: the disk
 * is slow, or fails, while they are at work. */
#include "fault_vfs.h"
#include "store_inside.h"
#include "store_world.h"
#include "text.h"
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000 };
static struct world world;
static struct store *store;
static char path[128];
static int bell = -1;

static void
ring(void *ctx)
{
	if (write(*(int *)ctx, &(uint64_t){ 1 }, 8) != 8)
		abort();
}

static void
start(void)
{
	struct store_params params = { .path = path,
		.self = &world.site[0].key,
		.threads = true,
		.wake = ring,
		.wake_ctx = &bell };
	bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ck_assert_int_eq(store_open(&store, &params), 0);
}

static void
stop(void)
{
	store_close(store);
	store = NULL;
	close(bell);
}

static void
setup(void)
{
	fault_vfs_install();
	world_init(&world);
	snprintf(path, sizeof path, "%s", world_path());
}

static void
teardown(void)
{
	fault_vfs_heal();
	stop();
	world_release(&world);
	world_forget_paths();
}

/* By a thread that has something to be had. */
static bool
is_rung(unsigned within_ms)
{
	uint64_t n;
	struct pollfd p = { .fd = bell, .events = POLLIN };
	return poll(&p, 1, (int)within_ms) == 1 && read(bell, &n, sizeof n) == sizeof n;
}

static struct store_outcome
next_outcome(void)
{
	struct store_outcome o;
	while (!store_next(store, &o))
		ck_assert_msg(is_rung(PATIENCE_MS), "no thread said anything");
	return o;
}

static struct mesh_record
put(uint64_t token)
{
	struct world_draft d = { .lane = LANE_ALERT,
		.body = world_reception(&world, 1, (uint32_t)token, 1000, -1) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(store_put_record(store, &r, SYNC_TWICE, token), MESH_OK);
	return r;
}

static void
expect(uint64_t token, enum mesh_err err, bool written)
{
	struct store_outcome o = next_outcome();
	ck_assert_uint_eq(o.token, token);
	ck_assert_int_eq(o.err, err);
	ck_assert_int_eq(o.written, written);
	ck_assert_ptr_null(o.again);
}

/* After it the epoch is known. */
static void
put_first(void)
{
	(void)put(1);
	expect(1, MESH_OK, true);
	expect(1, MESH_OK, false);
}

static bool
has_row(uint64_t seq)
{
	char sql[100];
	snprintf(sql, sizeof sql,
	    "SELECT count(*) FROM record WHERE lane=2 AND seq=%llu",
	    (unsigned long long)seq);
	return world_number(path, sql) == 1;
}

static uint64_t
counter(const char *name)
{
	return store_counter(store, counter_find(&store_counter_list, text(name)));
}

/* The writer waits ten seconds before it tries a disk again: they are over. */
static void
try_the_disk_again(void)
{
	struct itimerspec now = { .it_value = { .tv_nsec = 1 } };
	while (store_is_readonly(store)) {
		timerfd_settime(store->retry, 0, &now, NULL);
		queue_ring(&store->writes);
		(void)is_rung(10);
	}
}

START_TEST(on_a_slow_disk_it_is_told_at_once_and_answered_late)
{
	enum { ALERTS = 8 };
	struct store_outcome o;
	uint64_t last = 0;
	start();
	put_first();
	fault_vfs_hold();
	for (uint64_t token = 2; token < 2 + ALERTS; token++) {
		struct mesh_record r = put(token);
		expect(token, MESH_OK, true);
		ck_assert_int_eq(store_fetch(store, &r.at, 1, 9), MESH_FULL);
		last = r.at.seq;
	}
	ck_assert_msg(!store_next(store, &o), "no disk has any of them");
	ck_assert_uint_eq(counter("store.reads.early"), ALERTS);
	fault_vfs_go_on();
	for (size_t i = 0; i < ALERTS; i++) {
		o = next_outcome();
		ck_assert(o.err == MESH_OK && !o.written && o.again == NULL);
	}
	ck_assert(!store_next(store, &o) && has_row(last));
	ck_assert_uint_eq(counter("store.said.late") + counter("store.said.again"), 0);
	teardown();
}

static const enum fault faults[] = { FAULT_IO, FAULT_SYNC, FAULT_FULL };

/* Also by its very bytes: who acts on what is stored is shown it. */
START_TEST(what_the_disk_refused_is_told_as_stored_when_it_is)
{
	for (size_t i = 0; i < LENGTH(faults); i++) {
		struct store_outcome o;
		if (i > 0)
			setup();
		start();
		put_first();
		fault_vfs_arm(1, faults[i]);
		struct mesh_record r = put(2);
		expect(2, MESH_OK, true);
		expect(2, MESH_IO, false);
		ck_assert(store_is_readonly(store));
		store_tick(store, 1);
		fault_vfs_heal();
		try_the_disk_again();
		store_tick(store, 2);
		o = next_outcome();
		ck_assert(o.token == 2 && o.err == MESH_OK && !o.written);
		ck_assert_ptr_nonnull(o.again);
		ck_assert(bytes_equal(o.again->proof, r.proof) && has_row(r.at.seq));
		ck_assert(!store_next(store, &o));
		ck_assert_int_eq(store_fetch(store, &r.at, 1, 9), MESH_OK);
		if (i + 1 < LENGTH(faults))
			teardown();
	}
	teardown();
}

/* --- any order of it --- */

enum { ROUNDS = SAID_MOST - 2, LIVES = 4 }; /* no more than may wait */
static struct fate {
	uint64_t seq;
	unsigned told, ended, again;
	enum mesh_err err;
} fates[ROUNDS + 2];

static void
note(const struct store_outcome *o)
{
	ck_assert_uint_lt(o->token, LENGTH(fates));
	struct fate *f = &fates[o->token];
	if (o->again != NULL) {
		ck_assert_msg(f->err != MESH_OK, "it was stored before");
		ck_assert_uint_eq(o->again->at.seq, f->seq);
		f->again++;
	} else if (o->written) {
		ck_assert_uint_eq(f->ended, 0);
		f->told++;
	} else {
		f->ended++;
		f->err = o->err;
	}
}

static void
take_all(void)
{
	struct store_outcome o;
	while (store_next(store, &o))
		note(&o);
}

static void
trouble(void)
{
	static void (*const kinds[])(void) = { fault_vfs_heal, fault_vfs_hold,
		fault_vfs_go_on, fault_vfs_go_on };
	uint32_t dice = rng_u32();
	if (dice % 16 == 0)
		fault_vfs_arm(1 + dice / 16 % 5, faults[dice / 256 % LENGTH(faults)]);
	else
		kinds[dice % LENGTH(kinds)]();
}

static bool
is_over(void)
{
	for (size_t i = 2; i < LENGTH(fates); i++) {
		const struct fate *f = &fates[i];
		bool waits = f->told > 0 && f->err != MESH_OK && f->again == 0;
		if (f->ended == 0 || waits)
			return false;
	}
	return true;
}

static void
live_through_it(void)
{
	unix_ms now = 1;
	start();
	put_first();
	memset(fates, 0, sizeof fates);
	for (uint64_t token = 2; token < LENGTH(fates); token++) {
		trouble();
		fates[token].seq = put(token).at.seq;
		take_all();
		(void)is_rung(rng_u32() % 4);
		take_all();
		store_tick(store, now++);
	}
	fault_vfs_go_on();
	fault_vfs_heal();
	for (take_all(); !is_over(); take_all()) {
		ck_assert_msg(now < (unix_ms)ROUNDS * 60000, "some alert is let go");
		try_the_disk_again();
		store_tick(store, now += 60000);
		ck_assert_msg(is_rung(PATIENCE_MS), "no thread said anything");
	}
	for (size_t i = 2; i < LENGTH(fates); i++) {
		const struct fate *f = &fates[i];
		ck_assert_msg(f->told <= 1 && f->ended == 1 && f->again <= 1,
		    "alert %zu: told %u, ended %u, again %u", i, f->told, f->ended,
		    f->again);
		ck_assert_msg(has_row(f->seq) || (f->told == 0 && f->err != MESH_OK),
		    "alert %zu was told and is not there", i);
	}
}

/* All that was told is stored in the end; each is told, ended, and told again at most
 * once. */
START_TEST(whatever_the_disk_does_meanwhile)
{
	for (size_t life = 0; life < LIVES; life++) {
		if (life > 0)
			setup();
		live_through_it();
		teardown();
	}
}

/* --- our own end --- */

static void
tell_and_be_refused(int to_parent)
{
	start();
	put_first();
	fault_vfs_arm(1, FAULT_IO);
	(void)put(2);
	if (!next_outcome().written || next_outcome().err != MESH_IO)
		_exit(5);
	if (write(to_parent, "x", 1) != 1)
		_exit(6);
	for (;;)
		pause();
}

START_TEST(and_survives_kill)
{
	int fd[2], status;
	char one;
	ck_assert_int_eq(pipe(fd), 0);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		tell_and_be_refused(fd[1]);
	close(fd[1]);
	ck_assert_int_eq(read(fd[0], &one, 1), 1);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	close(fd[0]);
	start();
	ck_assert_int_eq(
	    world_number(path, "SELECT count(*) FROM record WHERE lane=2"), 2);
	teardown();
}
CHECK_MODULE(store_said, setup, on_a_slow_disk_it_is_told_at_once_and_answered_late,
    what_the_disk_refused_is_told_as_stored_when_it_is,
    whatever_the_disk_does_meanwhile, and_survives_kill)
