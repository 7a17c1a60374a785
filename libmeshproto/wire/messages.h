/* messages.h - one plain struct per protocol message, and the table of all of them.
 *
 * Frames (PROTOCOL.md 7), bodies of lane 0 and of the keyed lanes (PROTOCOL.md 2), the
 * state values the mesh itself reads, and the handshake's INFO.  Rows are only ever
 * added at the end.  docgen, the random generator, the golden vectors and the
 * dispatcher walk messages[].  Floor 2.  Pure.  Source: PROTOCOL.md. */
#ifndef MESH_MESSAGES_H
#define MESH_MESSAGES_H
#include "fields.h"
#include "mesh_words.h"

enum {
	MESSAGE_OID = 8,
	MESSAGE_TAG = 4,
	MESSAGE_BOOT_ID = 8,
	MESSAGE_DIGEST = 8,
	MESSAGE_NAME_MAX = 32,
	MESSAGE_INFO_NAME_MAX = 24,
	MESSAGE_INFO_MAX = 155,
	MESSAGE_TRAIL_MAX = 32 * MESSAGE_TAG,
	MESSAGE_KEY_MAX = 64
};
#define MESSAGE_LINKS_KEY "mesh.links"

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
enum live_type {
	LIVE_BEACON = 1,
	LIVE_SUSPECT,
	LIVE_REFUTE,
	LIVE_BYE,
	LIVE_ECHO,
	LIVE_ECHO_REPLY,
	LIVE_QUERY,
	LIVE_REPLY,
	LIVE_TRACE,
	LIVE_FORK,
	LIVE_COMMAND
};
enum message_class { CLASS_P0, CLASS_P1, CLASS_P2, CLASS_P3, CLASS_COUNT };
enum close_reason { CLOSE_STOPPING = 1, CLOSE_TWIN, CLOSE_REPLACED, CLOSE_REFUSED };

struct message_bytes {
	struct bytes_view bytes;
}; /* bare element */
struct message_number {
	uint64_t number;
}; /* bare element */

/* --- frames --- */
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
	struct bytes_view trail; /* tags, 4 bytes each; NULL: none */
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
struct frame_path {
	struct bytes_view token;
}; /* 8 bytes; PATH and PATH_ACK */
struct frame_close {
	uint8_t reason;
}; /* enum close_reason */
struct frame_peer {
	struct mesh_key site;
	struct list_view addresses;
};
struct frame_peers {
	struct list_view peers;
};                 /* struct frame_peer */
struct frame_row { /* PROTOCOL.md 9 */
	struct bytes_view oid;
	uint64_t epoch;
	struct list_view marks; /* struct message_number: lane, low, high, lane ... */
};
struct frame_rows {
	uint32_t mask;
	struct list_view rows;
	bool last;
};

/* --- bodies of lane 0 --- */
struct live_beacon {
	struct bytes_view boot_id; /* 8 */
	uint8_t proto_min, proto_max;
	uint64_t features;
	struct bytes_view digest; /* 8 */
	uint8_t links;
	struct text_view name; /* NULL: none */
};
struct live_suspect {
	struct mesh_key target;
	uint64_t boot;
	uint32_t silent_ms;
};
struct live_boot {
	uint64_t boot;
}; /* REFUTE and BYE */

/* --- bodies of keyed lanes --- */
struct keyed_put {
	struct bytes_view key;
	struct tree_view value;
};
struct keyed_drop {
	struct list_view runs;
}; /* struct mesh_run */
struct keyed_checkpoint {
	uint64_t count;
	struct bytes_view sum;
	uint64_t tomb_floor;
};

/* --- values of the state lane that the mesh reads --- */
struct state_links {
	uint64_t boot;
	struct bytes_view boot_id;
	struct list_view oids; /* struct message_bytes, 8 bytes each */
};
struct state_links_put {
	struct bytes_view key;
	struct state_links links;
};

/* --- handshake --- */
struct hand_info {
	struct mesh_key site;
	uint32_t sid;
	uint64_t boot;
	struct bytes_view boot_id; /* 8 */
	uint8_t proto_min, proto_max;
	uint64_t features;
	struct bytes_view observed;  /* 6 or 18 */
	struct text_view name;       /* at most 24 bytes; NULL: none */
	struct bytes_view cert_hash; /* 32; NULL: none */
};

enum message_place {
	MESSAGE_FRAME,     /* number = first element */
	MESSAGE_LIVE,      /* lane 0; number = type */
	MESSAGE_KEYED,     /* lanes 1, 3, 6; number = type */
	MESSAGE_STATE,     /* lane 3, PUT of `key` */
	MESSAGE_HANDSHAKE, /* INFO */
	MESSAGE_PART,      /* only inside others */
};
struct message {
	enum message_place place;
	uint8_t number;
	const char *name; /* "PING" */
	const char *key;  /* MESSAGE_STATE */
	const struct field_table *table;
	enum message_class class;
	bool acked; /* frames: the datagram that holds it wants an ACK */
};
extern const struct message messages[];
extern const size_t message_count;

/* The row of (place, number), or NULL. */
const struct message *message_find(enum message_place place, uint8_t number);
/* PROTOCOL.md 8: class follows from lane and type alone. */
enum message_class message_class_of(enum mesh_lane lane, uint16_t type);

extern const struct field_table frame_push_table, frame_bundle_table, frame_ping_table,
    frame_pong_table, frame_ack_table, frame_prune_table, frame_probe_table,
    frame_probed_table, frame_path_table, frame_close_table, frame_peers_table,
    frame_rows_table, live_beacon_table, live_suspect_table, live_boot_table,
    keyed_put_table, keyed_drop_table, keyed_checkpoint_table, state_links_table,
    state_links_put_table, hand_info_table, mesh_run_table;
#endif
