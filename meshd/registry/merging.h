/* merging.h - what several sites found, as one list: the best of all, each once.
 *
 * The list is that of all their entries together whatever order answers come in.  Sites
 * that have more are asked again while their last hit stands above our last one, all at
 * once, for what stands behind the first of these hits: what they said before they say
 * twice.  Of two versions of an entry the newer is shown, where both say which they
 * are. Floor 7.  Pure.  Source: PROTOCOL.md 9. */
#ifndef MERGING_H
#define MERGING_H
#include "seek.h"

enum { MERGING_TOP = 64, MERGING_SITES = 64, MERGING_LOCAL = 64, MERGING_META = 768 };
struct merged {
	struct seek_hit hit; /* what it points to lies in the rest */
	uint8_t hash[ENTRY_HASH_MAX];
	char type[ENTRY_TYPE_MAX];
	struct seek_said said;
	uint8_t metadata[MERGING_META]; /* what is longer is cut there */
	struct mesh_key from;           /* the site that said so; zero: this one */
	int local;                      /* which of our own hits it is; -1: none */
};
struct merging_place {
	struct seek_hit hit; /* its hash and time lie in the next two */
	uint8_t hash[ENTRY_HASH_MAX];
	struct seek_said said;
};
struct merging_site { /* it has more behind that place */
	struct mesh_key site;
	struct merging_place last;
};
struct merging { /* zero with `top` set is valid */
	uint32_t top;
	bool list; /* in seek_list_order */
	size_t count;
	struct merged best[MERGING_TOP]; /* best first */
	size_t site_count;
	struct merging_site sites[MERGING_SITES];
	bool cut; /* more sites had more than there is room for */
};
/* False: it is not among the best, or known. */
bool merging_add(struct merging *m, const struct seek_hit *hit, int local);
void merging_answer(
    struct merging *m, const struct mesh_key *site, const struct seek_answer *answer);
/* How many sites must be asked again: they are forgotten here, `after` is the place
 * behind which.  0: the list is whole. */
size_t merging_next(struct merging *m, struct mesh_key sites[static MERGING_SITES],
    struct merging_place *after);
/* What `from` points to lies in itself: so it moves. */
void merging_place_keep(struct merging_place *to, const struct merging_place *from);
/* Leave out what stands behind that place. */
void merging_end(struct merging *m, const struct merging_place *at);
/* So many sites may have better ones that nobody asked for. */
size_t merging_left(const struct merging *m);
#endif
