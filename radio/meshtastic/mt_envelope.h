/* mt_envelope.h - what a radio hands its client for an MQTT broker.
 *
 * An MqttClientProxyMessage holds a ServiceEnvelope: a packet, the name of its channel
 * and who is the gateway.  A radio so hands on all that it could read and was allowed
 * to, direct messages and traces between others included, which it tells its client in
 * no other way; with how it heard them.  What it tells the client anyway is not taken
 * twice.  Source: Meshtastic's MQTT module.  Floor 2.  Pure.  Views into the input. */
#ifndef RADIO_MT_ENVELOPE_H
#define RADIO_MT_ENVELOPE_H
#include "mt_codec.h"

enum mt_envelope {
	MT_ENVELOPE_TAKEN,
	MT_ENVELOPE_MALFORMED, /* no envelope: a text, a part missing, no packet */
	MT_ENVELOPE_FOREIGN,   /* of another gateway than `my_node` */
	MT_ENVELOPE_KNOWN      /* to everybody or to us: it comes as a packet, too */
};
/* `message` is an MqttClientProxyMessage.  TAKEN: `raw` is the MeshPacket, read into
 * `p`. */
enum mt_envelope mt_envelope_read(struct bytes_view message, uint32_t my_node,
    struct bytes_view *raw, struct mt_packet *p);
#endif
