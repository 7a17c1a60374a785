/* own.h - our own log: the next number, what is reserved, what `back` must cover.
 *
 * A number is used only when a block that contains it was committed with full sync, so
 * that neither kill -9 nor a power cut ever makes us sign two records with one number.
 * After a start numbering goes on above everything reserved; the next record's `back`
 * declares the hole void.  Before that it is held, until the neighbours have said what
 * they know of our log: a restored backup or a lost disk must not number again what
 * others hold already.  Also says when a keyed lane wants its CHECKPOINT.  Floor 3.
 * Pure.  Source: PROTOCOL.md 2 and 10. */
#ifndef MESH_OWN_H
#define MESH_OWN_H
#include "bytes.h"
#include "mesh_words.h"

enum {
	OWN_BODY_MAX = 128,
	OWN_QUIET_MS = 5000,
	OWN_LONGEST_MS = 60000,
	OWN_CHANGES = 256,
	OWN_RETRY_MS = 10000, /* after a commit that failed */
	OWN_HOLD_MS = 3000,
	OWN_RECOVER_MS = 10 * 60 * 1000,
	OWN_WAITS = 512, /* so many wait for the disk at once, in all lanes: each keeps
			    a buffer until it is pushed */
	OWN_FORKS = 5    /* so many within OWN_FORKS_MS and we write no more */
};
#define OWN_LEAP     (UINT64_C(1) << 20) /* above what others hold of us */
#define OWN_FORKS_MS ((mesh_time_ms)24 * 60 * 60 * 1000)

enum own_phase {
	OWN_READY,
	OWN_HOLD,    /* the neighbours have not said yet what they know of us */
	OWN_RECOVER, /* our log is longer elsewhere and on its way here */
	OWN_QUIET    /* somebody else writes with our key: until the next start */
};

struct own_lane {
	uint64_t used;       /* highest number given out */
	uint64_t valid;      /* highest number that is stored */
	uint64_t reserved;   /* highest number that may be given out */
	uint64_t wanted;     /* what the commit under way will reserve */
	uint32_t in_flight;  /* given out, outcome unknown */
	uint32_t weighing;   /* what those count for: quota.h */
	uint32_t refused;    /* of those: not stored, and neither void nor stored yet */
	uint32_t changes;    /* since the last CHECKPOINT */
	uint64_t tomb_floor; /* DROPs below are older than tombstones live */
	uint64_t tomb_saying; /* as the CHECKPOINT on its way to the disk says */
	uint64_t tomb_told;   /* as the newest one that is stored says */
	bool crowded;         /* it is full: the next CHECKPOINT ends all DROPs */
	bool swept;           /* since the start one did */
	uint32_t tombs;       /* what DROPs of this run count for that are not ended */
	mesh_time_ms first_change, last_change, checkpoint_after;
	struct mesh_live live;
	bool live_known;
};
struct own {
	uint64_t epoch; /* 0: to be found out, or to be begun when the hold ends */
	enum own_phase phase;
	mesh_time_ms until_ms;       /* of HOLD and RECOVER */
	uint64_t target[LANE_COUNT]; /* RECOVER: proven ends of our lanes elsewhere */
	uint64_t rewrite; /* the epoch whose live PUTs are to be written again */
	mesh_time_ms forks_ms[OWN_FORKS]; /* the last ones count until then; 0: none */
	struct own_lane lane[LANE_COUNT]; /* [LANE_LIVE]: numbered only */
	bool keep_due, keep_under_way, stopping;
	mesh_time_ms keep_after; /* not before: the disk refused */
};

void own_init(struct own *o, uint64_t epoch);
void own_hold(struct own *o, mesh_time_ms now);
/* Our log goes on in this epoch: adopted from others, or begun.  Lanes are empty. */
void own_begin(struct own *o, uint64_t epoch);
/* Others are proven to hold our lane up to `high`: from now on it is recovered. */
void own_longer(struct own *o, enum mesh_lane lane, uint64_t high, mesh_time_ms now);
/* One of our own is back; `live` may be NULL. */
void own_recovered(
    struct own *o, enum mesh_lane lane, uint64_t seq, const struct mesh_live *live);
/* Numbers go on: above what was reserved, or a leap above what others hold. */
void own_go_on(struct own *o);
/* We said two things under one number.  False: once too often, we are quiet now. */
bool own_forked(struct own *o, mesh_time_ms now);
void own_quiet(struct own *o);
/* The row that own_keep_body wrote before.  Of another epoch's row the forks alone are
 * taken. */
MESH_MUST_CHECK enum mesh_err own_load(
    struct own *o, struct bytes_view body, struct mesh_now now);
/* The epoch that such a row speaks of; 0: unreadable. */
uint64_t own_epoch_of(struct bytes_view body);
/* The holding of our own key. */
void own_learn(struct own *o, const struct mesh_holding *own);

/* Is a commit wanted?  Then own_keep_body, and own_kept with what became of it. */
bool own_keep_wanted(const struct own *o, mesh_time_ms now);
void own_keep_body(struct own *o, struct mesh_now now, struct bytes_out *out);
void own_kept(struct own *o, enum mesh_err err, mesh_time_ms now);
/* Mark reserved = used: after this no number is given out any more. */
void own_stop(struct own *o);

/* The number after the next `weight` - 1, which are void.  MESH_FULL: not so many are
 * reserved yet, or they are held, or OWN_WAITS are under way.  MESH_DENIED: we are
 * quiet. */
MESH_MUST_CHECK enum mesh_err own_take(
    struct own *o, enum mesh_lane lane, uint32_t weight, uint64_t *seq, uint64_t *back);
enum own_kind { OWN_CHANGE, OWN_DROP, OWN_CHECKPOINT };
struct own_outcome {
	enum mesh_lane lane;
	uint64_t seq;
	enum own_kind kind;
	uint32_t weight;
	enum mesh_err err;
	const struct mesh_live *live; /* NULL: unchanged or unknown */
};
/* What became of a number that was given out. */
void own_stored(struct own *o, const struct own_outcome *what, mesh_time_ms now);

/* The store refused one.  The next `back` can call it void only if none above it is
 * stored; so no number is given out until that is known, and if one is, until this one
 * is stored as well. */
void own_refused(struct own *o, enum mesh_lane lane);
/* It is no longer in doubt: own_stored follows. */
void own_decided(struct own *o, enum mesh_lane lane);
/* Are all that were given out stored or refused, and some refused? */
bool own_must_decide(const struct own *o, enum mesh_lane lane);

/* DROPs below `floor` need not be told any more: the next CHECKPOINT says so.  It only
 * rises within an epoch, and never above the next number. */
void own_retire(struct own *o, enum mesh_lane lane, uint64_t floor);
/* There is no room for a PUT: the next CHECKPOINT ends all DROPs, and there will be one
 * if there may be any.  The room of `tombs` may be used before. */
void own_crowd(struct own *o, enum mesh_lane lane, mesh_time_ms now);
/* The floor for a CHECKPOINT that is written now.  One that raises it still counts the
 * DROPs it ends, since that is what everybody has then; so another one follows, which
 * who comes later can compare with what is left: it is `settled`.  Nothing is told
 * until own_stored says so: one that is not written or not stored was never said. */
uint64_t own_floor(struct own *o, enum mesh_lane lane, bool *settled);

/* It could not be written now: not again before a while. */
void own_checkpoint_later(struct own *o, enum mesh_lane lane, mesh_time_ms now);
bool own_checkpoint_due(const struct own *o, enum mesh_lane lane, mesh_time_ms now);
mesh_time_ms own_deadline(const struct own *o);
#endif
