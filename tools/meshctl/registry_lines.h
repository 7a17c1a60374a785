/* registry_lines.h - a line of JSON that is an entry, as registry.add takes it.
 *
 * What `registry export` writes goes in again: hash, type, embedding (hex or numbers),
 * dtype, scale, metadata, expires_ms; site, dim, version and time_ms are of the site
 * that said it and are left out.  `meta` and `ttl` as in registry add go, too.  Any
 * other field is refused: it would be lost.  Floor 11.  Pure. */
#ifndef MESHCTL_REGISTRY_LINES_H
#define MESHCTL_REGISTRY_LINES_H
#include "registry_files.h"

enum line_sort {
	LINE_ENTRY, /* `*body` is the request; free it */
	LINE_OVER,  /* its end is past */
	LINE_EMPTY,
	LINE_BAD /* `why` says it */
};
enum line_sort registry_line_read(const char *line, size_t len, int64_t now_ms,
    char **body, struct embedding_fault *why);
#endif
