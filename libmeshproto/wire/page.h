/* page.h - PAGE frames, their bundles left where they lie.
 *
 * frames.h has the layout; here it is read and written without decoding what is inside
 * the bundles, since those are verified and stored as the bytes they are.  Floor 2.
 * Pure.  Source: PROTOCOL.md 9. */
#ifndef MESH_PAGE_H
#define MESH_PAGE_H
#include "bytes.h"
#include "frames.h"

enum { PAGE_AROUND_MAX = 56 }; /* bytes of a PAGE beside its bundles */

struct page {
	uint16_t ticket;
	struct bytes_view oid; /* MESSAGE_OID bytes */
	uint64_t epoch;
	enum mesh_lane lane;
	uint64_t from, to;
	size_t count;
	struct bytes_in bundles; /* page_next */
};

/* MESH_MALFORMED: no page, or its range is none.  `frame` is shape-checked. */
MESH_MUST_CHECK enum mesh_err page_read(struct bytes_view frame, struct page *out);
/* The next bundle, raw; false: that was all. */
bool page_next(struct page *p, struct bytes_view *bundle);
/* Append the frame; `bundles` holds p->count of them, back to back.  MESH_FULL leaves
 * `out` as it was. */
MESH_MUST_CHECK enum mesh_err page_write(
    const struct page *p, struct bytes_view bundles, struct bytes_out *out);
#endif
