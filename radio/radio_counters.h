/* radio_counters.h - what a driver counts; one array of COUNT_RADIO_ALL per radio.
 *
 * Sums that tests hold drivers to: port.frames.seen = taken + malformed + too_large +
 * empty, and port.packets.seen = taken + artefact + repeated + recalled + admin +
 * dropped; port.envelopes.seen = taken + off + known + foreign + malformed, and those
 * that are taken are packets seen.
 * Floor 1. */
#ifndef RADIO_COUNTERS_H
#define RADIO_COUNTERS_H
#include "counters.h"

/* clang-format off */
#define RADIO_COUNTERS(X) \
	X(PORT_BYTES_SEEN, "port.bytes.seen", "bytes", "Bytes that came from the radio.") \
	X(PORT_BYTES_SKIPPED, "port.bytes.skipped", "bytes", "Of those, outside of any frame: console text, wake-up bytes, damage.") \
	X(PORT_BYTES_DROPPED, "port.bytes.dropped", "bytes", "Of those, lost because frames before them were not fetched.") \
	X(PORT_FRAMES_SEEN, "port.frames.seen", "frames", "Frames that the radio sent, or what looked like one.") \
	X(PORT_FRAMES_TAKEN, "port.frames.taken", "frames", "Of those, understood.") \
	X(PORT_FRAMES_MALFORMED, "port.frames.malformed", "frames", "Of those, not a message: searched for a frame inside.") \
	X(PORT_FRAMES_TOO_LARGE, "port.frames.too_large", "frames", "Of those, with more fields than there is room for.") \
	X(PORT_FRAMES_EMPTY, "port.frames.empty", "frames", "Of those, saying nothing.") \
	X(PORT_PACKETS_SEEN, "port.packets.seen", "packets", "Packets of the mesh in those frames.") \
	X(PORT_PACKETS_TAKEN, "port.packets.taken", "packets", "Of those, receptions.") \
	X(PORT_PACKETS_ARTEFACT, "port.packets.artefact", "packets", "Of those, a simulated radio's copies of what it sent itself.") \
	X(PORT_PACKETS_REPEATED, "port.packets.repeated", "packets", "Of those, heard before: handed out twice by the radio, or a relay's copy on the local network.") \
	X(PORT_PACKETS_ADMIN, "port.packets.admin", "packets", "Of those, its answers about itself, to what we asked or told it: no receptions.") \
	X(PORT_PACKETS_RECALLED, "port.packets.recalled", "packets", "Of those, old news that the radio told from its memory (firmware 2.8): no receptions.") \
	X(PORT_PACKETS_DROPPED, "port.packets.dropped", "packets", "Of those, lost because events were not fetched, or more than a mesh can send (local network).") \
	X(PORT_PACKETS_OPENED, "port.packets.opened", "packets", "Of those, encrypted ones that a key at this site opened.") \
	X(PORT_PACKETS_SHUT, "port.packets.shut", "packets", "Of those, encrypted ones that no key here opens.") \
	X(PORT_PACKETS_UNKNOWN, "port.packets.unknown", "packets", "Of those, of a port that nobody here knows: kept raw.") \
	X(PORT_PACKETS_UNREADABLE, "port.packets.unreadable", "packets", "Of those, with contents that are not what their port says: kept raw.") \
	X(PORT_PACKETS_UNWORDED, "port.packets.unworded", "packets", "Of those, with a number where only words are known, as a hardware or a role: newer firmware, or damage.") \
	X(PORT_PACKETS_UNTIDY, "port.packets.untidy", "packets", "Of those, with control characters, turns of direction or no UTF-8 in a name: shown without.") \
	X(PORT_PACKETS_MISDATED, "port.packets.misdated", "packets", "Of those, by a radio's clock before 2020, or a day and more ahead of ours: our time counts.") \
	X(PORT_PACKETS_ODD_HOPS, "port.packets.odd_hops", "packets", "Of those, with more than seven hops, or more left than there were.") \
	X(PORT_PACKETS_ODD_SIGNAL, "port.packets.odd_signal", "packets", "Of those, with an SNR or RSSI that no radio measures: not passed on.") \
	X(PORT_PACKETS_EARLY, "port.packets.early", "packets", "Packets that waited until the radio had said who it is.") \
	X(PORT_ENVELOPES_SEEN, "port.envelopes.seen", "envelopes", "What the radio handed its client for an MQTT broker.") \
	X(PORT_ENVELOPES_TAKEN, "port.envelopes.taken", "envelopes", "Of those, packets that it tells in no other way.") \
	X(PORT_ENVELOPES_OFF, "port.envelopes.off", "envelopes", "Of those, not looked into: mqtt_proxy = no.") \
	X(PORT_ENVELOPES_KNOWN, "port.envelopes.known", "envelopes", "Of those, to everybody, to the radio or from here: it tells of them anyway.") \
	X(PORT_ENVELOPES_FOREIGN, "port.envelopes.foreign", "envelopes", "Of those, of another gateway than the radio itself.") \
	X(PORT_ENVELOPES_MALFORMED, "port.envelopes.malformed", "envelopes", "Of those, no envelope with a packet, a channel and a gateway.") \
	X(PORT_NODES_TAKEN, "port.nodes.taken", "nodes", "Entries of the radio's own node list.") \
	X(PORT_HANDSHAKES_ASKED, "port.handshakes.asked", "handshakes", "Times the radio was asked for its configuration.") \
	X(PORT_HANDSHAKES_DONE, "port.handshakes.done", "handshakes", "Times it told all of it.") \
	X(PORT_HEARTBEATS_SENT, "port.heartbeats.sent", "heartbeats", "Heartbeats sent to the radio.") \
	X(PORT_HEARTBEATS_ANSWERED, "port.heartbeats.answered", "heartbeats", "Heartbeats that it answered.") \
	X(PORT_CLOCK_RIGHT, "port.clock.right", "connections", "Connections whose radio had the right time.") \
	X(PORT_CLOCK_SET, "port.clock.set", "connections", "Connections whose radio had none, or was off by more than a minute: it was told.") \
	X(PORT_CLOCK_KEPT, "port.clock.kept", "connections", "Connections whose radio was told and kept its own.") \
	X(PORT_GIVEN_UP, "port.stuck", "times", "Times the radio was given up: silent, or no end to its handshake.") \
	X(PORT_CACHE_DROPPED, "port.cache.dropped", "frames", "Configuration frames that were not kept for want of room.") \
	X(PORT_SENT_FRAMES, "port.sent.frames", "frames", "Frames sent to the radio.") \
	X(PORT_SENT_REFUSED, "port.sent.refused", "requests", "Requests that this driver could not send.")
/* clang-format on */

enum { RADIO_COUNTERS(COUNTER_ENUM) COUNT_RADIO_ALL };
#endif
