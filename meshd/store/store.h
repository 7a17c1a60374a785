/* store.h - what the site remembers.
 *
 * Nothing here waits for a disk: a verb copies its arguments into a request, a thread
 * does the work, store_next hands the outcome back on the loop.  The writer commits
 * what has gathered in one transaction: at once when it was idle, else 50 ms after the
 * last batch or at 1000 records.  The syncer waits for the disk where somebody asked
 * for that.  The reader answers one page at a time and holds no snapshot between pages.
 * SQL, row numbers and sqlite3 stay inside this folder.  Tables are of three sorts:
 * logs (the truth, replicated), kept (local facts that nobody can resend), views
 * (folded from logs, disposable). Floor 6.  Call from the loop only. */
#ifndef STORE_H
#define STORE_H
#include "meshparams.h"
#include "meshproto.h"
#include "replica.h"
#include "seek.h"

enum store_noun {
	STORE_NODES,
	STORE_PACKETS,
	STORE_TRACES,
	STORE_LINKS,
	STORE_STATE,
	STORE_ENTRIES,
	STORE_ALERTS,
	STORE_SERIES,
	STORE_MESSAGES /* the packets that are texts, as message.h shows them */
};
/* GROUP: with all that comes in 50 ms.  LATER: history; in 200 ms, when there is much
 * of it and nothing else.  NOW: epoch, revocations, alerts.  LAST: as NOW, and a full
 * disk has room for it: what is said of it, and the numbers for that.  TWICE: as LAST,
 * before all others, and told twice: once it outlives our end, which may be before the
 * database has it (said.h), and once it outlives a power cut. */
enum store_sync { SYNC_GROUP, SYNC_LATER, SYNC_NOW, SYNC_LAST, SYNC_TWICE };

/* Who asked: the top byte of a token, so that the loop can hand an outcome to its room.
 */
enum store_owner {
	OWNER_INGEST = 1,
	OWNER_KEEP,
	OWNER_CALL,
	OWNER_APPS,
	OWNER_REMEMBER,
	OWNER_WANT,
	OWNER_PINS,
	OWNER_PURGE,
	OWNER_ANSWERING,
	OWNER_EXPIRING,
	OWNER_RETIRING,
	OWNER_SKETCH,
	OWNER_COMPARE,
	OWNER_DISK, /* nobody waits */
	OWNER_OUTBOX,
	OWNER_AIR, /* nobody waits */
	OWNER_MEND /* also what the store finds by itself: number 0 */
};
#define STORE_TOKEN(owner, n)                                                          \
	((uint64_t)(owner) << 56 | ((uint64_t)(n)&0xffffffffffffff))
#define STORE_OWNER(token)  ((enum store_owner)((token) >> 56))
#define STORE_NUMBER(token) ((token)&0xffffffffffffff)

/* Packets and alerts come newest first, everything else by id.  A page may be short,
 * even empty, and still have a `next`: a filter that matches little looks at so many
 * rows per page and no more, so that no question holds the reader. */
struct store_question { /* borrowed for the call */
	enum store_noun noun;
	const struct filter *filter; /* NULL: all; pushed into SQL as far as it goes */
	unix_ms from_ms, to_ms;      /* inclusive; 0: unbounded */
	struct text_view after;      /* the last page's `next`; empty: from the start */
	uint32_t limit;              /* 0: as many as fit into the page */
	enum audience audience;      /* decides what the page may say */
	struct text_view id; /* one thing by its text id, entries by their hash; empty:
				a list */
	unix_ms now_ms; /* entries that are over by then are not shown; 0: all are */
	bool whole;     /* entries with their embeddings */
	const struct id *except; /* messages: without these packets */
	size_t except_count;
};
/* Entries whose embeddings lie nearest to `like`, by cosine: the best `top` of them. Or
 * a list: the first `top` that pass, as STORE_ENTRIES has them. */
struct store_search {  /* borrowed for the call */
	uint8_t dtype; /* enum entry_dtype */
	uint16_t dim;  /* only embeddings of so many numbers are compared */
	struct bytes_view like;
	struct text_view type; /* empty: of any */
	bool has_origin;       /* only what this site says */
	struct mesh_key origin;
	const struct filter *filter; /* over entry_table; NULL: all */
	uint32_t top;                /* 1 to 64 */
	double least;                /* the lowest score that is shown; -1: any */
	unix_ms now_ms; /* entries that are over by then are not found; 0: all are */
	enum audience audience;
	bool list;                      /* dtype, dim, like and least mean nothing */
	struct bytes_view hash;         /* a list: of this one alone; empty: of all */
	const struct seek_place *after; /* a list: behind that; NULL: from its start */
	bool told; /* to another site: what hits say, instead of their JSON */
};
struct store_hit { /* best first; equals by hash, then by origin */
	struct mesh_key origin;
	double score;
	uint8_t hash_len, hash[64];
	uint8_t type_len;
	char type[32];
	int64_t row;           /* the store's own */
	struct text_view json; /* its part of the page's: a hit of model/hit.h; of a
				  list an entry */
	struct seek_said said; /* metadata only if they are told */
};
struct store_page {             /* owned by whoever took the outcome; store_page_free */
	struct bytes_view json; /* items, commas between, no brackets */
	const struct mesh_record *records; /* store_fetch: instead of json */
	const struct store_hit *hits;      /* store_search: beside json */
	bool partial; /* store_search: hurried, not all was looked at; store_find: not
			 all of the record is kept, zeros stand for the rest */
	size_t count;
	struct text_view next; /* empty: that was all; store_fetch: any text */
	uint64_t version;      /* of the noun's view: the ETag */
};
/* What the store found of its own accord, or of what it was told to mend. */
enum store_found {
	FOUND_NOTHING,
	FOUND_SAME,    /* the lane is what its newest CHECKPOINT says */
	FOUND_DIFFERS, /* it is not, up to at.seq */
	FOUND_LOST, /* a keyed lane has other rows than were counted; it ends at at.seq
		     */
	FOUND_UNREADABLE, /* at.seq did not read back, and is held no more */
	FOUND_MISSING,    /* at.seq to `last` had no rows, and are held no more */
	FOUND_VIEW        /* `rows` of `view` were not what the logs say, and are now */
};
struct store_finding {
	enum store_found what;
	struct mesh_position at;
	uint64_t last;
	const char *view; /* its table; static */
	uint64_t rows;
};
struct store_expiry { /* an entry's place among those that end */
	unix_ms ms;
	int64_t row; /* 0, with ms 0: before the first */
};
struct store_ending {
	struct mesh_key origin;
	unix_ms now;
	uint32_t most;              /* rows that are looked at */
	struct store_expiry behind; /* the outcome's of the page before */
};
struct store_outcome {
	uint64_t token;    /* the caller's, untouched */
	enum mesh_err err; /* MESH_IO: read-only until a write succeeds again */
	bool written;      /* SYNC_TWICE, err OK: the last outcome is still to come */
	struct store_page *page; /* reads; NULL for writes */
	struct mesh_live
	    live; /* store_put_record, keyed lanes: count and sum after it */
	bool has_live;
	uint64_t number;            /* store_floor */
	struct store_expiry behind; /* store_over: go on there; row 0: that was all */
	enum mesh_sketched
	    sketched;  /* store_compare; MENDED: page->json is store_mend's */
	uint32_t want; /* MORE: cells in all */
	struct store_finding finding;    /* OWNER_MEND */
	const struct mesh_record *again; /* SYNC_TWICE: stored now, and was refused in
					    an outcome before; until the next call */
};
struct store;
struct store_params {
	const char *path; /* of meshd.db; ":memory:" for the simulator */
	bool threads;     /* false: store_work() is called instead */
	uint32_t packet_days, alert_days, metric_days;
	uint64_t max_bytes;
	uint32_t per_origin;  /* rows of one origin in a time lane; 0: its quota */
	const uint8_t *netid; /* 16 bytes: rows are verified in the background, and
				 lanes    compared; NULL: they are not */
	const struct mesh_key *self;  /* NULL: all is kept of everybody */
	const struct replica *others; /* else: what is kept of others' registry; what
					 is more is cut in the background */
	void (*wake)(void *ctx);      /* from a store thread: outcomes are waiting */
	void *wake_ctx;
};
struct store_saved { /* what the last run left: for struct mesh_params; owned by the
			store until store_saved_free */
	const struct mesh_holding *holdings;
	size_t holding_count;
	const struct mesh_kept *kept; /* room "mesh" */
	size_t kept_count;
};
struct store_counts {
	uint64_t nodes, packets, alerts_open, bytes;
	uint32_t schema;
};

/* 0 or -errno.  The one call that may block: before the loop runs.  -ENOTSUP: a newer
 * meshd wrote this file (exit 78, "restore PATH.pre-vN or upgrade").  An older file is
 * copied to PATH.pre-vN, then migrated. */
int store_open(struct store **out, const struct store_params *params);
void store_close(struct store *s); /* commits what is pending first */
/* Before the loop runs, like store_open: may block. */
MESH_MUST_CHECK enum mesh_err store_saved(struct store *s, struct store_saved *out);
void store_saved_free(struct store_saved *saved);
MESH_MUST_CHECK enum mesh_err store_keep_now(struct store *s, struct text_view room,
    struct bytes_view key,
    struct bytes_view value); /* FULL sync, blocks: boot, clean */
/* A kept value into `out` (startup only).  MESH_NOT_FOUND: nothing there. */
MESH_MUST_CHECK enum mesh_err store_kept(struct store *s, struct text_view room,
    struct bytes_view key, struct bytes_out *out);
/* Drop every view and fold it again from the logs.  Before the loop runs: blocks. */
MESH_MUST_CHECK enum mesh_err store_rebuild_views(struct store *s);
/* What all but `self` said in a lane is gone, and to be asked for again should it be
 * wanted.  Before the loop runs: blocks. */
MESH_MUST_CHECK enum mesh_err store_forget_others(
    struct store *s, enum mesh_lane lane, const struct mesh_key *self);
/* Of what others said there something was left out once, and is wanted now: it is to be
 * asked for again, and shown as it is until it comes.  Before the loop runs: blocks. */
MESH_MUST_CHECK enum mesh_err store_recall_others(
    struct store *s, enum mesh_lane lane, const struct mesh_key *self);
/* Writes.  MESH_FULL: the writer is behind; the caller simply does not promise it. */
MESH_MUST_CHECK enum mesh_err store_put_record(
    struct store *s, const struct mesh_record *r, enum store_sync sync, uint64_t token);
/* One that stays here (mesh_record_local): shown, and never fetched for others. */
MESH_MUST_CHECK enum mesh_err store_put_local(
    struct store *s, const struct mesh_record *r, uint64_t token);
/* Numbers that need no record any more: `r` has no body (MESH_SETTLE). */
MESH_MUST_CHECK enum mesh_err store_settle(
    struct store *s, const struct mesh_record *r, uint64_t token);
/* All that `at.origin` said up to `at.epoch`, with its have-sets (MESH_PURGE): so many
 * at a time, that others are not kept waiting.  Outcome MESH_TRUNCATED: ask again. */
MESH_MUST_CHECK enum mesh_err store_purge(
    struct store *s, const struct mesh_record *r, uint64_t token);
MESH_MUST_CHECK enum mesh_err store_keep(struct store *s, struct text_view room,
    struct bytes_view key, struct bytes_view value, enum store_sync sync,
    uint64_t token);
/* Reads.  One outcome per call, unless cancelled. */
MESH_MUST_CHECK enum mesh_err store_ask(
    struct store *s, const struct store_question *q, uint64_t token);
/* Of a log, to be shown to a neighbour.  MESH_DENIED: epoch 0, which stays here.
 * MESH_FULL also: a record of these was told before it was written. */
MESH_MUST_CHECK enum mesh_err store_fetch(
    struct store *s, const struct mesh_position *from, uint64_t count, uint64_t token);
/* The PUT of a keyed lane that `origin` has live under `key`: `page->records`, or
 * MESH_NOT_FOUND.  Of its present epoch, like the next: numbers of a former one mean
 * nothing in a DROP. */
MESH_MUST_CHECK enum mesh_err store_find(struct store *s, const struct mesh_key *origin,
    enum mesh_lane lane, struct bytes_view key, uint64_t token);
/* Entries that are over: `page->records`, without those that do not read back. */
MESH_MUST_CHECK enum mesh_err store_over(
    struct store *s, const struct store_ending *q, uint64_t token);
/* MESH_MALFORMED: `like` has no direction or not `dim` numbers.  A search works in
 * slices, so other reads are answered meanwhile. */
MESH_MUST_CHECK enum mesh_err store_search(
    struct store *s, const struct store_search *q, uint64_t token);
/* A search that is under way ends with what it has.  It may have ended. */
void store_hurry(struct store *s, uint64_t token);
/* Lanes that are compared with neighbours: MESH_SKETCH, MESH_CELLS.  The page's json is
 * cells, or differences.  Made in slices, one sketch and one comparison at a time: a
 * question about other lanes ends the one before.  MESH_DENIED: a lane does not end
 * there, or that; of several lanes also: they have too many rows. */
MESH_MUST_CHECK enum mesh_err store_sketch(struct store *s,
    const struct mesh_position *scopes, size_t count, struct mesh_run cells,
    uint64_t token);
MESH_MUST_CHECK enum mesh_err store_compare(struct store *s,
    const struct mesh_position *at, uint32_t first, struct bytes_view cells,
    uint32_t want, uint64_t token);
/* What the comparison found is seen to; findings follow.  Without `differences`: the
 * have-set is forgotten, all is to come again (MESH_REFETCH). */
MESH_MUST_CHECK enum mesh_err store_mend(struct store *s,
    const struct mesh_position *at, struct bytes_view differences, uint64_t token);
/* The first number that `origin` wrote in that lane within the last `days` that the
 * clock has seen: `number`; 0: the store is younger, or it wrote none. */
MESH_MUST_CHECK enum mesh_err store_floor(struct store *s,
    const struct mesh_key *origin, enum mesh_lane lane, uint32_t days, uint64_t token);
void store_cancel(struct store *s, uint64_t token);
bool store_next(struct store *s, struct store_outcome *out); /* drain after each wake */
struct store_counts store_counts(const struct store *s); /* kept up to date, no disk */
bool store_is_readonly(const struct store *s);
/* Alerts of ours need not wait for a commit (said.h).  False: all of them do, as long
 * as this store is open. */
bool store_says_early(const struct store *s);
bool store_is_full(const struct store *s); /* read-only, for want of room */
/* The wall clock, each turn or each minute: retention counts the days it has seen and
 * works in small steps between commits.  Never blocks. */
void store_tick(struct store *s, unix_ms now);
void store_work(struct store *s); /* threads = false: do everything that is queued */
uint64_t store_version(const struct store *s, enum store_noun noun); /* no disk; 304 */
void store_page_free(struct store_page *page);
extern const struct counter_list store_counter_list; /* "store.records.stored" ... */
uint64_t store_counter(const struct store *s, size_t index);
#endif
