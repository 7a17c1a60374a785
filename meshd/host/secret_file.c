#include "secret_file.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
secret_file_sync_folder(const char *path)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
	memcpy(folder, slash == NULL ? "." : path, slash == NULL ? 1 : len);
	folder[slash == NULL ? 1 : len] = '\0';
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int error = fsync(fd) != 0 ? -errno : 0;
	close(fd);
	return error;
}

static int
write_all(int fd, struct bytes_view content)
{
	if (write(fd, content.ptr, content.len) != (ssize_t)content.len)
		return errno != 0 ? -errno : -EIO;
	return fsync(fd) != 0 ? -errno : 0;
}

int
secret_file_write(const char *path, struct bytes_view content)
{
	char temporary[4200];
	struct bytes_out name = bytes_out(temporary, sizeof temporary);
	text_printf(&name, "%s.new", path);
	text_end(&name);
	int fd = open(
	    temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	int error = fchmod(fd, 0600) != 0 ? -errno : write_all(fd, content);
	close(fd);
	if (error == 0 && rename(temporary, path) != 0)
		error = -errno;
	if (error != 0) {
		(void)unlink(temporary);
		return error;
	}
	return secret_file_sync_folder(path);
}

int
secret_file_read(const char *path, struct bytes_out *content, bool *protected)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int error = 0;
	if (fstat(fd, &st) == 0 && (st.st_mode & 077) != 0)
		*protected = fchmod(fd, 0600) == 0;
	ssize_t n = read(fd, content->ptr, content->cap);
	if (n < 0)
		error = -errno;
	else
		content->len = (size_t)n;
	close(fd);
	return error;
}
