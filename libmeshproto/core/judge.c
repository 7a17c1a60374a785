#include "inside_events.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "runs.h"
#include "wire.h"

/* PROTOCOL.md 8, steps 5 to 7: whose a record is, whether it is news, how far it came,
 * whether we can take it now, and, last because it is dear, who signed it. */

/* By somebody who is out: what ruling_is_cut_off lets pass was said before that. */
bool
judge_is_from_before(const struct mesh_site *s, const struct mesh_key *origin)
{
	return charter_revoked(&s->charter, origin) != NULL ||
	    (admit_was_in(&s->admit, origin) && !admit_would(&s->admit, origin));
}

/* --- whether it is news --- */

bool
judge_is_of_one_log(const struct mesh_position *a, const struct mesh_position *b)
{
	return a->lane == b->lane && a->epoch == b->epoch &&
	    memcmp(&a->origin, &b->origin, sizeof a->origin) == 0;
}

static bool
continues_newest(const struct mesh_site *s, const struct record *r)
{
	const struct flight *f = pool_look(&s->flights, s->newest_flight);
	return f != NULL && f->at.seq < r->at.seq && f->at.seq >= r->at.seq - r->back &&
	    judge_is_of_one_log(&f->at, &r->at);
}

static bool
continues_another(const struct mesh_site *s, const struct record *r)
{
	struct mesh_position before = r->at;
	before.seq -= r->back;
	return flying_has(s, &before);
}

/* The runs that its log has once all is on the disk that is on its way there: what was
 * judged alone against those that are there would find no room when it comes, and be
 * told again with its next copy.  They come in any order; the spare ones are for what
 * joins in the end.  Chunks are shared by all logs, and what else is on its way may
 * take one each: that refuses what opens a run while the disk is far behind, and never
 * what comes in order. */
static bool
leaves_room(const struct mesh_site *s, const struct record *r)
{
	struct mesh_run all[4 * MESH_RUNS];
	struct runs runs = { all, 0, LENGTH(all) };
	const struct flight *f;
	if (continues_newest(s, r) || continues_another(s, r))
		return true; /* joins what found room a moment ago */
	const struct holdings_row *row = holdings_by_key(&s->holdings, &r->at.origin);
	if (row != NULL && row->epoch == r->at.epoch)
		runs.count = holdings_runs(&s->holdings, row, r->at.lane, all);
	uint32_t flying = pool_taken(&s->flights), others = 0;
	if (runs.count + flying < MESH_RUNS && flying < s->holdings.spill.free_count)
		return true; /* each is one run more at most, and one chunk */
	for (uint32_t i = 0; (f = pool_walk(&s->flights, &i)) != NULL; i++)
		if (!judge_is_of_one_log(&f->at, &r->at))
			others += f->at.lane != LANE_LIVE;
		else if (runs_add(&runs, f->at.seq - f->claims + 1, f->at.seq) !=
		    MESH_OK)
			return false;
	size_t before = runs.count;
	return runs_add(&runs, r->at.seq - r->back + 1, r->at.seq) == MESH_OK &&
	    runs.count <= MESH_RUNS &&
	    holdings_may_grow(&s->holdings,
		&(struct holdings_growth){ &r->at, before, runs.count, others });
}

/* Questions and answers may be 200 at once, and what is urgent overtakes them: one that
 * is sent again may come behind the window.  There only the cache of verified records,
 * already asked, tells what came before; so it is for those that do no harm twice. */
static bool
is_straggler(const struct peer *p, const struct record *r)
{
	bool harmless = r->type == LIVE_ECHO || r->type == LIVE_ECHO_REPLY ||
	    r->type == LIVE_QUERY || r->type == LIVE_REPLY;
	return harmless && peers_live_is_straggler(p, r->at.seq);
}

/* Lane 0 has boot in epoch's place and a window in the have-set's. */
static enum mesh_counter
judge_live(const struct peer *p, const struct record *r)
{
	if (p == NULL || r->at.epoch > p->boot)
		return COUNT_MESH;
	if (r->at.epoch < p->boot)
		return COUNT_RECORD_OLD_BOOT;
	if (is_straggler(p, r))
		return COUNT_MESH;
	return peers_live_is_new(p, r->at.seq) ? COUNT_MESH : COUNT_RECORD_DUPLICATE;
}

/* It is held; its list of links may be news all the same. */
static enum mesh_counter
judge_held(
    const struct mesh_site *s, struct handle row, const struct record *r, bool *passes)
{
	bool known = row.generation != 0;
	*passes = reach_is_links(r) &&
	    (!known || reach_is_news(&s->reach, row.index, r));
	return *passes ? COUNT_MESH : COUNT_RECORD_DUPLICATE;
}

/* Nor may it be kept yet, or ever; where its origin can be found is needed now. */
static enum mesh_counter
judge_unkept(
    const struct mesh_site *s, struct handle row, const struct record *r, bool *passes)
{
	enum mesh_counter why = judge_held(s, row, r, passes);
	return why == COUNT_MESH ? why : COUNT_RECORD_QUOTA;
}

static enum mesh_counter
judge_logged(
    struct mesh_site *s, struct handle row, const struct judge_record *j, bool *passes)
{
	const struct record *r = j->record;
	const struct peer *p = peers_at(&s->peers, row);
	if (p != NULL && r->at.epoch < p->epoch)
		return COUNT_RECORD_OLD_EPOCH;
	if (p != NULL && !peers_may_renew(p, r->at.epoch, s->now.ms))
		return COUNT_RECORD_NEW_EPOCH;
	if (twins_frozen(&s->twins, &r->at))
		return COUNT_RECORD_FROZEN;
	if (s->replicate == REPLICATE_NONE && r->at.lane == LANE_REGISTRY) {
		*passes = true;
		return COUNT_MESH;
	}
	switch (holdings_ask(&s->holdings, &r->at, r->back)) {
	case HOLDINGS_OLD_EPOCH:
		return COUNT_RECORD_OLD_EPOCH;
	case HOLDINGS_NO_ROOM:
		return COUNT_RECORD_GAP_OVERFLOW;
	case HOLDINGS_HELD:
		return judge_held(s, row, r, passes);
	case HOLDINGS_NEW:
		break;
	}
	if (flying_has(s, &r->at))
		return COUNT_RECORD_DUPLICATE;
	if (!quotas_allow(s, r, j->claims))
		return judge_unkept(s, row, r, passes);
	return leaves_room(s, r) ? COUNT_MESH : COUNT_RECORD_GAP_OVERFLOW;
}

bool
judge_is_lacked(const struct mesh_site *s, const struct record *r)
{
	return r->at.lane != LANE_LIVE &&
	    holdings_ask(&s->holdings, &r->at, r->back) == HOLDINGS_NEW &&
	    !flying_has(s, &r->at);
}

/* --- whose it is --- */

static enum mesh_counter
judge_own(struct mesh_site *s, const struct judge_record *j)
{
	if (j->hop == NULL)
		return recover_judge(s, j->record);
	recover_heard(s, j);
	return COUNT_RECORD_DUPLICATE;
}

/* Step 5. */
static enum mesh_counter
judge_origin(struct mesh_site *s, const struct judge_record *j, bool *passes)
{
	const struct record *r = j->record;
	const struct mesh_key *origin = &r->at.origin;
	if (inside_is_us(s, origin))
		return judge_own(s, j);
	if (ruling_is_cut_off(s, r))
		return COUNT_RECORD_REVOKED;
	bool in = newcomers_might(s, origin) || certs_is_shown(s, r);
	if (!in && (r->at.lane == LANE_LIVE || !judge_is_from_before(s, origin)))
		return COUNT_RECORD_NOT_ADMITTED;
	struct handle row = peers_find(&s->peers, origin);
	return r->at.lane == LANE_LIVE ? judge_live(peers_at(&s->peers, row), r)
				       : judge_logged(s, row, j, passes);
}

/* Step 6. */
static enum mesh_counter
judge_hop(const struct mesh_site *s, const struct judge_record *j)
{
	switch (flood_judge(j->hop, j->record->hop_max, s->tag)) {
	case FLOOD_HOPS:
		return COUNT_RECORD_HOPS;
	case FLOOD_TRAIL:
		return COUNT_RECORD_TRAIL;
	case FLOOD_TAKE:
		break;
	}
	return COUNT_MESH;
}

enum mesh_counter
judge_record(struct mesh_site *s, const struct judge_record *j, bool *passes)
{
	*passes = false;
	enum mesh_counter why = judge_origin(s, j, passes);
	return why == COUNT_MESH && j->hop != NULL ? judge_hop(s, j) : why;
}

/* --- whether we can take it now --- */

/* Two slots: the bundle as it goes on, and the proof of each record while it is read.
 */
static bool
has_room(struct mesh_site *s, const struct record *first, uint32_t n)
{
	if (first->at.lane != LANE_LIVE && s->flights.free_count < n)
		inside_count(s, COUNT_SHED_STORE_BUSY);
	else if (!spread_has_room(s))
		inside_count(s, COUNT_SHED_QUEUE_FULL);
	else
		return true;
	return false;
}

/* A SUSPECT: the row of whom it accuses, UINT32_MAX if we do not know him. */
static bool
is_suspicion(const struct mesh_site *s, const struct record *r, uint32_t *target)
{
	struct live_suspect body;
	if (r->at.lane != LANE_LIVE || r->type != LIVE_SUSPECT ||
	    wire_decode(&live_suspect_table, r->body, &body, NULL) != MESH_OK)
		return false;
	struct handle row = peers_find(&s->peers, &body.target);
	*target = row.generation != 0 ? row.index : UINT32_MAX;
	return true;
}

void
judge_carried(struct mesh_site *s, const struct record *r)
{
	uint32_t target;
	if (is_suspicion(s, r, &target))
		accused_note(
		    &s->accused, branch_row(s, &r->at.origin), target, s->now.ms);
}

/* Is it within what its origin may have carried on?  Charged only when it is verified.
 * Registry records are taken in any case, and only carried on within their share. */
static bool
is_within_share(struct mesh_site *s, const struct record *first, uint32_t n)
{
	enum share_kind kind = share_kind_of(first->at.lane);
	uint32_t target, row = branch_row(s, &first->at.origin);
	bool may = kind == SHARE_REGISTRY ||
	    share_has(&s->share, row, kind, n, s->now.ms);
	if (is_suspicion(s, first, &target))
		may = accused_may(&s->accused, row, target, s->now.ms);
	if (may)
		return true;
	for (; n > 0; n--)
		inside_count(s, COUNT_SHED_ORIGIN);
	return false;
}

bool
judge_has_time(struct mesh_site *s, enum judge_rank rank)
{
	uint32_t kept = (uint32_t)rank * (s->checks.burst / 4);
	if (rate_ready(&s->checks, kept + 1, s->now.ms) <= s->now.ms &&
	    rate_take(&s->checks, 1, s->now.ms))
		return true;
	inside_count(s, COUNT_SHED_VERIFY);
	return false;
}

bool
judge_load(struct mesh_site *s, const struct record *first, uint32_t n, bool page)
{
	bool urgent = message_class_of(first->at.lane, first->type) == CLASS_P0;
	return has_room(s, first, n) && (page || is_within_share(s, first, n)) &&
	    judge_has_time(s, urgent ? JUDGE_URGENT : JUDGE_RECORD);
}

/* --- the signature --- */

/* Later pieces of a batch cost hashes only. */
static struct dedup_mark
proven_mark(const struct mesh_site *s, const struct bundle *b,
    const struct mesh_key *origin, const struct merkle_hash *root)
{
	uint8_t bytes[sizeof(struct mesh_key) + 1 + MERKLE_HASH + BUNDLE_SIG];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	bytes_put(&out, origin->bytes, sizeof origin->bytes);
	bytes_put_u8(&out, b->n);
	bytes_put(&out, root->bytes, sizeof root->bytes);
	bytes_put(&out, b->sig, BUNDLE_SIG);
	return dedup_mark_of(&s->proven, bytes_written(&out));
}

enum mesh_err
judge_signature(struct mesh_site *s, const struct bundle *b,
    const struct mesh_key *origin, const struct merkle_hash leaf[static BUNDLE_CORES])
{
	struct merkle_hash root;
	enum mesh_err err = bundle_root(b, leaf, &root);
	if (err != MESH_OK)
		return err;
	struct dedup_mark proven = { { 0 } };
	if (b->n > 1) {
		proven = proven_mark(s, b, origin, &root);
		if (dedup_seen(&s->proven, &proven)) {
			rate_give(&s->checks, 1, s->now.ms); /* no signature */
			return MESH_OK;
		}
	}
	if (!bundle_signature_holds(b, &root, s->network.id, origin))
		return MESH_DENIED;
	if (b->n > 1)
		(void)dedup_admit(&s->proven, &proven);
	return MESH_OK;
}
