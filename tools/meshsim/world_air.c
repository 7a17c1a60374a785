#include "bytes.h"
#include "must.h"
#include "world.h"
#include <assert.h>

/* --- who hears whom --- */

static uint8_t *
cell(const struct world *w, uint32_t a, uint32_t b)
{
	return &w->joined[(size_t)a * w->params.sites + b];
}

static void
set(struct world *w, uint32_t a, uint32_t b, uint8_t flag, bool on)
{
	uint8_t *is = cell(w, a, b);
	*is = (uint8_t)(on ? *is | flag : *is & ~flag);
}

void
world_join(struct world *w, uint32_t a, uint32_t b)
{
	set(w, a, b, LINK_JOINED, true);
	set(w, b, a, LINK_JOINED, true);
}

void
world_cut(struct world *w, uint32_t a, uint32_t b)
{
	set(w, a, b, LINK_JOINED, false);
	set(w, b, a, LINK_JOINED, false);
}

void
world_block(struct world *w, uint32_t from, uint32_t to, bool blocked)
{
	set(w, from, to, LINK_BLOCKED, blocked);
}

void
world_clog(struct world *w, uint32_t from, uint32_t to, bool clogged)
{
	set(w, from, to, LINK_CLOGGED, clogged);
}

static struct world_shape *
shape_of(const struct world *w, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i < w->shape_count; i++)
		if (w->shapes[i].from == from && w->shapes[i].to == to)
			return &w->shapes[i];
	return NULL;
}

static void
shape(struct world *w, uint32_t from, uint32_t to, uint64_t bits_per_s, uint32_t bytes)
{
	struct world_shape *s = shape_of(w, from, to);
	set(w, from, to, LINK_SHAPED, bits_per_s > 0);
	if (s == NULL) {
		w->shapes = grown(
		    w->shapes, w->shape_count, &w->shape_cap, sizeof *w->shapes);
		s = &w->shapes[w->shape_count++];
	}
	*s = (struct world_shape){ from, to, bits_per_s, bytes, 0 };
}

void
world_shape(
    struct world *w, uint32_t a, uint32_t b, uint64_t bits_per_s, uint32_t queue_bytes)
{
	shape(w, a, b, bits_per_s, queue_bytes);
	shape(w, b, a, bits_per_s, queue_bytes);
}

void
world_join_all(struct world *w)
{
	for (uint32_t a = 0; a < w->params.sites; a++)
		for (uint32_t b = 0; b < a; b++)
			world_join(w, a, b);
}

void
world_join_line(struct world *w)
{
	for (uint32_t i = 1; i < w->params.sites; i++)
		world_join(w, i - 1, i);
}

void
world_join_ring(struct world *w)
{
	world_join_line(w);
	world_join(w, 0, w->params.sites - 1);
}

bool
world_hears(const struct world *w, uint32_t from, uint32_t to)
{
	return (*cell(w, from, to) & (LINK_JOINED | LINK_BLOCKED)) == LINK_JOINED;
}

/* --- datagrams --- */

/* Drawn even when nothing is lost: reports keep their meaning. */
static bool
is_lost(struct world *w)
{
	return (double)(world_random(w) >> 11) / (double)(1ULL << 53) < w->params.loss;
}

bool
world_chance(struct world *w, double share)
{
	return share > 0 &&
	    (double)(world_random(w) >> 11) / (double)(1ULL << 53) < share;
}

/* Headers are carried too; how long a link is busy is kept to the microsecond. */
static bool
fits(struct world *w, uint32_t from, uint32_t to, size_t len, mesh_time_ms *at)
{
	enum { HEADERS = 28, MICRO = 1000000 };
	struct world_shape *s = shape_of(w, from, to);
	assert(s != NULL);
	uint64_t now_us = w->now * 1000;
	uint64_t begins = s->busy_us > now_us ? s->busy_us : now_us;
	uint64_t ahead = (begins - now_us) * s->bits_per_s / 8 / MICRO;
	if (ahead + len > s->queue_bytes)
		return false;
	s->busy_us = begins + (len + HEADERS) * 8 * MICRO / s->bits_per_s;
	*at += (s->busy_us - now_us + 999) / 1000;
	return true;
}

static struct packet *
broken(struct world *w, const struct packet *p)
{
	struct packet *bad = packet_new(bytes_view(p->bytes, p->len));
	bad->from = p->from;
	bad->source = p->source;
	bad->broadcast = p->broadcast;
	for (uint64_t flips = 1 + world_random(w) % 4; flips > 0; flips--)
		bad->bytes[world_random(w) % p->len] ^= (uint8_t)(1U
		    << world_random(w) % 8);
	return bad;
}

static void
carry(struct world *w, uint32_t to, struct packet *p)
{
	const struct world_params *params = &w->params;
	const struct world_weather *sky = &w->weather;
	uint8_t link = *cell(w, p->from, to);
	uint64_t spread = params->delay_max_ms - params->delay_min_ms + 1U;
	mesh_time_ms at = w->now + params->delay_min_ms + world_random(w) % spread;
	if ((link & LINK_SHAPED) != 0 && !fits(w, p->from, to, p->len, &at))
		return;
	if ((link & LINK_CLOGGED) != 0 && at < w->clogged_ms)
		at = w->clogged_ms;
	if (world_chance(w, sky->reorder))
		at += world_random(w) % (sky->reorder_ms + 1U);
	if (world_chance(w, sky->corrupt) && p->len > 0) {
		struct packet *bad = broken(w, p);
		arrivals_put(&w->arrivals, at, to, bad);
		packet_release(bad);
	} else {
		arrivals_put(&w->arrivals, at, to, p);
	}
}

static void
send_one(struct world *w, uint32_t to, struct packet *p)
{
	if (!world_hears(w, p->from, to) || is_lost(w))
		return;
	carry(w, to, p);
	if (world_chance(w, w->weather.duplicate))
		carry(w, to, p);
}

static void
stray(struct world *w, const struct mesh_path *to, size_t len)
{
	w->stray_bytes += len;
	if (w->strayed != NULL)
		w->strayed(w->strayed_ctx, to, len);
}

void
world_send(struct world *w, uint32_t from, const struct mesh_datagram *out)
{
	struct world_site *s = &w->sites[from];
	assert(out->bytes.len <= WORLD_DATAGRAM);
	s->sent++;
	s->sent_bytes += out->bytes.len;
	struct packet *p = packet_new(out->bytes);
	p->from = from;
	p->source = s->path;
	p->broadcast = world_is_broadcast(&out->to);
	if (p->broadcast) {
		for (uint32_t i = 0; i < w->params.sites; i++)
			send_one(w, i, p);
	} else {
		uint32_t to = world_site_at(w, &out->to);
		if (to != UINT32_MAX)
			send_one(w, to, p);
		else
			stray(w, &out->to, p->len);
	}
	packet_release(p);
}
