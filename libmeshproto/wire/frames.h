/* frames.h - the frames of a session datagram, one plain struct each.
 *
 * Sizes and bounds are in the tables; rows are only ever added at the end.  Floor 2.
 * Pure.  Source: PROTOCOL.md 7 and 9. */
#ifndef MESH_FRAMES_H
#define MESH_FRAMES_H
#include "fields.h"
#include "mesh_words.h"

enum {
	MESSAGE_OID = 8,
	MESSAGE_TAG = 4,
	MESSAGE_BOOT_ID = 8,
	MESSAGE_DIGEST = 8,
	MESSAGE_BRIEFS = 128,
	MESSAGE_NAME_MAX = 32,
	MESSAGE_INFO_NAME_MAX = 24,
	MESSAGE_INFO_MAX = 155,
	MESSAGE_TRAIL_MAX = 32 * MESSAGE_TAG,
	MESSAGE_STAMP = 84, /* stamps.h */
	MESSAGE_STAMPS_MAX = 4 * MESSAGE_STAMP,
	MESSAGE_ADDRESS_MIN = 6,  /* 4+2 */
	MESSAGE_ADDRESS_MAX = 18, /* 16+2 */
	MESSAGE_CERT_MAX = 192,
	MESSAGE_KEY_MAX = 64,
	MESSAGE_FRAME_MAX = 64 * 1024, /* all pieces of a frame together */
	MESSAGE_STEP_MIN = 128,
	MESSAGE_PIECES = 160
};
enum frame_number {
	FRAME_PUSH = 1,
	FRAME_PING,
	FRAME_PONG,
	FRAME_ACK,
	FRAME_PRUNE,
	FRAME_PROBE,
	FRAME_PROBED,
	FRAME_FRAG,
	FRAME_PATH,
	FRAME_PATH_ACK,
	FRAME_CLOSE,
	FRAME_PEERS,
	FRAME_NETKEY_ASK,
	FRAME_NETKEY,
	FRAME_CERT,
	FRAME_SUM,
	FRAME_ROWS,
	FRAME_PULL,
	FRAME_PAGE,
	FRAME_NONE,
	FRAME_SKETCH,
	FRAME_CELLS,
	FRAME_PUNCH = 24
};
enum { PULL_BYTES_MAX = 64 * 1024 };
enum {
	SKETCH_SCOPES_MAX = 64,
	SKETCH_CELLS_MAX = 4096,
	SKETCH_CELL = 28,
	CELLS_BYTES_MAX = 40 * SKETCH_CELL /* what one datagram holds */
};
enum none_code { NONE_GONE = 1, NONE_BUSY, NONE_UNKNOWN, NONE_END };
enum close_reason {
	CLOSE_STOPPING = 1,
	CLOSE_TWIN,
	CLOSE_REPLACED,
	CLOSE_REFUSED,
	CLOSE_INVITE_USED, /* these four answer a guest: PROTOCOL.md 12 */
	CLOSE_INVITE_EXPIRED,
	CLOSE_INVITE_UNKNOWN,
	CLOSE_INVITE_FULL,
	CLOSE_CERT_FOREIGN, /* these three answer CERT: PROTOCOL.md 12 */
	CLOSE_CERT_EARLY,
	CLOSE_CERT_EXPIRED
};

struct message_bytes {
	struct bytes_view bytes;
}; /* bare element */
struct message_number {
	uint64_t number;
}; /* bare element */

struct frame_bundle {
	struct bytes_view sig; /* 64 */
	uint8_t n;
	uint64_t mask;
	struct bytes_view fill; /* never NULL: "" is an empty bin */
	struct list_view cores; /* struct message_bytes */
};
struct frame_push {
	uint8_t hops;
	uint32_t age_ms;
	struct frame_bundle bundle;
	struct bytes_view trail;  /* tags, 4 bytes each; NULL: none */
	struct bytes_view stamps; /* MESSAGE_STAMP bytes each; NULL: none */
};
struct frame_ping {
	uint16_t id;
	struct bytes_view digest;
};
struct frame_pong {
	uint16_t id;
	uint32_t held_ms;
	struct bytes_view digest;
};
struct frame_ack {
	uint32_t counter;
	uint64_t bits;
};
struct frame_prune {
	struct bytes_view oid;
	uint8_t on;
};
struct frame_probe {
	uint16_t id;
	struct bytes_view oid;
};
struct frame_probed {
	uint16_t id;
	uint8_t heard;
};
struct frame_frag { /* a piece of a frame that is longer than a datagram */
	uint16_t message;
	uint32_t total; /* bytes of the whole frame */
	uint16_t step;  /* bytes of every piece but the last */
	uint8_t index;
	struct bytes_view bytes;
};
struct frame_path {
	struct bytes_view token;
}; /* 8 bytes; PATH and PATH_ACK */
struct frame_close {
	uint8_t reason;
}; /* enum close_reason */
struct frame_netkey_ask {
	struct bytes_view hash; /* 32; NULL: the one in use */
};
struct frame_netkey {
	struct bytes_view key; /* 32; secret */
	uint64_t use_after_ms; /* unix_ms; 0: now */
};
struct frame_cert {
	struct bytes_view bytes; /* a certificate: bodies.h */
};
struct frame_peer {
	struct mesh_key site;
	struct list_view addresses;
};
struct frame_peers {
	struct list_view peers;
}; /* struct frame_peer */
struct frame_punch {
	struct mesh_key site;
	struct bytes_view address; /* 6 or 18; empty: "bring us together" */
};
struct frame_row { /* PROTOCOL.md 9 */
	struct bytes_view oid;
	uint64_t epoch;
	struct list_view marks; /* struct message_number: lane, low, high, lane ... */
};
struct frame_rows {
	uint64_t mask;
	struct list_view rows;
	bool last;
};

struct frame_sum {
	struct bytes_view digest;
	uint32_t salt;
	struct bytes_view briefs;
};
struct frame_pull {
	uint16_t ticket;
	struct bytes_view oid;
	uint64_t epoch;
	uint8_t lane;
	uint64_t from, to;
	uint8_t max_kib;
};
struct frame_page {
	uint16_t ticket;
	struct bytes_view oid;
	uint64_t epoch;
	uint8_t lane;
	uint64_t from, to;
	struct list_view bundles; /* struct frame_bundle */
};
struct frame_none {
	uint16_t ticket;
	struct bytes_view oid;
	uint8_t lane, code; /* enum none_code */
	uint64_t low, high;
};
struct frame_scope { /* one log of those that are compared; `high`: as the asker has it
		      */
	struct bytes_view oid;
	uint64_t epoch;
	uint8_t lane;
	uint64_t high;
};
struct frame_sketch {
	uint16_t ticket;
	struct list_view scopes; /* struct frame_scope */
	uint16_t first, count;
};
struct frame_cells {
	uint16_t ticket, first;
	struct bytes_view cells; /* SKETCH_CELL bytes each; empty: no such set here */
};

extern const struct field_table frame_push_table, frame_bundle_table, frame_ping_table,
    frame_pong_table, frame_ack_table, frame_prune_table, frame_probe_table,
    frame_probed_table, frame_frag_table, frame_path_table, frame_close_table,
    frame_peers_table, frame_netkey_ask_table, frame_netkey_table, frame_cert_table,
    frame_punch_table, frame_rows_table, frame_sum_table, frame_pull_table,
    frame_page_table, frame_none_table, frame_sketch_table, frame_cells_table,
    message_oid_table, message_address_table, mesh_run_table;
#endif
