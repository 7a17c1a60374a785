#include "reserve.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool
path_of(const char *folder, char path[static PATH_MAX])
{
	int len = snprintf(path, PATH_MAX, "%s/reserve", folder);
	return len > 0 && len < PATH_MAX;
}

static uint64_t
free_bytes(const char *folder)
{
	struct statvfs fs;
	return statvfs(folder, &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize : 0;
}

bool
reserve_is_scarce(const char *folder)
{
	return free_bytes(folder) < RESERVE_BYTES;
}

/* posix_fallocate: a hole would take up nothing. */
static int
fill(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	int err = posix_fallocate(fd, 0, RESERVE_BYTES);
	close(fd);
	if (err != 0)
		unlink(path);
	return -err;
}

int
reserve_hold(const char *folder)
{
	char path[PATH_MAX];
	if (!path_of(folder, path))
		return -ENAMETOOLONG;
	if (access(path, F_OK) == 0)
		return 0;
	if (free_bytes(folder) < 2 * (uint64_t)RESERVE_BYTES)
		return -ENOSPC;
	return fill(path);
}

bool
reserve_give(const char *folder)
{
	char path[PATH_MAX];
	return path_of(folder, path) && unlink(path) == 0;
}
