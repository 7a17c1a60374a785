#include "endpoint.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static void
die(const char *name, const char *which, const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", name, which, what);
	exit(EXIT_FAILURE);
}

static int
listen_at(const char *name, const struct sockaddr_in *a)
{
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (fd < 0 || bind(fd, (const struct sockaddr *)a, sizeof *a) != 0 ||
	    listen(fd, 4) != 0)
		die(name, "tcp", strerror(errno));
	return fd;
}

int
endpoint_tcp(const char *name, const char *where)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof a;
	char host[INET_ADDRSTRLEN];
	const char *colon = strrchr(where, ':');
	if (colon == NULL || (size_t)(colon - where) >= sizeof host)
		die(name, where, "not ADDRESS:PORT");
	memcpy(host, where, (size_t)(colon - where));
	host[colon - where] = '\0';
	a.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		die(name, where, "not an address");
	int fd = listen_at(name, &a);
	if (getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		die(name, where, strerror(errno));
	printf("%s:%u\n", host, (unsigned)ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}

int
endpoint_tcp_again(const char *name, int listener)
{
	struct sockaddr_in a = { 0 };
	socklen_t len = sizeof a;
	if (getsockname(listener, (struct sockaddr *)&a, &len) != 0)
		die(name, "tcp", strerror(errno));
	close(listener);
	return listen_at(name, &a);
}

int
endpoint_pty(const char *name)
{
	struct termios t;
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || grantpt(fd) != 0 || unlockpt(fd) != 0)
		die(name, "pty", strerror(errno));
	int slave = open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &t) != 0)
		die(name, "pty", strerror(errno));
	cfmakeraw(&t); /* or it would echo before the client has set it up */
	tcsetattr(slave, TCSANOW, &t);
	close(slave);
	printf("%s\n", ptsname(fd));
	fflush(stdout);
	return fd;
}

_Bool
endpoint_pty_is_open(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	return poll(&p, 1, 0) >= 0 && (p.revents & POLLHUP) == 0;
}
