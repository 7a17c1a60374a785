/* request.h - one thing asked of the store, and what became of it: the message that
 * travels loop -> thread -> loop.
 *
 * Everything is copied into one block behind the struct, so nothing is shared while it
 * is away, and the block itself comes back as the outcome: answering never needs
 * memory. Floor 6. */
#ifndef REQUEST_H
#define REQUEST_H
#include "dot.h"
#include "filter.h"
#include "hit.h"
#include "nearest.h"
#include "store.h"
#include <stdatomic.h>

enum request_kind {
	REQUEST_RECORD,
	REQUEST_LOCAL,  /* a record that stays here */
	REQUEST_SETTLE, /* a record without a body */
	REQUEST_PURGE,  /* a position: its origin, up to its epoch */
	REQUEST_KEEP,
	REQUEST_TICK,
	REQUEST_LOOK, /* this row did not read back; from the reader */
	REQUEST_ASK,
	REQUEST_FETCH,
	REQUEST_FIND,  /* what an origin has live under a key */
	REQUEST_OVER,  /* entries of an origin that have expired */
	REQUEST_FLOOR, /* what an origin wrote of late */
	REQUEST_SEARCH,
	REQUEST_SKETCH,
	REQUEST_COMPARE,
	REQUEST_MEND,
	REQUEST_FINDING /* nobody asked */
};
struct search_row { /* one that passed */
	int64_t row;
	double confidence;
	struct mesh_key origin;
};
struct search_place { /* of a list: a hash, and how many of it were seen (2 B) */
	uint8_t len, bytes[ENTRY_HASH_MAX + 2];
};
struct search { /* one that is under way: search.h */
	struct store_search q;
	struct dot_query query;
	int64_t kind;  /* of q.type */
	int64_t after; /* the last block that was read */
	int64_t in;    /* a block that is half looked at, and from which slot on */
	size_t slot;
	struct nearest nearest;
	struct seek_place behind; /* a list: q.after points here, its hash there: */
	uint8_t hash[ENTRY_HASH_MAX];
	struct search_place place; /* the last one that was seen; len 0: none */
	size_t count;
	struct search_row rows[HIT_TOP_MAX];
};
struct request {
	struct request *next; /* of the queue it is in */
	enum request_kind kind;
	enum store_sync sync;
	size_t bytes;          /* of this block, for the queue's budget */
	atomic_bool cancelled; /* set by the loop, read by the reader between rows */
	atomic_bool hurried;   /* a search: end with what there is */
	bool said;             /* SYNC_TWICE: told before it is written (said.h) */
	bool told;             /* SYNC_TWICE: told when it was written */
	bool again;            /* either, and the disk refused it: it is put anew */
	union {                /* views point behind the struct */
		struct mesh_record record;
		struct {
			struct text_view room;
			struct bytes_view key, value;
		} keep;
		struct store_question ask;
		struct {
			struct mesh_position from;
			uint64_t count, end; /* no number from `end` on */
		} fetch;
		struct {
			struct mesh_key origin;
			enum mesh_lane lane;
			struct bytes_view key;
			uint32_t most;
		} find;
		struct store_ending ending;
		struct search *search;
		struct {
			const struct mesh_position *scopes;
			size_t count;
			struct mesh_run cells; /* of them: first, last */
			bool begun;            /* the reader has seen it before */
		} sketch;
		struct { /* MEND: `bytes` are the differences */
			struct mesh_position at;
			uint32_t first, want;
			struct bytes_view bytes;
			bool begun;
		} compare;
		unix_ms tick;
		struct mesh_position look;
	} as;
	struct store_outcome outcome; /* token from the start */
};
/* NULL: no memory. */
struct request *request_of_record(
    const struct mesh_record *r, enum store_sync sync, uint64_t token);
struct request *request_of_keep(struct text_view room, struct bytes_view key,
    struct bytes_view value, uint64_t token); /* `sync` is the caller's to set */
struct request *request_of_question(const struct store_question *q, uint64_t token);
struct request *request_of_fetch(
    const struct mesh_position *from, uint64_t count, uint64_t token);
struct request *request_of_find(const struct mesh_key *origin, enum mesh_lane lane,
    struct bytes_view key, uint64_t token);
/* `most` days. */
struct request *request_of_floor(
    const struct mesh_key *origin, enum mesh_lane lane, uint32_t days, uint64_t token);
struct request *request_of_over(const struct store_ending *q, uint64_t token);
/* NULL also: what is asked for has no direction. */
struct request *request_of_search(const struct store_search *q, uint64_t token);
struct request *request_of_sketch(const struct mesh_position *scopes, size_t count,
    struct mesh_run cells, uint64_t token);
/* REQUEST_COMPARE; `kind` and the cells' place are the caller's to set. */
struct request *request_of_bytes(
    const struct mesh_position *at, struct bytes_view bytes, uint64_t token);
struct request *request_of_finding(const struct store_finding *f, uint64_t token);
struct request *request_of_tick(unix_ms now);
struct request *request_of_look(const struct mesh_position *at);
/* May it wait for others, and for the syncer? */
bool request_gathers(const struct request *r);
/* Does the loop want to hear of it? */
bool request_is_told(const struct request *r);
void request_free(struct request *r); /* its page too; NULL is fine */

struct request_list {
	struct request *first, **end; /* `end` points at the last `next` */
	size_t count;
};
void request_list_init(struct request_list *l);
void request_list_put(struct request_list *l, struct request *r);
struct request *request_list_take(struct request_list *l); /* NULL: empty */
/* All behind the first `n` move to `rest`, which is empty. */
void request_list_split(struct request_list *l, size_t n, struct request_list *rest);
/* All of `front` before what is there. */
void request_list_prepend(struct request_list *l, struct request_list *front);
#endif
