/* statedir.h - the folders that are ours: who may, who is there already, the secrets.
 *
 * One meshd per state folder: a lock (flock on `lock`) says so, not a pid file, so that
 * kill -9 leaves nothing behind.  Secret files are written by secret_file.c. Complaints
 * are one sentence for people.  Floor 6.  Edge. */
#ifndef STATEDIR_H
#define STATEDIR_H
#include "bytes.h"
#include "meshtrust.h"

struct statedir;
/* Make (0750) and lock it.  0, or -errno with a complaint; -EBUSY: another meshd runs
 * there, the complaint names its process id. */
int statedir_open(struct statedir **out, const char *path, struct bytes_out *complaint);
void statedir_close(struct statedir *d); /* NULL is fine; wipes nothing on disk */
const char *statedir_path(const struct statedir *d);

enum { STATEDIR_PATH = 4096 };
enum statedir_made { STATEDIR_FOUND, STATEDIR_CREATED };
struct statedir_file { /* what happened to a file on the way */
	enum statedir_made made;
	bool protected; /* others could read it: now 0600 */
	char path[STATEDIR_PATH];
};
/* identity.key, made from the system's randomness when missing.  0 or -errno. */
int statedir_identity(struct statedir *d, struct mesh_identity *identity,
    struct statedir_file *file, struct bytes_out *complaint);
struct statedir_founding {     /* what a new network is made of */
	struct text_view path; /* of the file; empty: STATE/network */
	const struct mesh_key *founder;
	bool demo;
};
/* The network file; when missing, a new network. */
int statedir_network(struct statedir *d, const struct statedir_founding *founding,
    struct mesh_network *network, struct statedir_file *file,
    struct bytes_out *complaint);
/* The network file anew, `file` as its whole text; `path` as in statedir_founding.  0
 * or -errno: then the old one stands. */
int statedir_keep_network(
    struct statedir *d, struct text_view path, struct bytes_view file);
/* Where that file is; `path` as in statedir_founding.  0 or -ENAMETOOLONG. */
int statedir_network_path(
    const struct statedir *d, struct text_view path, char to[static STATEDIR_PATH]);
/* The text of this site's certificate, which is no secret; `path` empty:
 * STATE/certificate. 0, -ENOENT: there is none, or -errno with a complaint. */
int statedir_certificate(const struct statedir *d, struct text_view path,
    struct bytes_out *text, struct bytes_out *complaint);
/* Make a folder and what leads to it (0750).  0 or -errno with a complaint. */
int statedir_make(const char *path, struct bytes_out *complaint);
/* An empty file there for programs of our group to lock (0660), if none is: it stays,
 * for another of the same name would have locks of its own.  0 or -errno with a
 * complaint. */
int statedir_lock_file(
    const char *folder, const char *name, struct bytes_out *complaint);
/* System randomness; never fails. */
void statedir_random(void *ctx, uint8_t *out, size_t len);
#endif
