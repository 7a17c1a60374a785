#include "notify.h"
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* sd_notify(3): a datagram to a path, or with '@' to an abstract name. */
void
notify_send(const char *socket_path, const char *state)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = socket_path != NULL ? strlen(socket_path) : 0;
	if (len == 0 || len >= sizeof to.sun_path)
		return;
	memcpy(to.sun_path, socket_path, len);
	if (to.sun_path[0] == '@')
		to.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	ssize_t n = sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (const struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	(void)n; /* whoever supervises us notices by itself */
	close(fd);
}
