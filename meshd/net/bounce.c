#include "bounce.h"
#include "where.h"
#include <errno.h>
#include <string.h>
#include <time.h> /* struct timespec, for the next one */

#include <linux/errqueue.h>

enum { BOUNCE_TAKEN = 64 }; /* in one go: what is left wakes the loop again */

void
bounce_want(int fd, bool v4)
{
	int on = 1;
	(void)setsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6,
	    v4 ? IP_RECVERR : IPV6_RECVERR, &on, sizeof on);
}

void
bounce_note(struct bounces *b, const struct mesh_path *to)
{
	for (size_t i = 0; i < b->count; i++)
		if (memcmp(b->list[i].addr, to->addr, sizeof to->addr) == 0)
			return;
	if (b->count < BOUNCE_CAP)
		b->list[b->count++] = *to;
}

bool
bounce_next(struct bounces *b, struct mesh_path *out)
{
	if (b->count == 0)
		return false;
	*out = b->list[--b->count];
	return true;
}

/* Of all that routers and kernels complain about, what says "nobody is there". */
static bool
is_nobody(struct msghdr *h)
{
	struct sock_extended_err e = { .ee_errno = 0 };
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			memcpy(&e, CMSG_DATA(c), sizeof e);
	return e.ee_errno == ECONNREFUSED || e.ee_errno == EHOSTUNREACH ||
	    e.ee_errno == ENETUNREACH;
}

size_t
bounce_take(int fd, struct bounces *into)
{
	size_t n = 0;
	for (; n < BOUNCE_TAKEN; n++) {
		_Alignas(struct cmsghdr) uint8_t control[256];
		union where to;
		struct msghdr h = { .msg_name = &to,
			.msg_namelen = sizeof to,
			.msg_control = control,
			.msg_controllen = sizeof control };
		if (recvmsg(fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			break;
		struct mesh_path path = where_path(&to);
		if (is_nobody(&h))
			bounce_note(into, &path);
	}
	return n;
}
