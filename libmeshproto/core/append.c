#include "inside_logs.h"
#include "inside_own.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "pack.h"
#include "wire.h"

enum {
	LINKS_SETTLE_MS = 100, /* several neighbours at once make one record */
	LINKS_FIRST_MS = 250,  /* to the second of a row of changes; then doubled */
	LINKS_GAP_MS = 5000,   /* PROTOCOL.md 2: in the long run */
	LINKS_RETRY_MS = 100,
	CORE_MAX = ENVELOPE_PLAIN_MAX
};

struct bundle_signer
append_signer(const struct mesh_site *s)
{
	return (
	    struct bundle_signer){ s->identity.seed, &s->identity.key, s->network.id };
}

/* Number and sign.  `out` receives the bundle; `r` views into it afterwards. */
static enum mesh_err
sign(struct mesh_site *s, struct record *r, struct bytes_out *out)
{
	uint8_t core[CORE_MAX];
	struct bytes_out core_out = bytes_out(core, sizeof core);
	struct bundle_signer by = append_signer(s);
	struct bundle b;
	enum mesh_err err = record_write(r, &core_out);
	if (err != MESH_OK)
		return err;
	struct bytes_view written = bytes_written(&core_out);
	err = bundle_sign(&by, &written, 1, out);
	if (err == MESH_OK)
		err = bundle_read(bytes_written(out), &b);
	return err != MESH_OK ? err : bundle_record(&b, 0, r);
}

struct record
append_drafted(const struct mesh_site *s, const struct mesh_draft *d)
{
	struct record r = { .at = { .origin = s->identity.key,
				.epoch = d->lane == LANE_LIVE ? s->boot : s->own.epoch,
				.lane = d->lane },
		.type = d->type,
		.time_ms = s->now.unix_ms > 0 ? s->now.unix_ms : 0,
		.hop_max = d->hop_max > 0 ? d->hop_max : s->hop_limit,
		.body = d->body };
	if (d->dst != NULL) {
		r.has_dst = true;
		r.dst = *d->dst;
	}
	return r;
}

/* Does it fit one datagram, whatever numbers it gets and the longest trail on its way?
 * Tried with the largest numbers, so that no number is wasted on what cannot travel.
 * MESH_FULL: it does not. */
static enum mesh_err
check_draft(struct mesh_site *s, const struct mesh_draft *d, size_t *core_bytes)
{
	uint8_t core[CORE_MAX];
	struct bytes_out out = bytes_out(core, sizeof core);
	struct record r = append_drafted(s, d);
	r.at.seq = RECORD_SEQ_MAX;
	r.back = d->lane == LANE_LIVE ? 0 : RECORD_SEQ_MAX;
	enum mesh_err err = record_write(&r, &out);
	*core_bytes = out.len;
	if (err != MESH_OK && err != MESH_FULL)
		return MESH_MALFORMED;
	bool fits = err == MESH_OK &&
	    spread_fits(d->lane, d->type, bundle_bytes(1, out.len));
	return fits ? MESH_OK : MESH_FULL;
}

struct handle
append_parcel(struct mesh_site *s, const struct bundle *b, const struct record *first)
{
	struct dedup_mark mark = spread_mark(s, b);
	struct envelope_hop hop = { .bundle = b->raw };
	if (flood_has_trail(first->at.lane, first->type))
		hop.trail = bytes_view(s->tag, sizeof s->tag);
	return spread_parcel(s, first, &hop, &mark);
}

/* --- lane 0 --- */

enum mesh_err
append_signed(struct mesh_site *s, const struct mesh_draft *d, struct record *r,
    struct bytes_out *bundle)
{
	*r = append_drafted(s, d);
	enum mesh_err err = own_take(&s->own, LANE_LIVE, 1, &r->at.seq, &r->back);
	return err != MESH_OK ? err : sign(s, r, bundle);
}

enum mesh_err
append_sign_live(struct mesh_site *s, enum live_type type, struct bytes_view body,
    struct bytes_out *bundle)
{
	struct mesh_draft d = { LANE_LIVE, (uint16_t)type, 0, NULL, body };
	struct record r = append_drafted(s, &d);
	r.hop_max = 0;
	enum mesh_err err = own_take(&s->own, LANE_LIVE, 1, &r.at.seq, &r.back);
	return err != MESH_OK ? err : sign(s, &r, bundle);
}

enum mesh_err
append_draft(struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq,
    struct stamps_chain *chain)
{
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
	struct bytes_out bundle = bytes_out(bytes, sizeof bytes);
	struct record r;
	enum mesh_err err = append_signed(s, d, &r, &bundle);
	if (err != MESH_OK)
		return err;
	struct bundle b;
	if (bundle_read(bytes_written(&bundle), &b) != MESH_OK)
		return MESH_MALFORMED;
	struct handle parcel = append_parcel(s, &b, &r);
	if (parcel.generation == 0)
		return MESH_FULL;
	struct dedup_mark mark = spread_core_mark(s, r.core);
	(void)dedup_admit(&s->verified, &mark);
	if (chain != NULL)
		stamps_begin(chain, s->network.id, r.core);
	if (d->dst != NULL)
		routing_send(s, d->dst, parcel, NULL);
	else
		spread_flood(s, parcel, BRANCH_NONE, NULL);
	parcel_release(&s->parcels, parcel);
	*seq = r.at.seq;
	return MESH_OK;
}

enum mesh_err
append_checked(struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq,
    struct stamps_chain *chain)
{
	size_t core_bytes;
	enum mesh_err err = check_draft(s, d, &core_bytes);
	if (err == MESH_OK)
		return append_draft(s, d, seq, chain);
	bool cuttable = d->type == LIVE_FORK || d->type == LIVE_QUERY;
	if (err == MESH_FULL && cuttable && d->dst == NULL)
		return cargo_append(s, d, seq);
	if (err != MESH_FULL)
		return err;
	inside_count(s, COUNT_TX_TOO_LARGE);
	return MESH_MALFORMED;
}

void
append_live(struct mesh_site *s, enum live_type type, const struct field_table *t,
    const void *body)
{
	uint8_t bytes[96];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	uint64_t seq;
	if (wire_encode(t, body, &out) != MESH_OK)
		return;
	struct mesh_draft d = { LANE_LIVE, (uint16_t)type, 0, NULL,
		bytes_written(&out) };
	(void)append_draft(
	    s, &d, &seq, NULL); /* full: the next tick's cause comes again */
}

/* --- durable lanes --- */

static enum mesh_err
hand_out(
    struct mesh_site *s, const struct mesh_draft *d, size_t core_bytes, uint64_t *seq)
{
	uint8_t core[CORE_MAX];
	struct bytes_out out = bytes_out(core, sizeof core);
	struct record r = append_drafted(s, d);
	bool in_bulk = bulk_gathers(s, d->lane);
	enum mesh_err err = in_bulk ? bulk_make_room(s, d->lane, core_bytes)
				    : batch_make_room(s, d, core_bytes);
	if (err == MESH_OK)
		err = own_take(
		    &s->own, d->lane, quotas_weight(s, d), &r.at.seq, &r.back);
	if (err == MESH_OK)
		err = record_write(&r, &out);
	if (err != MESH_OK)
		return err;
	if (in_bulk)
		bulk_put(s, &r, bytes_written(&out));
	else
		batch_put(s, d->lane, bytes_written(&out));
	*seq = r.at.seq;
	return MESH_OK;
}

enum mesh_err
append_record(struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq)
{
	size_t core_bytes;
	if (d->lane == LANE_LIVE)
		return append_checked(s, d, seq, NULL);
	enum mesh_err err = check_draft(s, d, &core_bytes);
	if (err == MESH_FULL)
		return cargo_append(s, d, seq);
	return err == MESH_OK ? hand_out(s, d, core_bytes, seq) : err;
}

void
append_live_body(struct mesh_site *s, enum live_type type, struct bytes_view body)
{
	struct mesh_draft d = { LANE_LIVE, (uint16_t)type, 0, NULL, body };
	uint64_t seq;
	enum mesh_err err = append_record(s, &d, &seq);
	(void)err; /* full: who asks again hears it then */
}

enum mesh_err
append_again(struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq)
{
	return append_record(s, d, seq);
}

static enum mesh_err
append_theirs(struct mesh_site *site, const struct mesh_draft *draft, uint64_t *seq)
{
	if (draft->lane >= LANE_COUNT || (draft->dst != NULL && draft->lane != 0))
		return MESH_MALFORMED;
	if (site->leaving)
		return MESH_DENIED;
	if (site->own.rewrite != 0 && mesh_lane_is_keyed(draft->lane))
		return MESH_FULL; /* what is old goes first */
	return append_record(site, draft, seq);
}

enum mesh_err
mesh_site_append(struct mesh_site *site, const struct mesh_draft *draft, uint64_t *seq,
    struct mesh_now now)
{
	inside_enter(site, now);
	return quotas_may_write(site, draft, 0) ? append_theirs(site, draft, seq)
						: MESH_QUOTA;
}

enum mesh_err
mesh_site_replace(struct mesh_site *site, const struct mesh_draft *draft,
    uint32_t replaced, uint64_t *seq, struct mesh_now now)
{
	inside_enter(site, now);
	return quotas_may_write(site, draft, replaced) ? append_theirs(site, draft, seq)
						       : MESH_QUOTA;
}

/* --- what we write of our own accord --- */

static size_t
list_links(struct mesh_site *s, struct message_bytes oids[static REACH_LINKS])
{
	const struct neighbour *n;
	size_t count = 0;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		const struct peer *p = peers_at(&s->peers, n->peer);
		if (n->silent_ms == MESH_NEVER && p != NULL && count < REACH_LINKS)
			oids[count++].bytes = bytes_view(p->oid, sizeof p->oid);
	}
	return count;
}

static enum mesh_err
write_links(struct mesh_site *s)
{
	static const char key[] = MESSAGE_LINKS_KEY;
	struct message_bytes oids[REACH_LINKS];
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	struct state_links_put put = { .key = bytes_view(key, sizeof key - 1),
		.links = { .boot = s->boot,
		    .boot_id = bytes_view(s->boot_id, sizeof s->boot_id),
		    .oids = { oids, list_links(s, oids) } } };
	uint64_t seq;
	enum mesh_err err = wire_encode(&state_links_put_table, &put, &body);
	if (err != MESH_OK)
		return err;
	struct mesh_draft d = { LANE_STATE, RECORD_PUT, 0, NULL, bytes_written(&body) };
	return append_record(s, &d, &seq);
}

enum mesh_err
append_state(struct mesh_site *s, struct bytes_view body)
{
	struct mesh_draft d = { LANE_STATE, RECORD_PUT, 0, NULL, body };
	uint64_t seq;
	return append_record(s, &d, &seq);
}

static void
links_tick(struct mesh_site *s)
{
	if (s->links_ms > s->now.ms || s->leaving)
		return;
	if (s->own.phase == OWN_QUIET) {
		s->links_ms = MESH_NEVER; /* we write nothing until the next start */
		return;
	}
	if (finding_is_near(s)) /* one record more under the same signature */
		batch_gather(s, LANE_STATE);
	if (write_links(s) != MESH_OK) {
		s->links_ms = s->now.ms + LINKS_RETRY_MS;
		return;
	}
	finding_along(s);
	s->links_ms = MESH_NEVER;
	s->links_after_ms = s->now.ms + s->links_gap_ms;
	s->links_gap_ms = s->links_gap_ms < LINKS_GAP_MS / 2 ? 2 * s->links_gap_ms
							     : LINKS_GAP_MS;
}

/* What changes the links of one often changes those of many, and all of them speak to
 * everybody: a thousand take half a second for it. */
void
append_links_changed(struct mesh_site *s)
{
	if (s->links_ms != MESH_NEVER)
		return;
	uint64_t crowd = pool_taken(&s->peers.pool) / 2 + 1;
	mesh_time_ms at = s->now.ms + LINKS_SETTLE_MS + inside_dice(s) % crowd;
	if (s->now.ms >= s->links_after_ms + LINKS_GAP_MS || s->links_gap_ms == 0)
		s->links_gap_ms = LINKS_FIRST_MS; /* it was quiet: this one is news */
	s->links_ms = at > s->links_after_ms ? at : s->links_after_ms;
}

static void
write_checkpoint(struct mesh_site *s, enum mesh_lane lane)
{
	const struct mesh_live *live = &s->own.lane[lane].live;
	uint8_t bytes[96];
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	struct keyed_checkpoint c = { .count = live->count,
		.sum = bytes_view(live->sum, sizeof live->sum) };
	c.tomb_floor = own_floor(&s->own, lane, &c.settled);
	uint64_t seq;
	if (wire_encode(&keyed_checkpoint_table, &c, &body) != MESH_OK)
		return;
	struct mesh_draft d = { lane, RECORD_CHECKPOINT, 0, NULL,
		bytes_written(&body) };
	if (append_record(s, &d, &seq) != MESH_OK)
		own_checkpoint_later(&s->own, lane, s->now.ms);
}

uint64_t
mesh_site_epoch(const struct mesh_site *site)
{
	return site->own.epoch;
}

void
mesh_site_retire(struct mesh_site *site, enum mesh_lane lane, uint64_t floor)
{
	if (lane > LANE_LIVE && lane < LANE_COUNT && mesh_lane_is_keyed(lane))
		own_retire(&site->own, lane, floor);
}

void
append_tick(struct mesh_site *s)
{
	links_tick(s);
	batch_tick(s);
	for (enum mesh_lane lane = LANE_CONTROL; lane < LANE_COUNT; lane++) {
		if (!own_checkpoint_due(&s->own, lane, s->now.ms))
			continue;
		if (sketching_is_whole(s, lane))
			write_checkpoint(s, lane);
		else
			own_checkpoint_later(&s->own, lane, s->now.ms);
	}
}

mesh_time_ms
append_deadline(const struct mesh_site *s)
{
	mesh_time_ms own = own_deadline(&s->own);
	mesh_time_ms links = s->leaving ? MESH_NEVER : s->links_ms;
	mesh_time_ms batch = batch_deadline(s);
	mesh_time_ms soonest = own < links ? own : links;
	return soonest < batch ? soonest : batch;
}
