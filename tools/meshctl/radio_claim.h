/* radio_claim.h - one meshctl at a radio at a time, on this machine.
 *
 * meshd knows what it has and what it let go of, not who is at it meanwhile: two
 * probes, or a probe while a diagnosis runs, would be two clients.  A claim is a lock
 * on one byte of RUN/radios.lock, which meshd makes for its group beside its socket,
 * and of a file in a folder of our user's alone: nobody else can lock those, and so
 * deny a radio to who may use it.  Floor 11. */
#ifndef MESHCTL_RADIO_CLAIM_H
#define MESHCTL_RADIO_CLAIM_H
#include "radio_try.h"

/* Holds until this process ends, however it ends.  `socket` is meshd's.  False: another
 * one has it; `holder` says who ("process 17 of user 1000"). */
bool radio_claim(
    const struct radio_place *p, const char *socket, char *holder, size_t cap);
#endif
