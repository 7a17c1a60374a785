/* reader.h - the one who reads: one page of a question at a time.
 *
 * With threads on a read-only connection of its own: WAL lets it read while the writer
 * writes.  A page is read in one short transaction, so it is of one moment; between
 * pages nothing is held.  What a row shows is folded here by the model, judged by the
 * question's filter and described for its audience.  Floor 6.  One thread. */
#ifndef READER_H
#define READER_H
#include "cells.h"
#include "numbered.h"
#include "request.h"
#include "search.h"
#include "view.h"

/* A page, and one that holds a single item however long its text is: 60 KiB of what
 * JSON writes in six characters each. */
enum {
	READER_PAGE = 64 * 1024,
	READER_ROOM = 400 * 1024,
	READER_ROWS = 20000,
	READER_WALK = 64000, /* packets that are looked through for those that are
				answered, of a page */
	READER_SITES = 1024
};
struct entry_cursor;
struct reader {
	struct statements *s; /* own, or lent by the writer */
	struct statements own;
	const _Atomic uint64_t *versions; /* the writer's, by enum view */
	struct faults *faults;
	struct queue *writes; /* to tell the writer of damage; borrowed */
	uint8_t *room, *json; /* owned: VIEW_ARENA for a row, READER_PAGE for a page */
	uint8_t *spare;       /* owned, VIEW_ARENA: what a row stands beside */
	struct entry_cursor *entries; /* owned */
	struct site_name *slots;      /* owned, READER_SITES */
	struct searcher searcher;
	struct numbered *numbered; /* owned; of the page that is made */
	struct sites names;
	uint64_t names_version; /* of the state view that they are from */
	struct cells cells;
};
struct reader_params {
	const char *path;        /* NULL: use `lent` */
	struct statements *lent; /* the writer's */
	const _Atomic uint64_t *versions;
	struct faults *faults;
	const uint8_t *netid; /* borrowed; NULL: no lanes are compared */
	struct queue *writes; /* borrowed */
};
int reader_open(struct reader *r, const struct reader_params *params); /* 0 or -errno */
void reader_close(struct reader *r);
/* A page, a part of a search.  False: it is not finished; ask again. */
bool reader_answer(struct reader *r, struct request *question);
#endif
