/* mt_opening.h - what a radio hands on encrypted, and keys at this site can open.
 *
 * Keys are the configuration's, and those of the radio itself: its channels and its own
 * secret stand in the answer to the handshake, and the public keys that it holds to.
 * Private to the session.  Floor 3.  Pure. */
#ifndef RADIO_MT_OPENING_H
#define RADIO_MT_OPENING_H
#include "mt_radio.h"

/* The radio told all of its configuration. */
void mt_opening_learn(struct radio *r);
/* False: it stays shut.  Else `p` and `raw` are of the open packet, in the session's
 * arena (mt_opener). */
bool mt_opening_open(struct radio *r, struct mt_packet *p, struct bytes_view *raw);
/* The radio's channels, those that are switched off left out; false past the end. */
bool mt_opening_channel(
    const struct radio *r, size_t index, struct arena *into, struct radio_channel *out);
#endif
