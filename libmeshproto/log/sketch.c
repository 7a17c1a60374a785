#include "meshsketch.h"
#include "seal.h"
#include <math.h>
#include <string.h>

/* PROTOCOL.md 9: items, cells, and the walk over an item's cells. */

#define WALK_FACTOR UINT64_C(0xda942042e4dd58b5)
enum { SEQ_BITS = 48 };

struct walk { /* over the cells of one item */
	uint64_t state, index;
};
struct token { /* an item as cells hold it */
	uint64_t half[2], check;
};

void
mesh_sketch_init(struct mesh_sketch *s, const uint8_t netid[static 16],
    struct mesh_sketch_cell *cells, uint32_t count)
{
	memcpy(s->netid, netid, sizeof s->netid);
	s->cells = cells;
	s->count = count;
	memset(cells, 0, count * sizeof *cells);
}

/* --- items --- */

static uint64_t
check_of(const struct mesh_sketch *s, const uint64_t half[static 2])
{
	uint8_t bytes[MESH_SKETCH_ITEM];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	bytes_put_u64(&out, half[0]);
	bytes_put_u64(&out, half[1]);
	return seal_siphash(s->netid, bytes_written(&out));
}

/* scope || seq, 48 bits || 9 bytes of the leaf. */
static struct token
token_of(const struct mesh_sketch *s, const struct mesh_sketch_item *item)
{
	uint8_t bytes[MESH_SKETCH_ITEM];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	bytes_put_u8(&out, item->scope);
	bytes_put_uint(&out, item->seq & MESH_SKETCH_SEQ_MAX, SEQ_BITS / 8);
	bytes_put(&out, item->leaf, sizeof item->leaf);
	struct bytes_in in = bytes_in(bytes_written(&out));
	struct token t = { .check = 0 };
	t.half[0] = bytes_u64(&in);
	t.half[1] = bytes_u64(&in);
	t.check = check_of(s, t.half);
	return t;
}

static void
read_item(const uint64_t half[static 2], struct mesh_sketch_item *out)
{
	uint8_t bytes[MESH_SKETCH_ITEM];
	struct bytes_out room = bytes_out(bytes, sizeof bytes);
	bytes_put_u64(&room, half[0]);
	bytes_put_u64(&room, half[1]);
	struct bytes_in in = bytes_in(bytes_written(&room));
	out->scope = bytes_u8(&in);
	out->seq = bytes_uint(&in, SEQ_BITS / 8);
	memcpy(
	    out->leaf, bytes + MESH_SKETCH_ITEM - MESH_SKETCH_LEAF, sizeof out->leaf);
}

/* --- cells --- */

/* The steps get longer with the index, so that cell i holds an item with probability
 * 1 / (1 + i/2). */
static void
step(struct walk *w)
{
	const double range = 4294967296.0;
	w->state *= WALK_FACTOR;
	double ratio = range / sqrt((double)w->state + 1.0) - 1.0;
	w->index += (uint64_t)ceil(((double)w->index + 1.5) * ratio);
}

static void
mix(struct mesh_sketch_cell *c, const struct token *t, uint32_t times)
{
	c->item[0] ^= t->half[0];
	c->item[1] ^= t->half[1];
	c->check ^= t->check;
	c->count += times;
}

void
mesh_sketch_put(struct mesh_sketch *s, const struct mesh_sketch_item *item)
{
	struct token t = token_of(s, item);
	for (struct walk w = { t.check, 0 }; w.index < s->count; step(&w))
		mix(&s->cells[w.index], &t, 1);
}

enum mesh_err
mesh_sketch_write(
    const struct mesh_sketch *s, uint32_t first, uint32_t count, struct bytes_out *out)
{
	if (first > s->count || count > s->count - first)
		return MESH_MALFORMED;
	for (uint32_t i = first; i < first + count; i++) {
		const struct mesh_sketch_cell *c = &s->cells[i];
		bytes_put_u64(out, c->item[0]);
		bytes_put_u64(out, c->item[1]);
		bytes_put_u64(out, c->check);
		bytes_put_u32(out, c->count);
	}
	return out->failed ? MESH_FULL : MESH_OK;
}

enum mesh_err
mesh_sketch_subtract(struct mesh_sketch *s, uint32_t first, struct bytes_view cells)
{
	size_t count = cells.len / MESH_SKETCH_CELL;
	struct bytes_in in = bytes_in(cells);
	if (cells.len % MESH_SKETCH_CELL != 0 || first > s->count ||
	    count > s->count - first)
		return MESH_MALFORMED;
	for (size_t i = first; i < first + count; i++) {
		struct token t = { .check = 0 };
		t.half[0] = bytes_u64(&in);
		t.half[1] = bytes_u64(&in);
		t.check = bytes_u64(&in);
		mix(&s->cells[i], &t, -bytes_u32(&in));
	}
	return MESH_OK;
}

/* --- peeling --- */

struct peeling {
	struct mesh_sketch *s;
	uint32_t waiting; /* 1 + index of the first cell to be looked at; 0: none */
};

static void
wait_for(struct peeling *p, uint64_t index)
{
	struct mesh_sketch_cell *c = &p->s->cells[index];
	if (c->waits)
		return;
	c->waits = true;
	c->next = (uint16_t)p->waiting;
	p->waiting = (uint32_t)index + 1;
}

static struct mesh_sketch_cell *
take(struct peeling *p)
{
	struct mesh_sketch_cell *c = &p->s->cells[p->waiting - 1];
	c->waits = false;
	p->waiting = c->next;
	return c;
}

/* One item alone is left in it, of one set or of the other. */
static bool
is_pure(const struct mesh_sketch *s, const struct mesh_sketch_cell *c)
{
	return (c->count == 1 || c->count == UINT32_MAX) &&
	    check_of(s, c->item) == c->check;
}

static bool
is_empty(const struct mesh_sketch_cell *c)
{
	return c->count == 0 && (c->item[0] | c->item[1] | c->check) == 0;
}

static void
take_out(struct peeling *p, const struct mesh_sketch_cell *c)
{
	struct token t = { { c->item[0], c->item[1] }, c->check };
	uint32_t times = -c->count;
	for (struct walk w = { t.check, 0 }; w.index < p->s->count; step(&w)) {
		mix(&p->s->cells[w.index], &t, times);
		wait_for(p, w.index);
	}
}

/* Each item that can be named needs a cell of its own: more than cells are a lie, and
 * so is a cell that still holds what was taken out of it. */
static enum mesh_err
peel(struct peeling *p, struct mesh_sketch_difference *out, uint32_t *found)
{
	for (*found = 0; p->waiting != 0;) {
		const struct mesh_sketch_cell *c = take(p);
		if (!is_pure(p->s, c))
			continue;
		struct mesh_sketch_difference d = { .added = c->count == 1 };
		read_item(c->item, &d.item);
		if (*found == p->s->count || d.item.seq == 0)
			return MESH_MALFORMED;
		out[(*found)++] = d;
		take_out(p, c);
	}
	return MESH_OK;
}

enum mesh_err
mesh_sketch_peel(
    struct mesh_sketch *s, struct mesh_sketch_difference *out, uint32_t *found)
{
	struct peeling p = { s, 0 };
	for (uint32_t i = s->count; i-- > 0;)
		wait_for(&p, i);
	enum mesh_err err = peel(&p, out, found);
	for (uint32_t i = 0; err == MESH_OK && i < s->count; i++)
		if (!is_empty(&s->cells[i]))
			err = MESH_TRUNCATED;
	return err;
}
