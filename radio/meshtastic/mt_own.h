/* mt_own.h - where our own node is and how it does, for questions that tell it, too.
 *
 * The official clients put what they know of themselves into a question for another
 * node's position or telemetry, so that one packet each way does for both.  What our
 * node said of itself in this link counts, else what stands in its list of nodes.  A
 * position goes out as the radio would send it: cut to the channel's precision, and not
 * at all where the channel shares none.  Floor 3.  Pure. */
#ifndef RADIO_MT_OWN_H
#define RADIO_MT_OWN_H
#include "mt_radio.h"

/* Of any packet: is it our own node's, and of use later? */
void mt_own_hear(struct radio *r, const struct mt_packet *p);
void mt_own_forget(struct radio *r); /* with the link */
/* Payloads.  False: nothing is known, or may be told there; `out` is unchanged. */
bool mt_own_put_position(struct radio *r, uint32_t channel, struct bytes_out *out);
bool mt_own_put_metrics(struct radio *r, struct bytes_out *out);
#endif
