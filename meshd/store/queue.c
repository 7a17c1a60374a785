#include "queue.h"
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct request *
take_by_token(struct request_list *l, uint64_t token)
{
	for (struct request **p = &l->first; *p != NULL; p = &(*p)->next) {
		struct request *r = *p;
		if (r->outcome.token != token || !request_is_told(r))
			continue;
		*p = r->next;
		if (l->end == &r->next)
			l->end = p;
		l->count--;
		return r;
	}
	return NULL;
}

int
queue_init(struct queue *q, const struct queue_limits *limits, bool threads)
{
	*q = (struct queue){ .max_requests = limits->requests,
		.max_bytes = limits->bytes,
		.urgent_at = limits->urgent_at,
		.signal = -1 };
	request_list_init(&q->first);
	request_list_init(&q->waiting);
	request_list_init(&q->done);
	int err = pthread_mutex_init(&q->lock, NULL);
	if (err != 0 || !threads)
		return -err;
	q->signal = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return q->signal < 0 ? -errno : 0;
}

static void
free_all(struct request_list *l)
{
	for (struct request *r = request_list_take(l); r != NULL;
	     r = request_list_take(l))
		request_free(r);
}

void
queue_release(struct queue *q)
{
	free_all(&q->first);
	free_all(&q->waiting);
	free_all(&q->done);
	if (q->signal >= 0)
		close(q->signal);
	q->signal = -1;
	pthread_mutex_destroy(&q->lock);
}

/* The counter of an eventfd only says "look"; a full one says so already. */
void
queue_ring(const struct queue *q)
{
	if (q->signal < 0)
		return;
	ssize_t n = write(q->signal, &(uint64_t){ 1 }, sizeof(uint64_t));
	assert(n == sizeof(uint64_t) || errno == EAGAIN);
}

static void
forget(struct queue *q, const struct request *r)
{
	q->in_flight--;
	q->bytes -= r->bytes;
}

static size_t
waiting(const struct queue *q)
{
	return q->first.count + q->waiting.count;
}

/* Ring only when the worker's answer changes: for the first request and for the one
 * that ends the gathering. */
static bool
admit(struct queue *q, struct request *r)
{
	bool was_empty = waiting(q) == 0, was_urgent = q->urgent;
	bool first = r->sync == SYNC_TWICE;
	request_list_put(first ? &q->first : &q->waiting, r);
	if (first)
		atomic_store(&q->pressed, true);
	q->in_flight++;
	q->bytes += r->bytes;
	q->urgent = q->urgent || !request_gathers(r) || waiting(q) >= q->urgent_at ||
	    (q->idles && r->sync != SYNC_LATER);
	return was_empty || q->urgent != was_urgent;
}

enum mesh_err
queue_put(struct queue *q, struct request *r)
{
	pthread_mutex_lock(&q->lock);
	bool fits = !q->closing && q->in_flight < q->max_requests &&
	    q->bytes + r->bytes <= q->max_bytes;
	bool ringing = fits && admit(q, r);
	pthread_mutex_unlock(&q->lock);
	if (ringing)
		queue_ring(q);
	return fits ? MESH_OK : MESH_FULL;
}

struct request *
queue_next_done(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	struct request *r = request_list_take(&q->done);
	if (r != NULL && !r->outcome.written)
		forget(q, r);
	pthread_mutex_unlock(&q->lock);
	return r;
}

void
queue_cancel(struct queue *q, uint64_t token)
{
	pthread_mutex_lock(&q->lock);
	struct request *r = take_by_token(&q->waiting, token);
	if (r == NULL)
		r = take_by_token(&q->done, token);
	if (r != NULL)
		forget(q, r);
	else if (q->running != NULL && q->running->outcome.token == token)
		atomic_store(&q->running->cancelled, true);
	pthread_mutex_unlock(&q->lock);
	request_free(r);
}

void
queue_hurry(struct queue *q, uint64_t token)
{
	pthread_mutex_lock(&q->lock);
	for (struct request *r = q->waiting.first; r != NULL; r = r->next)
		if (r->outcome.token == token)
			atomic_store(&r->hurried, true);
	if (q->running != NULL && q->running->outcome.token == token)
		atomic_store(&q->running->hurried, true);
	pthread_mutex_unlock(&q->lock);
}

void
queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closing = true;
	pthread_mutex_unlock(&q->lock);
	queue_ring(q);
}

/* Sleep until rung or for `timeout_ms`; both may happen, so the caller looks itself. */
static void
sleep_until_rung(const struct queue *q, int timeout_ms)
{
	struct pollfd fd = { .fd = q->signal, .events = POLLIN };
	uint64_t rung;
	if (q->signal < 0)
		return;
	if (poll(&fd, 1, timeout_ms) > 0 && read(q->signal, &rung, sizeof rung) < 0)
		assert(errno == EAGAIN);
}

static enum queue_wait
state_of(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	enum queue_wait state = waiting(q) > 0 ? QUEUE_READY
	    : q->closing                       ? QUEUE_CLOSING
					       : QUEUE_TIMEOUT;
	pthread_mutex_unlock(&q->lock);
	return state;
}

enum queue_wait
queue_wait(struct queue *q, int timeout_ms)
{
	/* What was rung while we worked is answered by looking now; left in the eventfd
	 * it would cut the next gathering short. */
	sleep_until_rung(q, 0);
	enum queue_wait state = state_of(q);
	if (state != QUEUE_TIMEOUT)
		return state;
	sleep_until_rung(q, timeout_ms);
	return state_of(q);
}

static bool
is_urgent(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	bool urgent = q->urgent || q->closing;
	pthread_mutex_unlock(&q->lock);
	return urgent;
}

/* Much history, and nothing else. */
static bool
is_history(const struct request_list *l)
{
	bool all = l->count >= QUEUE_HISTORY;
	for (const struct request *r = l->first; all && r != NULL; r = r->next)
		all = r->sync == SYNC_LATER;
	return all;
}

/* Every request that still waits may hold the reason for haste, so `urgent` is made
 * anew from what is left. */
static void
move(struct queue *q, size_t max, struct request_list *out)
{
	size_t most = q->first.count > 0 ? q->first.count + QUEUE_BITE : max;
	while (q->first.count > 0)
		request_list_put(out, request_list_take(&q->first));
	atomic_store(&q->pressed, false);
	while (out->count < most && q->waiting.count > 0)
		request_list_put(out, request_list_take(&q->waiting));
	q->urgent = q->waiting.count > 0;
	q->idles = is_history(out) && !q->urgent;
}

/* A ring that is no haste, the first request's, does not end the rest. */
static void
gather(struct queue *q, int rested)
{
	struct pollfd fds[] = { { .fd = rested, .events = POLLIN },
		{ .fd = q->signal, .events = POLLIN } };
	while (!is_urgent(q)) {
		if (poll(fds, LENGTH(fds), -1) < 0 || (fds[0].revents & POLLIN) != 0)
			return;
		sleep_until_rung(q, 0); /* takes the ring in */
	}
}

void
queue_take(struct queue *q, size_t max, int rested, struct request_list *out)
{
	if (rested >= 0)
		gather(q, rested);
	pthread_mutex_lock(&q->lock);
	move(q, max, out);
	pthread_mutex_unlock(&q->lock);
}

bool
queue_idles(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	bool idles = q->idles;
	pthread_mutex_unlock(&q->lock);
	return idles;
}

bool
queue_is_pressed(struct queue *q)
{
	return atomic_load_explicit(&q->pressed, memory_order_relaxed);
}

void
queue_put_back(struct queue *q, struct request_list *rest)
{
	pthread_mutex_lock(&q->lock);
	q->urgent = q->urgent || rest->count > 0;
	request_list_prepend(&q->waiting, rest);
	pthread_mutex_unlock(&q->lock);
}

struct request *
queue_take_one(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	struct request *r = request_list_take(&q->waiting);
	q->running = r;
	pthread_mutex_unlock(&q->lock);
	return r;
}

/* One that was cancelled meanwhile is taken again at once, and finished. */
void
queue_again(struct queue *q, struct request *r)
{
	pthread_mutex_lock(&q->lock);
	q->running = NULL;
	request_list_put(&q->waiting, r);
	pthread_mutex_unlock(&q->lock);
}

static struct request *
finish_one(struct queue *q, struct request *r)
{
	if (!atomic_load(&r->cancelled) && request_is_told(r)) {
		request_list_put(&q->done, r);
		return NULL;
	}
	forget(q, r);
	return r;
}

void
queue_finish(struct queue *q, struct request_list *finished)
{
	struct request_list dropped;
	request_list_init(&dropped);
	pthread_mutex_lock(&q->lock);
	q->running = NULL;
	for (struct request *r = request_list_take(finished); r != NULL;
	     r = request_list_take(finished)) {
		r = finish_one(q, r);
		if (r != NULL)
			request_list_put(&dropped, r);
	}
	pthread_mutex_unlock(&q->lock);
	free_all(&dropped);
}

void
queue_return(struct queue *q, struct request_list *finished, struct queue *home)
{
	pthread_mutex_lock(&q->lock);
	for (const struct request *r = finished->first; r != NULL; r = r->next)
		forget(q, r);
	pthread_mutex_unlock(&q->lock);
	queue_finish(home, finished);
}

bool
queue_tell(struct queue *q, struct request *r)
{
	pthread_mutex_lock(&q->lock);
	bool fits = q->in_flight < q->max_requests;
	if (fits) {
		request_list_put(&q->done, r);
		q->in_flight++;
		q->bytes += r->bytes;
	}
	pthread_mutex_unlock(&q->lock);
	return fits;
}
