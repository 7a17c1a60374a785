/* mt_opening.h - what a radio hands on encrypted, and keys at this site can open.
 *
 * Keys are the configuration's, and those of the radio itself: its channels and its own
 * secret stand in the answer to the handshake.  What opens becomes the packet that the
 * radio would have given, so all readers of raw bytes read it; that we did it is in
 * `via`.  Private to the session.  Floor 3.  Pure. */
#ifndef RADIO_MT_OPENING_H
#define RADIO_MT_OPENING_H
#include "mt_radio.h"

/* The radio told all of its configuration. */
void mt_opening_learn(struct radio *r);
/* A packet in the clear may tell its sender's public key. */
void mt_opening_hear(struct radio *r, const struct mt_packet *p);
/* False: it stays shut.  Else `p` and `raw` are of the open packet, in the session's
 * arena. */
bool mt_opening_open(struct radio *r, struct mt_packet *p, struct bytes_view *raw);
#endif
