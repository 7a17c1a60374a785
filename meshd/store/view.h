/* view.h - one view: its table, its rows, and the writer's state of all of them.
 *
 * A row is an index entry (key, time, extra); views.h says what makes it.  Rows and
 * firing alerts are counted here as they come and go, so that nobody counts a table.
 * Floor 6. */
#ifndef VIEW_H
#define VIEW_H
#include "faults.h"
#include "lanes.h"
#include "statements.h"
#include "store.h"
#include "vectors.h"

enum view { VIEW_PACKET, VIEW_NODE, VIEW_STATE, VIEW_ALERT, VIEW_ENTRY, VIEW_COUNT };
enum { VIEW_KEY_MAX = 32 + STATE_KEY_MAX, VIEW_ARENA = 256 * 1024 };
/* One version per table of views; change it when a fold or its columns change. */
struct view_row {
	enum store_noun noun;
	uint32_t version;
	bool newest_first; /* else by key */
};
extern const struct view_row views_table[VIEW_COUNT];
bool view_of_noun(enum store_noun noun, enum view *out); /* false: no such view yet */

struct view_state {
	uint64_t changes, rows, firing;
};
struct view_key { /* of a view row: id kind and bytes, or site and state key */
	uint8_t len, bytes[VIEW_KEY_MAX];
};
struct view_kind { /* a row of entry_kind; id 0: none */
	int64_t id;
	uint8_t len;
	char name[ENTRY_TYPE_MAX];
};
/* A table that is walked and counted on the way; what comes and goes meanwhile in the
 * part that was walked is counted with it. */
struct view_walk {
	bool open;
	enum view which;
	struct view_key upto; /* the last row; of entries: id */
	int64_t id;
	uint64_t rows, firing;
};
struct views { /* the writer's */
	struct statements *s;
	struct faults *faults;
	struct view_state now[VIEW_COUNT]; /* in this transaction */
	struct view_state was[VIEW_COUNT]; /* as committed */
	struct view_walk walk;             /* verify_views.h */
	bool touched[VIEW_COUNT];
	bool stale[VIEW_COUNT]; /* fold again at the next start: something was unfolded
				   that is kept folded */
	uint8_t *room;          /* owned, VIEW_ARENA bytes */
	struct arena arena;     /* over it; anew for each record */
	const struct field_table *table; /* of the record in hand; NULL: opaque */
	union lane_object object;
	bool sound; /* it is an entry without a fault */
	struct view_key subject;
	struct vectors vectors; /* of entries; owned by their rows in the log */
	int64_t vector;         /* of the record in hand; 0: none */
	struct view_kind kind;  /* of the last entry; its row may be uncommitted */
};
struct view_entry {
	unix_ms time_ms;
	int64_t extra; /* state: the record's row; alert: 1 while it fires */
};
bool view_entry_find(struct views *v, enum view which, const struct view_key *key,
    struct view_entry *out);
void view_entry_put(struct views *v, enum view which, const struct view_key *key,
    const struct view_entry *entry); /* counts rows and firing */
void view_entry_delete(struct views *v, enum view which, const struct view_key *key);
/* So many rows and firing alerts more; unsigned, so less, too. */
void view_count(struct views *v, enum view which, uint64_t rows, uint64_t firing,
    bool walked); /* they lie where the walk has been */
bool view_was_walked(
    const struct views *v, enum view which, const struct view_key *key);
void view_spoil(struct views *v, enum view which); /* fold it again at the next start */
struct view_key view_key_of_id(const struct id *id);
struct bytes_view view_key_bytes(const struct view_key *key);
bool view_id_of_key(struct bytes_view key, struct id *out);
#endif
