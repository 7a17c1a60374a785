/* seek.h - a search that one site asks of the others, and what they answer.
 *
 * The question is the body of a QUERY, the answer that of a REPLY: one datagram, so it
 * holds as many of the best as fit and says whether there are more.  The asker merges;
 * where a site's last hit still beats the worst that is kept, it asks that site again
 * for what stands after it, so the result is that of all entries together.  Who keeps
 * less than an index asks for hits `whole`: with all that the entry says.  Metadata
 * that is too long for the datagram is cut, its rest is asked for by hash, origin and
 * `rest`; so is an embedding, part by part, by `numbers`.  Scores are doubles, since
 * what is almost equal must stand in one order everywhere. Floor 5.  Pure.  Source:
 * PROTOCOL.md 9. */
#ifndef MODEL_SEEK_H
#define MODEL_SEEK_H
#include "entry.h"

/* 2 is an order: order.h.  Of a list the score is the confidence. */
enum seek_kind { SEEK_NEAREST = 1, SEEK_LIST = 3 };
enum { SEEK_OID = 8, SEEK_ONLY = 64 };
enum { SEEK_PLACE_TIME = 3 };
struct seek_place { /* a place in the order of hits: after this one */
	uint64_t has;
	double score;
	struct bytes_view hash;
	struct mesh_key origin;
	unix_ms time_ms; /* of a list */
};
struct seek_site {
	struct bytes_view oid;
};
enum {
	SEEK_KIND,
	SEEK_DTYPE,
	SEEK_DIM,
	SEEK_LIKE,
	SEEK_TYPE,
	SEEK_FILTER,
	SEEK_ORIGIN,
	SEEK_TOP,
	SEEK_LEAST,
	SEEK_ONLY_SITES,
	SEEK_AFTER,
	SEEK_HASH,
	SEEK_WHOLE,
	SEEK_REST,
	SEEK_NUMBERS
};
struct seek {
	uint64_t has;
	uint8_t kind, dtype;
	uint16_t dim;
	struct bytes_view like;
	struct text_view type, filter;
	struct mesh_key origin; /* only what this site says */
	uint32_t top;
	double least;
	struct list_view only; /* of struct seek_site; empty: all are asked */
	struct seek_place after;
	struct bytes_view hash; /* a list: only what is said of this one */
	bool whole;             /* hits say all */
	uint32_t rest;          /* their metadata from this byte on */
	uint32_t numbers; /* of one entry: the embedding alone from this byte on */
};
enum {
	SEEK_SAID_EPOCH,
	SEEK_SAID_SEQ,
	SEEK_SAID_TIME,
	SEEK_SAID_EXPIRES,
	SEEK_SAID_DTYPE,
	SEEK_SAID_DIM,
	SEEK_SAID_METADATA,
	SEEK_SAID_BYTES,
	SEEK_SAID_NUMBERS,
	SEEK_SAID_SCALE
};
struct seek_said { /* what an entry says beside its hash and type */
	uint64_t has;
	uint64_t epoch, seq;
	unix_ms time_ms, expires_ms;
	uint8_t dtype;
	uint16_t dim;
	struct bytes_view metadata; /* entry_meta_table, or a part of it */
	uint32_t bytes;             /* so long is all of it */
	struct bytes_view numbers;  /* the embedding, or a part of it */
	float scale;
};
struct seek_hit {
	struct bytes_view hash;
	struct mesh_key origin;
	struct text_view type;
	double score;
	struct list_view said; /* at most one struct seek_said */
};
enum { SEEK_ANSWER_HITS, SEEK_ANSWER_MORE, SEEK_ANSWER_PARTIAL };
struct seek_answer {
	uint64_t has;
	struct list_view hits; /* of struct seek_hit, best first */
	bool more;             /* others stand behind the last one */
	bool partial;          /* there was no time to look at all */
};
extern const struct field_table seek_table, seek_answer_table, seek_hit_table;

/* NULL: sound; else what is wrong with it. */
const char *seek_fault(const struct seek *s);
/* Best first: by score, then hash, then origin; < 0: the first one is better. */
int seek_order(const struct seek_hit *a, const struct seek_hit *b);
/* Of a list: by hash, then as the entries of one hash stand: entry_before. */
int seek_list_order(const struct seek_hit *a, const struct seek_hit *b);
/* NULL: the hit says no more than its hash. */
const struct seek_said *seek_said(const struct seek_hit *hit);
/* All but the metadata. */
struct seek_said seek_said_of(const struct entry *e);
/* Does the question mean the site with that key? */
bool seek_means(const struct seek *s, const struct mesh_key *site);
void seek_oid(const struct mesh_key *site, uint8_t oid[static SEEK_OID]);
#endif
