/* hit.h - an entry that a search found, and how well it fits.
 *
 * The score is the cosine of the entry's embedding with what was asked for: 1 is the
 * same direction, 0 unrelated.  Best first; equals by hash, then by site.  Floor 5.
 * Pure. */
#ifndef MODEL_HIT_H
#define MODEL_HIT_H
#include "entry.h"

enum { HIT_TOP_MAX = 64 };
enum {
	HIT_HASH,
	HIT_TYPE,
	HIT_SITE,
	HIT_SCORE,
	HIT_METADATA,
	HIT_VERSION,
	HIT_TIME,
	HIT_EXPIRES
};
struct hit { /* `meshd.hits/1` */
	uint64_t has;
	struct bytes_view hash;
	struct text_view type, site;
	double score;
	struct tree_view metadata;
	struct state_version version;
	unix_ms time_ms, expires_ms;
};
extern const struct field_table hit_table;
struct hit_news {                   /* what one site found, as soon as it has said so */
	struct text_view ref, site; /* the asker's word for the search; who found it */
	struct list_view hits;      /* of struct hit: hash, type, site, score */
};
extern const struct field_table hit_news_table;
struct hit_complete {
	uint32_t answered, known; /* sites */
};
struct hit_early {    /* the same to who asked, before the answer */
	bool partial; /* true: this is not the answer */
	struct text_view site;
	struct list_view hits;
	struct hit_complete complete;
};
extern const struct field_table hit_early_table;
enum {
	ASKED_ID,
	ASKED_SITE,
	ASKED_WITHIN,
	ASKED_TYPE,
	ASKED_FILTER,
	ASKED_TOP,
	ASKED_THRESHOLD,
	ASKED_DTYPE,
	ASKED_DIM,
	ASKED_LIKE
};
struct asked { /* a search that local programs may answer */
	uint64_t has;
	struct text_view id, site, type, filter;
	uint32_t within_ms, top;
	double threshold;
	uint8_t dtype;
	uint16_t dim;
	struct bytes_view like;
};
extern const struct field_table asked_table;
struct hit hit_of(const struct entry *entry, double score); /* borrows from it */
#endif
