#include "reaching.h"

/* clang-format off */
static const struct field hop_rows[] = {
	FIELD(struct hop_status, name, UNIT_NONE, 0, 0, 48, "Its name."),
	FIELD(struct hop_status, key, UNIT_NONE, 0, 0, 0, "Its public key, if the tag on the way is known."),
	FIELD(struct hop_status, rtt_ms, UNIT_MS, 0, 0, 0, "Round trip from here to it, by its own stamps."),
	FIELD(struct hop_status, unverified, UNIT_NONE, 0, 0, 0, "A stamp of it is missing or does not hold."),
};
const struct field_table hop_status_table = { "hop", hop_rows, LENGTH(hop_rows),
	sizeof(struct hop_status), offsetof(struct hop_status, has), false };

static const struct field ping_rows[] = {
	FIELD(struct ping_status, name, UNIT_NONE, 0, 0, 48, "The site that answered."),
	FIELD(struct ping_status, key, UNIT_NONE, 0, 0, 0, "Its public key."),
	FIELD(struct ping_status, rtt_ms, UNIT_MS, 0, 0, 0, "Round trip."),
	FIELD(struct ping_status, hops, UNIT_COUNT, 0, 0, 0, "Sessions to it; 1: a neighbour."),
	FIELD(struct ping_status, hops_back, UNIT_COUNT, 0, 0, 0, "Sessions of the way back."),
	FIELD(struct ping_status, clock_ms, UNIT_MS, 0, 0, 0, "Its clock less ours, good to half a round trip."),
	FIELD_SUB(struct ping_status, way, &hop_status_table, 0, 0, MESH_WAY_MAX, "The sites of the way, that one last."),
};
const struct field_table ping_status_table = { "ping", ping_rows, LENGTH(ping_rows),
	sizeof(struct ping_status), offsetof(struct ping_status, has), false };

static const struct field own_address_rows[] = {
	FIELD(struct own_address, interface, UNIT_NONE, 0, 0, 48, "Where it is bound."),
	FIELD(struct own_address, addr, UNIT_NONE, 0, 0, 64, "The address, and the mesh's port."),
	FIELD(struct own_address, hails, UNIT_NONE, 0, 0, 0, "Beacons go out there."),
	FIELD(struct own_address, sites, UNIT_COUNT, 0, 0, 0, "Sites that are heard there."),
};
const struct field_table own_address_table = { "own address", own_address_rows,
	LENGTH(own_address_rows), sizeof(struct own_address), FIELD_NO_HAS, false };

static const struct field check_peer_rows[] = {
	FIELD(struct check_peer, name, UNIT_NONE, 0, 0, 48, "Its name."),
	FIELD(struct check_peer, key, UNIT_NONE, 0, 0, 0, "Its public key."),
	FIELD_WORDS(struct check_peer, state, 0, peer_state_words, "Whether it is there."),
	FIELD(struct check_peer, direct, UNIT_NONE, 0, 0, 0, "A session stands between us."),
	FIELD(struct check_peer, answered, UNIT_NONE, 0, 0, 0, "It answered the echo."),
	FIELD(struct check_peer, rtt_ms, UNIT_MS, 0, 0, 0, "Round trip of the echo, or as measured before."),
	FIELD(struct check_peer, loss, UNIT_NONE, 0, 0, 1, "Direct: share of datagrams lost."),
	FIELD(struct check_peer, hops, UNIT_COUNT, 0, 0, 0, "Sessions to it; 1: a neighbour."),
	FIELD(struct check_peer, clock_ms, UNIT_MS, 0, 0, 0, "Its clock less ours, good to half a round trip."),
	FIELD(struct check_peer, addr, UNIT_NONE, 0, 0, 64, "Where its datagrams come from."),
	FIELD(struct check_peer, observed, UNIT_NONE, 0, 0, 64, "Direct: the address that it sees us at."),
	FIELD_SUB(struct check_peer, way, &hop_status_table, 0, 0, MESH_WAY_MAX, "The sites of the way, that one last."),
	FIELD(struct check_peer, datagram_bytes, UNIT_BYTES, 0, 0, 0, "Direct: the longest datagram that is sent there."),
};
const struct field_table check_peer_table = { "checked peer", check_peer_rows,
	LENGTH(check_peer_rows), sizeof(struct check_peer), offsetof(struct check_peer, has), false };

static const struct field warning_rows[] = {
	FIELD(struct warning, text, UNIT_NONE, 0, 1, 200, "One sentence for people."),
};
const struct field_table warning_table = { "warning", warning_rows, LENGTH(warning_rows),
	sizeof(struct warning), FIELD_NO_HAS, true };

static const struct field netcheck_rows[] = {
	FIELD(struct netcheck, asked, UNIT_COUNT, 0, 0, 0, "Sites that were alive and were asked."),
	FIELD(struct netcheck, answered, UNIT_COUNT, 0, 0, 0, "Of those, who answered in time."),
	FIELD(struct netcheck, ipv4, UNIT_NONE, 0, 0, 0, "An IPv4 address is bound."),
	FIELD(struct netcheck, ipv6, UNIT_NONE, 0, 0, 0, "An IPv6 address is bound."),
	FIELD(struct netcheck, nat, UNIT_NONE, 0, 0, 0, "A neighbour sees us at an address that is not ours."),
	FIELD(struct netcheck, port_stable, UNIT_NONE, 0, 0, 0, "All neighbours see us at one and the same port."),
	FIELD_SUB(struct netcheck, addresses, &own_address_table, 0, 0, 64, "Where this site is bound."),
	FIELD_SUB(struct netcheck, peers, &check_peer_table, 0, 0, 1024, "The other sites."),
	FIELD_SUB(struct netcheck, warnings, &warning_table, 0, 0, 64, "What is not as it should be."),
};
const struct field_table netcheck_table = { "netcheck", netcheck_rows, LENGTH(netcheck_rows),
	sizeof(struct netcheck), FIELD_NO_HAS, false };
/* clang-format on */
