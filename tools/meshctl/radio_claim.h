/* radio_claim.h - one meshctl at a radio at a time, on this machine.
 *
 * meshd knows what it has and what it let go of, not who is at it meanwhile: two
 * probes, or a probe while a diagnosis runs, would be two clients.  Floor 11. */
#ifndef MESHCTL_RADIO_CLAIM_H
#define MESHCTL_RADIO_CLAIM_H
#include "radio_try.h"

/* Holds until this process ends, however it ends.  False: another one has it. */
bool radio_claim(const struct radio_place *p);
#endif
