/* op.h - what can be asked of a site, said once: one row per question or action.
 *
 * HTTP routes, meshctl's commands, help and the apps' verbs are made from op_table[].
 * Rows and parameter tables are data without functions, in a target of their own
 * (meshoptable), so that meshctl links them without the daemon; the functions stand in
 * call.c under the same numbers.  A new question is a number, a row and a function in
 * ops_NOUN.c.  Floor 8.  Pure. */
#ifndef OP_H
#define OP_H
#include "fields.h"

enum op_number {
	OP_STATUS,
	OP_COUNTERS,
	OP_LOG_LEVEL,
	OP_RADIO_LIST,
	OP_RADIO_SHOW,
	OP_RADIO_RELEASE,
	OP_RADIO_RECORD,
	OP_RADIO_CHANNELS,
	OP_RADIO_CONFIG_GET,
	OP_RADIO_CONFIG_EXPORT,
	OP_RADIO_CONFIG_RESTORE,
	OP_PEER_LIST,
	OP_PEER_SHOW,
	OP_PEER_PING,
	OP_NETCHECK,
	OP_NODE_LIST,
	OP_NODE_SHOW,
	OP_NODE_ASK,
	OP_PACKET_LIST,
	OP_PACKET_SHOW,
	OP_MESSAGE_LIST,
	OP_MESSAGE_SEND,
	OP_MESSAGE_SHOW,
	OP_WAYPOINT_SEND,
	OP_STATE_LIST,
	OP_STATE_GET,
	OP_STATE_SET,
	OP_STATE_REMOVE,
	OP_ALERT_LIST,
	OP_ALERT_SHOW,
	OP_ALERT_RAISE,
	OP_HOLDING_LIST,
	OP_ENTRY_LIST,
	OP_ENTRY_ADD,
	OP_ENTRY_SEARCH,
	OP_ENTRY_GET,
	OP_ENTRY_REMOVE,
	OP_INVITE_CREATE,
	OP_INVITE_LIST,
	OP_INVITE_REVOKE,
	OP_JOIN,
	OP_LEAVE,
	OP_PEER_ALLOW,
	OP_PEER_BLOCK,
	OP_PEER_UNBLOCK,
	OP_PEER_PROMOTE,
	OP_PEER_DEMOTE,
	OP_PEER_REMOVE,
	OP_KEY_SHOW,
	OP_KEY_ROTATE,
	OP_APP_PUBLISH,
	OP_METRIC_LIST,
	OP_METRIC_ADD,
	OP_COUNT
};
enum op_method { OP_GET, OP_POST, OP_DELETE };
enum op_role { ROLE_VIEWER, ROLE_OPERATOR };
/* LIST: {"schema","generated_at","items":[...],"next"}.  OBJECT: the members beside
 * schema and generated_at. */
enum op_shape { OP_LIST, OP_OBJECT };

struct op_subject {
	struct text_view type, id, name;
}; /* whom an alert is about */
/* The parameters of every operation; a row's table names those it takes.  Absent texts
 * and trees have ptr NULL, absent numbers are 0. */
struct op_params {
	struct text_view id;     /* {id} of the path */
	struct text_view filter; /* ARCHITECTURE.md: Filter */
	struct text_view after;  /* the last answer's `next` */
	struct text_view site;   /* name, key, or 8 or more digits of it */
	struct text_view key, kind, severity, state, text, level, module;
	struct tree_view value, data, meta, embedding, like;
	struct tree_view top, threshold, scale; /* numbers: an absent one is no 0 */
	struct text_view hash, type, dtype, ttl;
	struct op_subject subject;
	unix_ms from_ms, to_ms;
	uint32_t limit;
	struct text_view token, expires, in, duration;
	uint32_t uses;
	struct text_view budget, ref, topic, name, unit;
	struct text_view to, reply, radio, what, section, node;
	struct tree_view latitude, longitude;
	struct text_view description, icon, locked_to;
	uint32_t waypoint;
	struct tree_view settings;
	uint32_t channel;
	bool emoji, tell, remove;
	bool strangers, dry_run, purge, embeddings, local, programs, secrets,
	    everywhere;
};
enum { OP_LIMIT = 500, OP_LIMIT_MAX = 5000 }; /* items of an answer: default, at most */

struct op {
	const char *name; /* "node.list"; in words: meshctl's command */
	enum op_method method;
	const char *path; /* "/nodes/{id}", below /api/v1 */
	enum op_role role;
	enum op_shape shape;
	const char *noun;   /* of the schema: "nodes" in meshd.nodes/1 */
	const char *places; /* parameters that meshctl takes by place: "key value" */
	const struct field_table *params;
	const char *help; /* one sentence */
	bool posts;  /* a GET that may also come as a POST: what it takes may be long */
	bool remote; /* its `site` names whose it is to be: remote.h */
	bool early;  /* some of the answer is known before its end: call_early */
};
extern const struct op op_table[OP_COUNT];
extern const char *const op_method_words[];   /* GET POST DELETE */
extern const char *const op_severity_words[]; /* info warning high critical NULL */

/* The parameters by place as usage shows them: "level [module]". */
void op_put_places(const struct op *op, struct bytes_out *out);
/* The row called `name`, or NULL. */
const struct op *op_find(struct text_view name);
/* The row whose path matches; `id` receives what stands for {id}.  NULL:
 * none, and `*known` says whether another method would have found one. */
const struct op *op_route(
    enum op_method method, struct text_view path, struct text_view *id, bool *known);
#endif
