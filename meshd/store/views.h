/* views.h - what readers see: folded from the logs, disposable.
 *
 * A view row is an index entry (key, time); what it shows is folded by the model from the
 * records that bear its key as `subject`, when somebody reads it.  So there is one copy of
 * every fact, and any order of arrival gives the same page.  Only what would need too many
 * records is kept folded: who heard a node (`hearing`).  The writer keeps the rows in the
 * record's own transaction; a view whose version here differs from the file's is dropped
 * and folded again at start.  Floor 6. */
#ifndef VIEWS_H
#define VIEWS_H
#include "faults.h"
#include "lanes.h"
#include "statements.h"
#include "store.h"

enum view { VIEW_PACKET, VIEW_NODE, VIEW_STATE, VIEW_ALERT, VIEW_COUNT };
enum { VIEW_KEY_MAX = 32 + STATE_KEY_MAX, VIEW_ARENA = 128 * 1024 };
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
struct views { /* the writer's */
	struct statements *s;
	struct faults *faults;
	struct view_state now[VIEW_COUNT]; /* in this transaction */
	struct view_state was[VIEW_COUNT]; /* as committed */
	bool touched[VIEW_COUNT];
	bool stale[VIEW_COUNT]; /* fold again at the next start: something was unfolded
				   that is kept folded */
	uint8_t *room;          /* owned, VIEW_ARENA bytes */
	struct arena arena;     /* over it; anew for each record */
	const struct field_table *table; /* of the record in hand; NULL: opaque */
	union lane_object object;
	struct view_key subject;
};
MESH_MUST_CHECK enum mesh_err views_init(
    struct views *v, struct statements *s, struct faults *faults);
void views_release(struct views *v);
/* Create what is missing, read the counts; fold again what is of another version. */
void views_open(struct views *v);
void views_rebuild(struct views *v); /* one transaction of its own */

/* Decode `r` once.  The subject under which its row can be found again: empty for none.
 * Valid until the next views_look. */
struct bytes_view views_look(struct views *v, const struct mesh_record *r);
void views_fold(struct views *v, const struct mesh_record *r, int64_t row); /* looked at */
/* `r` is no longer in the log: its row is gone already. */
void views_unfold(struct views *v, const struct mesh_record *r, int64_t row);
void views_flush(struct views *v);  /* before COMMIT */
void views_commit(struct views *v); /* after it */
void views_forget(struct views *v); /* after ROLLBACK */

/* For the *_rows files: one row of a view. */
struct view_entry {
	unix_ms time_ms;
	int64_t extra; /* state: the record's row; alert: 1 while it fires */
};
bool view_entry_find(struct views *v, enum view which, const struct view_key *key,
    struct view_entry *out);
void view_entry_put(struct views *v, enum view which, const struct view_key *key,
    const struct view_entry *entry); /* counts rows and firing */
void view_entry_delete(struct views *v, enum view which, const struct view_key *key);
struct view_key view_key_of_id(const struct id *id);
struct bytes_view view_key_bytes(const struct view_key *key);
bool view_id_of_key(struct bytes_view key, struct id *out);
#endif
