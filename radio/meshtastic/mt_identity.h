/* mt_identity.h - is it still the radio that it was, and did it start anew?
 *
 * Outlives the link.  `rebooted` cannot be relied on: it is said on few links and by
 * few versions, so the number of starts that a radio tells of itself decides.  It
 * counts up over a radio's life and is small again when its memory was wiped.
 * Source: Meshtastic's MyNodeInfo.  Floor 2.  Pure. */
#ifndef RADIO_MT_IDENTITY_H
#define RADIO_MT_IDENTITY_H
#include "radio.h"

struct mt_identity { /* zero is valid: nothing known */
	uint32_t node, starts;
	bool known, restarted; /* it said so itself, under an open link */
};
void mt_identity_restarted(struct mt_identity *m);
/* The radio told all about itself.  0: nothing changed, or it is the first time. */
enum radio_change mt_identity_learn(
    struct mt_identity *m, uint32_t node, uint32_t starts);
#endif
