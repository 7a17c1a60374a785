/* migrations.h - from the file that is there to the one that we write.
 *
 * Numbered steps over logs and kept (views are folded again instead).  PRAGMA
 * user_version is the number of the last step done; each step and its number are one
 * transaction. Before the first step of an old file a copy is made beside it:
 * PATH.pre-vN.  A file from the future is refused untouched.  Floor 6.  At start only.
 */
#ifndef MIGRATIONS_H
#define MIGRATIONS_H
#include "statements.h"

struct migration {
	const char *sql; /* several statements; step number = place in the array + 1 */
};
extern const struct migration migrations[]; /* STORE_SCHEMA of them */
/* 0; -ENOTSUP: written by a newer meshd; -EIO and friends. */
int migrations_run(struct statements *s, const char *path,
    const struct migration *steps, size_t count);
#endif
