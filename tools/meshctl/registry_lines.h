/* registry_lines.h - a line of JSON that is an entry, as registry.add takes it.
 *
 * What `registry export` writes goes in again: hash, type, embedding (hex or numbers),
 * dtype, scale, metadata, expires_ms; site, dim, version and time_ms are of the site
 * that said it and are left out.  `meta` and `ttl` as in registry add go, too.  Any
 * other field is refused: it would be lost.  What several sites say of one hash becomes
 * one entry: the line that `registry get` shows first.  Floor 11.  Pure. */
#ifndef MESHCTL_REGISTRY_LINES_H
#define MESHCTL_REGISTRY_LINES_H
#include "registry_files.h"

enum line_sort {
	LINE_ENTRY,
	LINE_OVER, /* its end is past */
	LINE_EMPTY,
	LINE_BAD /* `why` says it */
};
struct registry_line { /* owned; all NULL and 0 but for LINE_ENTRY */
	char *body;    /* the request */
	char *hash;
	double confidence; /* by this and the next the lines of a hash are ordered */
	int64_t time_ms;
};
enum line_sort registry_line_read(const char *line, size_t len, int64_t now_ms,
    struct registry_line *out, struct embedding_fault *why);
void registry_line_free(struct registry_line *l);
bool registry_line_same(const struct registry_line *a, const struct registry_line *b);
/* The better one of the same hash: more confidence, then newer. */
bool registry_line_before(const struct registry_line *a, const struct registry_line *b);
#endif
