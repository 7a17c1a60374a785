/* status.h - how a site, its radios, its peers and its store are doing, for the doors.
 *
 * Plain structs that the rooms fill and the doors describe.  Texts are borrowed from
 * who filled them, until that room's next input.  Floor 5.  Pure. */
#ifndef MODEL_STATUS_H
#define MODEL_STATUS_H
#include "meshproto.h"
#include "radio.h"

enum radio_state { RADIO_CONNECTED, RADIO_CONNECTING, RADIO_WAITING, RADIO_FAILED };
extern const struct field_table radio_link_table;
extern const char *const admission_words[]; /* by enum mesh_admission */
extern const char *const radio_state_words[], *const peer_state_words[],
						  *const peer_reason_words[];

enum {
	STATUS_NODE_ID,
	STATUS_NODE_NAME,
	STATUS_NODE_FIRMWARE,
	STATUS_NODE_SHORT_NAME,
	STATUS_NODE_ROLE,
	STATUS_NODE_HARDWARE,
	STATUS_NODE_CAN,
	STATUS_NODE_ROWS
};
struct radio_node {
	uint64_t has;
	struct id id;
	struct text_view name, firmware, short_name, role, hardware, can;
};
enum {
	RADIO_ROW_NAME,
	RADIO_ROW_DRIVER,
	RADIO_ROW_STATE,
	RADIO_ROW_SINCE,
	RADIO_ROW_NODE,
	RADIO_ROW_RX_PACKETS,
	RADIO_ROW_TX_PACKETS,
	RADIO_ROW_LAST_RX,
	RADIO_ROW_RECONNECTS,
	RADIO_ROW_SIMULATED,
	RADIO_ROW_ERROR,
	RADIO_ROW_RX_BYTES,
	RADIO_ROW_TX_BYTES,
	RADIO_ROW_LINK,
	RADIO_ROW_CHANGES,
	RADIO_ROW_RELEASED_UNTIL
};
struct recorded { /* one frame of a recording; as tests/vectors/README.md has them */
	uint64_t has;
	uint64_t t_ms;
	struct text_view from, hex;
	bool eof;
	uint64_t lost;
};
enum { RECORDED_T, RECORDED_FROM, RECORDED_HEX, RECORDED_EOF, RECORDED_LOST };
extern const struct field_table recorded_table;
struct radio_lost { /* connections, by why they ended */
	uint64_t closed, broken, silent, handshake, refused;
};
struct radio_changes { /* what happened to the radio itself, since we started */
	uint64_t rebooted, wiped, replaced;
};
struct radio_link { /* what passes between us and the radio, since we started */
	uint64_t has;
	struct text_view address;
	uint64_t frames, skipped_bytes, heartbeats, answered;
	uint32_t rtt_ms;
	struct radio_lost lost;
};
enum {
	LINK_ROW_ADDRESS,
	LINK_ROW_FRAMES,
	LINK_ROW_SKIPPED,
	LINK_ROW_HEARTBEATS,
	LINK_ROW_ANSWERED,
	LINK_ROW_RTT,
	LINK_ROW_LOST
};
struct radio_status { /* `meshd.radios/1` */
	uint64_t has;
	struct text_view name, driver;
	uint8_t state; /* enum radio_state */
	unix_ms since_ms;
	struct radio_node node;
	uint64_t rx_packets, tx_packets;
	unix_ms last_rx_ms;
	uint64_t reconnects;
	bool simulated;
	struct text_view error; /* why it is not connected */
	uint64_t rx_bytes, tx_bytes;
	struct radio_link link; /* only where there is one */
	struct radio_changes changes;
	unix_ms released_until_ms;
};
enum {
	PEER_ROW_NAME,
	PEER_ROW_KEY,
	PEER_ROW_STATE,
	PEER_ROW_REASON,
	PEER_ROW_ADDR,
	PEER_ROW_DIRECT,
	PEER_ROW_HOPS,
	PEER_ROW_RTT,
	PEER_ROW_LOSS,
	PEER_ROW_BEHIND,
	PEER_ROW_LAST_HEARD,
	PEER_ROW_BOOT,
	PEER_ROW_VERSION,
	PEER_ROW_SINCE,
	PEER_ROW_AHEAD,
	PEER_ROW_CERTIFIED
};
struct peer_status { /* `meshd.peers/1` */
	uint64_t has;
	struct text_view name;
	struct mesh_key key;
	uint8_t state, reason; /* enum mesh_peer_state, mesh_peer_reason */
	struct text_view addr;
	bool direct;
	uint8_t hops;
	float rtt_ms, loss;
	uint64_t behind; /* records it has and we lack, at most */
	unix_ms last_heard_ms;
	uint64_t boot;
	struct text_view version;
	unix_ms since_ms; /* of its state */
	uint64_t ahead;   /* records we have and it lacks, at most */
	unix_ms certified_ms;
};
struct site_status {
	uint64_t has;
	struct text_view name;
	struct mesh_key key;
	struct text_view version;
	uint64_t uptime_s;
};
struct peers_status {
	uint64_t known, alive;
};
enum join_state { JOIN_NONE, JOIN_ASKING, JOIN_FAILED, JOIN_MOVED };
enum { JOIN_ROW_TIME = 1, JOIN_ROW_ERROR };
struct join_status { /* the last `join` of this run, or that led to it */
	uint64_t has;
	uint8_t state; /* enum join_state */
	unix_ms time_ms;
	struct text_view error; /* JOIN_FAILED */
};
struct network_status { /* the network this site belongs to */
	struct text_view id;
	uint8_t admission; /* enum mesh_admission */
	bool admin, demo;
	struct join_status join;
	uint8_t certificate; /* enum mesh_certified */
};
struct counts_status {
	uint64_t nodes, packets, alerts_open;
};
struct store_status {
	uint64_t bytes;
	uint32_t schema;
	bool readonly;
};
struct status { /* `meshd.status/1` */
	struct site_status site;
	struct list_view radios; /* of struct radio_status; items never NULL */
	struct peers_status peers;
	struct counts_status counts;
	struct store_status store;
	bool ready;
	uint8_t writing; /* enum mesh_writing */
	struct network_status network;
};
extern const char *const writing_words[];   /* by enum mesh_writing */
extern const char *const certified_words[]; /* by enum mesh_certified */
extern const struct field_table radio_status_table, radio_node_table, peer_status_table,
    site_status_table, status_table;
/* What a mesh_peer says, as a status: all but name, addr and version, which the
 * caller knows.  `now` turns its monotonic time into the wall clock's. */
void peer_status_of(
    const struct mesh_peer *peer, struct mesh_now now, struct peer_status *out);
#endif
