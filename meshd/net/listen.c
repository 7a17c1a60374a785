#ifndef _GNU_SOURCE
#	define _GNU_SOURCE /* SO_PASSCRED */
#endif
#include "listen.h"
#include "text.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 256 };

bool
listen_parse(struct text_view v, uint16_t default_port, struct listen_addr *out)
{
	char room[INET_ADDRSTRLEN];
	struct in_addr a = { htonl(INADDR_LOOPBACK) };
	const char *colon = v.len > 0 ? memchr(v.ptr, ':', v.len) : NULL;
	size_t len = colon != NULL ? (size_t)(colon - v.ptr) : v.len;
	uint64_t port = default_port;
	if (len >= sizeof room)
		return false;
	memcpy(room, v.ptr, len);
	room[len] = '\0';
	if (len > 0 && inet_pton(AF_INET, room, &a) != 1)
		return false;
	if (colon != NULL &&
	    (text_parse_u64((struct text_view){ colon + 1, v.len - len - 1 }, &port) !=
		    MESH_OK ||
		port < 1 || port > UINT16_MAX))
		return false;
	*out = (struct listen_addr){ ntohl(a.s_addr), (uint16_t)port };
	return v.len > 0;
}

void
listen_host(struct text_view text, char *to, size_t cap)
{
	size_t len = text.len;
	while (len > 0 && text.ptr[len - 1] != ':')
		len--;
	(void)snprintf(to, cap, "%.*s", (int)(len > 0 ? len - 1 : text.len), text.ptr);
}

bool
listen_is_loopback(const struct listen_addr *a)
{
	return a->addr >> 24 == 127;
}

/* "127.0.0.1:4470/tcp is in use by another program: set web.listen" */
static int
fail(const struct listen_addr *a, const char *proto, const char *option, int error,
    struct bytes_out *complaint)
{
	text_printf(complaint, "%u.%u.%u.%u:%u/%s ", a->addr >> 24, a->addr >> 16 & 255,
	    a->addr >> 8 & 255, a->addr & 255, a->port, proto);
	if (error == EADDRINUSE)
		text_printf(complaint,
		    "is in use by another program; choose another with "
		    "%s",
		    option);
	else
		text_printf(
		    complaint, "cannot be bound: %s; see %s", strerror(error), option);
	return -error;
}

static int
open_bound(const struct listen_addr *a, int type, int *error)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(a->port),
		.sin_addr.s_addr = htonl(a->addr) };
	int on = 1, fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		*error = errno;
		return -1;
	}
	/* On a listening TCP socket this only forgives connections that have ended. */
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)&in, sizeof in) == 0 &&
	    (type != SOCK_STREAM || listen(fd, BACKLOG) == 0))
		return fd;
	*error = errno;
	close(fd);
	return -1;
}

int
listen_tcp(const struct listen_addr *a, const char *option, struct bytes_out *complaint)
{
	int error = 0, fd = open_bound(a, SOCK_STREAM, &error);
	return fd >= 0 ? fd : fail(a, "tcp", option, error, complaint);
}

int
listen_udp(const struct listen_addr *a, const char *option, struct bytes_out *complaint)
{
	int error = 0, fd = open_bound(a, SOCK_DGRAM, &error);
	return fd >= 0 ? fd : fail(a, "udp", option, error, complaint);
}

/* A socket file on which nobody answers is what a killed meshd left behind. */
static bool
is_stale(const struct sockaddr_un *a, int type)
{
	struct stat st;
	if (lstat(a->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool stale = connect(fd, (const struct sockaddr *)a, sizeof *a) != 0 &&
	    errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static int
unix_fail(const char *path, int error, struct bytes_out *complaint)
{
	text_printf(complaint, "%s: %s; choose another folder with --run-dir", path,
	    error == EADDRINUSE ? "is in use by another program" : strerror(error));
	return -error;
}

/* Streams are listened for, of datagrams it is asked who sends them. */
static int
make_ready(int fd, int type)
{
	int on = 1;
	int failed = type == SOCK_STREAM
	    ? listen(fd, BACKLOG)
	    : setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
	return failed != 0 ? errno : 0;
}

static int
open_unix(const char *path, int type, struct bytes_out *complaint)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof a.sun_path)
		return unix_fail(path, ENAMETOOLONG, complaint);
	memcpy(a.sun_path, path, strlen(path));
	if (is_stale(&a, type))
		(void)unlink(path);
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return unix_fail(path, errno, complaint);
	/* Closed to others from its first moment; the group may use it. */
	mode_t before = umask(0117);
	int error = bind(fd, (const struct sockaddr *)&a, sizeof a) != 0 ? errno : 0;
	umask(before);
	if (error == 0)
		error = make_ready(fd, type);
	if (error == 0)
		return fd;
	close(fd);
	return unix_fail(path, error, complaint);
}

int
listen_unix(const char *path, struct bytes_out *complaint)
{
	return open_unix(path, SOCK_STREAM, complaint);
}

int
listen_unix_datagrams(const char *path, struct bytes_out *complaint)
{
	return open_unix(path, SOCK_DGRAM, complaint);
}
