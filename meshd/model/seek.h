/* seek.h - a search that one site asks of the others, and what they answer.
 *
 * The question is the body of a QUERY to all, the answer that of a REPLY: one datagram,
 * so it holds as many of the best as fit and says whether there are more.  The asker
 * merges; where a site's last hit still beats the worst that is kept, it asks that site
 * again for what stands after it, so the result is that of all entries together.
 * Scores are doubles, since what is almost equal must stand in one order everywhere.
 * Floor 5.  Pure.  Source: PROTOCOL.md 9. */
#ifndef MODEL_SEEK_H
#define MODEL_SEEK_H
#include "entry.h"

enum { SEEK_NEAREST = 1, SEEK_OID = 8, SEEK_ONLY = 64 };
struct seek_place { /* a place in the order of hits: after this one */
	uint64_t has;
	double score;
	struct bytes_view hash;
	struct mesh_key origin;
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
	SEEK_AFTER
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
};
struct seek_hit {
	struct bytes_view hash;
	struct mesh_key origin;
	struct text_view type;
	double score;
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
/* Does the question mean the site with that key? */
bool seek_means(const struct seek *s, const struct mesh_key *site);
void seek_oid(const struct mesh_key *site, uint8_t oid[static SEEK_OID]);
#endif
