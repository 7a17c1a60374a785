/* writer.h - the one who writes: what has gathered becomes one transaction.
 *
 * Records fold the views and move their holding in the same transaction; outcomes go
 * back in the order of the requests, after the commit, and what must be on the disk by
 * way of the syncer.  A batch with a SYNC_NOW request is committed at once.  When the
 * disk fails nothing of the batch happened and all of it is answered MESH_IO; until a
 * probe succeeds, each 10 s, so is everything else but SYNC_LAST, for which wal_room.h
 * has room.  Between batches retention takes its steps.  Floor 6.  One thread. */
#ifndef WRITER_H
#define WRITER_H
#include "mend_rows.h"
#include "queue.h"
#include "retention.h"
#include "said.h"
#include "syncer.h"
#include "verify_rows.h"

/* FULL: so many end the gathering.  The core keeps more than that on their way while it
 * pulls (PROTOCOL.md 9), so it goes on while we commit.  Each commit writes most pages
 * of the index of hashes: the larger, the cheaper (decisions 0499). */
enum {
	WRITER_BATCH = 1000,
	WRITER_FULL = 640,
	WRITER_GATHER_NS = 50 * 1000 * 1000,
	WRITER_IDLE_NS = 200 * 1000 * 1000
};
struct writer {
	struct statements s;
	struct views views;
	struct log_rows log;
	struct faults *faults;
	struct queue *queue;
	struct syncer *syncer;
	struct retention_limits limits;
	enum store_sync sync;     /* as the connection is set */
	bool last_words;          /* in the present transaction */
	unix_ms now;              /* of the last tick; 0: none yet */
	bool cleaning;            /* the last retention step found something */
	bool warm;                /* a batch has filled the cache */
	uint32_t log_pages;       /* after the last commit; 0: quiet since */
	bool lengthy;             /* the log may stay so */
	struct findings findings; /* of the present transaction, and not yet told */
	size_t told;              /* of them, after the last commit */
	struct verify_rows verify;
	struct mend_rows mend;
	struct mesh_key self;  /* the log's, if it knows who we are */
	bool waits;            /* for the first tick: writer_params */
	bool verifying;        /* the first round, since the start, is not over */
	unsigned verify_steps; /* later: so many until the next tick */
	unsigned looks;        /* so many damaged rows are heard of until then */
	_Atomic uint64_t versions[VIEW_COUNT], counts[VIEW_COUNT], firing, bytes;
};
struct writer_params {
	const char *path;
	struct faults *faults;
	struct queue *queue;
	struct syncer *syncer; /* opened before the first commit; borrowed */
	struct retention_limits limits;
	const uint8_t *netid;         /* borrowed; NULL: rows are not verified */
	const struct mesh_key *self;  /* NULL: all is kept of everybody */
	const struct replica *others; /* else: what is kept of others' registry */
	bool waits; /* nothing of its own accord before the first tick: until then the
		       loop's thread uses the connection */
};
/* 0 or -errno; see store_open. */
int writer_open(struct writer *w, const struct writer_params *params);
void writer_close(struct writer *w);
bool writer_is_verifying(const struct writer *w); /* rows are left to be looked at */
/* One batch, if anything waits; its outcomes are in the queue's done list.  False:
 * there was nothing to tell. */
bool writer_work(struct writer *w, int rested); /* as queue_take has it */
bool writer_is_warm(const struct writer *w);
void writer_cool(
    struct writer *w); /* nothing came for a while: the cache is given back */
void writer_fold(struct writer *w);  /* the log into the database, if it is too long */
void writer_probe(struct writer *w); /* does the disk take writes again? */
/* BEGIN .. COMMIT around kept rows, for the start. */
MESH_MUST_CHECK enum mesh_err writer_keep_now(struct writer *w, struct text_view room,
    struct bytes_view key, struct bytes_view value);
/* In several transactions: purge_rows_others. */
MESH_MUST_CHECK enum mesh_err writer_forget_others(
    struct writer *w, enum mesh_lane lane, const struct mesh_key *self);
/* purge_rows_recall. */
MESH_MUST_CHECK enum mesh_err writer_recall_others(
    struct writer *w, enum mesh_lane lane, const struct mesh_key *self);
MESH_MUST_CHECK enum mesh_err writer_rebuild(struct writer *w);
/* What a former life told and had not written.  MESH_IO, MESH_FULL: some of it is not
 * written yet. */
MESH_MUST_CHECK enum mesh_err writer_put_said(struct writer *w, struct said *said);
#endif
