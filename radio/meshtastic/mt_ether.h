/* mt_ether.h - a driver for what Meshtastic nodes say to their own network over UDP.
 *
 * Nodes with Wi-Fi or Ethernet (firmware from 2.6) multicast each packet that they
 * transmit, sealed as on the air, one bare MeshPacket a datagram.  This listens and
 * never speaks.  Each relay of a packet is a datagram of its own: the first counts, as
 * in a radio.  Signal levels in them are another node's and are left out.  Source:
 * Meshtastic's UDP broadcast.  Floor 3.  Pure. */
#ifndef RADIO_MT_ETHER_H
#define RADIO_MT_ETHER_H
#include "radio.h"

extern const struct radio_ops radio_meshtastic_udp_ops;
#endif
