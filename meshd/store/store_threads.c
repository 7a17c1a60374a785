#include "store_inside.h"
#include <errno.h>
#include <signal.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { CLEAN_PAUSE_MS = 20, COOL_MS = 5000 };

static void
arm_retry(struct store *s)
{
	struct itimerspec in = { .it_value = { .tv_sec = FAULTS_RETRY_MS / 1000 } };
	if (s->retry >= 0)
		timerfd_settime(s->retry, 0, &in, NULL);
}

static bool
is_retry_due(struct store *s)
{
	uint64_t times;
	return s->retry < 0 || read(s->retry, &times, sizeof times) == sizeof times;
}

/* While the disk fails: answer what comes, and probe each 10 s even if nothing does. */
static void
stay_readonly(struct store *s)
{
	if (!is_retry_due(s))
		return;
	writer_probe(&s->writer);
	arm_retry(s);
}

static int
patience(const struct store *s)
{
	if (store_is_readonly(s))
		return FAULTS_RETRY_MS;
	bool more = s->writer.cleaning || writer_is_verifying(&s->writer);
	if (more)
		return CLEAN_PAUSE_MS;
	return writer_is_warm(&s->writer) ? COOL_MS : -1;
}

/* A store that was idle writes at once; a busy one at most every 50 ms, or 200 ms while
 * only history comes: each commit writes the pages of large indexes again. */
static void
rest(struct store *s, long ns)
{
	struct itimerspec in = { .it_value = { .tv_nsec = ns } };
	timerfd_settime(s->rest, 0, &in, NULL);
}

static void *
write_loop(void *arg)
{
	struct store *s = arg;
	enum queue_wait why;
	while ((why = queue_wait(&s->writes, patience(s))) != QUEUE_CLOSING) {
		bool was_readonly = store_is_readonly(s);
		if (was_readonly)
			stay_readonly(s);
		if (why == QUEUE_TIMEOUT)
			writer_cool(&s->writer);
		writer_fold(&s->writer);
		bool worked = writer_work(&s->writer, was_readonly ? -1 : s->rest);
		rest(s, queue_idles(&s->writes) ? WRITER_IDLE_NS : WRITER_GATHER_NS);
		if (worked || (was_readonly && !store_is_readonly(s)))
			s->wake(s->wake_ctx);
		if (!was_readonly && store_is_readonly(s))
			arm_retry(s);
	}
	return NULL;
}

/* The writer, which may sleep, is to try the disk again. */
static void *
sync_loop(void *arg)
{
	struct store *s = arg;
	while (queue_wait(&s->syncs, -1) != QUEUE_CLOSING) {
		bool was_readonly = store_is_readonly(s);
		if (syncer_work(&s->syncer))
			s->wake(s->wake_ctx);
		if (was_readonly || !store_is_readonly(s))
			continue;
		arm_retry(s);
		queue_ring(&s->writes);
	}
	return NULL;
}

bool
store_read_next(struct store *s)
{
	struct request_list finished;
	struct request *r = queue_take_one(&s->reads);
	if (r == NULL)
		return false;
	if (!reader_answer(&s->reader, r)) {
		queue_again(&s->reads, r);
		return true;
	}
	request_list_init(&finished);
	request_list_put(&finished, r);
	queue_finish(&s->reads, &finished);
	return true;
}

static void *
read_loop(void *arg)
{
	struct store *s = arg;
	while (queue_wait(&s->reads, -1) != QUEUE_CLOSING)
		if (store_read_next(s))
			s->wake(s->wake_ctx);
	return NULL;
}

/* Signals are the loop's: threads start with all of them blocked. */
static int
start_all(struct store *s)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	int err = pthread_create(&s->writing, NULL, write_loop, s);
	s->is_writing = err == 0;
	if (err == 0)
		err = pthread_create(&s->syncing, NULL, sync_loop, s);
	s->is_syncing = s->is_writing && err == 0;
	if (err == 0)
		err = pthread_create(&s->reading, NULL, read_loop, s);
	s->is_reading = s->is_syncing && err == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

static void
stop_thread(struct queue *queue, pthread_t thread, bool *runs)
{
	queue_close(queue);
	if (*runs)
		pthread_join(thread, NULL);
	*runs = false;
}

static int
open_timers(struct store *s)
{
	s->retry = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	s->rest = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (s->retry < 0 || s->rest < 0)
		return -errno;
	rest(s, 1); /* the first batch waits for nothing */
	return 0;
}

int
store_threads_start(struct store *s)
{
	int err = open_timers(s);
	return err != 0 ? err : start_all(s);
}

void
store_threads_stop(struct store *s)
{
	stop_thread(&s->reads, s->reading, &s->is_reading);
	stop_thread(&s->writes, s->writing, &s->is_writing);
	stop_thread(&s->syncs, s->syncing, &s->is_syncing);
	if (s->retry >= 0)
		close(s->retry);
	if (s->rest >= 0)
		close(s->rest);
	s->retry = s->rest = -1;
}
