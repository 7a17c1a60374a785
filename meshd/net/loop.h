/* loop.h - the one event loop: descriptors, a deadline, signals, a wake; the only room
 * that knows libev.
 *
 * Callbacks mark what happened; the work is done once per turn, in the turn function,
 * which runs before the loop sleeps and returns when it wants to run again.  Floor 6.
 * Edge.  One thread; loop_wake alone may be called from others. */
#ifndef NET_LOOP_H
#define NET_LOOP_H
#include "types.h"

enum loop_ready { LOOP_READ = 1, LOOP_WRITE = 2 };
struct loop;
struct loop_watch;
typedef void loop_ready_fn(void *ctx, unsigned ready); /* enum loop_ready, or-ed */
typedef void loop_signal_fn(void *ctx, int number);
typedef uint64_t loop_turn_fn(void *ctx); /* ms until the next turn at the latest */

struct loop *loop_new(void);    /* NULL: no memory, or no epoll */
void loop_free(struct loop *l); /* after every unwatch; NULL is fine */
/* Before each sleep.  MESH_NEVER: until something happens. */
void loop_on_turn(struct loop *l, loop_turn_fn *fn, void *ctx);
/* Up to LOOP_SIGNALS of them; NULL from a full table is -1. */
enum { LOOP_SIGNALS = 4 };
int loop_on_signal(struct loop *l, int number, loop_signal_fn *fn, void *ctx);
/* `fn` NULL: only wakes the turn.  NULL: no memory. */
struct loop_watch *loop_watch(
    struct loop *l, int fd, unsigned events, loop_ready_fn *fn, void *ctx);
void loop_rewatch(struct loop_watch *w, int fd, unsigned events);
void loop_unwatch(
    struct loop_watch *w);     /* before its descriptor is closed; NULL is fine */
void loop_run(struct loop *l); /* until loop_stop */
void loop_stop(struct loop *l);
void loop_wake(void *loop); /* any thread: the turn runs soon */
#endif
