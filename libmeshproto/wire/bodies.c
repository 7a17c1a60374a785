#include "bodies.h"
#include "layout.h"
#include "record.h"

enum { LINKS_MAX = 64, DROP_RUNS_MAX = 64, REVOKE_MARKS_MAX = 6 };

/* clang-format off */

static const struct field control_mark_rows[] = {
	FIELD(struct message_number, number, UNIT_NONE, REQ, 0, 0, "A number of the lane."),
};
static BARE_TABLE_OF(control_mark, struct message_number, "mark");

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
static const struct field live_fork_rows[] = {
	FIELD_SUB(struct live_fork, first, &frame_bundle_table, REQ, 0, 0, "A record."),
	FIELD_SUB(struct live_fork, second, &frame_bundle_table, REQ, 0, 0, "Another one by the same origin under the same number."),
};
TABLE_OF(live_fork, struct live_fork, "fork");

static const struct field live_echo_rows[] = {
	FIELD(struct live_echo, number, UNIT_NONE, REQ, 0, 0, "Comes back in the answer."),
};
TABLE_OF(live_echo, struct live_echo, "echo");
static const struct field live_echo_reply_rows[] = {
	FIELD(struct live_echo_reply, number, UNIT_NONE, REQ, 0, 0, "The number of the ECHO."),
	FIELD(struct live_echo_reply, hops, UNIT_COUNT, REQ, 0, 0, "Hops behind the ECHO when it came."),
	FIELD(struct live_echo_reply, from, UNIT_NONE, REQ, MESSAGE_TAG, MESSAGE_TAG, "Tag of the neighbour that brought it."),
	FIELD(struct live_echo_reply, held_us, UNIT_NONE, REQ, 0, 0, "Microseconds from then to this answer."),
	FIELD(struct live_echo_reply, trail, UNIT_NONE, REQ, 0, MESSAGE_WAY_MAX, "The ECHO's trail, its last 16 tags."),
	FIELD(struct live_echo_reply, stamps, UNIT_NONE, REQ, 0, MESSAGE_STAMPS_MAX, "The ECHO's stamps, as they came."),
};
TABLE_OF(live_echo_reply, struct live_echo_reply, "echo_reply");
static const struct field live_query_rows[] = {
	FIELD(struct live_query, number, UNIT_NONE, REQ, 0, 0, "Comes back in the answers."),
	FIELD(struct live_query, budget_ms, UNIT_MS, REQ, 0, 0, "How long the asker waits for them."),
	FIELD(struct live_query, question, UNIT_NONE, REQ, 0, RECORD_MAX, "What is asked, in the upper floors' words."),
};
TABLE_OF(live_query, struct live_query, "query");
static const struct field live_reply_rows[] = {
	FIELD(struct live_reply, number, UNIT_NONE, REQ, 0, 0, "The number of the QUERY, TRACE or COMMAND."),
	FIELD(struct live_reply, answer, UNIT_NONE, REQ, 0, RECORD_MAX, "The answer, in the upper floors' words."),
	FIELD(struct live_reply, refused, UNIT_NONE, 0, 0, 1, "1: nobody here answers such questions; 0 or absent: the answer stands before it."),
};
TABLE_OF(live_reply, struct live_reply, "reply");
static const struct field live_command_rows[] = {
	FIELD(struct live_command, number, UNIT_NONE, REQ, 0, 0, "Comes back in a REPLY, if one is wanted."),
	FIELD(struct live_command, command, UNIT_NONE, REQ, 0, RECORD_MAX, "What shall be done, in the upper floors' words."),
};
TABLE_OF(live_command, struct live_command, "command");
static const struct field live_tell_rows[] = {
	FIELD(struct live_tell, told, UNIT_NONE, REQ, 0, RECORD_MAX, "What is told, in the upper floors' words; nobody answers."),
};
TABLE_OF(live_tell, struct live_tell, "tell");

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
	FIELD(struct keyed_checkpoint, settled, UNIT_NONE, 0, 0, 0, "An earlier one said so already: none of those is counted here."),
};
TABLE_OF(keyed_checkpoint, struct keyed_checkpoint, "checkpoint");

/* --- values of the state lane --- */
static const struct field state_links_rows[] = {
	FIELD(struct state_links, boot, UNIT_NONE, REQ, 0, 0, "The site's present boot."),
	FIELD(struct state_links, boot_id, UNIT_NONE, REQ, MESSAGE_BOOT_ID, MESSAGE_BOOT_ID, "Its boot_id."),
	FIELD_SUB(struct state_links, oids, &message_oid_table, REQ, 0, LINKS_MAX, "Its active neighbours."),
};
TABLE_OF(state_links, struct state_links, "links");
static const struct field state_links_put_rows[] = {
	FIELD(struct state_links_put, key, UNIT_NONE, REQ, 1, MESSAGE_KEY_MAX, "\"mesh.links\"."),
	FIELD_SUB(struct state_links_put, links, &state_links_table, REQ, 0, 0, "Who the neighbours are."),
};
TABLE_OF(state_links_put, struct state_links_put, "links_put");

static const struct field state_address_rows[] = {
	FIELD(struct state_address, address, UNIT_NONE, REQ, MESSAGE_ADDRESS_MIN, MESSAGE_ADDRESS_MAX, "Address and port, big-endian: 4+2 or 16+2 bytes."),
	FIELD(struct state_address, kind, UNIT_NONE, REQ, 0, 0, "1 local, 2 observed by two neighbours, 3 static."),
};
static TABLE_OF(state_address, struct state_address, "address");
static const struct field state_addr_put_rows[] = {
	FIELD(struct state_addr_put, key, UNIT_NONE, REQ, 1, MESSAGE_KEY_MAX, "\"mesh.addr\"."),
	FIELD_SUB(struct state_addr_put, addresses, &state_address_table, REQ, 0, MESSAGE_ADDRESSES_MAX, "Where the site may be called, the best first."),
};
TABLE_OF(state_addr_put, struct state_addr_put, "addr_put");

/* --- the control lane --- */
#define CONTROL_KEY(T, says) FIELD(T, key, UNIT_NONE, REQ, 1, MESSAGE_KEY_MAX, says)
#define CONTROL_ON(T) FIELD(T, on, UNIT_NONE, REQ, 0, 0, "False: no longer.")
static const struct field control_grant_rows[] = {
	CONTROL_KEY(struct control_grant, "admin/KEY, allow/KEY or use/IDKEY: whom it is about."),
	CONTROL_ON(struct control_grant),
};
TABLE_OF(control_grant, struct control_grant, "grant");
static const struct field control_revoke_rows[] = {
	CONTROL_KEY(struct control_revoke, "revoke/KEY: who is out."),
	CONTROL_ON(struct control_revoke),
	FIELD(struct control_revoke, reason, UNIT_NONE, REQ, 0, 0, "1 blocked by an operator."),
	FIELD(struct control_revoke, purge, UNIT_NONE, REQ, 0, 0, "What it said before goes as well."),
	FIELD(struct control_revoke, epoch, UNIT_NONE, REQ, 0, 0, "Generation of its log that the ends belong to."),
	FIELD_SUB(struct control_revoke, marks, &control_mark_table, REQ, 0, REVOKE_MARKS_MAX, "Last number of lanes 1, 2 ... that still counts."),
};
TABLE_OF(control_revoke, struct control_revoke, "revoke");
static const struct field control_invite_rows[] = {
	CONTROL_KEY(struct control_invite, "invite/ID."),
	CONTROL_ON(struct control_invite),
	FIELD(struct control_invite, verifier, UNIT_NONE, REQ | FIELD_SECRET, 32, 32, "Derived from the token's secret: who has it can answer a guest."),
	FIELD(struct control_invite, uses, UNIT_COUNT, REQ, 1, 1000, "How many sites may join by it."),
	FIELD(struct control_invite, expires_ms, UNIT_UNIX_MS, REQ, 0, 0, "Not after."),
};
TABLE_OF(control_invite, struct control_invite, "invite");
static const struct field control_netkey_rows[] = {
	CONTROL_KEY(struct control_netkey, "\"netkey\"."),
	FIELD(struct control_netkey, hash, UNIT_NONE, REQ, 32, 32, "Hash of the network's next key."),
	FIELD(struct control_netkey, use_after_ms, UNIT_UNIX_MS, REQ, 0, 0, "From when on it is used for sending."),
};
TABLE_OF(control_netkey, struct control_netkey, "netkey_put");

static const struct field control_cert_rows[] = {
	CONTROL_KEY(struct control_cert, "\"cert\"."),
	FIELD(struct control_cert, bytes, UNIT_NONE, REQ, 1, MESSAGE_CERT_MAX, "The origin's own certificate, a CERTIFICATE."),
};
TABLE_OF(control_cert, struct control_cert, "cert_put");
static const struct field certificate_rows[] = {
	FIELD(struct certificate, version, UNIT_NONE, REQ, 1, 1, "1."),
	FIELD(struct certificate, netid, UNIT_NONE, REQ, 16, 16, "The network that it is for."),
	FIELD(struct certificate, site, UNIT_NONE, REQ, 0, 0, "Whom it admits."),
	FIELD(struct certificate, name, UNIT_NONE, 0, 0, MESSAGE_NAME_MAX, "What the authority calls it."),
	FIELD(struct certificate, roles, UNIT_NONE, REQ, 0, 0, "Bits: relay 1, registry 2, alert 4, query 8, admin 16."),
	FIELD(struct certificate, from_s, UNIT_S, REQ, 0, 0, "Not before, Unix time."),
	FIELD(struct certificate, until_s, UNIT_S, REQ, 0, 0, "Not after, Unix time."),
	FIELD(struct certificate, serial, UNIT_NONE, REQ, 0, 0, "Number that the authority gave it."),
	FIELD(struct certificate, sig, UNIT_NONE, REQ, 64, 64, "Ed25519 by the authority over \"meshd1 cert\" and the array of all before."),
};
TABLE_OF(certificate, struct certificate, "certificate");
/* What is signed: all but the signature. */
const struct field_table certified_table = { "certified", certificate_rows,
	LENGTH(certificate_rows) - 1, sizeof(struct certificate), FIELD_NO_HAS, false };

/* --- handshake --- */
static const struct field hand_info_rows[] = {
	FIELD(struct hand_info, site, UNIT_NONE, REQ, 0, 0, "Ed25519 key of the sender."),
	FIELD(struct hand_info, sid, UNIT_NONE, REQ, 0, 0, "Session id under which it wants to receive."),
	FIELD(struct hand_info, boot, UNIT_NONE, REQ, 0, 0, "Its boot."),
	FIELD(struct hand_info, boot_id, UNIT_NONE, REQ, MESSAGE_BOOT_ID, MESSAGE_BOOT_ID, "Its boot_id."),
	FIELD(struct hand_info, proto_min, UNIT_NONE, REQ, 0, 0, "Lowest protocol version spoken."),
	FIELD(struct hand_info, proto_max, UNIT_NONE, REQ, 0, 0, "Highest protocol version spoken."),
	FIELD(struct hand_info, features, UNIT_NONE, REQ, 0, 0, "Bits of optional abilities."),
	FIELD(struct hand_info, observed, UNIT_NONE, REQ, MESSAGE_ADDRESS_MIN, MESSAGE_ADDRESS_MAX, "The other's address as it is seen from here."),
	FIELD(struct hand_info, name, UNIT_NONE, 0, 0, MESSAGE_INFO_NAME_MAX, "What its operator calls it."),
	FIELD(struct hand_info, cert_hash, UNIT_NONE, 0, 32, 32, "Hash of its certificate, if it has one."),
	FIELD(struct hand_info, ping_s, UNIT_S, 0, 0, HAND_PING_MAX_S, "It wants to be pinged no more often; 0: the default."),
};
TABLE_OF(hand_info, struct hand_info, "info");
