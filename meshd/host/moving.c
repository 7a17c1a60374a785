#include "moving.h"
#include "secret_file.h"
#include "text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDERS = 1000 };

static int
fail(struct bytes_out *complaint, const char *path, const char *what, int error)
{
	text_printf(complaint, "%s: %s: %s", path, what, strerror(error));
	return -error;
}

/* False: the name is too long. */
static bool
put_path(char to[static STATEDIR_PATH], const char *folder, const char *name)
{
	int n = snprintf(to, STATEDIR_PATH, "%s/%s", folder, name);
	return n > 0 && n < STATEDIR_PATH;
}

static bool
exists(const char *folder, const char *name)
{
	char path[STATEDIR_PATH];
	struct stat st;
	return put_path(path, folder, name) && lstat(path, &st) == 0;
}

/* --- prepared --- */

static int
write_boot(const struct statedir *d, uint64_t boot)
{
	char path[STATEDIR_PATH], room[32];
	struct bytes_out out = bytes_out(room, sizeof room);
	text_printf(&out, "%llu\n", (unsigned long long)boot);
	if (!put_path(path, statedir_path(d), "boot.next"))
		return -ENAMETOOLONG;
	return secret_file_write(path, bytes_written(&out));
}

/* A file that cannot be replaced then would keep the next start from ending well. */
static int
try_network(const struct statedir *d, struct text_view path)
{
	char at[STATEDIR_PATH], room[SECRET_FILE_MAX];
	bool protected;
	struct bytes_out file = bytes_out(room, sizeof room);
	int error = statedir_network_path(d, path, at);
	if (error == 0)
		error = secret_file_read(at, &file, &protected);
	if (error == 0)
		error = secret_file_write(at, bytes_written(&file));
	explicit_bzero(room, sizeof room);
	return error;
}

int
moving_prepare(const struct statedir *d, struct text_view path, uint64_t boot,
    struct bytes_view file)
{
	char next[STATEDIR_PATH];
	if (!put_path(next, statedir_path(d), "network.next"))
		return -ENAMETOOLONG;
	int error = try_network(d, path);
	if (error == 0)
		error = write_boot(d, boot);
	return error == 0 ? secret_file_write(next, file) : error;
}

/* --- done --- */

/* left-0a1b2c3d, the first that holds no database: one that does is of an earlier stay
 * in the same network. */
static int
make_left(const struct statedir *d, const struct mesh_network *old,
    char left[static STATEDIR_PATH])
{
	char name[40], hex[9];
	struct bytes_out out = bytes_out(hex, sizeof hex);
	text_put_hex(&out, bytes_view(old->id, 4));
	text_end(&out);
	for (int n = 1; n < FOLDERS; n++) {
		snprintf(name, sizeof name, n == 1 ? "left-%s" : "left-%s-%d", hex, n);
		if (!put_path(left, statedir_path(d), name))
			return -ENAMETOOLONG;
		if (exists(left, "meshd.db"))
			continue;
		return mkdir(left, 0750) == 0 || errno == EEXIST
		    ? secret_file_sync_folder(left)
		    : -errno;
	}
	return -EEXIST;
}

static int
move_one(const struct statedir *d, const char *left, const char *name)
{
	char from[STATEDIR_PATH], to[STATEDIR_PATH];
	if (!put_path(from, statedir_path(d), name) || !put_path(to, left, name))
		return -ENAMETOOLONG;
	if (rename(from, to) != 0 && errno != ENOENT)
		return -errno;
	return secret_file_sync_folder(to);
}

/* The old network's file is copied, for its place must never be empty. */
static int
leave_network(const char *left, struct bytes_view old)
{
	char to[STATEDIR_PATH];
	return put_path(to, left, "network") ? secret_file_write(to, old)
					     : -ENAMETOOLONG;
}

static int
leave_all(const struct statedir *d, struct bytes_view old,
    const struct mesh_network *network, char left[static STATEDIR_PATH])
{
	static const char *const names[] = { "meshd.db-wal", "meshd.db-shm",
		"meshd.db-said", "meshd.db" };
	int error = make_left(d, network, left);
	if (error == 0)
		error = leave_network(left, old);
	for (size_t i = 0; i < LENGTH(names) && error == 0; i++)
		error = move_one(d, left, names[i]);
	return error;
}

/* One file with what others may not know, read and understood. */
struct read_network {
	char path[STATEDIR_PATH], room[SECRET_FILE_MAX];
	struct bytes_out file;
	struct mesh_network network;
};

static int
read_network(struct read_network *r)
{
	char why[256];
	bool protected;
	struct bytes_out complaint = bytes_out(why, sizeof why);
	r->file = bytes_out(r->room, sizeof r->room);
	int error = secret_file_read(r->path, &r->file, &protected);
	if (error == 0 &&
	    mesh_network_read(text_written(&r->file), &r->network, &complaint) !=
		MESH_OK)
		error = -EINVAL;
	return error;
}

struct two { /* secret: on the heap, wiped */
	struct read_network old, next;
};

static int
finish(const struct statedir *d, struct two *t, char left[static STATEDIR_PATH],
    struct bytes_out *complaint)
{
	int error = read_network(&t->next);
	if (error != 0)
		return fail(complaint, t->next.path, "cannot be read", -error);
	error = read_network(&t->old);
	if (error == 0 && exists(statedir_path(d), "meshd.db"))
		error = leave_all(
		    d, bytes_written(&t->old.file), &t->old.network, left);
	if (error != 0 && error != -ENOENT)
		return fail(complaint, t->old.path, "cannot be left", -error);
	error = secret_file_write(t->old.path, bytes_written(&t->next.file));
	if (error != 0)
		return fail(complaint, t->old.path, "cannot be written", -error);
	if (unlink(t->next.path) != 0)
		return fail(complaint, t->next.path, "cannot be removed", errno);
	return secret_file_sync_folder(t->next.path);
}

int
moving_finish(const struct statedir *d, struct text_view path,
    char left[static STATEDIR_PATH], struct bytes_out *complaint)
{
	left[0] = '\0';
	if (!exists(statedir_path(d), "network.next"))
		return 0;
	struct two *t = calloc(1, sizeof *t);
	if (t == NULL)
		return fail(complaint, statedir_path(d), "cannot move", ENOMEM);
	int error = statedir_network_path(d, path, t->old.path);
	if (error == 0 && put_path(t->next.path, statedir_path(d), "network.next"))
		error = finish(d, t, left, complaint);
	if (error == 0 && left[0] == '\0') /* all but the last step was done before */
		(void)put_path(left, statedir_path(d), "left-*");
	explicit_bzero(t, sizeof *t);
	free(t);
	return error;
}

/* --- the boot number --- */

uint64_t
moving_boot(const struct statedir *d)
{
	char path[STATEDIR_PATH], room[32];
	bool protected;
	uint64_t boot = 0;
	struct bytes_out file = bytes_out(room, sizeof room);
	if (!put_path(path, statedir_path(d), "boot.next") ||
	    secret_file_read(path, &file, &protected) != 0 || file.len == 0)
		return 0;
	struct text_view digits = text_written(&file);
	digits.len -= digits.ptr[digits.len - 1] == '\n';
	return text_parse_u64(digits, &boot) == MESH_OK ? boot : 0;
}

void
moving_boot_kept(const struct statedir *d)
{
	char path[STATEDIR_PATH];
	if (put_path(path, statedir_path(d), "boot.next"))
		(void)unlink(path);
}
