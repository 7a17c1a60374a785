#include "mending.h"
#include "bytes.h"
#include "meshsketch.h"

/* --- the core asks --- */

/* A neighbour wants a sketch: the reader makes it. */
static void
make(const struct mending_world *w, const struct mesh_event *e)
{
	struct mesh_position scopes[MESH_SKETCH_SCOPES];
	struct mesh_run cells = { e->to, e->to + e->max_bytes - 1 };
	size_t count = 0;
	while (count < MESH_SKETCH_SCOPES &&
	    mesh_site_scope(w->core, e->ticket, count, &scopes[count]))
		count++;
	if (store_sketch(w->store, scopes, count, cells,
		STORE_TOKEN(OWNER_SKETCH, e->ticket)) != MESH_OK)
		mesh_site_cells(w->core, e->ticket, bytes_view(NULL, 0), w->now);
}

/* No memory for it: as if it had been lost on the way. */
static void
compare(const struct mending_world *w, const struct mesh_event *e)
{
	(void)(store_compare(w->store, &e->record.at, (uint32_t)e->to, e->body,
		   e->max_bytes, STORE_TOKEN(OWNER_COMPARE, e->ticket)) == MESH_OK);
}

void
mending_event(const struct mending_world *w, const struct mesh_event *e)
{
	if (e->kind == MESH_SKETCH)
		make(w, e);
	else if (e->kind == MESH_CELLS)
		compare(w, e);
	else /* or after the next comparison */
		(void)(store_mend(w->store, &e->record.at, bytes_view(NULL, 0),
			   STORE_TOKEN(OWNER_MEND, 0)) == MESH_OK);
}

/* --- the store says --- */

static void
tell(const struct mending_world *w, const struct store_finding *f)
{
	switch (f->what) {
	case FOUND_NOTHING:
		return;
	case FOUND_SAME:
		mesh_site_compared(w->core, &f->at, COMPARED_SAME, w->now);
		return;
	case FOUND_DIFFERS:
		/* No damage yet: what came after it may have taken out what it counts,
		 * and be on its way.  If rows are lost, that is found and told. */
		mesh_site_compared(w->core, &f->at, COMPARED_DIFFERS, w->now);
		return;
	case FOUND_LOST:
		mesh_site_compared(w->core, &f->at, COMPARED_LOST, w->now);
		break;
	case FOUND_VIEW:
		break; /* mended already */
	case FOUND_UNREADABLE:
	case FOUND_MISSING:
		mesh_site_unheld(w->core, &f->at, f->last, w->now);
		break;
	}
	w->edges->damaged(w->edges->ctx, f);
}

static void
compared(const struct mending_world *w, const struct store_outcome *o)
{
	uint64_t ticket = STORE_NUMBER(o->token);
	enum mesh_sketched how = o->err == MESH_OK ? o->sketched : SKETCHED_MOVED;
	if (how == SKETCHED_MENDED &&
	    store_mend(w->store, &o->finding.at, o->page->json,
		STORE_TOKEN(OWNER_MEND, 0)) != MESH_OK)
		how = SKETCHED_MOVED;
	mesh_site_sketched(w->core, ticket, how, o->want, w->now);
}

/* A sketch that could not be made has no cells. */
static void
made(const struct mending_world *w, const struct store_outcome *o)
{
	bool is = o->err == MESH_OK && o->page != NULL;
	mesh_site_cells(w->core, STORE_NUMBER(o->token),
	    is ? o->page->json : bytes_view(NULL, 0), w->now);
}

void
mending_outcome(const struct mending_world *w, const struct store_outcome *o)
{
	enum store_owner owner = STORE_OWNER(o->token);
	if (owner == OWNER_SKETCH)
		made(w, o);
	else if (owner == OWNER_COMPARE)
		compared(w, o);
	else
		tell(w, &o->finding);
}
