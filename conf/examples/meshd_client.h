/* meshd_client.h - the meshd of this machine, from C, in one header.
 *
 *     #include "meshd_client.h"
 *     int app = meshd_open("127.0.0.1", 4471);
 *     meshd_do(app, "/run/meshd", "raise", "\"kind\":\"gate.open\",\"text\":\"Open\"",
 *         answer, sizeof answer);
 *
 * One JSON object per datagram; what they say is docs/API.md, "Local programs".  No
 * library is needed; texts that are put between quotes are the caller's to escape.
 * Every call returns -1 with errno on failure.  Needs POSIX. */
#ifndef MESHD_CLIENT_H
#define MESHD_CLIENT_H
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* A socket that talks with meshd and gives up on an answer after 15 s. */
static inline int
meshd_open(const char *address, unsigned short port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct timeval patience = { .tv_sec = 15 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		return -1;
	if (inet_pton(AF_INET, address, &at.sin_addr) == 1 &&
	    connect(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The next datagram, terminated. */
static inline int
meshd_hear(int fd, char *said, size_t size)
{
	ssize_t n = recv(fd, said, size - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	return n < 0 ? -1 : 0;
}

/* Subscribe to alerts; say it again at least every two minutes.  `filter` "": all. */
static inline int
meshd_subscribe(int fd, const char *name, const char *filter)
{
	char ask[640];
	int len = snprintf(ask, sizeof ask,
	    "{\"op\":\"sub\",\"name\":\"%s\",\"filter\":\"%s\",\"ttl\":120}", name,
	    filter);
	if (len < 0 || (size_t)len >= sizeof ask) {
		errno = EMSGSIZE;
		return -1;
	}
	return send(fd, ask, (size_t)len, 0) < 0 ? -1 : 0;
}

/* Have something done: raise, resolve, state, add, remove, search.  `members` is JSON
 * without the braces.  0: it is stored; -1 with EPROTO: `answer` says why not.  Alerts
 * that come meanwhile are passed over: use one socket for each. */
static inline int
meshd_do(int fd, const char *run_folder, const char *op, const char *members,
    char *answer, size_t size)
{
	char path[512], token[64] = "", ask[2048];
	snprintf(path, sizeof path, "%s/apps.token", run_folder);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		return -1;
	int read = fscanf(file, "%63s", token);
	fclose(file);
	int len = snprintf(
	    ask, sizeof ask, "{\"op\":\"%s\",\"token\":\"%s\",%s}", op, token, members);
	if (read != 1 || len < 0 || (size_t)len >= sizeof ask) {
		errno = EMSGSIZE;
		return -1;
	}
	if (send(fd, ask, (size_t)len, 0) < 0)
		return -1;
	do {
		if (meshd_hear(fd, answer, size) != 0)
			return -1;
	} while (strncmp(answer, "{\"op\":\"ok\"", 10) != 0 &&
	    strncmp(answer, "{\"op\":\"error\"", 13) != 0);
	if (strstr(answer, "\"op\":\"ok\"") != NULL)
		return 0;
	errno = EPROTO;
	return -1;
}
#endif
