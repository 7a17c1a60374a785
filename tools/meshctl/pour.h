/* pour.h - many requests to meshd, so many under way at a time.
 *
 * Each is answered once it is stored, and the store commits what has gathered: one
 * after the other, a thousand would take a minute.  Floor 11. */
#ifndef MESHCTL_POUR_H
#define MESHCTL_POUR_H
#include "client.h"

enum { POUR_WIDTH = 128 }; /* meshd answers 160 at once, for all who ask */
struct pour {
	/* The next request's body (to be freed here) and its number; NULL: none before
	 * another has ended. */
	char *(*next)(void *ctx, uint64_t *number);
	/* Its answer.  False: begin no others; those under way still end. */
	bool (*done)(void *ctx, uint64_t number, const struct reply *r);
	void *ctx;
};
/* POST all to `path`.  False: no memory. */
bool pour(const struct options *o, const char *path, const struct pour *p);
#endif
