#include "status.h"
#include "id.h"

/* clang-format off */
const char *const radio_state_words[] = { "connected", "connecting", "waiting", "failed", NULL };
const char *const peer_state_words[] = { "alive", "suspect", "dead", "left", "stranger", NULL };
const char *const certified_words[] = { "", "missing", "early", "valid", "ending", "over", NULL };
const char *const peer_reason_words[] = { "", "silent", "stopped", "unreachable", "blocked", "uncertified", "foreign", "early", "expired", NULL };

const char *const admission_words[] = { "network-key", "allow-list", "ca", NULL };
const char *const writing_words[] = { "yes", "held", "recovers", "cloned", "forked", NULL };

static const struct field radio_node_rows[] = {
	FIELD(struct radio_node, id, UNIT_NONE, 0, 0, 0, "The radio's own node."),
	FIELD(struct radio_node, name, UNIT_NONE, 0, 0, 64, "Its name."),
	FIELD(struct radio_node, firmware, UNIT_NONE, 0, 0, 64, "Its software."),
	FIELD(struct radio_node, short_name, UNIT_NONE, 0, 0, 16, "Its short name."),
	FIELD(struct radio_node, role, UNIT_NONE, 0, 0, 32, "What it does in the mesh: CLIENT, ROUTER."),
	FIELD(struct radio_node, hardware, UNIT_NONE, 0, 0, 32, "Its board."),
	FIELD(struct radio_node, can, UNIT_NONE, 0, 0, 64, "What its board and software can: wifi, bluetooth, ethernet, pkc, shutdown."),
};
const struct field_table radio_node_table = { "radio node", radio_node_rows,
	LENGTH(radio_node_rows), sizeof(struct radio_node), offsetof(struct radio_node, has), false };

static const struct field lost_rows[] = {
	FIELD(struct radio_lost, closed, UNIT_COUNT, FIELD_SERIES, 0, 0, "The radio closed the connection."),
	FIELD(struct radio_lost, broken, UNIT_COUNT, FIELD_SERIES, 0, 0, "An error while reading or writing: a reset, a cable."),
	FIELD(struct radio_lost, silent, UNIT_COUNT, FIELD_SERIES, 0, 0, "It answered no heartbeat for too long."),
	FIELD(struct radio_lost, handshake, UNIT_COUNT, FIELD_SERIES, 0, 0, "It never told all of its configuration."),
	FIELD(struct radio_lost, refused, UNIT_COUNT, FIELD_SERIES, 0, 0, "It could not be opened at all."),
};
static const struct field_table lost_table = { "radio lost", lost_rows, LENGTH(lost_rows),
	sizeof(struct radio_lost), FIELD_NO_HAS, false };

static const struct field link_rows[] = {
	FIELD(struct radio_link, address, UNIT_NONE, 0, 0, 128, "Where it is: ADDRESS:PORT, or the serial port."),
	FIELD(struct radio_link, frames, UNIT_COUNT, FIELD_SERIES, 0, 0, "Frames it sent."),
	FIELD(struct radio_link, skipped_bytes, UNIT_BYTES, FIELD_SERIES, 0, 0, "Bytes from it outside of any frame: console text, damage."),
	FIELD(struct radio_link, heartbeats, UNIT_COUNT, FIELD_SERIES, 0, 0, "Heartbeats sent to it."),
	FIELD(struct radio_link, answered, UNIT_COUNT, FIELD_SERIES, 0, 0, "Of those, answered; radios before 2.7 answer none."),
	FIELD(struct radio_link, rtt_ms, UNIT_MS, FIELD_SERIES, 0, 0, "How long the last answer took."),
	FIELD_SUB(struct radio_link, lost, &lost_table, FIELD_REASONS, 0, 0, "Connections that ended, by why."),
};
const struct field_table radio_link_table = { "radio link", link_rows, LENGTH(link_rows),
	sizeof(struct radio_link), offsetof(struct radio_link, has), false };

static const struct field changes_rows[] = {
	FIELD(struct radio_changes, rebooted, UNIT_COUNT, FIELD_SERIES, 0, 0, "It started anew."),
	FIELD(struct radio_changes, wiped, UNIT_COUNT, FIELD_SERIES, 0, 0, "Its memory was wiped: a factory reset."),
	FIELD(struct radio_changes, replaced, UNIT_COUNT, FIELD_SERIES, 0, 0, "It is another node than before: another radio, or a new number."),
};
static const struct field_table changes_table = { "radio changes", changes_rows, LENGTH(changes_rows),
	sizeof(struct radio_changes), FIELD_NO_HAS, false };

static const struct field radio_rows[] = {
	FIELD(struct radio_status, name, UNIT_NONE, 0, 0, 64, "Its name in the configuration."),
	FIELD(struct radio_status, driver, UNIT_NONE, 0, 0, 32, "Which driver talks to it."),
	FIELD_WORDS(struct radio_status, state, 0, radio_state_words, "How the connection stands."),
	FIELD(struct radio_status, since_ms, UNIT_UNIX_MS, 0, 0, 0, "Since when."),
	FIELD_SUB(struct radio_status, node, &radio_node_table, 0, 0, 0, "The node it is on the air."),
	FIELD(struct radio_status, rx_packets, UNIT_COUNT, FIELD_SERIES, 0, 0, "Packets it reported."),
	FIELD(struct radio_status, tx_packets, UNIT_COUNT, FIELD_SERIES, 0, 0, "Packets it took to send."),
	FIELD(struct radio_status, last_rx_ms, UNIT_UNIX_MS, 0, 0, 0, "When it last reported one."),
	FIELD(struct radio_status, reconnects, UNIT_COUNT, FIELD_SERIES, 0, 0, "How often the connection was made again."),
	FIELD(struct radio_status, simulated, UNIT_NONE, 0, 0, 0, "Not a real radio."),
	FIELD(struct radio_status, error, UNIT_NONE, 0, 0, 160, "Why it is not connected."),
	FIELD(struct radio_status, rx_bytes, UNIT_BYTES, FIELD_SERIES, 0, 0, "Bytes read from it."),
	FIELD(struct radio_status, tx_bytes, UNIT_BYTES, FIELD_SERIES, 0, 0, "Bytes written to it."),
	FIELD_SUB(struct radio_status, link, &radio_link_table, 0, 0, 0, "The connection to it."),
	FIELD_SUB(struct radio_status, changes, &changes_table, FIELD_REASONS, 0, 0, "What happened to the radio itself, since meshd started."),
	FIELD(struct radio_status, released_until_ms, UNIT_UNIX_MS, 0, 0, 0, "Another program may have it until then."),
};
const struct field_table radio_status_table = { "radio", radio_rows, LENGTH(radio_rows),
	sizeof(struct radio_status), offsetof(struct radio_status, has), false };

static const struct field recorded_rows[] = {
	FIELD(struct recorded, t_ms, UNIT_MS, 0, 0, 0, "Since the recording began."),
	FIELD(struct recorded, from, UNIT_NONE, 0, 0, 8, "Who said it: client (that is us) or radio."),
	FIELD(struct recorded, hex, UNIT_NONE, 0, 0, 2080, "A frame, redacted; zero bytes before it stand for what was none."),
	FIELD(struct recorded, eof, UNIT_NONE, 0, 0, 0, "The link ended."),
	FIELD(struct recorded, lost, UNIT_COUNT, 0, 0, 0, "Frames that found no room, because nobody fetched."),
};
const struct field_table recorded_table = { "recorded", recorded_rows, LENGTH(recorded_rows),
	sizeof(struct recorded), offsetof(struct recorded, has), false };

static const struct field peer_rows[] = {
	FIELD(struct peer_status, name, UNIT_NONE, 0, 0, 48, "Its name."),
	FIELD(struct peer_status, key, UNIT_NONE, 0, 0, 0, "Its public key: what it is."),
	FIELD_WORDS(struct peer_status, state, 0, peer_state_words, "Whether it is there."),
	FIELD_WORDS(struct peer_status, reason, 0, peer_reason_words, "Why not."),
	FIELD(struct peer_status, addr, UNIT_NONE, 0, 0, 64, "Where its datagrams come from."),
	FIELD(struct peer_status, direct, UNIT_NONE, 0, 0, 0, "A session stands between us."),
	FIELD(struct peer_status, hops, UNIT_COUNT, 0, 0, 0, "Sessions to it; 1: a neighbour."),
	FIELD(struct peer_status, rtt_ms, UNIT_MS, FIELD_SERIES, 0, 0, "Round trip."),
	FIELD(struct peer_status, loss, UNIT_NONE, FIELD_SERIES, 0, 1, "Share of datagrams lost."),
	FIELD(struct peer_status, behind, UNIT_COUNT, 0, 0, 0, "Direct: records it has and we lack, as last compared; at most."),
	FIELD(struct peer_status, last_heard_ms, UNIT_UNIX_MS, 0, 0, 0, "When it was last heard."),
	FIELD(struct peer_status, boot, UNIT_NONE, 0, 0, 0, "Higher at each of its starts."),
	FIELD(struct peer_status, version, UNIT_NONE, 0, 0, 32, "Its software."),
	FIELD(struct peer_status, since_ms, UNIT_UNIX_MS, 0, 0, 0, "Since when it is in this state."),
	FIELD(struct peer_status, ahead, UNIT_COUNT, 0, 0, 0, "Direct: records we have and it lacks, as last compared; at most."),
	FIELD(struct peer_status, certified_ms, UNIT_UNIX_MS, 0, 0, 0, "When its certificate ends, as far as known here."),
};
const struct field_table peer_status_table = { "peer", peer_rows, LENGTH(peer_rows),
	sizeof(struct peer_status), offsetof(struct peer_status, has), false };

static const struct field site_rows[] = {
	FIELD(struct site_status, name, UNIT_NONE, 0, 0, 48, "The site's name."),
	FIELD(struct site_status, key, UNIT_NONE, 0, 0, 0, "Its public key: what it is."),
	FIELD(struct site_status, version, UNIT_NONE, 0, 0, 32, "Its software."),
	FIELD(struct site_status, uptime_s, UNIT_S, 0, 0, 0, "How long it runs."),
};
const struct field_table site_status_table = { "site status", site_rows, LENGTH(site_rows),
	sizeof(struct site_status), offsetof(struct site_status, has), false };

static const struct field peers_rows[] = {
	FIELD(struct peers_status, known, UNIT_COUNT, 0, 0, 0, "Other sites of this network that we know."),
	FIELD(struct peers_status, alive, UNIT_COUNT, 0, 0, 0, "Of those, there now."),
};
static const struct field_table peers_table = { "peers status", peers_rows,
	LENGTH(peers_rows), sizeof(struct peers_status), FIELD_NO_HAS, false };

static const struct field counts_rows[] = {
	FIELD(struct counts_status, nodes, UNIT_COUNT, 0, 0, 0, "Radio nodes."),
	FIELD(struct counts_status, packets, UNIT_COUNT, 0, 0, 0, "Packets kept."),
	FIELD(struct counts_status, alerts_open, UNIT_COUNT, 0, 0, 0, "Alerts that fire."),
};
static const struct field_table counts_table = { "counts", counts_rows,
	LENGTH(counts_rows), sizeof(struct counts_status), FIELD_NO_HAS, false };

static const struct field store_rows[] = {
	FIELD(struct store_status, bytes, UNIT_BYTES, 0, 0, 0, "Size on disk."),
	FIELD(struct store_status, schema, UNIT_NONE, 0, 0, 0, "Version of its tables."),
	FIELD(struct store_status, readonly, UNIT_NONE, 0, 0, 0, "Nothing can be written at the moment."),
};
static const struct field_table store_table = { "store status", store_rows,
	LENGTH(store_rows), sizeof(struct store_status), FIELD_NO_HAS, false };

static const char *const join_state_words[] = { "none", "asking", "failed", "moved", NULL };
static const struct field join_rows[] = {
	FIELD_WORDS(struct join_status, state, 0, join_state_words, "asking: under way; moved: it led here, and meshd was restarted."),
	FIELD(struct join_status, time_ms, UNIT_UNIX_MS, 0, 0, 0, "Since when."),
	FIELD(struct join_status, error, UNIT_NONE, 0, 0, 200, "Why it failed."),
};
static const struct field_table join_table = { "join status", join_rows, LENGTH(join_rows),
	sizeof(struct join_status), offsetof(struct join_status, has), false };

static const struct field network_rows[] = {
	FIELD(struct network_status, id, UNIT_NONE, 0, 0, 32, "The network's id."),
	FIELD_WORDS(struct network_status, admission, 0, admission_words, "Who is let in here: [mesh] admission."),
	FIELD(struct network_status, admin, UNIT_NONE, 0, 0, 0, "This site may decide for the network."),
	FIELD(struct network_status, demo, UNIT_NONE, 0, 0, 0, "A demonstration's network."),
	FIELD_SUB(struct network_status, join, &join_table, 0, 0, 0, "The last join of this site."),
	FIELD_WORDS(struct network_status, certificate, 0, certified_words, "With admission = ca: how this site's own certificate stands."),
};
static const struct field_table network_table = { "network status", network_rows,
	LENGTH(network_rows), sizeof(struct network_status), FIELD_NO_HAS, false };

static const struct field status_rows[] = {
	FIELD_SUB(struct status, site, &site_status_table, 0, 0, 0, "This site."),
	FIELD_SUB(struct status, radios, &radio_status_table, 0, 0, 0, "Its radios."),
	FIELD_SUB(struct status, peers, &peers_table, 0, 0, 0, "The other sites."),
	FIELD_SUB(struct status, counts, &counts_table, 0, 0, 0, "What is known here."),
	FIELD_SUB(struct status, store, &store_table, 0, 0, 0, "The database."),
	FIELD(struct status, ready, UNIT_NONE, 0, 0, 0, "It has started and can be used."),
	FIELD_WORDS(struct status, writing, 0, writing_words, "Whether this site may write records; cloned and forked last until its next start."),
	FIELD_SUB(struct status, network, &network_table, 0, 0, 0, "The network that this site belongs to."),
};
const struct field_table status_table = { "status", status_rows, LENGTH(status_rows),
	sizeof(struct status), FIELD_NO_HAS, false };
/* clang-format on */

static unix_ms
wall_clock_of(mesh_time_ms then, struct mesh_now now)
{
	return now.unix_ms - (unix_ms)(now.ms > then ? now.ms - then : 0);
}

void
peer_status_of(
    const struct mesh_peer *peer, struct mesh_now now, struct peer_status *out)
{
	const struct field_table *t = &peer_status_table;
	*out = (struct peer_status){
		.has = 1 << PEER_ROW_KEY | 1 << PEER_ROW_STATE | 1 << PEER_ROW_DIRECT,
		.key = peer->key,
		.state = (uint8_t)peer->state,
		.reason = (uint8_t)peer->reason,
		.direct = peer->direct,
		.hops = peer->hops,
		.rtt_ms = (float)peer->rtt_us / 1000.0f,
		.loss = peer->loss,
		.last_heard_ms = wall_clock_of(peer->last_heard_ms, now),
		.boot = peer->boot,
		.since_ms = wall_clock_of(peer->since_ms, now),
		.behind = peer->behind,
		.ahead = peer->ahead,
		.certified_ms = (unix_ms)peer->certified_until_s * 1000,
	};
	static const struct mesh_key
	    unknown; /* a stranger's beacon does not say who it is */
	field_mark(t, PEER_ROW_KEY, out, !key_equal(&peer->key, &unknown));
	field_mark(t, PEER_ROW_REASON, out, peer->reason != REASON_NONE);
	field_mark(t, PEER_ROW_HOPS, out, peer->hops != 0);
	field_mark(t, PEER_ROW_RTT, out, peer->rtt_us != 0);
	field_mark(t, PEER_ROW_LOSS, out, peer->direct);
	field_mark(t, PEER_ROW_BEHIND, out, peer->compared);
	field_mark(t, PEER_ROW_AHEAD, out, peer->compared);
	field_mark(t, PEER_ROW_CERTIFIED, out, peer->certified_until_s > 0);
	field_mark(t, PEER_ROW_LAST_HEARD, out, peer->last_heard_ms != 0);
	field_mark(t, PEER_ROW_BOOT, out, peer->boot != 0);
	field_mark(t, PEER_ROW_SINCE, out, peer->state != PEER_STRANGER);
}
