#include "op.h"
#include "text.h"

const char *const op_method_words[] = { "GET", "POST", "DELETE", NULL };
const char *const op_severity_words[] = { "info", "warning", "high", "critical", NULL };

/* clang-format off */
static const struct field subject_rows[] = {
	FIELD(struct op_subject, type, UNIT_NONE, 0, 0, 16, "what it is: node, packet, site"),
	FIELD(struct op_subject, id, UNIT_NONE, 0, 0, 80, "its id"),
	FIELD(struct op_subject, name, UNIT_NONE, 0, 0, 48, "its name, for people"),
};
static const struct field_table subject_table = { "subject", subject_rows,
	LENGTH(subject_rows), sizeof(struct op_subject), FIELD_NO_HAS, false };

#define P struct op_params
#define PARAM_NODE   FIELD(P, id, UNIT_NONE, FIELD_REQUIRED, 1, 128, "which node: its id, as in `node list`")
#define PARAM_ID     FIELD(P, id, UNIT_NONE, FIELD_REQUIRED, 1, 128, "which one: its id, or a name where it has one")
#define PARAM_FILTER FIELD(P, filter, UNIT_NONE, 0, 0, 512, "only what the expression says")
#define PARAM_AFTER  FIELD(P, after, UNIT_NONE, 0, 0, 256, "go on after this: the last answer's next")
#define PARAM_LIMIT  FIELD(P, limit, UNIT_COUNT, 0, 0, OP_LIMIT_MAX, "at most so many items")
#define PARAM_FROM   FIELD(P, from_ms, UNIT_UNIX_MS, 0, 0, INT64_MAX, "nothing older")
#define PARAM_TO     FIELD(P, to_ms, UNIT_UNIX_MS, 0, 0, INT64_MAX, "nothing newer")

static const struct field id_rows[] = { PARAM_ID };
static const struct field node_rows[] = { PARAM_NODE };
static const struct field block_rows[] = { PARAM_ID,
	FIELD(P, purge, UNIT_NONE, 0, 0, 0, "all that it said goes too, at all sites; needs an admin"),
};
static const struct field page_rows[] = { PARAM_FILTER, PARAM_AFTER, PARAM_LIMIT };
static const struct field time_rows[] = { PARAM_FILTER, PARAM_AFTER, PARAM_LIMIT, PARAM_FROM,
	PARAM_TO };
static const struct field peer_rows[] = {
	FIELD(P, strangers, UNIT_NONE, 0, 0, 0, "also sites that are heard but not admitted"),
};
static const struct field state_rows[] = {
	FIELD(P, site, UNIT_NONE, 0, 0, 64, "only this site's: its name or key"),
	PARAM_FILTER, PARAM_AFTER, PARAM_LIMIT,
};
static const struct field state_get_rows[] = {
	FIELD(P, key, UNIT_NONE, FIELD_REQUIRED, 1, 64, "its key as state list shows it; user/ may be left out"),
	FIELD(P, site, UNIT_NONE, 0, 0, 64, "that site's: its name or key; default: ours"),
};
static const struct field state_remove_rows[] = {
	FIELD(P, key, UNIT_NONE, FIELD_REQUIRED, 1, 64, "name of the value, kept as user/KEY"),
};
static const struct field state_set_rows[] = {
	FIELD(P, key, UNIT_NONE, FIELD_REQUIRED, 1, 64, "name of the value, kept as user/KEY"),
	FIELD(P, value, UNIT_NONE, FIELD_REQUIRED, 0, 0, "any JSON value but null: state remove takes a value away"),
};
static const struct field raise_rows[] = {
	FIELD(P, kind, UNIT_NONE, FIELD_REQUIRED, 1, 64, "what happened: noun.word"),
	FIELD(P, text, UNIT_NONE, 0, 0, 400, "one sentence for people"),
	FIELD(P, severity, UNIT_NONE, 0, 0, 16, "info, warning, high or critical; default warning"),
	FIELD(P, state, UNIT_NONE, 0, 0, 16, "firing, resolved or info; default info"),
	FIELD_SUB(P, subject, &subject_table, 0, 0, 0, "whom or what it is about"),
	FIELD(P, data, UNIT_NONE, 0, 0, 0, "any named values"),
};
static const struct field publish_rows[] = {
	FIELD(P, topic, UNIT_NONE, FIELD_REQUIRED, 5, 48, "app.NAME: programs that subscribed to it are told"),
	FIELD(P, data, UNIT_NONE, 0, 0, 0, "any JSON value, packed at most 900 bytes"),
	FIELD(P, site, UNIT_NONE, 0, 0, 64, "only that site's programs: its name or key; default: all sites'"),
};
static const struct field metric_rows[] = {
	FIELD(P, name, UNIT_NONE, FIELD_REQUIRED, 1, 48, "what was measured: letters, digits, - _ and dots"),
	FIELD(P, value, UNIT_NONE, FIELD_REQUIRED, 0, 0, "the number"),
	FIELD(P, kind, UNIT_NONE, 0, 0, 16, "gauge or counter; default gauge"),
	FIELD(P, unit, UNIT_NONE, 0, 0, 16, "of the number"),
};
#define PARAM_ELSEWHERE                                                                \
	FIELD(P, site, UNIT_NONE, 0, 0, 64, "at that site, by its radios: its name or key; needs an admin of the network")
static const struct field send_rows[] = {
	FIELD(P, text, UNIT_NONE, FIELD_REQUIRED, 1, 4000, "what to say: at most 232 bytes, 220 to one node, 5 less for a reply"),
	FIELD(P, to, UNIT_NONE, 0, 0, 32, "only that node: its id; default: everybody on the channel"),
	FIELD(P, channel, UNIT_COUNT, 0, 0, 7, "the channel's index at the radio; default 0"),
	FIELD(P, reply, UNIT_NONE, 0, 0, 40, "the packet that this answers: its id"),
	FIELD(P, emoji, UNIT_NONE, 0, 0, 0, "the text is a reaction to that packet"),
	FIELD(P, radio, UNIT_NONE, 0, 0, 63, "over this radio; default: the first that may"),
	PARAM_ELSEWHERE,
};
static const struct field message_rows[] = { PARAM_ID, PARAM_ELSEWHERE };
static const struct field ask_rows[] = { PARAM_NODE,
	FIELD(P, what, UNIT_NONE, FIELD_REQUIRED, 1, 16, "trace (the way to it), position or telemetry"),
	FIELD(P, tell, UNIT_NONE, 0, 0, 0, "tell it our radio's own position (as exact as the channel shares) or telemetry, too"),
	FIELD(P, channel, UNIT_COUNT, 0, 0, 7, "the channel's index at the radio; default 0"),
	FIELD(P, radio, UNIT_NONE, 0, 0, 63, "over this radio; default: the first that may"),
	PARAM_ELSEWHERE,
};
static const struct field waypoint_rows[] = {
	FIELD(P, name, UNIT_NONE, 0, 0, 29, "its name"),
	FIELD(P, latitude, UNIT_NONE, 0, 0, 0, "degrees north, as 48.2"),
	FIELD(P, longitude, UNIT_NONE, 0, 0, 0, "degrees east, as -16.4"),
	FIELD(P, description, UNIT_NONE, 0, 0, 99, "more about it"),
	FIELD(P, icon, UNIT_NONE, 0, 0, 8, "one character for maps"),
	FIELD(P, expires, UNIT_NONE, 0, 0, 16, "how long it is shown, as 30m, 8h or 7d; default: until it is taken away"),
	FIELD(P, locked_to, UNIT_NONE, 0, 0, 32, "only this node may change it: its id; default: anybody"),
	FIELD(P, waypoint, UNIT_COUNT, 0, 0, UINT32_MAX, "change the waypoint of this number; default: a new one"),
	FIELD(P, remove, UNIT_NONE, 0, 0, 0, "take the one that `waypoint` numbers away"),
	FIELD(P, to, UNIT_NONE, 0, 0, 32, "only that node: its id; default: everybody on the channel"),
	FIELD(P, channel, UNIT_COUNT, 0, 0, 7, "the channel's index at the radio; default 0"),
	FIELD(P, radio, UNIT_NONE, 0, 0, 63, "over this radio; default: the first that may"),
	PARAM_ELSEWHERE,
};
static const struct field filter_rows[] = { PARAM_FILTER };
static const struct field invite_rows[] = {
	FIELD(P, uses, UNIT_COUNT, 0, 0, 100, "how many sites may join with it; default 1"),
	FIELD(P, expires, UNIT_NONE, 0, 0, 16, "how long it is good, as 30m, 24h or 7d; default 24h"),
};
static const struct field join_rows[] = {
	FIELD(P, token, UNIT_NONE, FIELD_REQUIRED, 1, 512, "what invite create printed"),
	FIELD(P, dry_run, UNIT_NONE, 0, 0, 0, "only say where it leads"),
};
/* The path names it, and a body need not say it again. */
#define PARAM_NAME FIELD(P, id, UNIT_NONE, 0, 1, 128, "which one: its name")
static const struct field release_rows[] = { PARAM_NAME,
	FIELD(P, duration, UNIT_NONE, 0, 0, 16, "for how long, up to 30m; 0s takes it back; default 1m"),
};
/* One datagram each way: a section at a time. */
#define PARAM_FAR FIELD(P, site, UNIT_NONE, 0, 0, 64, "of that site's radio, for an admin of the network, in parts that fit into a datagram: its name or key")
static const struct field config_rows[] = { PARAM_ID,
	FIELD(P, section, UNIT_NONE, 0, 0, 32, "only that section, or that group: config, modules, channels, texts, place"),
	PARAM_AFTER, PARAM_FAR,
};
static const struct field channel_rows[] = { PARAM_ID, PARAM_AFTER, PARAM_FAR };
static const struct field export_rows[] = { PARAM_NAME,
	FIELD(P, secrets, UNIT_NONE, 0, 0, 0, "with keys, passwords and PINs"),
};
static const struct field restore_rows[] = { PARAM_NAME,
	FIELD(P, settings, UNIT_NONE, FIELD_REQUIRED, 0, 0, "what it is to be, an object by section as config.get has them; null: as it is; absent in a section: its default"),
	FIELD(P, node, UNIT_NONE, 0, 0, 32, "the node whose settings they are: refused for another"),
	FIELD(P, dry_run, UNIT_NONE, 0, 0, 0, "only say what would change"),
	PARAM_FAR,
};
static const struct field rotate_rows[] = {
	FIELD(P, in, UNIT_NONE, 0, 0, 16, "when it is used from, as 30s, 10m or 1d; default 1m"),
};
#define PARAM_WHOLE                                                                    \
	FIELD(P, embeddings, UNIT_NONE, 0, 0, 0, "with their numbers, in hex")
#define PARAM_HASH                                                                     \
	FIELD(P, hash, UNIT_NONE, FIELD_REQUIRED, 2, 128, "the hash: 2 to 128 hex digits")
#define PARAM_SPAN                                                                     \
	FIELD(P, budget, UNIT_NONE, 0, 0, 24, "how long it may take: 500ms, 2s; default 500ms")
static const struct field entry_list_rows[] = {
	FIELD(P, type, UNIT_NONE, 0, 0, 32, "only entries of this type"),
	FIELD(P, site, UNIT_NONE, 0, 0, 64, "only this site's: its name or key"),
	PARAM_WHOLE, PARAM_FILTER, PARAM_AFTER, PARAM_LIMIT, PARAM_FROM, PARAM_TO,
	FIELD(P, everywhere, UNIT_NONE, 0, 0, 0, "also what is not kept here, asked of the sites that have it: at most 64 at a time"),
	FIELD(P, budget, UNIT_NONE, 0, 0, 24, "with everywhere: how long each page may take; default 500ms"),
};
#define OF_FILE "; with meshctl also a FILE (- is standard input) of 32-bit floats, a JSON array or .npy"
static const struct field entry_add_rows[] = { PARAM_HASH,
	FIELD(P, type, UNIT_NONE, FIELD_REQUIRED, 1, 32, "what sort of thing it is of: any word"),
	FIELD(P, embedding, UNIT_NONE, 0, 0, 0, "a list of up to 1000 numbers, or up to 4096 as hex of little-endian bytes" OF_FILE),
	FIELD(P, dtype, UNIT_NONE, 0, 0, 4, "f32, f16 or i8: how the embedding is written; default f32"),
	FIELD(P, scale, UNIT_NONE, 0, 0, 0, "i8: what a byte is multiplied by; default 1"),
	FIELD(P, meta, UNIT_NONE, 0, 0, 0, "a JSON object; its confidence orders what several sites say"),
	FIELD(P, ttl, UNIT_NONE, 0, 0, 24, "how long it lives: 90s, 12h, 30d; default: until removed"),
};
#define PARAM_LOCAL FIELD(P, local, UNIT_NONE, 0, 0, 0, "only what this site holds")
static const struct field entry_search_rows[] = {
	FIELD(P, like, UNIT_NONE, 0, 0, 0, "nearest to this embedding: a list of up to 1000 numbers, or hex" OF_FILE),
	FIELD(P, dtype, UNIT_NONE, 0, 0, 4, "f32, f16 or i8: how `like` is written; default f32"),
	FIELD(P, hash, UNIT_NONE, 0, 2, 128, "only what is said of this hash; not with `like`"),
	FIELD(P, type, UNIT_NONE, 0, 0, 32, "only entries of this type"),
	FIELD(P, site, UNIT_NONE, 0, 0, 64, "only this site's: its name or key"),
	PARAM_FILTER,
	FIELD(P, top, UNIT_NONE, 0, 0, 0, "so many of the best, 1 to 64; default 10"),
	FIELD(P, threshold, UNIT_NONE, 0, 0, 0, "only what scores so much, -1 to 1; default: whatever it is"),
	PARAM_SPAN, PARAM_LOCAL,
	FIELD(P, programs, UNIT_NONE, 0, 0, 0, "ask all sites, for what programs there know"),
	FIELD(P, ref, UNIT_NONE, 0, 0, 64, "what each site finds is told at once to events of topic search, with this word"),
};
static const struct field entry_get_rows[] = { PARAM_ID, PARAM_WHOLE, PARAM_SPAN, PARAM_LOCAL };
static const struct field level_rows[] = {
	FIELD(P, level, UNIT_NONE, FIELD_REQUIRED, 1, 16, "error, warning, info or debug"),
	FIELD(P, module, UNIT_NONE, 0, 0, 32, "only this room's; default: all"),
};
#define PARAMS(name, rows) static const struct field_table name = { "params", rows, \
	LENGTH(rows), sizeof(struct op_params), FIELD_NO_HAS, false }
static const struct field_table no_params = { "params", id_rows, 0,
	sizeof(struct op_params), FIELD_NO_HAS, false };
PARAMS(id_params, id_rows);
PARAMS(node_params, node_rows);
PARAMS(block_params, block_rows);
PARAMS(page_params, page_rows);
PARAMS(time_params, time_rows);
PARAMS(peer_params, peer_rows);
PARAMS(state_params, state_rows);
PARAMS(state_get_params, state_get_rows);
PARAMS(state_set_params, state_set_rows);
PARAMS(state_remove_params, state_remove_rows);
PARAMS(raise_params, raise_rows);
PARAMS(entry_list_params, entry_list_rows);
PARAMS(entry_add_params, entry_add_rows);
PARAMS(entry_search_params, entry_search_rows);
PARAMS(entry_get_params, entry_get_rows);
PARAMS(level_params, level_rows);
PARAMS(publish_params, publish_rows);
PARAMS(metric_params, metric_rows);
PARAMS(send_params, send_rows);
PARAMS(message_params, message_rows);
PARAMS(ask_params, ask_rows);
PARAMS(waypoint_params, waypoint_rows);
PARAMS(filter_params, filter_rows);
PARAMS(invite_params, invite_rows);
PARAMS(join_params, join_rows);
PARAMS(release_params, release_rows);
PARAMS(config_params, config_rows);
PARAMS(channel_params, channel_rows);
PARAMS(export_params, export_rows);
PARAMS(restore_params, restore_rows);
PARAMS(rotate_params, rotate_rows);

const struct op op_table[OP_COUNT] = {
	[OP_STATUS] = { "status", OP_GET, "/status", ROLE_VIEWER, OP_OBJECT, "status", "",
	    &no_params, "This site at a glance: radios, peers, counts, store." },
	[OP_COUNTERS] = { "stats", OP_GET, "/counters", ROLE_VIEWER, OP_LIST, "counters", "",
	    &no_params, "Every counter by name, drops included." },
	[OP_LOG_LEVEL] = { "log.level", OP_POST, "/log/level", ROLE_OPERATOR, OP_OBJECT, "log", "level module",
	    &level_params, "What the daemon logs, until it restarts." },
	[OP_RADIO_LIST] = { "radio.list", OP_GET, "/radios", ROLE_VIEWER, OP_LIST, "radios", "",
	    &no_params, "The radios of this site." },
	[OP_RADIO_SHOW] = { "radio.show", OP_GET, "/radios/{id}", ROLE_VIEWER, OP_OBJECT, "radio", "id",
	    &id_params, "One radio of this site." },
	[OP_RADIO_RELEASE] = { "radio.release", OP_POST, "/radios/{id}/release", ROLE_OPERATOR, OP_OBJECT, "radio", "id",
	    &release_params, "Let go of a radio for a while, so that another program can have it." },
	[OP_RADIO_RECORD] = { "radio.record", OP_POST, "/radios/{id}/record", ROLE_OPERATOR, OP_LIST, "recording", "id",
	    &id_params, "What went over a radio's link since the last call, without keys, places and words." },
	[OP_RADIO_CHANNELS] = { "radio.channels", OP_GET, "/radios/{id}/channels", ROLE_VIEWER, OP_LIST, "channels", "id",
	    &channel_params, "The channels that a radio has the keys of.", false, true },
	[OP_RADIO_CONFIG_GET] = { "radio.config.get", OP_GET, "/radios/{id}/config", ROLE_VIEWER, OP_LIST, "radio_config", "section",
	    &config_params, "What a radio is set to, without its secrets.", false, true },
	[OP_RADIO_CONFIG_EXPORT] = { "radio.config.export", OP_POST, "/radios/{id}/config/export", ROLE_OPERATOR, OP_LIST, "radio_config", "",
	    &export_params, "The same to keep, with its secrets if that is said." },
	[OP_RADIO_CONFIG_RESTORE] = { "radio.config.restore", OP_POST, "/radios/{id}/config", ROLE_OPERATOR, OP_LIST, "radio_changes", "",
	    &restore_params, "Set a radio to what is given, where it differs; answers when the radio has taken all, which then starts anew.", false, true },
	[OP_PEER_LIST] = { "peer.list", OP_GET, "/peers", ROLE_VIEWER, OP_LIST, "peers", "",
	    &peer_params, "The other sites of this network." },
	[OP_PEER_SHOW] = { "peer.show", OP_GET, "/peers/{id}", ROLE_VIEWER, OP_OBJECT, "peer", "id",
	    &id_params, "One other site, by name or key." },
	[OP_PEER_PING] = { "peer.ping", OP_POST, "/peers/{id}/ping", ROLE_OPERATOR, OP_OBJECT, "ping", "id",
	    &id_params, "Whether a site answers, how fast, and over which others." },
	[OP_NETCHECK] = { "netcheck", OP_POST, "/netcheck", ROLE_OPERATOR, OP_OBJECT, "netcheck", "",
	    &no_params, "How this site is reached, and how it reaches the others." },
	[OP_NODE_LIST] = { "node.list", OP_GET, "/nodes", ROLE_VIEWER, OP_LIST, "nodes", "",
	    &page_params, "Radio nodes that any site has heard." },
	[OP_NODE_SHOW] = { "node.show", OP_GET, "/nodes/{id}", ROLE_VIEWER, OP_OBJECT, "node", "id",
	    &node_params, "One radio node." },
	[OP_NODE_ASK] = { "node.ask", OP_POST, "/nodes/{id}/ask", ROLE_OPERATOR, OP_OBJECT, "messages", "id what",
	    &ask_params, "Ask a node over the air for the way to it, its position or its telemetry.", false, true },
	[OP_PACKET_LIST] = { "packet.list", OP_GET, "/packets", ROLE_VIEWER, OP_LIST, "packets", "",
	    &time_params, "Radio packets, newest first, with every reception." },
	[OP_PACKET_SHOW] = { "packet.show", OP_GET, "/packets/{id}", ROLE_VIEWER, OP_OBJECT, "packet", "id",
	    &id_params, "One radio packet." },
	[OP_MESSAGE_LIST] = { "msg.list", OP_GET, "/messages", ROLE_VIEWER, OP_LIST, "messages", "",
	    &time_params, "Texts that were heard and what this site sent, with what became of it, newest first; meshctl prints the newest last." },
	[OP_MESSAGE_SEND] = { "msg.send", OP_POST, "/messages", ROLE_OPERATOR, OP_OBJECT, "messages", "text",
	    &send_params, "Send a text over a radio; answers when it waits at the gate.", false, true },
	[OP_MESSAGE_SHOW] = { "msg.show", OP_GET, "/messages/{id}", ROLE_VIEWER, OP_OBJECT, "messages", "id",
	    &message_params, "One message that a site was asked to send, by its request number, or a text by its packet id.", false, true },
	[OP_WAYPOINT_SEND] = { "msg.waypoint", OP_POST, "/waypoints", ROLE_OPERATOR, OP_OBJECT, "messages", "name latitude longitude",
	    &waypoint_params, "Send a waypoint over a radio, change it or take it away; answers when it waits at the gate.", false, true },
	[OP_STATE_LIST] = { "state.list", OP_GET, "/state", ROLE_VIEWER, OP_LIST, "state", "site",
	    &state_params, "What sites tell about themselves." },
	[OP_STATE_GET] = { "state.get", OP_GET, "/state/value", ROLE_VIEWER, OP_OBJECT, "state", "key site",
	    &state_get_params, "One value of a site." },
	[OP_STATE_SET] = { "state.set", OP_POST, "/state", ROLE_OPERATOR, OP_OBJECT, "state", "key value",
	    &state_set_params, "Set one of our own values; answers once stored." },
	[OP_STATE_REMOVE] = { "state.remove", OP_DELETE, "/state", ROLE_OPERATOR, OP_OBJECT, "state", "key",
	    &state_remove_params, "Take one of our own values away; answers once stored." },
	[OP_ALERT_LIST] = { "alert.list", OP_GET, "/alerts", ROLE_VIEWER, OP_LIST, "alerts", "",
	    &time_params, "Alerts of all sites, newest first." },
	[OP_ALERT_SHOW] = { "alert.show", OP_GET, "/alerts/{id}", ROLE_VIEWER, OP_OBJECT, "alert", "id",
	    &id_params, "One alert." },
	[OP_ALERT_RAISE] = { "alert.raise", OP_POST, "/alerts", ROLE_OPERATOR, OP_OBJECT, "alert", "kind text",
	    &raise_params, "Raise an alert everywhere; answers once stored." },
	[OP_HOLDING_LIST] = { "holding.list", OP_GET, "/holdings", ROLE_VIEWER, OP_LIST, "holdings", "",
	    &no_params, "Where each site's logs end here." },
	[OP_ENTRY_LIST] = { "registry.list", OP_GET, "/registry", ROLE_VIEWER, OP_LIST, "registry", "",
	    &entry_list_params, "What this site keeps of the registry, by hash." },
	[OP_ENTRY_ADD] = { "registry.add", OP_POST, "/registry", ROLE_OPERATOR, OP_OBJECT, "registry", "hash",
	    &entry_add_params, "Enter a hash, or change our entry of it; answers once stored." },
	[OP_ENTRY_SEARCH] = { "registry.search", OP_GET, "/registry/search", ROLE_VIEWER, OP_LIST, "hits", "",
	    &entry_search_params, "Entries by what they are like or say, here and at other sites.", true, false, true },
	[OP_ENTRY_GET] = { "registry.get", OP_GET, "/registry/{id}", ROLE_VIEWER, OP_LIST, "registry", "id",
	    &entry_get_params, "What all sites say of one hash, here and elsewhere." },
	[OP_ENTRY_REMOVE] = { "registry.remove", OP_DELETE, "/registry/{id}", ROLE_OPERATOR, OP_OBJECT, "registry", "id",
	    &id_params, "Take our own entry of a hash away; answers once stored." },
	[OP_INVITE_CREATE] = { "invite.create", OP_POST, "/invites", ROLE_OPERATOR, OP_OBJECT, "invite", "",
	    &invite_params, "A token that lets another site join; answers once stored." },
	[OP_INVITE_LIST] = { "invite.list", OP_GET, "/invites", ROLE_VIEWER, OP_LIST, "invites", "",
	    &no_params, "Invitations of all sites, without their tokens." },
	[OP_INVITE_REVOKE] = { "invite.revoke", OP_DELETE, "/invites/{id}", ROLE_OPERATOR, OP_OBJECT, "decision", "id",
	    &id_params, "Nobody joins with it any more; who did stays." },
	[OP_JOIN] = { "join", OP_POST, "/join", ROLE_OPERATOR, OP_OBJECT, "move", "token",
	    &join_params, "Move this site to the network that a token leads to." },
	[OP_LEAVE] = { "leave", OP_POST, "/leave", ROLE_OPERATOR, OP_OBJECT, "move", "",
	    &no_params, "Move this site to a network of its own." },
	[OP_PEER_ALLOW] = { "peer.allow", OP_POST, "/peers/{id}/allow", ROLE_OPERATOR, OP_OBJECT, "decision", "id",
	    &id_params, "Put a site on the allow-list, by name or key." },
	[OP_PEER_BLOCK] = { "peer.block", OP_POST, "/peers/{id}/block", ROLE_OPERATOR, OP_OBJECT, "decision", "id",
	    &block_params, "Put a site out: by an admin everywhere, else here." },
	[OP_PEER_UNBLOCK] = { "peer.unblock", OP_POST, "/peers/{id}/unblock", ROLE_OPERATOR, OP_OBJECT, "decision", "id",
	    &id_params, "Take a block back." },
	[OP_PEER_PROMOTE] = { "peer.promote", OP_POST, "/peers/{id}/promote", ROLE_OPERATOR, OP_OBJECT, "decision", "id",
	    &id_params, "Make a site an admin of the network." },
	[OP_PEER_DEMOTE] = { "peer.demote", OP_POST, "/peers/{id}/demote", ROLE_OPERATOR, OP_OBJECT, "decision", "id",
	    &id_params, "Take that back." },
	[OP_PEER_REMOVE] = { "peer.remove", OP_DELETE, "/peers/{id}", ROLE_OPERATOR, OP_OBJECT, "decision", "id",
	    &id_params, "Forget a site that is gone, and its claim to its name, here." },
	[OP_KEY_SHOW] = { "key.show", OP_GET, "/key", ROLE_VIEWER, OP_OBJECT, "key", "",
	    &no_params, "This site's public key, and which network it is in." },
	[OP_KEY_ROTATE] = { "key.rotate", OP_POST, "/key/rotate", ROLE_OPERATOR, OP_OBJECT, "rotation", "",
	    &rotate_params, "A new network key for all sites; needs an admin." },
	[OP_APP_PUBLISH] = { "app.publish", OP_POST, "/posts", ROLE_OPERATOR, OP_OBJECT, "post", "topic data",
	    &publish_params, "Tell programs at other sites; who listens now hears it, nobody keeps it." },
	[OP_METRIC_LIST] = { "metric.list", OP_GET, "/metrics", ROLE_VIEWER, OP_LIST, "samples", "",
	    &filter_params, "What all sites and their programs measured last, since this site's start." },
	[OP_METRIC_ADD] = { "metric.add", OP_POST, "/metrics", ROLE_OPERATOR, OP_OBJECT, "samples", "name value",
	    &metric_params, "Write a sample for all sites; answers once stored." },
};
/* clang-format on */

const struct op *
op_find(struct text_view name)
{
	for (size_t i = 0; i < OP_COUNT; i++)
		if (text_is(name, op_table[i].name))
			return &op_table[i];
	return NULL;
}

static bool
is_required(const struct op *op, struct text_view place)
{
	const struct field *f = field_find(op->params, place);
	return f != NULL && (f->flags & FIELD_REQUIRED) != 0;
}

void
op_put_places(const struct op *op, struct bytes_out *out)
{
	for (const char *at = op->places; *at != '\0';) {
		struct text_view place = { at, strcspn(at, " ") };
		bool required = is_required(op, place);
		text_put(out, at == op->places ? "" : " ");
		text_put(out, required ? "" : "[");
		bytes_put(out, place.ptr, place.len);
		text_put(out, required ? "" : "]");
		at += place.len + (at[place.len] == ' ');
	}
}

/* Does `path` fit the row's?  {id} is one part of it. */
static bool
fits(const char *pattern, struct text_view path, struct text_view *id)
{
	size_t fixed = 0;
	while (pattern[fixed] != '\0' && pattern[fixed] != '{')
		fixed++;
	*id = (struct text_view){ 0 };
	if (pattern[fixed] == '\0')
		return text_is(path, pattern);
	if (path.len <= fixed || memcmp(path.ptr, pattern, fixed) != 0)
		return false;
	const char *after = strchr(pattern, '}') + 1;
	size_t tail = strlen(after);
	if (path.len < fixed + tail ||
	    memcmp(path.ptr + path.len - tail, after, tail) != 0)
		return false;
	*id = (struct text_view){ path.ptr + fixed, path.len - fixed - tail };
	bool whole = tail == 0 || id->len > 0;
	return whole && memchr(id->ptr, '/', id->len) == NULL;
}

const struct op *
op_route(
    enum op_method method, struct text_view path, struct text_view *id, bool *known)
{
	*known = false;
	for (size_t i = 0; i < OP_COUNT; i++) {
		if (!fits(op_table[i].path, path, id))
			continue;
		*known = true;
		bool posted = op_table[i].posts && method == OP_POST;
		if (op_table[i].method == method || posted)
			return &op_table[i];
	}
	*id = (struct text_view){ 0 };
	return NULL;
}
