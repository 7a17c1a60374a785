/* inside_logs.h - logs that always agree.  Floor 4.  Pure. */
#ifndef MESH_INSIDE_LOGS_H
#define MESH_INSIDE_LOGS_H
#include "inside_travel.h"

/* --- arrive.c: a bundle on its way through the checks --- */
enum apply_verdict arrive_push(struct mesh_site *s, const struct apply_input *in);
/* That neighbour has the record: as good as its ACK. */
void arrive_spare(
    struct mesh_site *s, struct neighbour *n, const struct dedup_mark *mark);
struct arrive_place { /* where in which page a bundle stands */
	const struct holdings_log *log;
	uint64_t after, to; /* `after`: the number before it, moves on */
	uint64_t back;      /* of the one just taken */
};
/* The same checks for a bundle that we asked for. */
enum apply_verdict arrive_page(struct mesh_site *s, struct neighbour *n,
    struct bytes_view bundle, struct arrive_place *place);

/* --- judge.c: what makes a record acceptable --- */
struct judge_record {
	const struct neighbour *from;
	const struct record *record;
	const struct bundle *bundle;    /* in which it came */
	const struct envelope_hop *hop; /* NULL: in a page, history */
	uint64_t claims;                /* numbers that it settles, its own included */
};
/* By what it says and what is known.  COUNT_MESH: yes; else the counter to move.
 * `passes`: stored in an earlier life; unknown to our reach. */
enum mesh_counter judge_record(
    struct mesh_site *s, const struct judge_record *j, bool *passes);
/* Who is served first when there is no time for all signatures: a quarter of the budget
 * is kept for alerts and suspicions, another for what sessions bring; anybody who has
 * the network's key, revoked or not, can send beacons. */
enum judge_rank { JUDGE_URGENT, JUDGE_RECORD, JUDGE_BEACON };
/* Time for one signature; counted (shed.verify) if there is none. */
bool judge_has_time(struct mesh_site *s, enum judge_rank rank);
/* Have we room, time and its origin a share for `n` records of a bundle, the first as
 * told?  Counted if not. */
bool judge_load(struct mesh_site *s, const struct record *first, uint32_t n, bool page);
void judge_carried(struct mesh_site *s, const struct record *r); /* it is passed on */
/* `leaf`: of its cores.  MESH_DENIED: not signed by `origin`; MESH_MALFORMED: no proof.
 */
MESH_MUST_CHECK enum mesh_err judge_signature(struct mesh_site *s,
    const struct bundle *b, const struct mesh_key *origin,
    const struct merkle_hash leaf[static BUNDLE_CORES]);
/* Its origin is out: what is still let in was said before that. */
bool judge_is_from_before(const struct mesh_site *s, const struct mesh_key *origin);
bool judge_is_of_one_log(const struct mesh_position *a, const struct mesh_position *b);
/* Neither held nor on its way to the store. */
bool judge_is_lacked(const struct mesh_site *s, const struct record *r);

/* --- sync.c: who holds what --- */
/* A new session.  Not of a new life: what was asked over the former one goes on. */
void sync_begin(struct mesh_site *s, struct neighbour *n, bool new_life);
/* Our digest, if it must be told in the PING or PONG now made; else empty. */
struct bytes_view sync_news(struct mesh_site *s, struct neighbour *n);
void sync_heard(struct mesh_site *s, struct neighbour *n, struct bytes_view digest);
enum apply_verdict sync_on_sum(struct mesh_site *s, const struct apply_input *in);
enum apply_verdict sync_on_rows(struct mesh_site *s, const struct apply_input *in);
/* False: not queued, and counted. */
bool sync_send(struct mesh_site *s, struct neighbour *n, enum parcel_class class,
    enum parcel_keep keep, struct bytes_view frame);
void sync_tick(struct mesh_site *s);
mesh_time_ms sync_deadline(const struct mesh_site *s);

/* --- repair.c: what we lack --- */
/* That neighbour holds these numbers of a log. */
void repair_offer(struct mesh_site *s, struct neighbour *n,
    const struct holdings_log *log, struct mesh_run held);
/* Ask for one range, unless it is asked for, or this neighbour lacks it. */
void repair_pull(struct mesh_site *s, struct neighbour *n,
    const struct holdings_log *log, struct mesh_run *run);
/* A piece of something came from there: its answers are only on their way. */
void repair_goes_on(struct mesh_site *s, const struct neighbour *n);
/* Ask for all of it, whatever it claims, and then for what else is missing up to
 * `claimed`.  False: not now, or it is asked for. */
bool repair_ask(struct mesh_site *s, struct neighbour *n,
    const struct holdings_log *log, struct mesh_run run, uint64_t claimed);
enum apply_verdict repair_on_page(struct mesh_site *s, const struct apply_input *in);
enum apply_verdict repair_on_none(struct mesh_site *s, const struct apply_input *in);
void repair_part(struct mesh_site *s, struct neighbour *n);
void repair_tick(struct mesh_site *s);
mesh_time_ms repair_deadline(const struct mesh_site *s);

/* --- purges.c: sites that are out with all that they said --- */
/* From before its origin was purged.  Of others' the have-sets say so, too. */
bool purges_is_void(const struct mesh_site *s, const struct mesh_position *at);
/* What a REVOKE that is said now adds to or keeps of what is void.  False: it would
 * hide a purge of ours. */
bool purges_fill(
    const struct mesh_site *s, const struct mesh_decree *d, struct clause *c);
void purges_settle(struct mesh_site *s); /* the statements have changed */
/* The next event but for its ticket, which wants `index`. */
bool purges_next(struct mesh_site *s, struct mesh_event *out, uint32_t *index);
void purges_outcome(struct mesh_site *s, uint32_t index, enum mesh_err err);

/* --- holes.c: what is missing below what we hold --- */
/* A neighbour lacks the gap that begins there: who is next? */
void holes_denied(struct mesh_site *s, const struct holdings_log *log, uint64_t first);
/* A neighbour asked us for these, and `row` is what we hold of that origin. */
void holes_asked(struct mesh_site *s, struct neighbour *n,
    const struct holdings_row *row, const struct want *w);
/* Whatever is missing of the log up to there, every neighbour lacks it too. */
bool holes_denied_by_all(
    struct mesh_site *s, const struct holdings_log *log, uint64_t to);
void holes_tick(struct mesh_site *s);
mesh_time_ms holes_deadline(const struct mesh_site *s);

/* --- quotas.c: what one site may keep --- */
/* Can it be taken without losing count of what its origin keeps? */
bool quotas_allow(const struct mesh_site *s, const struct record *r, uint64_t claims);
/* So much of its lane is live now (NULL: unknown). */
void quotas_stored(
    struct mesh_site *s, const struct mesh_position *at, const struct mesh_live *live);
/* `replaced`: what the record counts for whose key this one takes; 0: it is new. */
bool quotas_may_write(
    struct mesh_site *s, const struct mesh_draft *d, uint32_t replaced);
uint32_t quotas_weight(const struct mesh_site *s, const struct mesh_draft *d);

/* --- recover.c: our own log as others know it --- */
enum { RECOVER_CLONE_GAP_MS = 10 * 1000, RECOVER_DOUBTS = 10 };
void recover_start(struct mesh_site *s, bool nobody_knows_us);
void recover_greeted(struct mesh_site *s); /* a neighbour said all it holds of us */
/* Somebody holds our log up to `high`.  True: pull what is missing of it. */
bool recover_offer(struct mesh_site *s, struct neighbour *n,
    const struct holdings_log *log, uint64_t high);
/* May a record of ours come back?  COUNT_MESH: yes. */
enum mesh_counter recover_judge(const struct mesh_site *s, const struct record *r);
void recover_proved(struct mesh_site *s, const struct record *r); /* it is verified */
void recover_stored(
    struct mesh_site *s, const struct mesh_position *at, const struct mesh_live *live);
void recover_heard(struct mesh_site *s, const struct judge_record *j);
/* Verified: another body with our key, heard itself at `addr`, or (NULL) only by what
 * the neighbour `by` brought. */
void recover_clone(struct mesh_site *s, uint64_t boot, const struct mesh_key *by,
    const struct mesh_path *addr);
void recover_new_epoch(struct mesh_site *s, uint64_t above);
void recover_tick(struct mesh_site *s);

/* --- sketching.c: lanes that are not what their origin says --- */
enum apply_verdict sketching_on_sketch(
    struct mesh_site *s, const struct apply_input *in);
enum apply_verdict sketching_on_cells(
    struct mesh_site *s, const struct apply_input *in);
/* The next event but for its ticket, which wants `what`. */
bool sketching_next(struct mesh_site *s, struct mesh_event *out, struct handle *what);
/* Nothing of our own lane is missing, as far as we know: it may be said what it is. */
bool sketching_is_whole(struct mesh_site *s, enum mesh_lane lane);
void sketching_part(struct mesh_site *s, struct neighbour *n);
void sketching_tick(struct mesh_site *s);
mesh_time_ms sketching_deadline(const struct mesh_site *s);

/* --- serving.c: what others lack --- */
enum apply_verdict serving_on_pull(struct mesh_site *s, const struct apply_input *in);
void serving_tick(struct mesh_site *s);
#endif
