/* mt_frames.h - what a radio says, frame by frame, made into events.
 *
 * Configuration goes to the cache, node list and packets become events, the rest moves
 * the handshake, the heartbeats and the deliveries.  Floor 3.  Pure. */
#ifndef RADIO_MT_FRAMES_H
#define RADIO_MT_FRAMES_H
#include "mt_radio.h"

/* One frame from the stream; its events, at most three, wait in r->events. */
void mt_frames_take(struct radio *r, const struct stream_frame *frame);
/* One packet that was held until the radio said who it is; false: none is due. */
bool mt_frames_release(struct radio *r);
#endif
