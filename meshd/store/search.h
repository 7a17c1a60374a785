/* search.h - the entries whose embeddings lie nearest to one that is given.
 *
 * All blocks of that many numbers are read in their order and scored by a quick pass;
 * only what beats the worst that is kept is looked up: whose it is, whether it is
 * wanted.  What is left at the end is scored exactly, in the dtype in which it was
 * entered, and the best are described.  The walk goes in slices, each in a transaction
 * of its own: nothing is held meanwhile, and what changed behind the walk is looked up
 * again at its end.  A search that is hurried shows what it has.  Floor 6. */
#ifndef SEARCH_H
#define SEARCH_H
#include "request.h"
#include "search_list.h"
#include "sites.h"
#include "statements.h"
#include "vectors.h"

enum {
	SEARCH_SLICE = 16 << 20,
	SEARCH_LOOKS = 1000, /* of a slice: some 20 ms with a filter */
	SEARCH_PAGE = 400 * 1024
};
struct searcher { /* the reader's; zero plus searcher_init is valid */
	struct statements *s;
	struct vectors vectors;
	uint8_t *block;         /* owned, VECTORS_BLOCK bytes, aligned */
	float *scores;          /* owned, VECTORS_SLOTS */
	struct store_hit *hits; /* owned, NEAREST_MAX */
	struct search_list list;
	uint8_t *json; /* borrowed: SEARCH_PAGE */
};
MESH_MUST_CHECK enum mesh_err searcher_init(
    struct searcher *r, const struct search_list *list, uint8_t *json);
void searcher_release(struct searcher *r);
/* One slice: about SEARCH_SLICE bytes of vectors, SEARCH_LOOKS entries.  True: that was
 * the last. */
bool search_walk(struct searcher *r, struct search *search, const atomic_bool *stop);
/* The best of what the walk met.  `partial`: it has not met all. */
MESH_MUST_CHECK enum mesh_err search_page(
    struct searcher *r, struct search *search, bool partial, struct store_page **out);
/* At the end of a transaction: let go of blocks. */
void search_rest(struct searcher *r);
#endif
