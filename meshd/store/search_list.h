/* search_list.h - the entries that say what is asked for, in the order of `registry
 * list`: the first ones that pass.
 *
 * Hash by hash, in slices like a search by embedding, from a place on.  What passed is
 * noted by its row and looked up again at the end.  Floor 6. */
#ifndef SEARCH_LIST_H
#define SEARCH_LIST_H
#include "entry_rows.h"
#include "request.h"

struct search_list { /* borrowed, the reader's */
	struct statements *s;
	struct entry_cursor *cursor;
	const struct sites *names;
	uint8_t *room, *spare; /* VIEW_ARENA bytes each */
};
/* At most `looks` entries.  True: no more is wanted, or there is none. */
bool search_list_walk(struct search_list *l, struct search *search, size_t looks,
    const atomic_bool *stop);
#endif
