#include "radio_claim.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

/* One radio, one name: a device by its number, whatever links lead to it. */
static int
claim_name(const struct radio_place *p, char *to, size_t cap)
{
	struct stat s;
	if (p->device[0] == '\0')
		return snprintf(
		    to, cap, "meshctl-radio-%s:%u", p->host, (unsigned)p->at.port);
	if (stat(p->device, &s) == 0 && S_ISCHR(s.st_mode))
		return snprintf(
		    to, cap, "meshctl-radio-%u:%u", major(s.st_rdev), minor(s.st_rdev));
	return snprintf(to, cap, "meshctl-radio-%s", p->device);
}

/* An abstract socket's name is free again when its process is gone, and no file of it
 * is left that could belong to another user.  What is no such clash refuses nobody. */
bool
radio_claim(const struct radio_place *p)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int len = claim_name(p, to.sun_path + 1, sizeof to.sun_path - 1);
	size_t most = sizeof to.sun_path - 2;
	size_t used = (size_t)len < most ? (size_t)len : most;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return true;
	return bind(fd, (const struct sockaddr *)&to,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + used)) ==
	    0 ||
	    errno != EADDRINUSE;
}
