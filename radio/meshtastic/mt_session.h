/* mt_session.h - the driver for Meshtastic radios.
 *
 * Brings the radio from a fresh link to READY (mt_handshake), turns its frames into
 * events, keeps it awake with heartbeats and notices when it has died: radios since 2.7
 * answer heartbeats, and silence of those that do is a dead link.  Frames are decoded
 * one by one as events are fetched, so a burst takes no memory beyond the bytes
 * themselves.  What a simulated radio adds (copies of its own transmissions) is counted
 * and left out.  Floor 3.  Pure. */
#ifndef RADIO_MT_SESSION_H
#define RADIO_MT_SESSION_H
#include "radio.h"

extern const struct radio_ops radio_meshtastic_ops;
#endif
