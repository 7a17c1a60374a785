/* verdict.h - what three ways to hold a radio's link say about it, compared.  Floor 11.
 * Pure. */
#ifndef MESHCTL_VERDICT_H
#define MESHCTL_VERDICT_H
#include "types.h"

struct held { /* how one way went */
	bool reached, ready;
	uint32_t losses;
	uint64_t bytes, skipped;
};
struct verdict {
	const char *word; /* "sound", "options", ...: for programs */
	const char *text; /* what it means and what to do */
};
/* raw: no socket option, one question; plain: the options too; kept: by meshd. */
struct verdict verdict_of(
    const struct held *raw, const struct held *plain, const struct held *kept);
/* Damage on the way, whatever the verdict; NULL: none to speak of. */
const char *verdict_noise(
    const struct held *raw, const struct held *plain, const struct held *kept);
#endif
