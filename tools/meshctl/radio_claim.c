#include "radio_claim.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { CLAIM_PATH = 4096, CLAIM_NAME = 512 };

/* One radio, one name: a device by its number, whatever links lead to it. */
static void
claim_name(const struct radio_place *p, char *to, size_t cap)
{
	struct stat s;
	if (p->device[0] == '\0')
		snprintf(to, cap, "%s:%u", p->host, (unsigned)p->at.port);
	else if (stat(p->device, &s) == 0 && S_ISCHR(s.st_mode))
		snprintf(to, cap, "%u:%u", major(s.st_rdev), minor(s.st_rdev));
	else
		snprintf(to, cap, "%s", p->device);
}

/* Which byte of the file, which has none, stands for it: FNV-1a, as 32-bit offsets go.
 */
static off_t
claim_byte(const struct radio_place *p)
{
	char name[CLAIM_NAME];
	uint64_t hash = 0xcbf29ce484222325;
	claim_name(p, name, sizeof name);
	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
	return (off_t)(hash >> 34);
}

/* --- the files --- */

/* Opened, and of root, us or `owner`: what another one put there holds up nobody. */
static int
open_trusted(const char *path, uid_t owner, int flags)
{
	struct stat s;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0600);
	if (fd < 0)
		return -1;
	if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && (s.st_mode & S_IWOTH) == 0 &&
	    (s.st_uid == 0 || s.st_uid == geteuid() || s.st_uid == owner))
		return fd;
	close(fd);
	return -1;
}

/* Of the site, for all who may use its socket. */
static int
open_of_site(const char *socket)
{
	char path[CLAIM_PATH];
	struct stat s;
	const char *slash = strrchr(socket, '/');
	if (slash == NULL || stat(socket, &s) != 0)
		return -1;
	int len = snprintf(
	    path, sizeof path, "%.*s/radios.lock", (int)(slash - socket), socket);
	return (size_t)len < sizeof path ? open_trusted(path, s.st_uid, 0) : -1;
}

static int
open_in(const char *folder)
{
	char path[CLAIM_PATH];
	struct stat s;
	if (folder == NULL || stat(folder, &s) != 0 || s.st_uid != geteuid() ||
	    (s.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return -1;
	int len = snprintf(path, sizeof path, "%s/meshctl-radios.lock", folder);
	return (size_t)len < sizeof path ? open_trusted(path, s.st_uid, O_CREAT) : -1;
}

/* Of our user, at whichever site: the folder that systemd makes, for root else /run. */
static int
open_of_user(void)
{
	char folder[64];
	int fd = open_in(getenv("XDG_RUNTIME_DIR"));
	snprintf(folder, sizeof folder, "/run/user/%u", (unsigned)geteuid());
	if (fd < 0)
		fd = open_in(folder);
	return fd >= 0 ? fd : open_in("/run");
}

/* --- the lock --- */

static void
say_holder(int fd, struct flock asked, char *holder, size_t cap)
{
	char path[32];
	struct stat s;
	snprintf(holder, cap, "a process that is not seen from here");
	if (fcntl(fd, F_GETLK, &asked) != 0 || asked.l_type == F_UNLCK ||
	    asked.l_pid <= 0)
		return;
	snprintf(path, sizeof path, "/proc/%ld", (long)asked.l_pid);
	if (stat(path, &s) == 0)
		snprintf(holder, cap, "process %ld of user %u", (long)asked.l_pid,
		    (unsigned)s.st_uid);
	else
		snprintf(holder, cap, "process %ld", (long)asked.l_pid);
}

/* The file stays open, for with it the lock would go.  Without one nobody is refused.
 */
static bool
lock(int fd, off_t byte, char *holder, size_t cap)
{
	struct flock l = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
	};
	if (fd < 0 || fcntl(fd, F_SETLK, &l) == 0 ||
	    (errno != EACCES && errno != EAGAIN))
		return true;
	say_holder(fd, l, holder, cap);
	return false;
}

bool
radio_claim(const struct radio_place *p, const char *socket, char *holder, size_t cap)
{
	off_t byte = claim_byte(p);
	return lock(open_of_site(socket), byte, holder, cap) &&
	    lock(open_of_user(), byte, holder, cap);
}
