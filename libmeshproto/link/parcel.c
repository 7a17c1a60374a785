#include "parcel.h"
#include <assert.h>

size_t
parcel_bytes(uint32_t cap)
{
	return pool_bytes(cap, sizeof(struct parcel));
}

void
parcel_init(struct parcels *ps, void *block, uint32_t cap)
{
	pool_init(&ps->pool, block, cap, sizeof(struct parcel));
}

struct handle
parcel_of_nothing(struct parcels *ps)
{
	struct handle h = pool_take(&ps->pool);
	struct parcel *p = parcel_at(ps, h);

	if (p != NULL)
		p->refs = 1;
	return h;
}

struct parcel *
parcel_at(const struct parcels *ps, struct handle h)
{
	return pool_at(&ps->pool, h);
}

static bool
is_same(struct handle a, struct handle b)
{
	return a.index == b.index && a.generation == b.generation;
}

bool
parcel_stands_for(const struct parcel *p, struct handle self, struct handle whole)
{
	return is_same(self, whole) ||
	    (p != NULL && p->message != 0 && is_same(p->whole, whole));
}

struct bytes_view
parcel_bundle(const struct parcel *p)
{
	size_t before = (size_t)p->trail_len + p->stamps_len;
	return bytes_view(p->bytes + before, p->len - before);
}

/* A row of nothing is no row. */
static struct bytes_view
row_at(const struct parcel *p, size_t at, size_t len)
{
	return bytes_view(len > 0 ? p->bytes + at : NULL, len);
}

static struct envelope_hop
hop_of(const struct parcel *p, uint32_t age_ms)
{
	return (struct envelope_hop){ .hops = p->hops,
		.age_ms = age_ms,
		.trail = row_at(p, 0, p->trail_len),
		.bundle = parcel_bundle(p),
		.stamps = row_at(p, p->trail_len, p->stamps_len) };
}

size_t
parcel_length(const struct parcel *p)
{
	if (!p->is_push)
		return p->len;
	struct envelope_hop hop = hop_of(p, UINT32_MAX);
	return envelope_push_bytes(&hop);
}

struct handle
parcel_of_push(struct parcels *ps, const struct parcel_push *push, mesh_time_ms now)
{
	struct handle h = { 0, 0 };
	size_t len = push->hop.trail.len + push->hop.stamps.len + push->hop.bundle.len;

	if (len <= ENVELOPE_PLAIN_MAX)
		h = pool_take(&ps->pool);
	struct parcel *p = parcel_at(ps, h);
	if (p == NULL)
		return (struct handle){ 0, 0 };
	p->class = push->class;
	p->acked = true;
	p->is_push = true;
	p->hops = push->hop.hops;
	p->trail_len = (uint16_t)push->hop.trail.len;
	p->stamps_len = (uint16_t)push->hop.stamps.len;
	p->len = (uint16_t)len;
	p->refs = 1;
	p->age_ms = push->hop.age_ms;
	p->since_ms = now;
	p->mark = push->mark;
	memcpy(p->origin, push->origin, sizeof p->origin);
	struct bytes_out o = bytes_out(p->bytes, sizeof p->bytes);
	bytes_put_view(&o, push->hop.trail);
	bytes_put_view(&o, push->hop.stamps);
	bytes_put_view(&o, push->hop.bundle);
	if (parcel_length(p) <= PARCEL_MAX)
		return h;
	parcel_release(ps, h);
	return (struct handle){ 0, 0 };
}

struct handle
parcel_like(struct parcels *ps, struct handle other, struct bytes_view bundle,
    const struct dedup_mark *mark)
{
	const struct parcel *p = parcel_at(ps, other);
	struct parcel_push push = { p->class, hop_of(p, p->age_ms), { 0 }, *mark };

	push.hop.bundle = bundle;
	memcpy(push.origin, p->origin, sizeof push.origin);
	return parcel_of_push(ps, &push, p->since_ms);
}

struct handle
parcel_of_frame(struct parcels *ps, enum parcel_class class, enum parcel_keep keep,
    struct bytes_view frame, mesh_time_ms now)
{
	struct handle h = { 0, 0 };

	assert(keep == PARCEL_PLAIN || class != PARCEL_LINK);
	if (frame.len <= PARCEL_MAX)
		h = pool_take(&ps->pool);
	struct parcel *p = parcel_at(ps, h);
	if (p == NULL)
		return (struct handle){ 0, 0 };
	p->class = class;
	p->acked = keep == PARCEL_ACKED;
	p->len = (uint16_t)frame.len;
	p->refs = 1;
	p->since_ms = now;
	memcpy(p->bytes, frame.ptr, frame.len);
	return h;
}

void
parcel_hold(struct parcels *ps, struct handle h)
{
	struct parcel *p = parcel_at(ps, h);

	assert(p != NULL && p->refs < UINT16_MAX);
	p->refs++;
}

void
parcel_release(struct parcels *ps, struct handle h)
{
	struct parcel *p = parcel_at(ps, h);

	if (p != NULL && --p->refs == 0)
		pool_give(&ps->pool, h);
}

void
parcel_hold_all(struct parcels *ps, struct handle h)
{
	for (struct parcel *p; (p = parcel_at(ps, h)) != NULL; h = p->next)
		parcel_hold(ps, h);
}

void
parcel_release_all(struct parcels *ps, struct handle h)
{
	struct parcel *p;

	while ((p = parcel_at(ps, h)) != NULL) {
		struct handle next = p->next;
		parcel_release(ps, h);
		h = next;
	}
}

size_t
parcel_total(const struct parcels *ps, struct handle h)
{
	size_t len = 0;
	for (const struct parcel *p; (p = parcel_at(ps, h)) != NULL; h = p->next)
		len += p->len;
	return len;
}

static uint32_t
age_at(const struct parcel *p, mesh_time_ms now)
{
	uint64_t age = p->age_ms + (now > p->since_ms ? now - p->since_ms : 0);

	return age < UINT32_MAX ? (uint32_t)age : UINT32_MAX;
}

enum mesh_err
parcel_write(const struct parcel *p, mesh_time_ms now, struct bytes_out *out)
{
	if (p->is_push) {
		struct envelope_hop hop = hop_of(p, age_at(p, now));
		return envelope_put_push(out, &hop);
	}
	if (p->len > out->cap - out->len)
		return MESH_FULL;
	bytes_put(out, p->bytes, p->len);
	return MESH_OK;
}
