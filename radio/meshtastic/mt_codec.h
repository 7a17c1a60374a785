/* mt_codec.h - Meshtastic messages: one packet in numbers, any payload as a tree.
 *
 * mt_packet_read takes a MeshPacket apart without a tree, because every reception needs
 * its header and few need its contents.  Contents are decoded by port number.  Source:
 * the Meshtastic protobuf definitions; field numbers are facts.  Floor 2.  Pure. */
#ifndef RADIO_MT_CODEC_H
#define RADIO_MT_CODEC_H
#include "mt_tables.h"
#include "radio.h"

enum {
	MT_PAYLOAD_MAX = 232, /* bytes of a text that the radio still takes */
	MT_FIELD_BYTES = 5,   /* less for each of reply_id and emoji */
	MT_SEAL_BYTES = 12,   /* less for what is sealed for one node */
	MT_HEADER_BYTES = 16, /* on the air before the contents */
	MT_DATA_BYTES = 7     /* around a payload: port, length, bitfield */
};
enum mt_port {
	MT_PORT_TEXT = 1,
	MT_PORT_POSITION = 3,
	MT_PORT_NODEINFO = 4,
	MT_PORT_ROUTING = 5,
	MT_PORT_ADMIN = 6,
	MT_PORT_WAYPOINT = 8,
	MT_PORT_DETECTION_SENSOR = 10,
	MT_PORT_ALERT = 11,
	MT_PORT_KEY_VERIFICATION = 12,
	MT_PORT_PAXCOUNTER = 34,
	MT_PORT_NODE_STATUS = 36,
	MT_PORT_STORE_FORWARD = 65,
	MT_PORT_RANGE_TEST = 66,
	MT_PORT_TELEMETRY = 67,
	MT_PORT_SIMULATOR = 69,
	MT_PORT_TRACEROUTE = 70,
	MT_PORT_NEIGHBORINFO = 71,
	MT_PORT_MAP_REPORT = 73
};
#define MT_BROADCAST 0xffffffffU
enum from_radio { /* members of FromRadio; the kinds of mt_cache.h */
	FROM_PACKET = 2,
	FROM_MY_INFO = 3,
	FROM_NODE_INFO = 4,
	FROM_CONFIG = 5,
	FROM_CONFIG_COMPLETE = 7,
	FROM_REBOOTED = 8,
	FROM_MODULE_CONFIG = 9,
	FROM_CHANNEL = 10,
	FROM_QUEUE_STATUS = 11,
	FROM_METADATA = 13,
	FROM_MQTT = 14,
	FROM_FILE_INFO = 15,
	FROM_NOTIFICATION = 16,
	FROM_DEVICE_UI = 17,
	FROM_REGION_PRESETS = 19,
	FROM_ANSWERS = 1000 /* no member: what was asked for, as what would set it */
};
enum to_radio { /* members of ToRadio */
	MT_TO_PACKET = 1,
	MT_TO_WANT_CONFIG = 3,
	MT_TO_DISCONNECT = 4,
	MT_TO_MQTT = 6,
	MT_TO_HEARTBEAT = 7
};

enum mt_packet_has {
	MT_HAS_DECODED = 1,
	MT_HAS_ENCRYPTED = 2,
	MT_HAS_RX_TIME = 4,
	MT_HAS_SNR = 8,
	MT_HAS_RSSI = 16,
	MT_HAS_BITFIELD = 32
};
struct mt_packet {
	uint32_t from, to, id, rx_time;
	uint32_t channel; /* index if decoded, hash if encrypted */
	uint32_t has;     /* enum mt_packet_has, or-ed */
	uint32_t port;    /* 0 when encrypted */
	uint32_t hop_limit, hop_start, relay_node, transport;
	uint32_t request_id, reply_id, emoji;
	uint32_t bitfield; /* bit 0: may be carried by MQTT, over the internet */
	int32_t rssi;
	float snr;
	bool want_ack, via_mqtt, pki_encrypted, want_response;
	struct bytes_view payload; /* of the port, or the ciphertext */
};
/* False: not a MeshPacket, or its Data is none. */
bool mt_packet_read(struct bytes_view raw, struct mt_packet *out);
/* Hops are known: hop_start came, or the packet is from a firmware that always sends
 * it. */
bool mt_packet_hops(const struct mt_packet *p, uint32_t *hops_away);
/* enum radio_via, or-ed: MQTT and UDP, as the packet says itself. */
uint32_t mt_packet_via(const struct mt_packet *p);
/* ID_NONE for the numbers that name nobody or everybody. */
struct id mt_node_id(uint32_t number);
/* Normal form.  `raw` is kept as a view. */
void mt_reception(const struct mt_packet *p, struct bytes_view raw, unix_ms now,
    struct radio_reception *out);

const struct protobuf_table *mt_payload_table(uint32_t port); /* NULL: text or opaque */
bool mt_port_is_text(uint32_t port);
const char *mt_port_name(uint32_t port); /* "TEXT_MESSAGE_APP", or NULL */

/* ToRadio messages, without the stream header. */
void mt_put_want_config(struct bytes_out *out, uint32_t nonce);
void mt_put_heartbeat(struct bytes_out *out, uint32_t nonce);
struct mt_message { /* a packet of ours */
	uint32_t to, id, port;
	uint32_t reply_id, emoji; /* 0: none */
	uint8_t channel, hop_limit, want_ack, want_response;
	struct bytes_view payload;
};
void mt_put_message(struct bytes_out *out, const struct mt_message *message);
/* The same as another radio would have heard it, from `from` at `rx_time` (s): a
 * MeshPacket. */
void mt_put_heard(struct bytes_out *out, const struct mt_message *message,
    uint32_t from, uint32_t rx_time);
/* A member of a message being built; what is 0 is not on the wire. */
void mt_tree_number(struct tree_out *t, const char *name, uint64_t n);
void mt_tree_flag(struct tree_out *t, const char *name, bool is);
#endif
