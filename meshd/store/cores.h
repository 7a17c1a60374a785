/* cores.h - records into their rows and out again, as they were signed: the one way.
 *
 * A row holds the bundle of a record that was signed alone, and else the bare core,
 * whose proof stands in its batch's row (batch_rows.h).  The embedding of an entry is
 * cut out of it, and stands with others in a block (vectors.h): four fifths of such a
 * record, which only a search reads.
 *
 * Of what others say a site may keep less (model/replica.h): the embedding, or all
 * behind the key, is left out for good.  Such a record can be proved to nobody any
 * more, so its row has its leaf, which sums and sketches are made of, and a check over
 * what is left.  Floor 6. */
#ifndef CORES_H
#define CORES_H
#include "meshproto.h"
#include "statements.h"
#include "vectors.h"

enum {
	CORES_ROOM = 128 * 1024, /* for one record of any length */
	CORES_COLUMNS = 3        /* core, part, vector */
};
/* `whole` without `cut`, which is a part of it, for a row with a vector; written to
 * `room`. */
struct bytes_view cores_cut(
    struct bytes_view whole, struct bytes_view cut, struct bytes_out *room);
/* What a row says in place of a vector when a part of the record is left out. */
enum { CORES_INDEX = -1 /* the embedding */, CORES_KEY = -2 /* all behind the key */ };
/* The same for a row without `cut`, or with the key alone of a PUT.  `leaf` as it was
 * signed, 32 bytes.  False: there is no room, or no key. */
bool cores_leave_out(const struct mesh_record *r, struct bytes_view leaf,
    struct bytes_view cut, struct bytes_out *room);
bool cores_leave_key(
    const struct mesh_record *r, struct bytes_view leaf, struct bytes_out *room);
/* The leaf of a row from which something was left out; false: it is whole, or does not
 * read back. */
bool cores_leaf(sqlite3_stmt *st, int at, uint8_t leaf[static 32]);
/* How long it is, whole. */
size_t cores_bytes(sqlite3_stmt *st, int at);
/* The columns from `at` on; the bytes are copied to `room`, for the row goes with the
 * next step.  A bare one has no proof.  `vectors` NULL: nobody looks at the embedding,
 * zeros stand for it, as they do for one that was left out.  False: there is no room
 * (room->failed), or it does not read back, which is our own damage. */
bool cores_read(sqlite3_stmt *st, int at, struct vectors *vectors,
    struct bytes_out *room, struct mesh_record *out);
#endif
