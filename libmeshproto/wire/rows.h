/* rows.h - ROWS frames, read where they lie and written row by row.
 *
 * frames.h has the layout; a frame may hold as many rows as fit a datagram, so they
 * are walked instead of decoded into memory.  Floor 2.  Pure.  Source: PROTOCOL.md 9.
 */
#ifndef MESH_ROWS_H
#define MESH_ROWS_H
#include "bytes.h"
#include "frames.h"

enum {
	ROWS_AROUND_MAX = 16, /* bytes of a ROWS beside its rows */
	ROWS_ROW_MAX = 1 + 2 + MESSAGE_OID + 9 + 3 + (LANE_COUNT - 1) * (1 + 9 + 9)
};

struct rows_mark {             /* one lane of one origin */
	struct bytes_view oid; /* MESSAGE_OID bytes */
	uint64_t epoch;
	enum mesh_lane lane;
	struct mesh_run held; /* low .. high */
};
struct rows {
	uint64_t mask;
	bool last;
	size_t rows, marks;  /* still to come; marks of the present row */
	struct rows_mark at; /* oid, epoch and last lane of the present row */
	struct bytes_in in;
};

/* MESH_MALFORMED: no ROWS, longer than a datagram, one of its marks is unsound, or
 * lanes of a row do not ascend.  `frame` is shape-checked.
 */
MESH_MUST_CHECK enum mesh_err rows_read(struct bytes_view frame, struct rows *out);
/* The next lane of the next row; false: that was all. */
bool rows_next(struct rows *r, struct rows_mark *out);

/* Append one row; `held` of lanes 1 .. 6, last 0: nothing there.  False: no lane has
 * anything, or no room; `out` is as it was. */
bool rows_put(struct bytes_out *out, const uint8_t oid[static MESSAGE_OID],
    uint64_t epoch, const struct mesh_run held[static LANE_COUNT - 1]);
/* Append the frame around `count` rows. */
MESH_MUST_CHECK enum mesh_err rows_write(
    const struct rows *r, size_t count, struct bytes_view rows, struct bytes_out *out);
#endif
