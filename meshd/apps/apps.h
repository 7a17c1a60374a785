/* apps.h - local programs: datagrams on 127.0.0.1:4471 and on apps.sock.
 *
 * The sockets' edge; who is subscribed, what is due and what a datagram says is
 * app_leases.h, what they have done is app_actions.h, msgpack is app_format.h.  What is
 * said goes to the source address and nowhere else.
 *
 * Who writes to apps.sock is told by the kernel (SCM_CREDENTIALS, unix(7)): root, our
 * own user, the socket's group, and whoever the file's mode lets in while it keeps all
 * others out, may act without the token.  A sender that has no address of its own is
 * answered nothing.  Floor 9.  Edge. */
#ifndef APPS_H
#define APPS_H
#include "app_actions.h"

enum apps_socket { APPS_UDP, APPS_UNIX, APPS_SOCKETS };
struct apps;
struct apps_params {
	/* Bound datagram sockets, non-blocking, taken over; -1: none. */
	int fds[APPS_SOCKETS];
	const char *path;  /* of the second; borrowed until apps_close */
	struct feed *feed; /* borrowed until apps_close */
	uint64_t boot;
	struct calls *calls;       /* borrowed until apps_close */
	char token[APP_TOKEN + 1]; /* for actions */
	struct hearsay *hearsay;   /* borrowed; NULL: no searches are told */
};

int apps_open(struct apps **out, const struct apps_params *params); /* 0 or -errno */
void apps_close(struct apps *a);                                    /* NULL is fine */
int apps_fd(const struct apps *a, enum apps_socket which); /* watch for reading */
/* Once per turn of the loop, after the feed has moved: reads requests, sends what is
 * due. */
void apps_turn(struct apps *a, struct mesh_now now);
mesh_time_ms apps_deadline(const struct apps *a);

extern const struct counter_list apps_counters;
uint64_t apps_counter(const void *apps, size_t index);
#endif
