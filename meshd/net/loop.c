#include "loop.h"
#include <stdlib.h>
/* ev.h's C interface breaks aliasing warnings by design; the macros stay in here. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#pragma GCC diagnostic ignored "-Wundef"
#include <ev.h>

struct loop_watch {
	ev_io io; /* first: libev hands it back */
	struct loop *loop;
	loop_ready_fn *fn;
	void *ctx;
};
struct loop_signal {
	ev_signal signal; /* first */
	loop_signal_fn *fn;
	void *ctx;
};
struct loop {
	struct ev_loop *ev;
	ev_prepare prepare;
	ev_timer timer;
	ev_async wake;
	loop_turn_fn *turn;
	void *turn_ctx;
	struct loop_signal signals[LOOP_SIGNALS];
	size_t signal_count;
};

static void
on_nothing(struct ev_loop *ev, ev_timer *w, int events)
{
	(void)ev, (void)w, (void)events; /* it was only about waking up */
}

static void
on_wake(struct ev_loop *ev, ev_async *w, int events)
{
	(void)ev, (void)w, (void)events;
}

/* Before each sleep: the turn does the work and says how long to sleep at most. */
static void
on_prepare(struct ev_loop *ev, ev_prepare *w, int events)
{
	struct loop *l = w->data;
	(void)events;
	uint64_t ms = l->turn != NULL ? l->turn(l->turn_ctx) : MESH_NEVER;
	ev_timer_stop(ev, &l->timer);
	if (ms == MESH_NEVER)
		return;
	ev_now_update(ev); /* the turn took time of its own */
	/* libev's clock is coarse against ours: half a millisecond late is on time. */
	ev_timer_set(
	    &l->timer, ms > 86400000 ? 86400.0 : (double)ms / 1000.0 + 0.0005, 0.);
	ev_timer_start(ev, &l->timer);
}

static void
on_io(struct ev_loop *ev, ev_io *io, int events)
{
	struct loop_watch *w = (struct loop_watch *)(void *)io;
	unsigned ready = ((events & EV_READ) != 0 ? LOOP_READ : 0u) |
	    ((events & EV_WRITE) != 0 ? LOOP_WRITE : 0u);
	(void)ev;
	if (w->fn != NULL)
		w->fn(w->ctx, ready);
}

static void
on_signal(struct ev_loop *ev, ev_signal *signal, int events)
{
	struct loop_signal *s = (struct loop_signal *)(void *)signal;
	(void)ev, (void)events;
	s->fn(s->ctx, signal->signum);
}

struct loop *
loop_new(void)
{
	struct loop *l = calloc(1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->ev = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (l->ev == NULL) {
		free(l);
		return NULL;
	}
	ev_prepare_init(&l->prepare, on_prepare);
	l->prepare.data = l;
	ev_prepare_start(l->ev, &l->prepare);
	ev_timer_init(&l->timer, on_nothing, 0., 0.);
	ev_async_init(&l->wake, on_wake);
	ev_async_start(l->ev, &l->wake);
	return l;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->signal_count; i++)
		ev_signal_stop(l->ev, &l->signals[i].signal);
	ev_async_stop(l->ev, &l->wake);
	ev_timer_stop(l->ev, &l->timer);
	ev_prepare_stop(l->ev, &l->prepare);
	ev_loop_destroy(l->ev);
	free(l);
}

void
loop_on_turn(struct loop *l, loop_turn_fn *fn, void *ctx)
{
	l->turn = fn;
	l->turn_ctx = ctx;
}

int
loop_on_signal(struct loop *l, int number, loop_signal_fn *fn, void *ctx)
{
	if (l->signal_count == LOOP_SIGNALS)
		return -1;
	struct loop_signal *s = &l->signals[l->signal_count++];
	s->fn = fn;
	s->ctx = ctx;
	ev_signal_init(&s->signal, on_signal, number);
	ev_signal_start(l->ev, &s->signal);
	return 0;
}

static int
ev_events(unsigned events)
{
	return ((events & LOOP_READ) != 0 ? EV_READ : 0) |
	    ((events & LOOP_WRITE) != 0 ? EV_WRITE : 0);
}

struct loop_watch *
loop_watch(struct loop *l, int fd, unsigned events, loop_ready_fn *fn, void *ctx)
{
	struct loop_watch *w = calloc(1, sizeof *w);
	if (w == NULL)
		return NULL;
	w->loop = l;
	w->fn = fn;
	w->ctx = ctx;
	ev_io_init(&w->io, on_io, fd, ev_events(events));
	ev_io_start(l->ev, &w->io);
	return w;
}

void
loop_rewatch(struct loop_watch *w, int fd, unsigned events)
{
	ev_io_stop(w->loop->ev, &w->io);
	ev_io_set(&w->io, fd, ev_events(events));
	ev_io_start(w->loop->ev, &w->io);
}

void
loop_unwatch(struct loop_watch *w)
{
	if (w == NULL)
		return;
	ev_io_stop(w->loop->ev, &w->io);
	free(w);
}

void
loop_run(struct loop *l)
{
	ev_run(l->ev, 0);
}

void
loop_stop(struct loop *l)
{
	ev_break(l->ev, EVBREAK_ALL);
}

void
loop_wake(void *loop)
{
	struct loop *l = loop;
	ev_async_send(l->ev, &l->wake);
}
#pragma GCC diagnostic pop
