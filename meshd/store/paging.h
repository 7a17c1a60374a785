/* paging.h - a place in a list: where a page begins, and how it is written in `next`.
 *
 * A place is the last row that was looked at: its key, and its time where lists go
 * newest first.  Rows that come or go meanwhile neither repeat nor hide the others.
 * Floor 6. */
#ifndef PAGING_H
#define PAGING_H
#include "view.h"

struct paging_row { /* views live until the statement's next step */
	struct bytes_view key;
	unix_ms time_ms;
	int64_t extra;
};
struct paging_place {
	bool set, timed;
	unix_ms time_ms;
	struct view_key key;
};
/* "1700000000000.0a1b2c" or "0a1b2c"; empty: the start.  False: neither. */
bool paging_parse(struct text_view after, bool timed, struct paging_place *out);
void paging_note(struct paging_place *place, const struct paging_row *row);
/* The rows after `place`, inside the question's time where lists go by time. */
sqlite3_stmt *paging_begin(struct statements *s, enum view view,
    const struct store_question *q, const struct paging_place *place);
bool paging_next(struct statements *s, sqlite3_stmt *st, struct paging_row *out);
/* The row's key from the text id of one thing: id.h's forms; a state is SITEKEY64/KEY.
 */
bool paging_key_of(enum view view, struct text_view id, struct view_key *out);
/* One block with a copy of `json`, and of `next` unless NULL.  NULL: no memory. */
struct store_page *paging_new(struct bytes_view json, const struct paging_place *next);
#endif
