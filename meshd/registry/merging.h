/* merging.h - what several sites found, as one list: the best of all, each once.
 *
 * The list is that of all their entries together whatever order answers come in.  A
 * site that has more is asked again while its last hit stands above our last one.
 * Floor 7.  Pure.  Source: PROTOCOL.md 9. */
#ifndef MERGING_H
#define MERGING_H
#include "seek.h"

enum { MERGING_TOP = 64, MERGING_SITES = 64, MERGING_LOCAL = 64 };
struct merged {
	struct seek_hit hit; /* its texts lie in the next two */
	uint8_t hash[ENTRY_HASH_MAX];
	char type[ENTRY_TYPE_MAX];
	int local; /* which of our own hits it is; -1: none */
};
struct merging_site { /* it has more behind that place */
	struct mesh_key site;
	struct merged last;
};
struct merging { /* zero with `top` set is valid */
	uint32_t top;
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
/* The site that must be asked again, and is forgotten here; false: the list is whole.
 */
bool merging_next(struct merging *m, struct merging_site *out);
/* So many sites may have better ones that nobody asked for. */
size_t merging_left(const struct merging *m);
#endif
