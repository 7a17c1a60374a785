/* reaching.h - how far other sites are, and by which way: `peer ping`, `netcheck`.
 *
 * Made from echoes (meshproto.h) by the operations, described for the doors.  Floor 5.
 * Pure. */
#ifndef MODEL_REACHING_H
#define MODEL_REACHING_H
#include "status.h"

enum { HOP_ROW_NAME, HOP_ROW_KEY, HOP_ROW_RTT, HOP_ROW_UNVERIFIED };
struct hop_status { /* one site of a way */
	uint64_t has;
	struct text_view name;
	struct mesh_key key;
	float rtt_ms;
	bool unverified;
};
enum { PING_ROW_CLOCK = 5 };
struct ping_status { /* `meshd.ping/1` */
	uint64_t has;
	struct text_view name;
	struct mesh_key key;
	float rtt_ms;
	uint8_t hops, hops_back;
	int64_t clock_ms;
	struct list_view way; /* struct hop_status, the asked site last */
};
struct own_address { /* of this site */
	struct text_view interface, addr;
	bool hails;
	uint64_t sites;
};
enum {
	CHECK_ROW_RTT = 5,
	CHECK_ROW_LOSS,
	CHECK_ROW_HOPS,
	CHECK_ROW_CLOCK,
	CHECK_ROW_ADDR,
	CHECK_ROW_OBSERVED,
	CHECK_ROW_WAY,
	CHECK_ROW_DATAGRAM
};
struct check_peer {
	uint64_t has;
	struct text_view name;
	struct mesh_key key;
	uint8_t state; /* enum mesh_peer_state */
	bool direct, answered;
	float rtt_ms, loss;
	uint8_t hops;
	int64_t clock_ms;
	struct text_view addr, observed;
	struct list_view way; /* struct hop_status */
	uint32_t datagram_bytes;
};
struct netcheck { /* `meshd.netcheck/1` */
	uint32_t asked, answered;
	bool ipv4, ipv6, nat, port_stable;
	struct list_view addresses; /* struct own_address */
	struct list_view peers;     /* struct check_peer */
	struct list_view warnings;  /* struct warning */
};
struct warning {
	struct text_view text;
}; /* bare */
extern const struct field_table hop_status_table, ping_status_table, own_address_table,
    check_peer_table, netcheck_table, warning_table;
#endif
