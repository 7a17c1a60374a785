/* accused.h - which suspicions were passed on a moment ago.
 *
 * A witness says once in ACCUSED_GAP_MS that a neighbour is silent.  One that says it
 * again and again, or of everybody, would have each site carry it and each accused
 * flood its answer: the first site that means well stops it.  A short list; when it is
 * full the oldest goes.  Floor 3.  Pure.  Source: PROTOCOL.md 13. */
#ifndef MESH_ACCUSED_H
#define MESH_ACCUSED_H
#include "types.h"

enum { ACCUSED_CAP = 64, ACCUSED_EACH = 16, ACCUSED_GAP_MS = 5000 };
struct charge {
	uint32_t witness, target; /* by hash of their keys, or rows */
	mesh_time_ms until_ms;    /* 0: free */
};
struct accused {
	struct charge list[ACCUSED_CAP];
	uint32_t next;
};

/* May that be passed on?  False: it was, or too much of that witness was. */
bool accused_may(
    const struct accused *a, uint32_t witness, uint32_t target, mesh_time_ms now);
void accused_note(
    struct accused *a, uint32_t witness, uint32_t target, mesh_time_ms now);
#endif
