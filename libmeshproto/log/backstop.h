/* backstop.h - lanes that are not what their origin's checkpoint says, and with whom
 * they are being compared.
 *
 * A damaged lane waits until its have-set is one run again; then it is compared with
 * one neighbour after the other, one lane at a time, for each question makes both
 * stores read all of it.  Who has it up to another number does not count.  Two who have
 * the same as we have: then that is what the origin made, whatever its checkpoint says,
 * and there is peace for an hour, so that a lying origin costs little.  Two comparisons
 * that did not help: everything is pulled anew, at most once in that time.  The list is
 * short: what finds no place is found again by the next checkpoint.  Floor 3.  Pure.
 * Source: PROTOCOL.md 9. */
#ifndef MESH_BACKSTOP_H
#define MESH_BACKSTOP_H
#include "holdings.h"
#include "meshsketch.h"

enum {
	BACKSTOP_LANES = 8,
	BACKSTOP_TRIES = 4,
	BACKSTOP_FAILURES = 2,
	BACKSTOP_LOOK_MS = 1000,       /* until its have-set is one run */
	BACKSTOP_ANSWER_MS = 3 * 1000, /* two stores may have to read all of it */
	BACKSTOP_AGAIN_MS = 10 * 1000, /* when all were asked and could not say */
	BACKSTOP_MEND_MS = 30 * 1000,  /* for what was pulled to come and be counted */
	BACKSTOP_PEACE_MS = 60 * 60 * 1000
};
enum backstop_state {
	BACKSTOP_FREE,
	BACKSTOP_WAITS,
	BACKSTOP_ASKED,
	BACKSTOP_REFETCH, /* the store is to be told so */
	BACKSTOP_PEACE
};
struct backstop_lane {
	uint8_t state;
	uint8_t same,
	    failed;    /* comparisons that showed no difference; that did not help */
	uint8_t tries; /* of the present question */
	bool differs;  /* from a checkpoint; else rows of it were lost */
	uint16_t ticket;
	uint16_t first, want; /* cells asked for: first .. want - 1 */
	struct holdings_log log;
	uint64_t high;  /* its end while it is compared */
	uint64_t asked; /* bit per neighbour's slot */
	struct handle neighbour;
	mesh_time_ms due_ms;
};
struct backstop {
	struct backstop_lane lanes[BACKSTOP_LANES];
	uint16_t ticket;
	uint32_t count; /* not free */
};

struct backstop_lane *backstop_find(struct backstop *b, const struct holdings_log *log);
/* It is damaged.  NULL: no place, or there is peace. */
struct backstop_lane *backstop_note(
    struct backstop *b, const struct holdings_log *log, bool differs, mesh_time_ms now);
/* The lane that is compared; NULL: none. */
struct backstop_lane *backstop_active(struct backstop *b);
/* The one to be compared now, if none is; NULL: none is due. */
struct backstop_lane *backstop_due(struct backstop *b, mesh_time_ms now);
/* A new comparison with that neighbour, in slot `slot`, of the lane up to `high`. */
void backstop_begin(struct backstop *b, struct backstop_lane *lane,
    struct handle neighbour, uint32_t slot, uint64_t high);
/* The comparison under way has that ticket; NULL: it is over. */
struct backstop_lane *backstop_of(struct backstop *b, uint16_t ticket);
/* This comparison is over: nobody answered, it showed no difference, or it found some
 * that are now mended, or it did not help. */
enum backstop_end { BACKSTOP_UNSAID, BACKSTOP_SAME, BACKSTOP_MENDED, BACKSTOP_FAILED };
void backstop_end(struct backstop_lane *lane, enum backstop_end how, mesh_time_ms now);
/* Nobody is left to be asked in this round. */
void backstop_nobody(struct backstop_lane *lane, mesh_time_ms now);
/* The next lane of which all is to be pulled anew, once; NULL: none. */
struct backstop_lane *backstop_refetch(struct backstop *b, mesh_time_ms now);
void backstop_drop(struct backstop *b, struct backstop_lane *lane);
void backstop_part(struct backstop *b, uint32_t slot, mesh_time_ms now);
mesh_time_ms backstop_deadline(const struct backstop *b);
#endif
