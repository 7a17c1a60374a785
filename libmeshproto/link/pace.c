#include "pace.h"
#include "mesh_counters.h"

/* Entries are named by index + 1; 0 ends a list. */

static struct pace_entry *
entry(struct pace *q, uint16_t name)
{
	return &q->entries[name - 1];
}

void
pace_init(struct pace *q, uint64_t *counters)
{
	*q = (struct pace){ .free = 1 };
	q->counters = counters;
	for (size_t i = 1; i < PACE_ENTRIES; i++)
		q->entries[i - 1].next = (uint16_t)(i + 1);
}

bool
pace_is_empty(const struct pace *q)
{
	return q->count == 0;
}

bool
pace_fills(const struct pace *q, size_t entries, size_t bytes)
{
	return q->count >= entries || q->bytes >= bytes;
}

bool
pace_has(const struct pace *q, const struct parcels *ps, struct handle parcel)
{
	for (size_t class = 0; class < PARCEL_CLASSES; class ++)
		for (uint16_t name = q->head[class]; name != 0;
		     name = q->entries[name - 1].next) {
			struct handle h = q->entries[name - 1].parcel;
			if (parcel_stands_for(parcel_at(ps, h), h, parcel))
				return true;
		}
	return false;
}

bool
pace_has_link(const struct pace *q)
{
	return q->head[PARCEL_LINK] != 0;
}

bool
pace_has_urgent(const struct pace *q)
{
	return q->head[PARCEL_P0] != 0;
}

/* Take the entry that `*link` names out of its list; its reference is the caller's. */
static struct handle
unlink_entry(struct pace *q, uint16_t *link)
{
	uint16_t name = *link;
	struct pace_entry *e = entry(q, name);
	struct handle h = e->parcel;

	*link = e->next;
	e->next = q->free;
	q->free = name;
	q->count--;
	q->bytes -= e->len;
	return h;
}

/* Whoever misses one piece needs none of the others. */
static void
shed_message(
    struct pace *q, struct parcels *ps, uint16_t message, enum mesh_counter why)
{
	for (size_t class = 0; class < PARCEL_CLASSES; class ++)
		for (uint16_t *link = &q->head[class]; *link != 0;) {
			if (parcel_at(ps, entry(q, *link)->parcel)->message !=
			    message) {
				link = &entry(q, *link)->next;
				continue;
			}
			parcel_release(ps, unlink_entry(q, link));
			q->counters[why]++;
		}
}

static void
shed(struct pace *q, struct parcels *ps, uint16_t *link, enum mesh_counter why)
{
	uint16_t message = parcel_at(ps, entry(q, *link)->parcel)->message;

	if (message != 0) {
		shed_message(q, ps, message, why);
		return;
	}
	parcel_release(ps, unlink_entry(q, link));
	q->counters[why]++;
}

void
pace_clear(struct pace *q, struct parcels *ps)
{
	for (size_t class = 0; class < PARCEL_CLASSES; class ++)
		while (q->head[class] != 0)
			parcel_release(ps, unlink_entry(q, &q->head[class]));
}

/* --- in --- */

static void
shed_oldest(struct pace *q, struct parcels *ps, enum parcel_class class)
{
	uint16_t *oldest = &q->head[class];

	for (uint16_t *link = oldest; *link != 0; link = &entry(q, *link)->next)
		if ((int32_t)(entry(q, *link)->since_ms - entry(q, *oldest)->since_ms) <
		    0)
			oldest = link;
	shed(q, ps, oldest, COUNT_SHED_QUEUE_FULL);
}

static bool
fits(const struct pace *q, size_t entries, size_t bytes)
{
	return q->count + entries <= PACE_ENTRIES && q->bytes + bytes <= PACE_BYTES;
}

static bool
make_room(struct pace *q, struct parcels *ps, enum parcel_class class, size_t entries,
    size_t bytes)
{
	while (!fits(q, entries, bytes)) {
		size_t lowest = PARCEL_CLASSES - 1;
		while (lowest > 0 && q->head[lowest] == 0)
			lowest--;
		if (q->head[lowest] == 0 || lowest < (size_t) class)
			return false;
		shed_oldest(q, ps, (enum parcel_class)lowest);
	}
	return true;
}

bool
pace_has_room(
    const struct pace *q, enum parcel_class class, size_t entries, size_t bytes)
{
	for (size_t i = (size_t) class + 1; i < PARCEL_CLASSES; i++) {
		for (uint16_t name = q->head[i]; name != 0;
		     name = q->entries[name - 1].next) {
			entries -= entries > 0;
			size_t len = q->entries[name - 1].len;
			bytes -= len < bytes ? len : bytes;
		}
	}
	return fits(q, entries, bytes);
}

/* The byte at which its turn begins if all origins of this class send in turn: after
 * what its origin already has here, or where the class is now. */
static uint32_t
round_for(struct pace *q, const struct parcels *ps, const struct parcel *p)
{
	uint32_t round = q->round[p->class];

	for (uint16_t name = q->head[p->class]; name != 0;
	     name = entry(q, name)->next) {
		const struct parcel *other = parcel_at(ps, entry(q, name)->parcel);
		if (memcmp(other->origin, p->origin, sizeof p->origin) == 0)
			round = entry(q, name)->round + entry(q, name)->len;
	}
	return round;
}

static void
link_entry(struct pace *q, uint16_t name, enum parcel_class class)
{
	uint16_t *link = &q->head[class];

	while (*link != 0 &&
	    (int32_t)(entry(q, *link)->round - entry(q, name)->round) <= 0)
		link = &entry(q, *link)->next;
	entry(q, name)->next = *link;
	*link = name;
}

static void
put(struct pace *q, struct parcels *ps, struct handle parcel, mesh_time_ms now)
{
	const struct parcel *p = parcel_at(ps, parcel);
	uint16_t name = q->free;
	struct pace_entry *e = entry(q, name);
	q->free = e->next;
	*e = (struct pace_entry){ .parcel = parcel,
		.round = round_for(q, ps, p),
		.len = p->len,
		.since_ms = (uint32_t)now };
	link_entry(q, name, p->class);
	q->count++;
	q->bytes += p->len;
	parcel_hold(ps, parcel);
}

bool
pace_put(struct pace *q, struct parcels *ps, struct handle parcel, mesh_time_ms now)
{
	const struct parcel *p = parcel_at(ps, parcel);
	size_t entries = 0, bytes = 0;
	struct handle h = parcel;

	if (p == NULL)
		return false;
	for (const struct parcel *one; (one = parcel_at(ps, h)) != NULL;
	     h = one->next) {
		entries++;
		bytes += one->len;
	}
	if (!make_room(q, ps, p->class, entries, bytes)) {
		q->counters[COUNT_SHED_QUEUE_FULL]++;
		return false;
	}
	for (; entries > 0; entries--) {
		put(q, ps, parcel, now);
		parcel = parcel_at(ps, parcel)->next;
	}
	return true;
}

/* --- out --- */

static bool
is_too_old(struct pace *q, const struct parcels *ps, uint16_t name, size_t class,
    mesh_time_ms now)
{
	static const mesh_time_ms patience[PARCEL_CLASSES] = { MESH_NEVER, PACE_P0_MS,
		PACE_P1_MS, PACE_P2_MS, PACE_P2_MS };

	bool piece = parcel_at(ps, entry(q, name)->parcel)->message != 0;
	mesh_time_ms most = piece && class >= PARCEL_P2 ? PACE_PIECE_MS
							: patience[class];

	return (uint32_t)now - entry(q, name)->since_ms > most;
}

static struct handle
take_class(struct pace *q, struct parcels *ps, size_t class, size_t room)
{
	uint16_t name = q->head[class];
	const struct parcel *p = parcel_at(ps, entry(q, name)->parcel);

	if (parcel_length(p) > room)
		return (struct handle){ 0, 0 };
	q->round[class] = entry(q, name)->round;
	return unlink_entry(q, &q->head[class]);
}

static bool
drop_old(struct pace *q, struct parcels *ps, size_t class, mesh_time_ms now)
{
	while (q->head[class] != 0 && is_too_old(q, ps, q->head[class], class, now))
		shed(q, ps, &q->head[class], COUNT_SHED_QUEUE_AGE);
	return q->head[class] != 0;
}

struct handle
pace_take(struct pace *q, struct parcels *ps, size_t room, mesh_time_ms now)
{
	for (size_t class = 0; class < PARCEL_CLASSES; class ++)
		if (drop_old(q, ps, class, now))
			return take_class(q, ps, class, room);
	return (struct handle){ 0, 0 };
}

struct handle
pace_take_link(struct pace *q, struct parcels *ps, size_t room, mesh_time_ms now)
{
	if (drop_old(q, ps, PARCEL_LINK, now))
		return take_class(q, ps, PARCEL_LINK, room);
	return (struct handle){ 0, 0 };
}

struct handle
pace_take_long(struct pace *q, struct parcels *ps, size_t most)
{
	for (size_t class = 0; class < PARCEL_CLASSES; class ++)
		for (uint16_t *link = &q->head[class]; *link != 0;
		     link = &entry(q, *link)->next)
			if (parcel_length(parcel_at(ps, entry(q, *link)->parcel)) >
			    most)
				return unlink_entry(q, link);
	return (struct handle){ 0, 0 };
}

void
pace_drop(struct pace *q, struct parcels *ps, const struct dedup_mark *mark)
{
	for (size_t class = 0; class < PARCEL_CLASSES; class ++)
		for (uint16_t *link = &q->head[class]; *link != 0;) {
			if (parcel_is_copy(ps, entry(q, *link)->parcel, mark))
				parcel_release(ps, unlink_entry(q, link));
			else
				link = &entry(q, *link)->next;
		}
}
