/* assets.h - the page, embedded in the program.
 *
 * meshd/web/index.html becomes an array at build time (embed.cmake); nothing is read
 * from a disk and nothing outside this site is ever asked for: the policy allows the
 * page's own script and style by their hashes, and its own origin.  Floor 9.  Pure. */
#ifndef ASSETS_H
#define ASSETS_H
#include "types.h"

struct asset {
	const char *path; /* "/" */
	const char *type; /* as Content-Type has it */
	const char *etag; /* quoted, from the contents */
	const uint8_t *bytes;
	size_t len;
};
extern const struct asset asset_table[]; /* made by embed.cmake */
extern const size_t asset_count;
/* What every page may do: nothing that needs another origin. */
extern const char asset_policy[];

const struct asset *asset_find(struct text_view path); /* or NULL */
#endif
