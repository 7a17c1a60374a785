#include "disk_body.h"
#include "disk_state.h"
#include "meshsketch.h"
#include "must.h"
#include "world.h"
#include "world_disk.h"
#include <string.h>

/* What a daemon's store does about lanes that are not what they should be. */

enum {
	FIRST = 16,
	AT_ONCE = 24
}; /* cells of a first question; numbers that are given up and asked for in one go */

struct world_mend {
	struct mesh_position asked; /* the lane that is compared, up to its end */
	struct mesh_comparison compared;
	uint64_t lost[MESH_SKETCH_CELLS], ours[MESH_SKETCH_CELLS];
	size_t lost_count, lost_next, ours_count;
	struct mesh_sketch made; /* for a neighbour */
	struct mesh_live made_of;
	struct mesh_position made_at;
	struct mesh_sketch_cell cells[MESH_SKETCH_CELLS];
	uint8_t wire[MESH_SKETCH_CELLS * MESH_SKETCH_CELL];
};

static struct world_mend *
mend_of(struct world_site *s)
{
	if (s->mend == NULL)
		s->mend = must(calloc(1, sizeof *s->mend));
	return s->mend;
}

void
world_mend_free(struct world_mend *m)
{
	free(m);
}

static bool
same_log(const struct mesh_position *a, const struct mesh_position *b)
{
	return a->lane == b->lane && a->epoch == b->epoch &&
	    memcmp(&a->origin, &b->origin, sizeof a->origin) == 0;
}

/* --- cells --- */

/* The lane, if it ends there without a gap. */
static const struct disk_held *
whole(struct world_site *s, const struct mesh_position *at)
{
	const struct disk_held *h = disk_state_held(disk_state_of(s->disk), at);
	bool is = h != NULL && h->run_count == 1 && h->runs[0].first == 1 &&
	    h->runs[0].last == at->seq;
	return is ? h : NULL;
}

static void
put_all(struct mesh_sketch *to, const struct disk_held *h, uint8_t scope)
{
	for (size_t i = 0; i < h->item_count; i++) {
		struct mesh_sketch_item item = { .scope = scope,
			.seq = h->items[i].seq };
		if (h->items[i].type == RECORD_CHECKPOINT ||
		    h->items[i].type == DISK_WEIGHS)
			continue;
		memcpy(item.leaf, h->items[i].body->leaf, sizeof item.leaf);
		mesh_sketch_put(to, &item);
	}
}

static bool
make(struct world *w, struct world_site *s, uint64_t ticket)
{
	struct world_mend *m = mend_of(s);
	struct mesh_position at;
	mesh_sketch_init(&m->made, w->network.id, m->cells, MESH_SKETCH_CELLS);
	for (size_t i = 0; mesh_site_scope(s->site, ticket, i, &at); i++) {
		const struct disk_held *h = whole(s, &at);
		if (h == NULL)
			return false;
		put_all(&m->made, h, (uint8_t)i);
	}
	return true;
}

static void
answer(struct world *w, struct world_site *s, const struct mesh_event *e)
{
	struct world_mend *m = mend_of(s);
	struct bytes_out out = bytes_out(m->wire, sizeof m->wire);
	if (!make(w, s, e->ticket) ||
	    mesh_sketch_write(&m->made, (uint32_t)e->to, e->max_bytes, &out) != MESH_OK)
		out.len = 0;
	mesh_site_cells(s->site, e->ticket, bytes_written(&out), world_now(w));
}

/* --- mending --- */

static int
by_number(const void *a, const void *b)
{
	uint64_t x, y;
	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

static void
plan(struct world_mend *m)
{
	m->lost_count = m->lost_next = m->ours_count = 0;
	for (uint32_t i = 0; i < m->compared.found; i++) {
		const struct mesh_sketch_difference *d = &m->compared.differences[i];
		if (d->added)
			m->ours[m->ours_count++] = d->item.seq;
		else
			m->lost[m->lost_count++] = d->item.seq;
	}
	qsort(m->lost, m->lost_count, sizeof *m->lost, by_number);
}

static void
give_up(struct world *w, struct world_site *s, const struct mesh_position *at,
    struct mesh_run lost)
{
	struct mesh_position one = *at;
	if (!disk_state_lose(disk_state_of(s->disk), at, lost))
		return;
	for (one.seq = lost.first; one.seq <= lost.last; one.seq++)
		disk_untell(s->disk, &one);
	one.seq = lost.first;
	mesh_site_unheld(s->site, &one, lost.last, world_now(w));
}

/* The next numbers that only others have.  False: none is left. */
static bool
give_up_some(struct world *w, struct world_site *s)
{
	struct world_mend *m = s->mend;
	bool any = m->lost_next < m->lost_count;
	for (size_t runs = 0; runs < AT_ONCE && m->lost_next < m->lost_count; runs++) {
		struct mesh_run run = { m->lost[m->lost_next], m->lost[m->lost_next] };
		while (++m->lost_next < m->lost_count &&
		    m->lost[m->lost_next] == run.last + 1)
			run.last++;
		give_up(w, s, &m->asked, run);
	}
	return any;
}

/* Rows that only we have go, if the lane is then what its origin says. */
static void
remove_ours(struct world_site *s, const struct mesh_position *at)
{
	struct disk_state *d = disk_state_of(s->disk);
	const struct disk_held *h = disk_state_held(d, at);
	struct mesh_position one = *at;
	struct mesh_live live = h->live;
	for (size_t i = 0; i < h->item_count; i++)
		for (size_t k = 0; k < s->mend->ours_count; k++)
			if (h->items[i].seq == s->mend->ours[k])
				mesh_live_remove(&live, h->items[i].body->leaf,
				    h->items[i].body->weight);
	if (!disk_body_agrees(h->items[h->item_count - 1].body, &live))
		return;
	for (size_t k = 0; k < s->mend->ours_count; k++) {
		one.seq = s->mend->ours[k];
		(void)disk_state_remove(d, &one, true);
	}
}

void
world_mend_look(struct world *w, uint32_t site, const struct mesh_position *at)
{
	struct world_site *s = &w->sites[site];
	struct disk_state *d = disk_state_of(s->disk);
	const struct disk_held *h = disk_state_held(d, at);
	bool same, ours = s->mend != NULL && same_log(&s->mend->asked, at);
	if (h == NULL || h->run_count != 1 || (ours && give_up_some(w, s)) ||
	    !disk_state_compare(d, at, &same))
		return;
	if (!same && ours && s->mend->ours_count > 0)
		remove_ours(s, at);
	if (!same && h->generation > 0)
		disk_state_sweep(d, at);
	if (disk_state_compare(d, at, &same))
		mesh_site_compared(
		    s->site, at, same ? COMPARED_SAME : COMPARED_DIFFERS, world_now(w));
}

static void
compare(struct world *w, uint32_t site, const struct mesh_event *e)
{
	struct world_site *s = &w->sites[site];
	struct world_mend *m = mend_of(s);
	struct mesh_position at = e->record.at;
	const struct disk_held *h = whole(s, &at);
	uint32_t more = 0;
	if (h != NULL && e->to == 0 &&
	    e->max_bytes == MESH_SKETCH_FIRST) { /* a new one */
		m->asked = at;
		m->lost_count = m->lost_next = m->ours_count = 0;
		mesh_comparison_init(&m->compared, w->network.id);
		put_all(&m->compared.sketch, h, 0);
	}
	enum mesh_sketched how = SKETCHED_MOVED;
	if (h != NULL && same_log(&m->asked, &at) && m->asked.seq == at.seq)
		how = mesh_comparison_take(
		    &m->compared, (uint32_t)e->to, e->body, e->max_bytes, &more);
	if (how == SKETCHED_MENDED)
		plan(m);
	mesh_site_sketched(s->site, e->ticket, how, more, world_now(w));
	if (how == SKETCHED_MENDED)
		world_mend_look(w, site, &at);
}

static void
fetch_again(struct world *w, struct world_site *s, const struct mesh_position *end)
{
	struct mesh_position first = *end;
	first.seq = 1;
	for (struct mesh_position one = first; one.seq <= end->seq; one.seq++)
		disk_untell(s->disk, &one);
	disk_state_anew(disk_state_of(s->disk), end);
	mesh_site_unheld(s->site, &first, end->seq, world_now(w));
}

void
world_mend_event(struct world *w, uint32_t site, const struct mesh_event *e)
{
	struct mesh_position at = e->record.at;
	if (e->kind == MESH_SKETCH)
		answer(w, &w->sites[site], e);
	else if (e->kind == MESH_CELLS)
		compare(w, site, e);
	else
		fetch_again(w, &w->sites[site], &at);
}

/* --- damage --- */

bool
world_damage(struct world *w, uint32_t site, const struct mesh_position *at,
    enum world_damage how)
{
	struct world_site *s = &w->sites[site];
	struct mesh_position end = *at;
	if (!disk_state_remove(disk_state_of(s->disk), at, true))
		return false;
	if (how == DAMAGE_UNREADABLE) {
		give_up(w, s, at, (struct mesh_run){ at->seq, at->seq });
	} else if (how == DAMAGE_FOUND) {
		const struct disk_held *h = disk_state_held(disk_state_of(s->disk), at);
		end.seq = h->runs[0].last;
		mesh_site_compared(s->site, &end, COMPARED_LOST, world_now(w));
	}
	world_drain(w, site);
	return true;
}

static const struct disk_held *
held_at(const struct world *w, uint32_t site, uint32_t origin, enum mesh_lane lane)
{
	const struct world_site *from = &w->sites[origin];
	struct mesh_position at = from->newest[lane];
	return disk_state_held(disk_state_of(w->sites[site].disk), &at);
}

size_t
world_live(const struct world *w, uint32_t site, uint32_t origin, enum mesh_lane lane)
{
	const struct disk_held *h = held_at(w, site, origin, lane);
	return h != NULL ? (size_t)h->live.count : 0;
}

bool
world_same_rows(
    const struct world *w, uint32_t a, uint32_t b, uint32_t origin, enum mesh_lane lane)
{
	const struct disk_held *x = held_at(w, a, origin, lane),
			       *y = held_at(w, b, origin, lane);
	if (x == NULL || y == NULL || x->item_count != y->item_count)
		return false;
	for (size_t i = 0; i < x->item_count; i++)
		if (x->items[i].seq != y->items[i].seq ||
		    memcmp(x->items[i].body->leaf, y->items[i].body->leaf, 32) != 0)
			return false;
	return true;
}
