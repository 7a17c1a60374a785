/* compare.h - the same run twice, with real cryptography and with the stand-in: does
 * every site count the same?
 *
 * A tally is what a run leaves behind of its world: every counter of every site, and
 * what each sent and received. */
#ifndef MESHSIM_COMPARE_H
#define MESHSIM_COMPARE_H
#include "report.h"

struct tally;
struct tally *tally_of(const struct world *w); /* the caller's: tally_free */
void tally_free(struct tally *t);              /* NULL is fine */
/* `counters_compared` and `counters_differ`; the first few that differ by name, each
 * with its site and both values. */
void tally_compare(
    const struct tally *real, const struct tally *standin, struct report *r);
#endif
