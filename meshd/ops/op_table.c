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
#define PARAM_ID     FIELD(P, id, UNIT_NONE, FIELD_REQUIRED, 1, 128, "which one: its id, or a name where it has one")
#define PARAM_FILTER FIELD(P, filter, UNIT_NONE, 0, 0, 512, "only what the expression says")
#define PARAM_AFTER  FIELD(P, after, UNIT_NONE, 0, 0, 256, "go on after this: the last answer's next")
#define PARAM_LIMIT  FIELD(P, limit, UNIT_COUNT, 0, 0, OP_LIMIT_MAX, "at most so many items")
#define PARAM_FROM   FIELD(P, from_ms, UNIT_UNIX_MS, 0, 0, INT64_MAX, "nothing older")
#define PARAM_TO     FIELD(P, to_ms, UNIT_UNIX_MS, 0, 0, INT64_MAX, "nothing newer")

static const struct field id_rows[] = { PARAM_ID };
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
static const struct field state_set_rows[] = {
	FIELD(P, key, UNIT_NONE, FIELD_REQUIRED, 1, 64, "name of the value, kept as user/KEY"),
	FIELD(P, value, UNIT_NONE, FIELD_REQUIRED, 0, 0, "any JSON value"),
};
static const struct field raise_rows[] = {
	FIELD(P, kind, UNIT_NONE, FIELD_REQUIRED, 1, 64, "what happened: noun.word"),
	FIELD(P, text, UNIT_NONE, 0, 0, 400, "one sentence for people"),
	FIELD(P, severity, UNIT_NONE, 0, 0, 16, "info, warning, high or critical; default warning"),
	FIELD(P, state, UNIT_NONE, 0, 0, 16, "firing, resolved or info; default info"),
	FIELD_SUB(P, subject, &subject_table, 0, 0, 0, "whom or what it is about"),
	FIELD(P, data, UNIT_NONE, 0, 0, 0, "any named values"),
};
static const struct field level_rows[] = {
	FIELD(P, level, UNIT_NONE, FIELD_REQUIRED, 1, 16, "error, warning, info or debug"),
	FIELD(P, module, UNIT_NONE, 0, 0, 32, "only this room's; default: all"),
};
#define PARAMS(name, rows) static const struct field_table name = { "params", rows, \
	LENGTH(rows), sizeof(struct op_params), FIELD_NO_HAS, false }
static const struct field_table no_params = { "params", id_rows, 0,
	sizeof(struct op_params), FIELD_NO_HAS, false };
PARAMS(id_params, id_rows);
PARAMS(page_params, page_rows);
PARAMS(time_params, time_rows);
PARAMS(peer_params, peer_rows);
PARAMS(state_params, state_rows);
PARAMS(state_set_params, state_set_rows);
PARAMS(raise_params, raise_rows);
PARAMS(level_params, level_rows);

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
	    &id_params, "One radio node." },
	[OP_PACKET_LIST] = { "packet.list", OP_GET, "/packets", ROLE_VIEWER, OP_LIST, "packets", "",
	    &time_params, "Radio packets, newest first, with every reception." },
	[OP_PACKET_SHOW] = { "packet.show", OP_GET, "/packets/{id}", ROLE_VIEWER, OP_OBJECT, "packet", "id",
	    &id_params, "One radio packet." },
	[OP_STATE_LIST] = { "state.list", OP_GET, "/state", ROLE_VIEWER, OP_LIST, "state", "site",
	    &state_params, "What sites tell about themselves." },
	[OP_STATE_SET] = { "state.set", OP_POST, "/state", ROLE_OPERATOR, OP_OBJECT, "state", "key value",
	    &state_set_params, "Set one of our own values; answers once stored." },
	[OP_ALERT_LIST] = { "alert.list", OP_GET, "/alerts", ROLE_VIEWER, OP_LIST, "alerts", "",
	    &time_params, "Alerts of all sites, newest first." },
	[OP_ALERT_SHOW] = { "alert.show", OP_GET, "/alerts/{id}", ROLE_VIEWER, OP_OBJECT, "alert", "id",
	    &id_params, "One alert." },
	[OP_ALERT_RAISE] = { "alert.raise", OP_POST, "/alerts", ROLE_OPERATOR, OP_OBJECT, "alert", "kind text",
	    &raise_params, "Raise an alert everywhere; answers once stored." },
	[OP_HOLDING_LIST] = { "holding.list", OP_GET, "/holdings", ROLE_VIEWER, OP_LIST, "holdings", "",
	    &no_params, "Where each site's logs end here." },
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
		if (op_table[i].method == method)
			return &op_table[i];
	}
	*id = (struct text_view){ 0 };
	return NULL;
}
