/* entry_rows.h - the registry's entries: a slim row beside each record, and the walk
 * over hashes in their order.
 *
 * The row says what a search and the clock ask for without reading the record: its
 * type, its time, its end.  What all sites say of one hash is sorted when somebody
 * reads it (model/entry.h), so the list is the same wherever the same records are.
 * Floor 6. */
#ifndef ENTRY_ROWS_H
#define ENTRY_ROWS_H
#include "paging.h"
#include "view.h"

enum { ENTRY_ORIGINS = 1024 };

void entry_rows_put(struct views *v, const struct mesh_record *r, int64_t row);
void entry_rows_take(struct views *v, int64_t row);
MESH_MUST_CHECK enum mesh_err entry_rows_read(struct statements *s, int64_t row,
    bool whole, const struct sites *names, struct arena *arena, struct entry *out);

/* --- every entry, hash by hash --- */
struct entry_item { /* what one site says of the hash in hand */
	struct entry_rank rank;
	struct mesh_position at;
	int64_t row;
	unix_ms time_ms;
};
struct entry_cursor { /* the reader's */
	struct statements *s;
	sqlite3_stmt *hashes; /* where the next hash comes from; NULL: one alone */
	struct view_key
	    key; /* the hash in hand, and two bytes of place among its own */
	size_t count, at;
	uint8_t *room; /* borrowed, VIEW_ARENA bytes */
	struct entry_item items[ENTRY_ORIGINS];
};
/* All hashes after `place`. */
void entry_cursor_all(struct entry_cursor *c, const struct paging_place *place);
/* The entries of one hash. */
void entry_cursor_hash(struct entry_cursor *c, struct bytes_view hash);
/* The same, written in hex.  False: it is not. */
bool entry_cursor_one(struct entry_cursor *c, struct text_view hash);
/* The next entry: `extra` is its record's row; 0: of this hash nothing may be shown.
 * So whoever asks can stop after each hash, whatever hostile ones say of it. */
bool entry_cursor_next(struct entry_cursor *c, struct paging_row *out);
void entry_cursor_end(struct entry_cursor *c);
/* What entry_cursor_next gave last, if that was something. */
const struct entry_item *entry_cursor_item(const struct entry_cursor *c);
#endif
