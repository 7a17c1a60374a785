/* pages.h - a place in a list: where a page begins, and how it is written in `next`.
 *
 * A place is the last row that was looked at: its key, and its time where lists go newest
 * first.  Rows that come or go meanwhile neither repeat nor hide the others.  Floor 6. */
#ifndef PAGES_H
#define PAGES_H
#include "views.h"

struct pages_row { /* views live until the statement's next step */
	struct bytes_view key;
	unix_ms time_ms;
	int64_t extra;
};
struct pages_place {
	bool set, timed;
	unix_ms time_ms;
	struct view_key key;
};
/* "1700000000000.0a1b2c" or "0a1b2c"; empty: the start.  False: neither. */
bool pages_parse(struct text_view after, bool timed, struct pages_place *out);
void pages_note(struct pages_place *place, const struct pages_row *row);
/* The rows after `place`, inside the question's time where lists go by time. */
sqlite3_stmt *pages_begin(struct statements *s, enum view view,
    const struct store_question *q, const struct pages_place *place);
bool pages_next(struct statements *s, sqlite3_stmt *st, struct pages_row *out);
/* The row's key from the text id of one thing: id.h's forms; a state is SITEKEY64/KEY. */
bool pages_key_of(enum view view, struct text_view id, struct view_key *out);
/* One block with a copy of `json`, and of `next` unless NULL.  NULL: no memory. */
struct store_page *pages_new(struct bytes_view json, const struct pages_place *next);
#endif
