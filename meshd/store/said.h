/* said.h - what is told before the database has it.
 *
 * An alert of ours must not wait for a transaction that waits for a disk: whoever
 * begins the write-ahead log anew, or folds it, holds the writer for some syncs.  So
 * its record is put into a small file beside the database first, which outlives our end
 * (kill -9), and may be sent.  The database gets it as ever; what it had not got when
 * we ended is put into it at the next start.  Not synced: what a power cut leaves of a
 * row does not have its hash, and such a record is void, as it is where it was
 * committed.
 *
 * Only what this site says in an epoch that the database knows: a file beside another
 * database says nothing.  When all that was said has been written the file begins anew,
 * with another `run`, so its older rows are known as such.  Where the file cannot be
 * had (no room) nothing is told early.  Floor 6.  Of the loop's thread alone; a write
 * takes some microseconds: of the page cache, which seldom lets one wait for the disk.
 */
#ifndef SAID_H
#define SAID_H
#include "meshproto.h"
#include <limits.h>

enum { SAID_BYTES = 1 << 16, SAID_ROW = 4096, SAID_MOST = 64 };

struct said_row { /* not yet in the database */
	uint64_t token, seq;
	enum mesh_lane lane;
	bool told; /* the loop knows that it may be sent */
};
struct said {
	int fd;       /* -1: nothing is told early */
	size_t used;  /* of the file; while reading: read */
	size_t last;  /* where the row begins that was put last */
	uint32_t run; /* 0: nothing read or written yet */
	bool has_self;
	struct mesh_key self; /* whose records are told early */
	uint64_t epoch;       /* in which; 0: none that the database knows */
	struct said_row rows[SAID_MOST];
	size_t count;
	uint8_t room[SAID_ROW];
};
/* PATH-said, made if it is not there.  Either NULL: there is none. */
void said_open(struct said *s, const char *path, const struct mesh_key *self);
void said_close(struct said *s);
/* At the start: the next record that was told; it points into `s` until the next call.
 * False: that was all. */
bool said_next(struct said *s, struct mesh_record *out);
/* All that was read is written: the file is empty, and has its room. */
void said_begin(struct said *s);
/* It is in the database. */
void said_know(struct said *s, const struct mesh_position *at);
/* Is it ours, and of an epoch that the database knows? */
bool said_is_known(const struct said *s, const struct mesh_position *at);
/* It may be told.  False: it is to wait for the database. */
bool said_put(struct said *s, const struct mesh_record *r, uint64_t token);
/* The one that was put last is not told after all. */
void said_take_back(struct said *s);
/* It is written, or never will be. */
void said_end(struct said *s, uint64_t token);
/* One that was put and is not told yet: it is now.  False: none. */
bool said_tell(struct said *s, uint64_t *token);
/* The first of these that is not yet where it could be read; UINT64_MAX: none. */
uint64_t said_first(
    const struct said *s, const struct mesh_position *from, uint64_t count);
#endif
