#include "inside_events.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "page.h"
#include "wire.h"

/* PROTOCOL.md 9 and 10, the side that has it: PULL -> MESH_WANT -> the store ->
 * mesh_site_supply -> PAGE.  Bodies only pass through. */

/* Pages leave that many parcels to the news. */
enum {
	SPARE_PARCELS = 2 * INSIDE_LINK_PARCELS,
	NONE_MAX = 64,
	PAGE_MAX = PARCEL_MAX,
	PAGE_LARGE = FRAG_PARTS - 1, /* long records of one page, at most */
	PAGE_PIECES = 10             /* of a page with more than one of them */
};

static void
send_none(
    struct mesh_site *s, struct neighbour *n, const struct want *w, enum none_code code)
{
	uint8_t bytes[NONE_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct frame_none none = { .ticket = w->pull,
		.oid = bytes_view(w->log.oid, sizeof w->log.oid),
		.lane = (uint8_t)w->log.lane,
		.code = (uint8_t)code };
	const struct holdings_row *row = holdings_of(&s->holdings, w->log.oid);
	struct mesh_run runs[MESH_RUNS];
	if (code == NONE_END)
		none.high = w->from - 1;
	else if (row != NULL &&
	    holdings_runs(&s->holdings, row, w->log.lane, runs) > 0) {
		none.low = runs[0].first;
		none.high = holdings_end(&s->holdings, row, w->log.lane);
	}
	if (wire_encode_numbered(&frame_none_table, FRAME_NONE, &none, &out) == MESH_OK)
		(void)sync_send(s, n, PARCEL_P3, PARCEL_ACKED, bytes_written(&out));
}

/* --- asked --- */

/* The first piece of the range that we hold without a gap; false: none of it. */
static bool
clamp(const struct mesh_site *s, struct want *w)
{
	const struct holdings_row *row = holdings_of(&s->holdings, w->log.oid);
	struct mesh_run runs[MESH_RUNS];
	size_t count = holdings_runs(&s->holdings, row, w->log.lane, runs), i = 0;
	while (i < count && runs[i].last < w->from)
		i++;
	if (i == count || runs[i].first > w->asked_to)
		return false;
	if (w->from < runs[i].first)
		w->from = runs[i].first;
	w->to = w->asked_to < runs[i].last ? w->asked_to : runs[i].last;
	return true;
}

enum apply_verdict
serving_on_pull(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_pull pull;
	if (wire_decode_numbered(&frame_pull_table, in->frame->bytes, &pull, NULL) !=
		MESH_OK ||
	    pull.from == 0 || pull.from > pull.to)
		return APPLY_BAD;
	struct want w = { .use = WANT_SERVE,
		.pull = pull.ticket,
		.neighbour = peers_at(&s->peers, in->n->peer)->neighbour,
		.log = { .lane = (enum mesh_lane)pull.lane, .epoch = pull.epoch },
		.from = pull.from,
		.asked_to = pull.to,
		.max_bytes = pull.max_kib * 1024U };
	memcpy(w.log.oid, pull.oid.ptr, sizeof w.log.oid);
	const struct holdings_row *row = holdings_of(&s->holdings, w.log.oid);
	if (row != NULL && row->epoch == pull.epoch)
		holes_asked(s, in->n, row, &w);
	if (row == NULL || row->epoch != pull.epoch ||
	    holdings_hides(&s->holdings, w.log.oid, w.log.lane))
		send_none(s, in->n, &w, NONE_UNKNOWN);
	else if (!clamp(s, &w))
		send_none(s, in->n, &w, NONE_GONE);
	else if (serve_add(&s->serve, &w) == NULL)
		send_none(s, in->n, &w, NONE_BUSY);
	return APPLY_DONE;
}

/* --- supplied --- */

struct paper { /* a page being written */
	struct mesh_site *s;
	struct neighbour *n;
	struct want *w;
	size_t count;
	uint64_t last; /* number of the last record in it */
	struct bytes_out bundles;
	/* one of long records, before it is cut */
	struct bytes_view large[PAGE_LARGE];
	size_t large_count, large_bytes;
	uint64_t large_last;
	uint8_t room[PAGE_MAX - PAGE_AROUND_MAX];
};

/* Of so many records; up to `to`, all that we hold is in this page or in former ones.
 */
static struct page
page_to(const struct paper *p, uint64_t to, size_t count)
{
	return (struct page){ .ticket = p->w->pull,
		.oid = bytes_view(p->w->log.oid, sizeof p->w->log.oid),
		.epoch = p->w->log.epoch,
		.lane = p->w->log.lane,
		.from = p->w->from,
		.to = to,
		.count = count };
}

/* False: it finds no room, unless by driving out what was sent before it, or what says
 * how far that went. */
static bool
send_page(struct paper *p, uint64_t to)
{
	uint8_t bytes[PAGE_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct page page = page_to(p, to, p->count);
	if (page_write(&page, bytes_written(&p->bundles), &out) != MESH_OK ||
	    !pace_has_room(&p->n->pace, PARCEL_P3, 2, out.len + NONE_MAX) ||
	    !sync_send(p->s, p->n, PARCEL_P3, PARCEL_ACKED, bytes_written(&out)))
		return false;
	p->w->from = to + 1;
	p->w->sent += (uint32_t)out.len;
	p->count = 0;
	p->bundles.len = 0;
	return true;
}

/* Records that no datagram holds: a page of some, in pieces.  What does not go now is
 * cut from the answer. */
static bool
send_large(struct paper *p)
{
	struct mesh_site *s = p->s;
	uint8_t bytes[PAGE_AROUND_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	if (p->large_count == 0)
		return true;
	struct page page = page_to(p, p->large_last, p->large_count);
	size_t limit = spread_limit_of(s, p->n);
	size_t pieces = frag_pieces(p->large_bytes, limit) + 2; /* its head, NONE */
	if (page_write(&page, bytes_view(NULL, 0), &out) != MESH_OK ||
	    !pace_has_room(
		&p->n->pace, PARCEL_P3, pieces, p->large_bytes + pieces * 32))
		return false;
	struct frag_cut cut = { .parts = { bytes_written(&out) },
		.class = PARCEL_P3,
		.spare = SPARE_PARCELS };
	memcpy(&cut.parts[1], p->large, p->large_count * sizeof p->large[0]);
	struct handle first = frag_cut(&s->frags, &s->parcels, &cut, limit, s->now.ms);
	bool put = spread_put(s, p->n, first);
	parcel_release_all(&s->parcels, first);
	if (put) {
		p->w->from = p->large_last + 1;
		p->w->sent += (uint32_t)(out.len + p->large_bytes);
	}
	p->large_count = 0;
	p->large_bytes = 0;
	return put;
}

/* Does it join those that wait?  Together they fill their pieces; the page stays so
 * short that one lost piece does not hold up many. */
static bool
joins_large(const struct paper *p, const struct mesh_record *r)
{
	size_t bytes = PAGE_AROUND_MAX + p->large_bytes + r->proof.len;
	size_t pieces = frag_pieces(bytes, spread_limit_of(p->s, p->n));
	return p->large_count < PAGE_LARGE && pieces > 0 && pieces <= PAGE_PIECES;
}

static bool
put_large(struct paper *p, const struct mesh_record *r)
{
	if (!peering_can(p->s, p->n, FEATURE_FRAGMENTS)) {
		inside_count(p->s, COUNT_TX_TOO_LARGE);
		return false;
	}
	if (p->count > 0 && !send_page(p, p->last))
		return false;
	if (!joins_large(p, r) && !send_large(p))
		return false;
	p->large[p->large_count++] = r->proof;
	p->large_bytes += r->proof.len;
	p->large_last = r->at.seq;
	return true;
}

static bool
put_small(struct paper *p, const struct mesh_record *r)
{
	if (!send_large(p))
		return false;
	if (r->proof.len > p->bundles.cap - p->bundles.len && p->count > 0 &&
	    !send_page(p, p->last))
		return false;
	bytes_put_view(&p->bundles, r->proof);
	p->count++;
	p->last = r->at.seq;
	return !p->bundles.failed;
}

/* False: no more of it can go out now. */
static bool
put_record(struct paper *p, const struct mesh_record *r)
{
	const struct want *w = p->w;
	size_t waits = p->bundles.len + p->large_bytes;
	if (w->sent + waits + r->proof.len > w->max_bytes &&
	    w->sent + p->count + p->large_count > 0)
		return false;
	if (p->s->parcels.pool.free_count <= SPARE_PARCELS)
		return false;
	return r->proof.len > p->bundles.cap ? put_large(p, r) : put_small(p, r);
}

/* For a page of one datagram. */
static struct bytes_out
room_of(struct paper *p)
{
	size_t limit = p->n != NULL ? spread_limit_of(p->s, p->n) : PARCEL_MAX;
	return bytes_out(p->room, limit - PAGE_AROUND_MAX);
}

static void
serve_records(struct mesh_site *s, struct want *w, const struct mesh_record *records,
    size_t count)
{
	struct neighbour *n = pool_at(&s->neighbours, w->neighbour);
	struct paper p = { .s = s, .n = n, .w = w };
	p.bundles = room_of(&p);
	for (size_t i = 0; n != NULL && i < count && !w->cut; i++) {
		const struct mesh_record *r = &records[i];
		if (r->at.seq >= w->from && r->at.seq <= w->to)
			w->cut = !put_record(&p, r);
	}
	if (p.count > 0 && !send_page(&p, p.last))
		w->cut = true;
	if (!send_large(&p))
		w->cut = true;
}

static void
end_service(struct mesh_site *s, struct want *w, uint64_t upto)
{
	struct neighbour *n = pool_at(&s->neighbours, w->neighbour);
	struct paper p = { .s = s, .n = n, .w = w };
	p.bundles = room_of(&p);
	if (n == NULL)
		return;
	if (upto > w->to)
		upto = w->to;
	if (!w->cut && w->from <= upto && record_lane_is_keyed(w->log.lane))
		w->cut = !send_page(&p, upto); /* nothing lives there */
	/* Not looked at is not gone: the store may be full or failing. */
	bool looked = !w->cut && upto >= w->from;
	if (w->from <= w->asked_to)
		send_none(s, n, w,
		    w->sent > 0   ? NONE_END
			: !looked ? NONE_BUSY
				  : NONE_GONE);
}

/* --- the store's side --- */

void
mesh_site_supply(struct mesh_site *site, uint64_t ticket,
    const struct mesh_record *records, size_t count, struct mesh_now now)
{
	inside_enter(site, now);
	struct want *w = events_want(site, ticket);
	if (w == NULL)
		return;
	if (w->use == WANT_SERVE)
		serve_records(site, w, records, count);
	else
		fork_supplied(site, w, records, count);
}

void
mesh_site_supply_end(
    struct mesh_site *site, uint64_t ticket, uint64_t upto, struct mesh_now now)
{
	inside_enter(site, now);
	struct want *w = events_want(site, ticket);
	if (w == NULL)
		return;
	if (w->use == WANT_SERVE)
		end_service(site, w, upto);
	else
		fork_supply_end(site, w, upto);
	serve_drop(&site->serve, w);
}

void
serving_tick(struct mesh_site *s)
{
	struct want *w;
	while ((w = serve_late(&s->serve, s->now.ms)) != NULL) {
		struct neighbour *n = pool_at(&s->neighbours, w->neighbour);
		if (w->use == WANT_SERVE && n != NULL)
			send_none(s, n, w, NONE_BUSY);
		if (w->use != WANT_SERVE)
			fork_supply_end(s, w, 0);
		serve_drop(&s->serve, w);
	}
}
