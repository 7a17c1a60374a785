/* queue.h - requests on their way from the loop to one thread, and finished ones back.
 *
 * Bounded by count and bytes over everything that the loop has not yet taken back, so a
 * thread that falls behind is seen as MESH_FULL by the newest sender and nobody waits.
 * The worker sleeps in poll() on an eventfd: relative timeouts, so no clock is read
 * here. Without threads the same lists are used by one thread.  Floor 6. */
#ifndef QUEUE_H
#define QUEUE_H
#include "request.h"
#include <pthread.h>

struct queue {
	pthread_mutex_t lock;
	struct request_list waiting, done;
	struct request *running; /* what the reader works on */
	size_t in_flight, bytes; /* not yet taken back by the loop */
	size_t max_requests, max_bytes;
	size_t urgent_at; /* so many waiting ones end the gathering */
	bool urgent, closing;
	int signal; /* eventfd: the worker has a reason to look; -1 without threads */
};
enum queue_wait { QUEUE_READY, QUEUE_TIMEOUT, QUEUE_CLOSING };

struct queue_limits {
	size_t requests, bytes, urgent_at;
};
/* 0 or -errno. */
int queue_init(struct queue *q, const struct queue_limits *limits, bool threads);
void queue_release(struct queue *q); /* frees what is in it */

/* The loop's side. */
MESH_MUST_CHECK enum mesh_err queue_put(struct queue *q, struct request *r);
struct request *queue_next_done(struct queue *q); /* NULL: nothing */
void queue_cancel(struct queue *q, uint64_t token);
void queue_hurry(struct queue *q, uint64_t token); /* sets `hurried` */
void queue_close(struct queue *q); /* the worker finishes what is waiting, then ends */

/* The worker's side. */
enum queue_wait queue_wait(struct queue *q, int timeout_ms); /* -1: for ever */
/* Sleep until `rested` can be read, so that more can join, then move up to `max` to
 * `out`.  `rested` is the worker's timerfd since its last batch; -1: no sleep. */
void queue_take(struct queue *q, size_t max, int rested, struct request_list *out);
struct request *queue_take_one(struct queue *q); /* remembered as running */
/* The running one waits again, behind the others: it is not finished. */
void queue_again(struct queue *q, struct request *r);
void queue_finish(struct queue *q, struct request_list *finished);
/* An outcome that nobody asked for.  False: no room; it is the caller's still. */
bool queue_tell(struct queue *q, struct request *r);
#endif
