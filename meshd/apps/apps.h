/* apps.h - local programs: alerts as datagrams on 127.0.0.1:4471.
 *
 * The socket's edge; who is subscribed, what is due and what a datagram says is
 * app_leases.h, what they have done is app_actions.h.  Replies and alerts go to the
 * source address and nowhere else. Floor 9.  Edge. */
#ifndef APPS_H
#define APPS_H
#include "app_actions.h"

struct apps;
struct apps_params {
	int fd;            /* bound UDP socket, non-blocking, taken over */
	struct feed *feed; /* borrowed until apps_close */
	uint64_t boot;
	struct calls *calls;       /* borrowed until apps_close */
	char token[APP_TOKEN + 1]; /* for actions */
};

int apps_open(struct apps **out, const struct apps_params *params); /* 0 or -errno */
void apps_close(struct apps *a);                                    /* NULL is fine */
int apps_fd(const struct apps *a); /* watch for reading */
/* Once per turn of the loop, after the feed has moved: reads requests, sends what is
 * due. */
void apps_turn(struct apps *a, struct mesh_now now);
mesh_time_ms apps_deadline(const struct apps *a);

extern const struct counter_list apps_counters;
uint64_t apps_counter(const void *apps, size_t index);
#endif
