#include "messages.h"
#include "merkle.h"
#include "record.h"

#define TABLE_OF(table, type, label)                                                   \
	const struct field_table table##_table = { label, table##_rows,                \
		LENGTH(table##_rows), sizeof(type), FIELD_NO_HAS, false }
#define BARE_TABLE_OF(table, type, label)                                              \
	static const struct field_table table##_table = { label, table##_rows,         \
		LENGTH(table##_rows), sizeof(type), FIELD_NO_HAS, true }

enum {
	REQ = FIELD_REQUIRED,
	ADDRESS_MIN = 6,
	ADDRESS_MAX = 18,
	PEERS_MAX = 32,
	PEER_ADDRESSES_MAX = 8,
	LINKS_MAX = 64,
	ROWS_MAX = 1024,
	ROW_MARKS_MAX = 18,
	DROP_RUNS_MAX = 64
};

/* clang-format off */

/* --- elements of lists --- */
static const struct field core_rows[] = {
	FIELD(struct message_bytes, bytes, UNIT_NONE, REQ, 1, RECORD_MAX, "A core, as it was signed."),
};
BARE_TABLE_OF(core, struct message_bytes, "core");
static const struct field oid_rows[] = {
	FIELD(struct message_bytes, bytes, UNIT_NONE, REQ, MESSAGE_OID, MESSAGE_OID, "First 8 bytes of the hash of a site's key."),
};
BARE_TABLE_OF(oid, struct message_bytes, "oid");
static const struct field address_rows[] = {
	FIELD(struct message_bytes, bytes, UNIT_NONE, REQ, ADDRESS_MIN, ADDRESS_MAX, "Address and port, big-endian: 4+2 or 16+2 bytes."),
};
BARE_TABLE_OF(address, struct message_bytes, "address");
static const struct field mark_rows[] = {
	FIELD(struct message_number, number, UNIT_NONE, REQ, 0, 0, "Lane, low, high, in turns."),
};
BARE_TABLE_OF(mark, struct message_number, "mark");
static const struct field mesh_run_rows[] = {
	FIELD(struct mesh_run, first, UNIT_NONE, REQ, 0, 0, "First number."),
	FIELD(struct mesh_run, last, UNIT_NONE, REQ, 0, 0, "Last number, itself included."),
};
TABLE_OF(mesh_run, struct mesh_run, "run");

/* --- frames --- */
static const struct field frame_bundle_rows[] = {
	FIELD(struct frame_bundle, sig, UNIT_NONE, REQ, 64, 64, "Ed25519 over \"meshd1 rec\", netid, n and the root."),
	FIELD(struct frame_bundle, n, UNIT_COUNT, REQ, 1, MERKLE_LEAVES, "Cores in the batch that was signed."),
	FIELD(struct frame_bundle, mask, UNIT_NONE, REQ, 0, 0, "Bit i: core i of the batch is here."),
	FIELD(struct frame_bundle, fill, UNIT_NONE, REQ, 0, MERKLE_FILL_MAX, "Hashes of the absent subtrees, in the order of the walk."),
	FIELD_SUB(struct frame_bundle, cores, &core_table, REQ, 1, MERKLE_LEAVES, "The cores that are here, in seq order."),
};
TABLE_OF(frame_bundle, struct frame_bundle, "bundle");
static const struct field frame_push_rows[] = {
	FIELD(struct frame_push, hops, UNIT_COUNT, REQ, 0, 0, "Hops behind it; unsigned, decides only against hop_max."),
	FIELD(struct frame_push, age_ms, UNIT_MS, REQ, 0, 0, "Time since the origin sent it; unsigned."),
	FIELD_SUB(struct frame_push, bundle, &frame_bundle_table, REQ, 0, 0, "The record or records, and their proof."),
	FIELD(struct frame_push, trail, UNIT_NONE, 0, 0, MESSAGE_TRAIL_MAX, "Tags of the sites it came through, 4 bytes each."),
};
TABLE_OF(frame_push, struct frame_push, "push");
static const struct field frame_ping_rows[] = {
	FIELD(struct frame_ping, id, UNIT_NONE, REQ, 0, 0, "Comes back in the PONG."),
	FIELD(struct frame_ping, digest, UNIT_NONE, 0, MESSAGE_DIGEST, MESSAGE_DIGEST, "Fingerprint of what the sender holds, when it changed."),
};
TABLE_OF(frame_ping, struct frame_ping, "ping");
static const struct field frame_pong_rows[] = {
	FIELD(struct frame_pong, id, UNIT_NONE, REQ, 0, 0, "The id of the PING."),
	FIELD(struct frame_pong, held_ms, UNIT_MS, REQ, 0, 0, "Time between the PING and this answer."),
	FIELD(struct frame_pong, digest, UNIT_NONE, 0, MESSAGE_DIGEST, MESSAGE_DIGEST, "Fingerprint of what the sender holds, when it changed."),
};
TABLE_OF(frame_pong, struct frame_pong, "pong");
static const struct field frame_ack_rows[] = {
	FIELD(struct frame_ack, counter, UNIT_NONE, REQ, 0, 0, "Counter of a datagram that arrived."),
	FIELD(struct frame_ack, bits, UNIT_NONE, REQ, 0, 0, "Bit i: datagram counter-1-i arrived."),
};
TABLE_OF(frame_ack, struct frame_ack, "ack");
static const struct field frame_prune_rows[] = {
	FIELD(struct frame_prune, oid, UNIT_NONE, REQ, MESSAGE_OID, MESSAGE_OID, "The origin it is about."),
	FIELD(struct frame_prune, on, UNIT_NONE, REQ, 0, 1, "1: spare me this origin's records; 0: send them again."),
};
TABLE_OF(frame_prune, struct frame_prune, "prune");
static const struct field frame_probe_rows[] = {
	FIELD(struct frame_probe, id, UNIT_NONE, REQ, 0, 0, "Comes back in PROBED."),
	FIELD(struct frame_probe, oid, UNIT_NONE, REQ, MESSAGE_OID, MESSAGE_OID, "The site to be pinged."),
};
TABLE_OF(frame_probe, struct frame_probe, "probe");
static const struct field frame_probed_rows[] = {
	FIELD(struct frame_probed, id, UNIT_NONE, REQ, 0, 0, "The id of the PROBE."),
	FIELD(struct frame_probed, heard, UNIT_NONE, REQ, 0, 1, "1: it answered me."),
};
TABLE_OF(frame_probed, struct frame_probed, "probed");
static const struct field frame_path_rows[] = {
	FIELD(struct frame_path, token, UNIT_NONE, REQ, 8, 8, "Random bytes that only the new address has seen."),
};
TABLE_OF(frame_path, struct frame_path, "path");
static const struct field frame_close_rows[] = {
	FIELD(struct frame_close, reason, UNIT_NONE, REQ, 0, 0, "1 stopping, 2 twin session, 3 replaced, 4 refused."),
};
TABLE_OF(frame_close, struct frame_close, "close");
static const struct field frame_peer_rows[] = {
	FIELD(struct frame_peer, site, UNIT_NONE, REQ, 0, 0, "Key of a site."),
	FIELD_SUB(struct frame_peer, addresses, &address_table, REQ, 0, PEER_ADDRESSES_MAX, "Where it was heard."),
};
static TABLE_OF(frame_peer, struct frame_peer, "peer");
static const struct field frame_peers_rows[] = {
	FIELD_SUB(struct frame_peers, peers, &frame_peer_table, REQ, 0, PEERS_MAX, "Sites the sender knows."),
};
TABLE_OF(frame_peers, struct frame_peers, "peers");
static const struct field frame_row_rows[] = {
	FIELD(struct frame_row, oid, UNIT_NONE, REQ, MESSAGE_OID, MESSAGE_OID, "The origin."),
	FIELD(struct frame_row, epoch, UNIT_NONE, REQ, 0, 0, "Generation of its log."),
	FIELD_SUB(struct frame_row, marks, &mark_table, REQ, 0, ROW_MARKS_MAX, "Lane, low, high for each lane with something in it."),
};
static TABLE_OF(frame_row, struct frame_row, "row");
static const struct field frame_rows_rows[] = {
	FIELD(struct frame_rows, mask, UNIT_NONE, REQ, 0, 0, "Buckets that these rows answer for."),
	FIELD_SUB(struct frame_rows, rows, &frame_row_table, REQ, 0, ROWS_MAX, "What the sender holds, by origin."),
	FIELD(struct frame_rows, last, UNIT_NONE, REQ, 0, 0, "No more rows follow."),
};
TABLE_OF(frame_rows, struct frame_rows, "rows");

/* --- bodies of lane 0 --- */
static const struct field live_beacon_rows[] = {
	FIELD(struct live_beacon, boot_id, UNIT_NONE, REQ, MESSAGE_BOOT_ID, MESSAGE_BOOT_ID, "Random, per start: tells a clone from ourselves."),
	FIELD(struct live_beacon, proto_min, UNIT_NONE, REQ, 0, 0, "Lowest protocol version spoken."),
	FIELD(struct live_beacon, proto_max, UNIT_NONE, REQ, 0, 0, "Highest protocol version spoken."),
	FIELD(struct live_beacon, features, UNIT_NONE, REQ, 0, 0, "Bits of optional abilities."),
	FIELD(struct live_beacon, digest, UNIT_NONE, REQ, MESSAGE_DIGEST, MESSAGE_DIGEST, "Fingerprint of what the site holds."),
	FIELD(struct live_beacon, links, UNIT_COUNT, REQ, 0, 0, "Sessions it has."),
	FIELD(struct live_beacon, name, UNIT_NONE, 0, 0, MESSAGE_NAME_MAX, "What its operator calls it."),
};
TABLE_OF(live_beacon, struct live_beacon, "beacon");
static const struct field live_suspect_rows[] = {
	FIELD(struct live_suspect, target, UNIT_NONE, REQ, 0, 0, "Key of the site that is silent."),
	FIELD(struct live_suspect, boot, UNIT_NONE, REQ, 0, 0, "The boot of it that the witness knew."),
	FIELD(struct live_suspect, silent_ms, UNIT_MS, REQ, 0, 0, "How long nothing was heard."),
};
TABLE_OF(live_suspect, struct live_suspect, "suspect");
static const struct field live_boot_rows[] = {
	FIELD(struct live_boot, boot, UNIT_NONE, REQ, 0, 0, "The boot it is about."),
};
TABLE_OF(live_boot, struct live_boot, "boot");

/* --- bodies of keyed lanes --- */
static const struct field keyed_put_rows[] = {
	FIELD(struct keyed_put, key, UNIT_NONE, REQ, 1, MESSAGE_KEY_MAX, "What is set; a later PUT of it replaces this one."),
	FIELD(struct keyed_put, value, UNIT_NONE, 0, 0, 0, "Whatever the lane puts there."),
};
TABLE_OF(keyed_put, struct keyed_put, "put");
static const struct field keyed_drop_rows[] = {
	FIELD_SUB(struct keyed_drop, runs, &mesh_run_table, REQ, 1, DROP_RUNS_MAX, "Numbers of this lane that are dead, all below its own."),
};
TABLE_OF(keyed_drop, struct keyed_drop, "drop");
static const struct field keyed_checkpoint_rows[] = {
	FIELD(struct keyed_checkpoint, count, UNIT_COUNT, REQ, 0, 0, "Live records just before this one."),
	FIELD(struct keyed_checkpoint, sum, UNIT_NONE, REQ, 32, 32, "Sum of their leaf hashes mod 2^256, little-endian."),
	FIELD(struct keyed_checkpoint, tomb_floor, UNIT_NONE, REQ, 0, 0, "DROPs below this number may be forgotten."),
};
TABLE_OF(keyed_checkpoint, struct keyed_checkpoint, "checkpoint");

/* --- values of the state lane --- */
static const struct field state_links_rows[] = {
	FIELD(struct state_links, boot, UNIT_NONE, REQ, 0, 0, "The site's present boot."),
	FIELD(struct state_links, boot_id, UNIT_NONE, REQ, MESSAGE_BOOT_ID, MESSAGE_BOOT_ID, "Its boot_id."),
	FIELD_SUB(struct state_links, oids, &oid_table, REQ, 0, LINKS_MAX, "Its active neighbours."),
};
TABLE_OF(state_links, struct state_links, "links");
static const struct field state_links_put_rows[] = {
	FIELD(struct state_links_put, key, UNIT_NONE, REQ, 1, MESSAGE_KEY_MAX, "\"mesh.links\"."),
	FIELD_SUB(struct state_links_put, links, &state_links_table, REQ, 0, 0, "Who the neighbours are."),
};
TABLE_OF(state_links_put, struct state_links_put, "links_put");

/* --- handshake --- */
static const struct field hand_info_rows[] = {
	FIELD(struct hand_info, site, UNIT_NONE, REQ, 0, 0, "Ed25519 key of the sender."),
	FIELD(struct hand_info, sid, UNIT_NONE, REQ, 0, 0, "Session id under which it wants to receive."),
	FIELD(struct hand_info, boot, UNIT_NONE, REQ, 0, 0, "Its boot."),
	FIELD(struct hand_info, boot_id, UNIT_NONE, REQ, MESSAGE_BOOT_ID, MESSAGE_BOOT_ID, "Its boot_id."),
	FIELD(struct hand_info, proto_min, UNIT_NONE, REQ, 0, 0, "Lowest protocol version spoken."),
	FIELD(struct hand_info, proto_max, UNIT_NONE, REQ, 0, 0, "Highest protocol version spoken."),
	FIELD(struct hand_info, features, UNIT_NONE, REQ, 0, 0, "Bits of optional abilities."),
	FIELD(struct hand_info, observed, UNIT_NONE, REQ, ADDRESS_MIN, ADDRESS_MAX, "The other's address as it is seen from here."),
	FIELD(struct hand_info, name, UNIT_NONE, 0, 0, MESSAGE_INFO_NAME_MAX, "What its operator calls it."),
	FIELD(struct hand_info, cert_hash, UNIT_NONE, 0, 32, 32, "Hash of its certificate, if it has one."),
};
TABLE_OF(hand_info, struct hand_info, "info");

const struct message messages[] = {
	{ MESSAGE_FRAME, FRAME_PUSH, "PUSH", NULL, &frame_push_table, CLASS_P1, true },
	{ MESSAGE_FRAME, FRAME_PING, "PING", NULL, &frame_ping_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PONG, "PONG", NULL, &frame_pong_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_ACK, "ACK", NULL, &frame_ack_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PRUNE, "PRUNE", NULL, &frame_prune_table, CLASS_P0, true },
	{ MESSAGE_FRAME, FRAME_PROBE, "PROBE", NULL, &frame_probe_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PROBED, "PROBED", NULL, &frame_probed_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PATH, "PATH", NULL, &frame_path_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PATH_ACK, "PATH_ACK", NULL, &frame_path_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_CLOSE, "CLOSE", NULL, &frame_close_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PEERS, "PEERS", NULL, &frame_peers_table, CLASS_P2, false },
	{ MESSAGE_FRAME, FRAME_ROWS, "ROWS", NULL, &frame_rows_table, CLASS_P2, false },
	{ MESSAGE_LIVE, LIVE_BEACON, "BEACON", NULL, &live_beacon_table, CLASS_P0, false },
	{ MESSAGE_LIVE, LIVE_SUSPECT, "SUSPECT", NULL, &live_suspect_table, CLASS_P0, false },
	{ MESSAGE_LIVE, LIVE_REFUTE, "REFUTE", NULL, &live_boot_table, CLASS_P0, false },
	{ MESSAGE_LIVE, LIVE_BYE, "BYE", NULL, &live_boot_table, CLASS_P0, false },
	{ MESSAGE_KEYED, RECORD_PUT, "PUT", NULL, &keyed_put_table, CLASS_P1, false },
	{ MESSAGE_KEYED, RECORD_DROP, "DROP", NULL, &keyed_drop_table, CLASS_P1, false },
	{ MESSAGE_KEYED, RECORD_CHECKPOINT, "CHECKPOINT", NULL, &keyed_checkpoint_table, CLASS_P1, false },
	{ MESSAGE_STATE, RECORD_PUT, "LINKS", MESSAGE_LINKS_KEY, &state_links_put_table, CLASS_P1, false },
	{ MESSAGE_HANDSHAKE, 0, "INFO", NULL, &hand_info_table, CLASS_P0, false },
	{ MESSAGE_PART, 0, "BUNDLE", NULL, &frame_bundle_table, CLASS_P0, false },
};
/* clang-format on */
const size_t message_count = LENGTH(messages);

const struct message *
message_find(enum message_place place, uint8_t number)
{
	for (size_t i = 0; i < LENGTH(messages); i++) {
		if (messages[i].place == place && messages[i].number == number)
			return &messages[i];
	}
	return NULL;
}

/* News of life and of forks is urgent; what is asked, answered or invented later is
 * not. */
static enum message_class
live_class(uint16_t type)
{
	bool urgent = (type >= LIVE_BEACON && type <= LIVE_BYE) || type == LIVE_FORK;
	return urgent ? CLASS_P0 : CLASS_P1;
}

enum message_class
message_class_of(enum mesh_lane lane, uint16_t type)
{
	switch (lane) {
	case LANE_LIVE:
		return live_class(type);
	case LANE_CONTROL:
	case LANE_ALERT:
		return CLASS_P0;
	case LANE_STATE:
	case LANE_PACKET:
	case LANE_METRIC:
		return CLASS_P1;
	case LANE_REGISTRY:
	case LANE_COUNT:
		break;
	}
	return CLASS_P2;
}
