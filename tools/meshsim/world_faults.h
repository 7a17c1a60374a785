/* world_faults.h - the table of what may go wrong in a world, each with what the seed
 * draws.
 *
 * A fault begins, lasts for a while that is drawn, and is undone; faults of one group
 * never overlap.  A mask says which of them a run has. */
#ifndef MESHSIM_WORLD_FAULTS_H
#define MESHSIM_WORLD_FAULTS_H
#include "world.h"

enum fault_kind {
	FAULT_LOSS,
	FAULT_DUPLICATE,
	FAULT_CORRUPT,
	FAULT_REORDER,
	FAULT_HALVES,  /* a partition into two sides */
	FAULT_ALONE,   /* one site is cut off */
	FAULT_ONE_WAY, /* two sides, one of them hears the other */
	FAULT_BRIDGE,  /* two sides, one site hears both */
	FAULT_CLOG,    /* nothing arrives over one link until it clears */
	FAULT_NARROW,  /* one link has a small rate and a bounded queue */
	FAULT_KILL,    /* what was not committed is lost */
	FAULT_POWER,   /* what was not synced is lost too */
	FAULT_STOP,    /* in good order */
	FAULT_PAUSE,   /* stands still, as by SIGSTOP */
	FAULT_SLOW,    /* the disk answers late */
	FAULT_FULL,    /* the disk takes nothing */
	FAULT_CLOCK,   /* the wall clock jumps by years, or to 1970 */
	FAULT_KINDS
};
struct fault_state {
	bool active;
	mesh_time_ms until_ms;
	uint32_t victim, other;
};
struct faults {
	struct world *w;
	uint32_t mask; /* bit per kind */
	double each_s; /* how often a kind begins, on average */
	double was_loss;
	struct fault_state states[FAULT_KINDS];
	uint64_t begun[FAULT_KINDS];
};
#define FAULTS_ALL ((1U << FAULT_KINDS) - 1)
const char *fault_name(enum fault_kind kind);

void faults_init(struct faults *f, struct world *w, uint32_t mask, double each_s);
void faults_step(struct faults *f, uint32_t step_ms); /* call each step_ms */
void faults_end(struct faults *f);                    /* undo all; all sites run */
#endif
