/* ingest_inside.h - struct ingest, for the files that are it: ingest.c (the door, and
 * what is on its way to the disk) and ingest_news.c (what a record says).  Floor 7.
 * Pure. */
#ifndef INGEST_INSIDE_H
#define INGEST_INSIDE_H
#include "arena.h"
#include "ingest.h"

enum { INGEST_ARENA = 160 * 1024, INGEST_LOCAL_BYTES = 2048, INGEST_TEXTS = 256 };
struct pending { /* given to the store, not yet decided */
	bool used;
	uint64_t ticket;
	bool own, told; /* told: the core has heard that it is written */
	enum mesh_lane lane;
	uint64_t seq;
	uint64_t item; /* the feed item that told of it; 0: none */
};
struct waiting {
	enum mesh_lane lane;
	uint64_t seq, caller;
	bool decided;
	enum mesh_err err;
};
struct ingest {
	struct ingest_params at;
	struct pending pending[INGEST_PENDING]; /* by ticket, linear probing */
	size_t pending_count;
	struct waiting waits[INGEST_WAITS];
	size_t wait_count;
	uint64_t locals;               /* how many were taken */
	struct id texts[INGEST_TEXTS]; /* that were told, or that we sent, the last */
	size_t next_text;
	uint8_t block[INGEST_ARENA];
};

struct ingest_news { /* one record on its way through the house */
	struct ingest *in;
	const struct mesh_record *record;
	enum feed_stage stage;
	bool own, late; /* it came by repair, or is over 5 min old */
	unix_ms now_ms;
	struct arena arena;
	uint64_t item; /* the last feed item made of it */
};
struct ingest_news ingest_news_of(
    struct ingest *in, const struct mesh_record *r, struct mesh_now now);
/* One item, about that object. */
void ingest_news_item(struct ingest_news *n, enum feed_topic topic,
    const struct field_table *t, const void *object);
void ingest_news_tell(struct ingest_news *n); /* all that the record says */
#endif
