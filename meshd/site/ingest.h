/* ingest.h - the one door: every record, own or foreign, enters the house here.
 *
 * Decoded once, given to the store, shown in the live table, told on the feed (stage
 * HEARD); when the store says it is safe, the core may promise it and the feed says it
 * again (STORED).  A record whose body this version cannot read is stored all the same:
 * others may read it.  A record that the store is too busy for is not promised; repair
 * brings it again.  Floor 7.  Pure. */
#ifndef INGEST_H
#define INGEST_H
#include "feed.h"
#include "live.h"
#include "meshd_counters.h"
#include "meshproto.h"
#include "store.h"

enum { INGEST_PENDING = 2048, INGEST_WAITS = 256 };
struct ingest;
struct ingest_params { /* all borrowed until ingest_free */
	struct mesh_site *core;
	struct store *store;
	struct feed *feed;
	struct live *live;
	struct meshd_counts *counts;
	struct mesh_key self;
};
struct ingest *ingest_new(const struct ingest_params *params); /* NULL: no memory */
void ingest_free(struct ingest *in);
/* A MESH_RECORD event.  Views in it are not kept. */
void ingest_record(
    struct ingest *in, const struct mesh_event *event, struct mesh_now now);
/* What was heard here and shall not leave: to the store's local rows, the live table
 * and the feed, and not to the mesh. */
void ingest_local(struct ingest *in, enum mesh_lane lane, uint16_t type,
    struct bytes_view body, struct mesh_now now);
/* What a program at that site - NULL: here - publishes: to the feed. */
void ingest_post(struct ingest *in, const struct mesh_key *site, struct bytes_view body,
    struct mesh_now now);
bool ingest_is_self(const struct ingest *in, const struct mesh_key *site);
/* An outcome whose token says OWNER_INGEST. */
void ingest_outcome(
    struct ingest *in, const struct store_outcome *outcome, struct mesh_now now);
/* Somebody waits for our own record (lane, seq), just appended.  MESH_FULL: too many.
 */
MESH_MUST_CHECK enum mesh_err ingest_await(
    struct ingest *in, enum mesh_lane lane, uint64_t seq, uint64_t caller);
struct ingest_done {
	uint64_t caller;
	enum mesh_err err; /* MESH_OK: stored here */
};
/* The next of them that is decided; drain after records and outcomes. */
bool ingest_next_done(struct ingest *in, struct ingest_done *out);
/* The alert, node or state of a stored record is told to the live table alone: at
 * start, with what the store remembers. */
void ingest_remember(struct ingest *in, const struct mesh_record *r);
#endif
