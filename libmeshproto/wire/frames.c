#include "frames.h"
#include "layout.h"
#include "merkle.h"
#include "record.h"

enum {
	PEERS_MAX = 32,
	PEER_ADDRESSES_MAX = 8,
	ROWS_MAX = 1024,
	ROW_MARKS_MAX = 18,
	PAGE_BUNDLES_MAX = 512,
	FRAG_STEP_MAX = 1152 /* no datagram holds more */
};

/* clang-format off */

/* --- elements of lists --- */
static const struct field core_rows[] = {
	FIELD(struct message_bytes, bytes, UNIT_NONE, REQ, 1, RECORD_MAX, "A core, as it was signed."),
};
static BARE_TABLE_OF(core, struct message_bytes, "core");
static const struct field message_oid_rows[] = {
	FIELD(struct message_bytes, bytes, UNIT_NONE, REQ, MESSAGE_OID, MESSAGE_OID, "First 8 bytes of the hash of a site's key."),
};
BARE_TABLE_OF(message_oid, struct message_bytes, "oid");
static const struct field message_address_rows[] = {
	FIELD(struct message_bytes, bytes, UNIT_NONE, REQ, MESSAGE_ADDRESS_MIN, MESSAGE_ADDRESS_MAX, "Address and port, big-endian: 4+2 or 16+2 bytes."),
};
BARE_TABLE_OF(message_address, struct message_bytes, "address");
static const struct field mark_rows[] = {
	FIELD(struct message_number, number, UNIT_NONE, REQ, 0, 0, "Lane, low, high, in turns."),
};
static BARE_TABLE_OF(mark, struct message_number, "mark");
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
	FIELD(struct frame_push, stamps, UNIT_NONE, 0, 0, MESSAGE_STAMPS_MAX, "Signed stamps of the first sites that passed it on, 84 bytes each."),
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
static const struct field frame_frag_rows[] = {
	FIELD(struct frame_frag, message, UNIT_NONE, REQ, 0, 0, "Which frame it is a piece of; the sender's, unique among those under way."),
	FIELD(struct frame_frag, total, UNIT_BYTES, REQ, MESSAGE_STEP_MIN, MESSAGE_FRAME_MAX, "Length of the whole frame."),
	FIELD(struct frame_frag, step, UNIT_BYTES, REQ, MESSAGE_STEP_MIN, FRAG_STEP_MAX, "Length of every piece but the last."),
	FIELD(struct frame_frag, index, UNIT_NONE, REQ, 0, MESSAGE_PIECES - 1, "This piece begins at index * step."),
	FIELD(struct frame_frag, bytes, UNIT_NONE, REQ, 1, FRAG_STEP_MAX, "The piece."),
};
TABLE_OF(frame_frag, struct frame_frag, "frag");
static const struct field frame_path_rows[] = {
	FIELD(struct frame_path, token, UNIT_NONE, REQ, 8, 8, "Random bytes that only the new address has seen."),
};
TABLE_OF(frame_path, struct frame_path, "path");
static const struct field frame_close_rows[] = {
	FIELD(struct frame_close, reason, UNIT_NONE, REQ, 0, 0, "1 stopping, 2 twin session, 3 replaced, 4 refused; to a guest: 5 invitation used up, 6 expired, 7 unknown, 8 no room; of a certificate: 9 foreign, 10 not yet valid, 11 over."),
};
TABLE_OF(frame_close, struct frame_close, "close");
static const struct field frame_netkey_ask_rows[] = {
	FIELD(struct frame_netkey_ask, hash, UNIT_NONE, 0, 32, 32, "Hash of the wanted key; absent: the one in use."),
};
TABLE_OF(frame_netkey_ask, struct frame_netkey_ask, "netkey_ask");
static const struct field frame_netkey_rows[] = {
	FIELD(struct frame_netkey, key, UNIT_NONE, REQ | FIELD_SECRET, 32, 32, "A key of the network."),
	FIELD(struct frame_netkey, use_after_ms, UNIT_UNIX_MS, REQ, 0, 0, "From when on it is used for sending; 0: it is in use."),
};
TABLE_OF(frame_netkey, struct frame_netkey, "netkey");
static const struct field frame_cert_rows[] = {
	FIELD(struct frame_cert, bytes, UNIT_NONE, REQ, 1, MESSAGE_CERT_MAX, "The sender's certificate, a CERTIFICATE."),
};
TABLE_OF(frame_cert, struct frame_cert, "cert");
static const struct field frame_peer_rows[] = {
	FIELD(struct frame_peer, site, UNIT_NONE, REQ, 0, 0, "Key of a site."),
	FIELD_SUB(struct frame_peer, addresses, &message_address_table, REQ, 0, PEER_ADDRESSES_MAX, "Where it was heard."),
};
static TABLE_OF(frame_peer, struct frame_peer, "peer");
static const struct field frame_peers_rows[] = {
	FIELD_SUB(struct frame_peers, peers, &frame_peer_table, REQ, 0, PEERS_MAX, "Sites the sender knows."),
};
TABLE_OF(frame_peers, struct frame_peers, "peers");
static const struct field frame_punch_rows[] = {
	FIELD(struct frame_punch, site, UNIT_NONE, REQ, 0, 0, "Whom to meet."),
	FIELD(struct frame_punch, address, UNIT_NONE, REQ, 0, MESSAGE_ADDRESS_MAX, "Where it is seen: call it there now; empty: tell us both."),
};
TABLE_OF(frame_punch, struct frame_punch, "punch");
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
static const struct field frame_sum_rows[] = {
	FIELD(struct frame_sum, digest, UNIT_NONE, REQ, MESSAGE_DIGEST, MESSAGE_DIGEST, "Fingerprint of the buckets."),
	FIELD(struct frame_sum, salt, UNIT_NONE, REQ, 0, 0, "Drawn for this frame."),
	FIELD(struct frame_sum, briefs, UNIT_NONE, REQ, MESSAGE_BRIEFS, MESSAGE_BRIEFS, "64 salted hashes of a bucket, 2 bytes each."),
};
TABLE_OF(frame_sum, struct frame_sum, "sum");
static const struct field frame_pull_rows[] = {
	FIELD(struct frame_pull, ticket, UNIT_NONE, REQ, 0, 0, "Comes back with every answer."),
	FIELD(struct frame_pull, oid, UNIT_NONE, REQ, MESSAGE_OID, MESSAGE_OID, "The origin."),
	FIELD(struct frame_pull, epoch, UNIT_NONE, REQ, 0, 0, "Generation of its log."),
	FIELD(struct frame_pull, lane, UNIT_NONE, REQ, LANE_CONTROL, LANE_REGISTRY, "The lane."),
	FIELD(struct frame_pull, from, UNIT_NONE, REQ, 0, 0, "First number wanted."),
	FIELD(struct frame_pull, to, UNIT_NONE, REQ, 0, 0, "Last number wanted."),
	FIELD(struct frame_pull, max_kib, UNIT_NONE, REQ, 0, PULL_BYTES_MAX / 1024, "No more than so many KiB in answer."),
};
TABLE_OF(frame_pull, struct frame_pull, "pull");
static const struct field frame_page_rows[] = {
	FIELD(struct frame_page, ticket, UNIT_NONE, REQ, 0, 0, "Of the PULL."),
	FIELD(struct frame_page, oid, UNIT_NONE, REQ, MESSAGE_OID, MESSAGE_OID, "The origin."),
	FIELD(struct frame_page, epoch, UNIT_NONE, REQ, 0, 0, "Generation of its log."),
	FIELD(struct frame_page, lane, UNIT_NONE, REQ, LANE_CONTROL, LANE_REGISTRY, "The lane."),
	FIELD(struct frame_page, from, UNIT_NONE, REQ, 0, 0, "First number this page answers for."),
	FIELD(struct frame_page, to, UNIT_NONE, REQ, 0, 0, "Last one; all between that the sender holds live are here."),
	FIELD_SUB(struct frame_page, bundles, &frame_bundle_table, REQ, 0, PAGE_BUNDLES_MAX, "Records with their proofs, in seq order."),
};
TABLE_OF(frame_page, struct frame_page, "page");
static const struct field frame_none_rows[] = {
	FIELD(struct frame_none, ticket, UNIT_NONE, REQ, 0, 0, "Of the PULL."),
	FIELD(struct frame_none, oid, UNIT_NONE, REQ, MESSAGE_OID, MESSAGE_OID, "The origin."),
	FIELD(struct frame_none, lane, UNIT_NONE, REQ, LANE_CONTROL, LANE_REGISTRY, "The lane."),
	FIELD(struct frame_none, code, UNIT_NONE, REQ, NONE_GONE, NONE_END, "1 gone, 2 busy, 3 unknown, 4 end of the range."),
	FIELD(struct frame_none, low, UNIT_NONE, REQ, 0, 0, "Lowest number the sender holds; END: 0."),
	FIELD(struct frame_none, high, UNIT_NONE, REQ, 0, 0, "End of its processed prefix; END: the last number that it has sent of the range."),
};
TABLE_OF(frame_none, struct frame_none, "none");
static const struct field frame_scope_rows[] = {
	FIELD(struct frame_scope, oid, UNIT_NONE, REQ, MESSAGE_OID, MESSAGE_OID, "The origin."),
	FIELD(struct frame_scope, epoch, UNIT_NONE, REQ, 0, 0, "Generation of its log."),
	FIELD(struct frame_scope, lane, UNIT_NONE, REQ, LANE_CONTROL, LANE_REGISTRY, "The lane."),
	FIELD(struct frame_scope, high, UNIT_NONE, REQ, 0, 0, "Where it ends at the sender; compared only with who has it up to there, too."),
};
static TABLE_OF(frame_scope, struct frame_scope, "scope");
static const struct field frame_sketch_rows[] = {
	FIELD(struct frame_sketch, ticket, UNIT_NONE, REQ, 0, 0, "Comes back with every answer."),
	FIELD_SUB(struct frame_sketch, scopes, &frame_scope_table, REQ, 1, SKETCH_SCOPES_MAX, "The logs to be compared."),
	FIELD(struct frame_sketch, first, UNIT_NONE, REQ, 0, SKETCH_CELLS_MAX - 1, "First cell wanted."),
	FIELD(struct frame_sketch, count, UNIT_COUNT, REQ, 1, SKETCH_CELLS_MAX, "Cells wanted."),
};
TABLE_OF(frame_sketch, struct frame_sketch, "sketch");
static const struct field frame_cells_rows[] = {
	FIELD(struct frame_cells, ticket, UNIT_NONE, REQ, 0, 0, "Of the SKETCH."),
	FIELD(struct frame_cells, first, UNIT_NONE, REQ, 0, SKETCH_CELLS_MAX - 1, "The first one here."),
	FIELD(struct frame_cells, cells, UNIT_NONE, REQ, 0, CELLS_BYTES_MAX, "28 bytes each: xor of the items, xor of their checks, count; none: the sender does not have the logs up to there, or no time."),
};
TABLE_OF(frame_cells, struct frame_cells, "cells");
