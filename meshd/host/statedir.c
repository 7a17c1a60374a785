#include "statedir.h"
#include "secret_file.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DRAWN_BYTES = 512, DRAWN_MOST = 16 };

struct statedir {
	char *path;
	int folder, lock;
};

/* "path: what: No such file or directory" */
static int
fail(struct bytes_out *complaint, const char *path, const char *what, int error)
{
	text_printf(complaint, "%s: %s: %s", path, what, strerror(error));
	return -error;
}

static void
get_random(uint8_t *out, size_t len)
{
	while (len > 0) {
		ssize_t n = getrandom(out, len, 0);
		if (n < 0 && errno != EINTR)
			abort(); /* without randomness there is no mesh */
		if (n > 0) {
			out += n;
			len -= (size_t)n;
		}
	}
}

/* The core draws a few bytes for each datagram: not a call into the kernel each time.
 * What was given out is wiped. */
void
statedir_random(void *ctx, uint8_t *out, size_t len)
{
	static _Thread_local uint8_t drawn[DRAWN_BYTES];
	static _Thread_local size_t left;
	(void)ctx;
	if (len > DRAWN_MOST) {
		get_random(out, len);
		return;
	}
	if (left < len) {
		get_random(drawn, sizeof drawn);
		left = sizeof drawn;
	}
	left -= len;
	memcpy(out, drawn + left, len);
	memset(drawn + left, 0, len);
}

int
statedir_make(const char *path, struct bytes_out *complaint)
{
	char part[4096];
	size_t len = strlen(path);
	struct stat st;
	if (len == 0 || len >= sizeof part)
		return fail(complaint, path, "cannot be made", ENAMETOOLONG);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0750) != 0 && errno != EEXIST)
			return fail(complaint, part, "cannot be made", errno);
	}
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return fail(complaint, path, "cannot be used", ENOTDIR);
	return 0;
}

int
statedir_lock_file(const char *folder, const char *name, struct bytes_out *complaint)
{
	char path[STATEDIR_PATH];
	struct bytes_out out = bytes_out(path, sizeof path);
	text_printf(&out, "%s/%s", folder, name);
	if (text_end(&out) == NULL || out.failed)
		return fail(complaint, folder, "cannot be used", ENAMETOOLONG);
	mode_t before = umask(0117);
	int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
	int error = errno;
	umask(before);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || error == EEXIST
	    ? 0
	    : fail(complaint, path, "cannot be made", error);
}

/* --- the lock --- */

static void
say_who(int lock, const char *path, struct bytes_out *complaint)
{
	char pid[24] = "";
	ssize_t n = pread(lock, pid, sizeof pid - 1, 0);
	if (n > 0 && pid[n - 1] == '\n')
		pid[n - 1] = '\0';
	text_printf(complaint,
	    "%s: another meshd already runs here (process %s); give this one a "
	    "folder of its own with --state-dir",
	    path, n > 0 ? pid : "unknown");
}

static int
take_lock(struct statedir *d, struct bytes_out *complaint)
{
	char pid[24];
	struct bytes_out out = bytes_out(pid, sizeof pid);
	d->lock = openat(d->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (d->lock < 0)
		return fail(complaint, d->path, "the lock cannot be opened", errno);
	if (flock(d->lock, LOCK_EX | LOCK_NB) != 0) {
		int error = errno;
		if (error != EWOULDBLOCK)
			return fail(complaint, d->path, "cannot be locked", error);
		say_who(d->lock, d->path, complaint);
		return -EBUSY;
	}
	text_printf(&out, "%ld\n", (long)getpid());
	if (ftruncate(d->lock, 0) != 0 ||
	    pwrite(d->lock, pid, out.len, 0) != (ssize_t)out.len)
		return fail(complaint, d->path, "the lock cannot be written", errno);
	return 0;
}

int
statedir_open(struct statedir **out, const char *path, struct bytes_out *complaint)
{
	int error = statedir_make(path, complaint);
	if (error != 0)
		return error;
	struct statedir *d = calloc(1, sizeof *d);
	char *copy = strdup(path);
	if (d == NULL || copy == NULL) {
		free(d);
		free(copy);
		return fail(complaint, path, "cannot be opened", ENOMEM);
	}
	*d = (struct statedir){ .path = copy, .folder = -1, .lock = -1 };
	d->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = d->folder < 0 ? fail(complaint, path, "cannot be opened", errno)
			      : take_lock(d, complaint);
	if (error != 0) {
		statedir_close(d);
		return error;
	}
	*out = d;
	return 0;
}

/* The lock file stays: removing it would let two daemons hold two files of one name. */
void
statedir_close(struct statedir *d)
{
	if (d == NULL)
		return;
	if (d->lock >= 0)
		close(d->lock);
	if (d->folder >= 0)
		close(d->folder);
	free(d->path);
	free(d);
}

const char *
statedir_path(const struct statedir *d)
{
	return d->path;
}

/* --- secret files --- */

static int
set_path(struct statedir_file *file, const struct statedir *d, const char *name)
{
	struct bytes_out out = bytes_out(file->path, sizeof file->path);
	text_printf(&out, "%s/%s", d->path, name);
	text_end(&out);
	return out.failed ? -ENAMETOOLONG : 0;
}

static void
wipe(void *ptr, size_t len)
{
	explicit_bzero(ptr, len);
}

static int
new_identity(struct mesh_identity *identity, const struct statedir_file *file)
{
	uint8_t seed[32];
	char room[SECRET_FILE_MAX];
	struct bytes_out content = bytes_out(room, sizeof room);
	statedir_random(NULL, seed, sizeof seed);
	mesh_identity_of(seed, identity);
	mesh_identity_write(identity, &content);
	int error = secret_file_write(file->path, bytes_written(&content));
	wipe(seed, sizeof seed);
	wipe(room, sizeof room);
	return error;
}

int
statedir_identity(struct statedir *d, struct mesh_identity *identity,
    struct statedir_file *file, struct bytes_out *complaint)
{
	char room[SECRET_FILE_MAX];
	struct bytes_out content = bytes_out(room, sizeof room);
	*file = (struct statedir_file){ .made = STATEDIR_FOUND };
	int error = set_path(file, d, "identity.key");
	if (error == 0)
		error = secret_file_read(file->path, &content, &file->protected);
	if (error == -ENOENT) {
		file->made = STATEDIR_CREATED;
		error = new_identity(identity, file);
		return error == 0
		    ? 0
		    : fail(complaint, file->path, "cannot be written", -error);
	}
	if (error != 0)
		return fail(complaint, file->path, "cannot be read", -error);
	if (mesh_identity_read(text_written(&content), identity) != MESH_OK) {
		text_printf(
		    complaint, "%s: is not one line of 64 hex digits", file->path);
		error = -EINVAL;
	}
	wipe(room, sizeof room);
	return error;
}

static int
new_network(const struct statedir_founding *f, struct mesh_network *network,
    const struct statedir_file *file)
{
	uint8_t random48[48];
	char room[SECRET_FILE_MAX];
	struct bytes_out content = bytes_out(room, sizeof room);
	statedir_random(NULL, random48, sizeof random48);
	mesh_network_of(f->founder, random48, f->demo, network);
	mesh_network_write(network, &content);
	int error = secret_file_write(file->path, bytes_written(&content));
	wipe(random48, sizeof random48);
	wipe(room, sizeof room);
	return error;
}

static int
path_or(struct statedir_file *file, const struct statedir *d, struct text_view path,
    const char *otherwise)
{
	struct bytes_out out = bytes_out(file->path, sizeof file->path);
	if (path.len == 0)
		return set_path(file, d, otherwise);
	text_put_view(&out, path);
	text_end(&out);
	return out.failed ? -ENAMETOOLONG : 0;
}

static int
network_path(
    struct statedir_file *file, const struct statedir *d, struct text_view path)
{
	return path_or(file, d, path, "network");
}

int
statedir_network(struct statedir *d, const struct statedir_founding *founding,
    struct mesh_network *network, struct statedir_file *file,
    struct bytes_out *complaint)
{
	char room[SECRET_FILE_MAX], why[256];
	struct bytes_out content = bytes_out(room, sizeof room);
	struct bytes_out wrong = bytes_out(why, sizeof why);
	*file = (struct statedir_file){ .made = STATEDIR_FOUND };
	int error = network_path(file, d, founding->path);
	if (error == 0)
		error = secret_file_read(file->path, &content, &file->protected);
	if (error == -ENOENT) {
		file->made = STATEDIR_CREATED;
		error = new_network(founding, network, file);
		return error == 0
		    ? 0
		    : fail(complaint, file->path, "cannot be written", -error);
	}
	if (error != 0)
		return fail(complaint, file->path, "cannot be read", -error);
	if (mesh_network_read(text_written(&content), network, &wrong) != MESH_OK) {
		text_printf(complaint, "%s: %s", file->path, text_end(&wrong));
		error = -EINVAL;
	}
	wipe(room, sizeof room);
	return error;
}

int
statedir_keep_network(struct statedir *d, struct text_view path, struct bytes_view file)
{
	struct statedir_file at = { .made = STATEDIR_FOUND };
	int error = network_path(&at, d, path);
	return error == 0 ? secret_file_write(at.path, file) : error;
}

int
statedir_network_path(
    const struct statedir *d, struct text_view path, char to[static STATEDIR_PATH])
{
	struct statedir_file at = { .made = STATEDIR_FOUND };
	int error = network_path(&at, d, path);
	memcpy(to, at.path, sizeof at.path);
	return error;
}

int
statedir_certificate(const struct statedir *d, struct text_view path,
    struct bytes_out *text, struct bytes_out *complaint)
{
	struct statedir_file at = { .made = STATEDIR_FOUND };
	char room[SECRET_FILE_MAX];
	int error = path_or(&at, d, path, "certificate");
	if (error != 0)
		return fail(complaint, at.path, "cannot be read", -error);
	int fd = open(at.path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	ssize_t len = fd < 0 ? -1 : read(fd, room, sizeof room);
	error = len < 0 ? fail(complaint, at.path, "cannot be read", errno) : 0;
	if (len > 0)
		bytes_put(text, room, (size_t)len);
	if (fd >= 0)
		close(fd);
	return error;
}
