/* queue.h - requests on their way from the loop to one thread, and finished ones back.
 *
 * Bounded by count and bytes over everything that the loop has not yet taken back, so a
 * thread that falls behind is seen as MESH_FULL by the newest sender and nobody waits.
 * What is to be told twice (SYNC_TWICE) overtakes the rest, so an alert does not wait
 * behind a neighbour's pages; among themselves they keep their order.
 * The worker sleeps in poll() on an eventfd: relative timeouts, so no clock is read
 * here. Without threads the same lists are used by one thread.  Floor 6. */
#ifndef QUEUE_H
#define QUEUE_H
#include "request.h"
#include <pthread.h>

struct queue {
	pthread_mutex_t lock;
	struct request_list first, waiting, done;
	atomic_bool pressed;     /* some of `first` wait */
	struct request *running; /* what the reader works on */
	size_t in_flight, bytes; /* not yet taken back by the loop */
	size_t max_requests, max_bytes;
	size_t urgent_at; /* so many waiting ones end the gathering */
	bool urgent, closing;
	bool idles; /* what was taken last could have waited longer */
	int signal; /* eventfd: the worker has a reason to look; -1 without threads */
};
enum queue_wait { QUEUE_READY, QUEUE_TIMEOUT, QUEUE_CLOSING };
enum {
	QUEUE_BITE = 64,   /* of the others, beside those that are first */
	QUEUE_HISTORY = 32 /* SYNC_LATER: so many are much */
};

struct queue_limits {
	size_t requests, bytes, urgent_at;
};
/* 0 or -errno. */
int queue_init(struct queue *q, const struct queue_limits *limits, bool threads);
void queue_release(struct queue *q); /* frees what is in it */

/* The loop's side. */
MESH_MUST_CHECK enum mesh_err queue_put(struct queue *q, struct request *r);
/* NULL: nothing.  What was only `written` comes again, and counts until then. */
struct request *queue_next_done(struct queue *q);
void queue_cancel(struct queue *q, uint64_t token);
void queue_hurry(struct queue *q, uint64_t token); /* sets `hurried` */
void queue_close(struct queue *q); /* the worker finishes what is waiting, then ends */
void queue_ring(const struct queue *q); /* any thread: the worker shall look */

/* The worker's side. */
enum queue_wait queue_wait(struct queue *q, int timeout_ms); /* -1: for ever */
/* Sleep until `rested` can be read, so that more can join, then move up to `max` to
 * `out`; if some are first, those and a bite.  `rested` is the worker's timerfd since
 * its last batch; -1: no sleep. */
void queue_take(struct queue *q, size_t max, int rested, struct request_list *out);
/* May the next ones, too?  All but SYNC_LATER end that. */
bool queue_idles(struct queue *q);
/* Is somebody first now?  Then the worker may leave a batch at a bite. */
bool queue_is_pressed(struct queue *q);
void queue_put_back(struct queue *q, struct request_list *rest); /* before the others */
struct request *queue_take_one(struct queue *q); /* remembered as running */
/* The running one waits again, behind the others: it is not finished. */
void queue_again(struct queue *q, struct request *r);
void queue_finish(struct queue *q, struct request_list *finished);
/* They came by `q`, and are an outcome of `home`, where they count all the while. */
void queue_return(struct queue *q, struct request_list *finished, struct queue *home);
/* An outcome that nobody asked for.  False: no room; it is the caller's still. */
bool queue_tell(struct queue *q, struct request *r);
#endif
