#include "frag.h"
#include "mesh_counters.h"
#include "wire.h"
#include <assert.h>

void
frag_init(struct frags *f, uint32_t spare, uint64_t *counters)
{
	*f = (struct frags){ .spare = spare };
	f->counters = counters;
}

/* --- sending --- */

static size_t
length_of(const struct frag_cut *what)
{
	size_t len = 0;

	for (size_t i = 0; i < FRAG_PARTS; i++)
		len += what->parts[i].len;
	return len;
}

size_t
frag_pieces(size_t bytes, size_t limit)
{
	size_t step = limit - FRAG_AROUND, count = (bytes + step - 1) / step;

	assert(limit >= FRAG_AROUND + MESSAGE_STEP_MIN);
	return bytes <= MESSAGE_FRAME_MAX && count <= MESSAGE_PIECES ? count : 0;
}

/* Bytes from `at` on, as many as `out` has room for. */
static void
copy_parts(const struct frag_cut *what, size_t at, struct bytes_out *out)
{
	for (size_t i = 0; i < FRAG_PARTS && out->len < out->cap; i++) {
		const struct bytes_view *part = &what->parts[i];
		size_t left = out->cap - out->len;
		if (at >= part->len) {
			at -= part->len;
			continue;
		}
		size_t n = part->len - at < left ? part->len - at : left;
		bytes_put(out, part->ptr + at, n);
		at = 0;
	}
}

static struct handle
piece_of(struct parcels *ps, const struct frag_cut *what, const struct frame_frag *like,
    uint8_t index, mesh_time_ms now)
{
	uint8_t bytes[FRAG_BLOCK];
	struct frame_frag frame = *like;
	size_t at = (size_t)index * frame.step;
	size_t len = frame.total - at < frame.step ? frame.total - at : frame.step;
	struct bytes_out copy = bytes_out(bytes, len);
	struct handle h = parcel_of_nothing(ps);
	struct parcel *p = parcel_at(ps, h);
	struct bytes_out out = bytes_out(p->bytes, PARCEL_MAX);

	copy_parts(what, at, &copy);
	frame.index = index;
	frame.bytes = bytes_written(&copy);
	enum mesh_err err = wire_encode_numbered(
	    &frame_frag_table, FRAME_FRAG, &frame, &out);
	assert(err == MESH_OK);
	(void)err;
	p->class = what->class;
	p->acked = true;
	p->len = (uint16_t)out.len;
	p->message = frame.message;
	p->since_ms = now;
	p->mark = what->mark;
	p->whole = what->whole;
	memcpy(p->origin, what->origin, sizeof p->origin);
	return h;
}

static uint16_t
next_number(struct frags *f)
{
	f->next = f->next == UINT16_MAX ? 1 : (uint16_t)(f->next + 1);
	return f->next;
}

/* Even pieces: none of them is a datagram of its own for three bytes. */
struct handle
frag_cut(struct frags *f, struct parcels *ps, const struct frag_cut *what, size_t limit,
    mesh_time_ms now)
{
	struct handle first = { 0, 0 };
	size_t total = length_of(what), count = frag_pieces(total, limit);

	if (count == 1)
		count = 2; /* one alone is no message */
	if (count == 0 || total < (size_t)2 * MESSAGE_STEP_MIN ||
	    ps->pool.free_count < count + what->spare)
		return first;
	struct frame_frag frame = { .message = next_number(f),
		.total = (uint32_t)total,
		.step = (uint16_t)((total + count - 1) / count) };
	count = (total + frame.step - 1) / frame.step;
	for (size_t i = count; i-- > 0;) {
		struct handle h = piece_of(ps, what, &frame, (uint8_t)i, now);
		parcel_at(ps, h)->next = first;
		first = h;
	}
	return first;
}

/* --- what is open --- */

static bool
is_from(const struct frag_message *m, struct handle from)
{
	return m->state != FRAG_FREE && m->from.index == from.index &&
	    m->from.generation == from.generation;
}

static size_t
blocks_of(uint32_t total)
{
	return (total + FRAG_BLOCK - 1) / FRAG_BLOCK;
}

static struct frag_message *
find(struct frags *f, struct handle from, uint16_t message)
{
	for (size_t i = 0, left = f->open; left > 0 && i < FRAG_MESSAGES; i++) {
		struct frag_message *m = &f->list[i];
		left -= m->state != FRAG_FREE;
		if (is_from(m, from) && m->message == message)
			return m;
	}
	return NULL;
}

struct usage {
	size_t messages, blocks;
};

static struct usage
usage_of(const struct frags *f, struct handle from)
{
	struct usage u = { 0, 0 };

	for (size_t i = 0; i < FRAG_MESSAGES; i++) {
		const struct frag_message *m = &f->list[i];
		if (!is_from(m, from))
			continue;
		u.messages++;
		u.blocks += m->state == FRAG_OPEN ? blocks_of(m->total) : 0;
	}
	return u;
}

/* The oldest in that state, of that neighbour or (generation 0) of anybody. */
static struct frag_message *
oldest(struct frags *f, struct handle from, enum frag_state state)
{
	struct frag_message *found = NULL;

	for (size_t i = 0; i < FRAG_MESSAGES; i++) {
		struct frag_message *m = &f->list[i];
		if (m->state == state && (from.generation == 0 || is_from(m, from)) &&
		    (found == NULL || m->born_ms < found->born_ms))
			found = m;
	}
	return found;
}

static void
give_blocks(struct frags *f, struct parcels *ps, struct frag_message *m)
{
	if (m->state != FRAG_OPEN)
		return;
	for (size_t i = 0; i < blocks_of(m->total); i++)
		parcel_release(ps, pool_handle(&ps->pool, m->block[i]));
	f->blocks -= (uint32_t)blocks_of(m->total);
}

static void
drop(struct frags *f, struct parcels *ps, struct frag_message *m)
{
	give_blocks(f, ps, m);
	*m = (struct frag_message){ .state = FRAG_FREE };
	f->open--;
}

void
frag_over(struct frags *f, struct parcels *ps, struct frag_message *m, mesh_time_ms now)
{
	give_blocks(f, ps, m);
	m->state = FRAG_OVER;
	m->due_ms = now + FRAG_IDLE_MS;
}

/* --- room --- */

static bool
is_roomy(const struct frags *f, const struct parcels *ps, size_t blocks)
{
	return f->open < FRAG_MESSAGES && f->blocks + blocks <= FRAG_ALL_BLOCKS &&
	    ps->pool.free_count >= blocks + f->spare;
}

/* Somebody who would still hold more than this newcomer, who will hold `wanted`. */
static struct frag_message *
greedy(struct frags *f, struct usage wanted)
{
	struct frag_message *found = NULL;
	struct usage most = wanted;

	for (size_t i = 0; i < FRAG_MESSAGES; i++) {
		struct frag_message *m = &f->list[i];
		if (m->state != FRAG_OPEN)
			continue;
		struct usage u = usage_of(f, m->from);
		bool more = f->open == FRAG_MESSAGES ? u.messages > most.messages
						     : u.blocks > most.blocks;
		if (!more)
			continue;
		most = u;
		found = m;
	}
	return found != NULL ? oldest(f, found->from, FRAG_OPEN) : NULL;
}

static bool
make_room(struct frags *f, struct parcels *ps, struct handle from, size_t blocks)
{
	struct frag_message *m;
	struct usage mine = usage_of(f, from);

	if (mine.messages >= FRAG_EACH && (m = oldest(f, from, FRAG_OVER)) != NULL) {
		drop(f, ps, m);
		mine.messages--;
	}
	if (mine.messages >= FRAG_EACH || mine.blocks + blocks > FRAG_EACH_BLOCKS)
		return false;
	mine.messages++;
	mine.blocks += blocks;
	while (!is_roomy(f, ps, blocks)) {
		m = f->open == FRAG_MESSAGES
		    ? oldest(f, (struct handle){ 0, 0 }, FRAG_OVER)
		    : NULL;
		if (m == NULL && (m = greedy(f, mine)) != NULL)
			f->counters[COUNT_FRAG_CAP]++;
		if (m == NULL)
			return false;
		drop(f, ps, m);
	}
	return true;
}

static struct frag_message *
begin(struct frags *f, struct parcels *ps, struct handle from,
    const struct frame_frag *piece, mesh_time_ms now)
{
	size_t blocks = blocks_of(piece->total);
	struct frag_message *m = f->list;

	if (!make_room(f, ps, from, blocks)) {
		f->counters[COUNT_FRAG_CAP]++;
		return NULL;
	}
	while (m->state != FRAG_FREE)
		m++;
	*m = (struct frag_message){ .state = FRAG_OPEN,
		.count = (uint8_t)((piece->total + piece->step - 1) / piece->step),
		.message = piece->message,
		.step = piece->step,
		.total = piece->total,
		.from = from,
		.born_ms = now,
		.due_ms = now + FRAG_IDLE_MS };
	for (size_t i = 0; i < blocks; i++)
		m->block[i] = (uint16_t)parcel_of_nothing(ps).index;
	f->open++;
	f->blocks += (uint32_t)blocks;
	return m;
}

/* --- receiving --- */

bool
frag_is_sound(const struct frame_frag *piece)
{
	size_t at = (size_t)piece->index * piece->step;

	return piece->step < piece->total && at < piece->total &&
	    (piece->total + piece->step - 1) / piece->step <= MESSAGE_PIECES &&
	    piece->bytes.len ==
	    (piece->total - at < piece->step ? piece->total - at : piece->step);
}

static bool
is_here(const struct frag_message *m, size_t index)
{
	return (m->here[index / 8] >> (index % 8) & 1) != 0;
}

/* A piece lies in one block, or crosses into the next.  What lies there equals it, or
 * with `write` does so from now on. */
static bool
meet(const struct frag_message *m, const struct parcels *ps,
    const struct frame_frag *piece, bool write)
{
	size_t at = (size_t)piece->index * piece->step;
	bool same = true;

	for (size_t done = 0; done < piece->bytes.len;) {
		size_t block = (at + done) / FRAG_BLOCK, in = (at + done) % FRAG_BLOCK;
		size_t left = piece->bytes.len - done;
		size_t n = FRAG_BLOCK - in < left ? FRAG_BLOCK - in : left;
		struct parcel *p = parcel_at(
		    ps, pool_handle(&ps->pool, m->block[block]));
		if (write)
			memcpy(p->bytes + in, piece->bytes.ptr + done, n);
		else
			same = same &&
			    memcmp(p->bytes + in, piece->bytes.ptr + done, n) == 0;
		done += n;
	}
	return same;
}

static enum frag_outcome
keep(struct frag_message *m, const struct parcels *ps, const struct frame_frag *piece,
    mesh_time_ms now)
{
	if (m->have + 1 == m->count)
		return FRAG_WHOLE;
	(void)meet(m, ps, piece, true);
	m->here[piece->index / 8] |= (uint8_t)(1U << (piece->index % 8));
	m->have++;
	m->due_ms = now + FRAG_IDLE_MS;
	return FRAG_KEPT;
}

enum frag_outcome
frag_take(struct frags *f, struct parcels *ps, struct handle from,
    const struct frame_frag *piece, struct frag_message **message, mesh_time_ms now)
{
	struct frag_message *m = find(f, from, piece->message);

	*message = m;
	if (m != NULL && m->state == FRAG_OVER)
		return FRAG_LATE;
	if (m == NULL)
		m = *message = begin(f, ps, from, piece, now);
	if (m == NULL)
		return FRAG_FULL;
	bool known = is_here(m, piece->index);
	if (m->total != piece->total || m->step != piece->step ||
	    (known && !meet(m, ps, piece, false))) {
		f->counters[COUNT_FRAG_CONFLICT]++;
		frag_over(f, ps, m, now);
		return FRAG_KILLED;
	}
	return known ? FRAG_KEPT : keep(m, ps, piece, now);
}

void
frag_read(const struct frag_message *m, const struct parcels *ps,
    const struct frame_frag *last, uint8_t *out)
{
	for (size_t at = 0, i = 0; at < m->total; at += FRAG_BLOCK, i++) {
		size_t left = m->total - at;
		const struct parcel *p = parcel_at(
		    ps, pool_handle(&ps->pool, m->block[i]));
		memcpy(out + at, p->bytes, left < FRAG_BLOCK ? left : FRAG_BLOCK);
	}
	memcpy(
	    out + (size_t)last->index * last->step, last->bytes.ptr, last->bytes.len);
}

void
frag_forget(struct frags *f, struct parcels *ps, struct handle from)
{
	for (size_t i = 0; i < FRAG_MESSAGES; i++)
		if (is_from(&f->list[i], from))
			drop(f, ps, &f->list[i]);
}

/* --- time --- */

static mesh_time_ms
end_of(const struct frag_message *m)
{
	mesh_time_ms longest = m->born_ms + FRAG_LONG_MS;

	return m->state == FRAG_OPEN && longest < m->due_ms ? longest : m->due_ms;
}

void
frag_tick(struct frags *f, struct parcels *ps, mesh_time_ms now)
{
	for (size_t i = 0; f->open > 0 && i < FRAG_MESSAGES; i++) {
		struct frag_message *m = &f->list[i];
		if (m->state == FRAG_FREE || end_of(m) > now)
			continue;
		if (m->state == FRAG_OVER) {
			drop(f, ps, m);
			continue;
		}
		f->counters[COUNT_FRAG_TIMEOUT]++;
		frag_over(f, ps, m, now);
	}
}

mesh_time_ms
frag_deadline(const struct frags *f)
{
	mesh_time_ms soonest = MESH_NEVER;

	for (size_t i = 0; f->open > 0 && i < FRAG_MESSAGES; i++)
		if (f->list[i].state == FRAG_OPEN && end_of(&f->list[i]) < soonest)
			soonest = end_of(&f->list[i]);
	return soonest;
}
