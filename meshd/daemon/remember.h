/* remember.h - after a start: what the stored state records say, back into memory.
 *
 * Sites' names, our radios' nodes and everybody's views of them live in the live table;
 * the records they came from are in the store.  The control lane's are shown to the
 * core, whose own rows about them are committed one step later.  Read page by page
 * beside the running loop, so that a large store delays nothing.  Floor 10.  Pure. */
#ifndef REMEMBER_H
#define REMEMBER_H
#include "ingest.h"
#include "publish.h"
#include "store.h"

struct remember;
struct remember_params { /* borrowed, `holdings` for the call alone */
	struct store *store;
	struct ingest *ingest;
	struct publish *publish;
	struct mesh_key self;
	const struct mesh_holding *holdings;
	size_t holding_count;
	struct mesh_site *core;
};
struct remember *remember_new(
    const struct remember_params *params); /* NULL: no memory */
void remember_free(struct remember *r);
/* Ask for the next page when none is under way; false: all is read. */
bool remember_ask(struct remember *r);
/* An outcome whose token says OWNER_REMEMBER.  Does not take the page. */
void remember_outcome(
    struct remember *r, const struct store_outcome *outcome, struct mesh_now now);
#endif
