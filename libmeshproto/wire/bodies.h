/* bodies.h - what stands inside records that the mesh itself reads.
 *
 * Bodies of lane 0, of the keyed lanes, of the state keys `mesh.*`, and the handshake's
 * INFO.  Rows are only ever added at the end.  Floor 2.  Pure.  Source: PROTOCOL.md 2,
 * 5 and 6. */
#ifndef MESH_BODIES_H
#define MESH_BODIES_H
#include "frames.h"

#define MESSAGE_LINKS_KEY "mesh.links"
#define MESSAGE_ADDR_KEY  "mesh.addr"
enum { HAND_PING_MAX_S = 120 };

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
	LIVE_COMMAND,
	LIVE_TELL
};
enum { MESSAGE_WAY_MAX = 16 * MESSAGE_TAG }; /* of a trail inside ECHO_REPLY */

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
struct live_echo {
	uint64_t number;
}; /* ECHO and TRACE: the asker's number for it */
struct live_echo_reply {
	uint64_t number;
	uint8_t hops;            /* of the ECHO, when it came */
	struct bytes_view from;  /* 4: tag of the neighbour that brought it */
	uint32_t held_us;        /* from then to this answer */
	struct bytes_view trail; /* of the ECHO; its last tags */
	struct bytes_view stamps;
};
struct live_query {
	uint64_t number;
	uint32_t budget_ms; /* later answers are not waited for */
	struct bytes_view question;
};
struct live_reply {
	uint64_t number;
	struct bytes_view answer;
	uint8_t refused; /* 1: nobody here answers such questions; `answer` is empty */
};
struct live_command {
	uint64_t number;
	struct bytes_view command;
};

struct live_tell {
	struct bytes_view told;
};

struct live_fork {
	struct frame_bundle first, second;
}; /* one record each */

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
	bool settled;
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

enum { MESSAGE_ADDRESSES_MAX = 8 };
struct state_address {
	struct bytes_view address; /* 6 or 18 */
	uint8_t kind;              /* enum place_kind: places.h */
};
struct state_addr_put {
	struct bytes_view key;
	struct list_view addresses; /* struct state_address, the best first */
};

/* --- the control lane: PUTs by the beginning of their key --- */
#define MESSAGE_ADMIN_KEY  "admin/" /* and a site's key: control_grant */
#define MESSAGE_ALLOW_KEY  "allow/" /* likewise */
#define MESSAGE_USE_KEY    "use/"   /* and an invitation's id, a site's key: likewise */
#define MESSAGE_REVOKE_KEY "revoke/" /* and a site's key */
#define MESSAGE_INVITE_KEY "invite/" /* and 8 bytes of id */
#define MESSAGE_NETKEY_KEY "netkey"
#define MESSAGE_CERT_KEY   "cert" /* the origin's own: control_cert */

struct control_grant {
	struct bytes_view key;
	bool on; /* false: withdrawn, as in the others */
};
struct control_revoke {
	struct bytes_view key;
	bool on;
	uint8_t reason;
	bool purge;
	uint64_t epoch;         /* of the log whose ends follow */
	struct list_view marks; /* struct message_number: last of lanes 1, 2 ... */
};
struct control_invite {
	struct bytes_view key;
	bool on;
	struct bytes_view verifier; /* 32; secret */
	uint16_t uses;
	uint64_t expires_ms;
};
struct control_netkey {
	struct bytes_view key;
	struct bytes_view hash; /* 32 */
	uint64_t use_after_ms;
};

struct control_cert {
	struct bytes_view key;
	struct bytes_view bytes; /* a certificate */
};
struct certificate { /* PROTOCOL.md 12; signed: the same array without `sig` */
	uint8_t version;
	struct bytes_view netid; /* 16 */
	struct mesh_key site;
	struct text_view name; /* NULL: none */
	uint8_t roles;
	uint32_t from_s, until_s; /* Unix seconds, both inclusive */
	uint64_t serial;
	struct bytes_view sig; /* 64 */
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
	uint8_t ping_s;              /* 0: the default period */
};

extern const struct field_table live_beacon_table, live_suspect_table, live_boot_table,
    live_echo_table, live_echo_reply_table, live_query_table, live_reply_table,
    live_command_table, live_tell_table, live_fork_table, keyed_put_table,
    keyed_drop_table, keyed_checkpoint_table, state_links_table, state_links_put_table,
    state_addr_put_table, control_grant_table, control_revoke_table,
    control_invite_table, control_netkey_table, control_cert_table, certificate_table,
    certified_table, hand_info_table;
#endif
