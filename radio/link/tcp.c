/* tcp.c - a radio that serves its protocol over TCP.
 *
 * The connect does not block: finish() says when it stands, by asking again what the
 * first answer could not say.  Small radios are said to choke on unusual options: with
 * LINK_OPTIONS_NONE no option of the socket is set or read.  Floor 1.  Edge. */
#include "link.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEEP_IDLE_S = 30, KEEP_INTERVAL_S = 10, KEEP_COUNT = 3 };

struct link {
	int fd;
	bool stands;
	struct sockaddr_storage to;
	socklen_t to_len;
};

static int
address_of(
    const struct link_params *params, struct sockaddr_storage *out, socklen_t *len)
{
	char host[INET6_ADDRSTRLEN];
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	*out = (struct sockaddr_storage){ 0 };
	if (params->host.len == 0 || params->host.len >= sizeof host)
		return -EINVAL;
	memcpy(host, params->host.ptr, params->host.len);
	host[params->host.len] = '\0';
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(params->port);
		*len = sizeof *v4;
		return 0;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(params->port);
		*len = sizeof *v6;
		return 0;
	}
	return -EINVAL;
}

static void
set_option(int fd, int level, int option, int value)
{
	/* None of them is worth losing the link for. */
	(void)setsockopt(fd, level, option, &value, sizeof value);
}

static void
set_plain_options(int fd)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT);
}

/* 1: it stands, 0: not yet, or -errno: of the attempt under way, if there is one. */
static int
ask_connect(const struct link *l)
{
	if (connect(l->fd, (const struct sockaddr *)&l->to, l->to_len) == 0 ||
	    errno == EISCONN)
		return 1;
	return errno == EINPROGRESS || errno == EALREADY || errno == EINTR ? 0 : -errno;
}

static int
begin_connect(const struct link_params *params, struct link *l)
{
	int err = address_of(params, &l->to, &l->to_len);
	if (err != 0)
		return err;
	l->fd = socket(l->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return -errno;
	if (params->options == LINK_OPTIONS_PLAIN)
		set_plain_options(l->fd);
	err = ask_connect(l);
	l->stands = err == 1;
	if (err >= 0)
		return 0;
	close(l->fd);
	return err;
}

static int
open_socket(struct link **out, const struct link_params *params)
{
	struct link *l = calloc(1, sizeof *l);
	int err = l != NULL ? begin_connect(params, l) : -ENOMEM;
	if (err != 0) {
		free(l);
		return err;
	}
	*out = l;
	return 0;
}

static void
close_socket(struct link *l)
{
	close(l->fd);
	free(l);
}

static int
fd_of(const struct link *l)
{
	return l->fd;
}

static int
finish(struct link *l)
{
	int state = l->stands ? 1 : ask_connect(l);
	l->stands = state == 1;
	return state;
}

static int64_t
read_some(struct link *l, void *to, size_t cap)
{
	ssize_t n = recv(l->fd, to, cap, 0);
	return n >= 0 ? n : -errno;
}

static int64_t
write_some(struct link *l, const void *from, size_t len)
{
	ssize_t n = send(l->fd, from, len, MSG_NOSIGNAL);
	return n >= 0 ? n : -errno;
}

static uint64_t
waiting(const struct link *l)
{
	int bytes = 0;
	return ioctl(l->fd, TIOCOUTQ, &bytes) == 0 && bytes > 0 ? (uint64_t)bytes : 0;
}

const struct link_ops link_tcp = {
	.name = "tcp",
	.open = open_socket,
	.close = close_socket,
	.fd = fd_of,
	.finish = finish,
	.read = read_some,
	.write = write_some,
	.waiting = waiting,
};
