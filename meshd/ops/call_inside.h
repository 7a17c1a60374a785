/* call_inside.h - a call as the operations see it.
 *
 * An operation is `void f(struct call *)`: it reads `params`, then either answers at
 * once (call_object, call_list ..., call_finish), fails (call_fail), asks the store
 * (call_ask), or hands a draft to the mesh (call_append) with its answer already
 * written, which is released when the record is stored.  Answers are written into
 * chunks that only grow; pages of the store are chained, never copied.  Floor 8. */
#ifndef CALL_INSIDE_H
#define CALL_INSIDE_H
#include "arena.h"
#include "call.h"
#include "describe.h"
#include "intents.h"

enum {
	CALL_ARENA = 320 * 1024,
	CALL_CHUNK = 32 * 1024,
	CALL_ITEM = 8 * 1024,
	CALL_BUDGET = 1024 * 1024
};
enum { CALL_NUMBER_BITS = 40 }; /* the round stands above, in a question's token */
enum call_wait { CALL_RUNS, CALL_ASKED, CALL_APPENDED, CALL_TOLD, CALL_DONE };

struct call_chunk {
	struct call_chunk *next;
	struct store_page *page; /* owned; NULL: `bytes` follow the struct */
	struct bytes_view view;
};
struct call;
typedef void (*call_answered)(struct call *c, const struct mesh_event *e);
typedef void (*call_found)(struct call *c, const struct mesh_record *record);
/* An outcome of the store while a call works on several things; the page stays. */
typedef void (*call_paged)(struct call *c, const struct store_outcome *o);
struct call {
	struct calls *owner;
	const struct op_world *world;
	const struct op *op;
	enum op_shape shape; /* of the answer as we write it */
	struct op_params params;
	enum audience audience;
	char who[CALL_WHO];
	size_t who_len;
	bool abroad; /* another site asks: nothing of the store but what it may have */
	bool tells_early;
	struct bytes_out early; /* owned; ptr NULL: nothing was said yet */
	uint64_t number;        /* of the token; 0: slot is free */
	uint16_t round;         /* of its questions to the mesh: the last one's */
	bool hears_late;        /* also what still comes of earlier rounds */
	enum call_wait wait;
	mesh_time_ms deadline_ms;
	struct arena arena;
	struct call_chunk *first, *last;
	struct bytes_out out; /* free room of the last chunk */
	size_t content_from;  /* in the first chunk: behind when it was */
	size_t content_upto;  /* in the last: before how long it took; 0: all */
	struct json_out json;
	struct store_question question; /* ASKED: repeated page by page */
	uint32_t items;
	struct intent put;   /* ASKED whether its key is known; kind 0: not */
	const char *unknown; /* said before the id that the store has not; NULL: "no"
				and the noun */
	call_found found;    /* ASKED for a record of ours, not for a page */
	call_paged paged;    /* every outcome, while there is one */
	void (*refused)(
	    struct call *c, enum mesh_err err); /* its question was not asked */
	void (*ticked)(struct call *c); /* it is time; NULL: that is a failure */
	void (*polled)(struct call *c); /* at every tick, and then: */
	mesh_time_ms poll_ms;
	void (*closing)(struct call *c, struct json_out *j); /* after the items */
	void (*ended)(struct call *c); /* gives back what it kept */
	call_answered answered;        /* TOLD: each event, and the end */
	void *answers;                 /* what it keeps of them, in `arena` */
	struct call_part *parts;       /* owned */
	struct call_answer answer;
	uint8_t block[CALL_ARENA];
};

/* Text parameters -> op_params, checked.  False: the call has failed and says why. */
bool call_params_read(struct call *c, const struct call_request *q);

__attribute__((format(printf, 3, 4))) void call_fail(
    struct call *c, uint16_t status, const char *format, ...);
/* The same from an error that lower rooms gave. */
void call_fail_err(struct call *c, enum mesh_err err);

/* `{"schema":...,"generated_at":N` and, for lists, `,"items":[`. */
void call_open(struct call *c);
/* One object of a list, or the members of the one object. */
void call_item(struct call *c, const struct field_table *t, const void *object);
/* One item that is JSON already. */
void call_raw(struct call *c, struct text_view json);
/* What follows says how long it took, and the like: it makes no other answer of it. */
void call_content_ends(struct call *c);
/* Room for at least CALL_ITEM bytes at c->json, for what no table describes. */
struct json_out *call_json(struct call *c);
/* An object for who wants to hear what is known before the end. */
void call_say_early(struct call *c, const struct field_table *t, const void *object);
/* Close what call_open opened and end well. */
void call_finish(struct call *c);
/* Only close, with where a list goes on: the end is call_finish, or the record of
 * call_append. */
void call_close(struct call *c, struct text_view next);

/* The store's items as one raw piece of what is open; takes the page. */
void call_write_page(struct call *c, struct store_page *page);

/* Answer with what the store says, behind what was opened and written before, if
 * anything was: `q`'s page, after, limit and audience are filled in
 * from the parameters. */
void call_ask(struct call *c, const struct store_question *q);
/* Our own live PUT under `key`, which `found` sees; without one the call fails. */
void call_find(
    struct call *c, enum mesh_lane lane, struct bytes_view key, call_found found);
/* A parameter that is any JSON value, as a number.  False: absent, or none. */
bool call_number(struct tree_view bare, double *out);
/* Parse the filter parameter over `t`, into call_ask's question.  False: has failed. */
bool call_filter(struct call *c, const struct field_table *t, struct text_view text,
    struct store_question *q);
/* The filter that lets only `word` = `value` pass, beside what the caller wants. */
struct text_view call_narrow(
    struct call *c, struct text_view filter, const char *word, struct text_view value);
/* The same for the site that the parameter names, if it names one.  False: the call has
 * failed. */
bool call_of_site(struct call *c, struct text_view *filter);
/* The site that the parameter `site` names, as `peer list` calls it; lent for the call.
 * NULL: the call has failed. */
const struct mesh_key *call_site(struct call *c);
/* Append `body` to our log; the call ends when it is stored. */
void call_append(struct call *c, enum mesh_lane lane, uint16_t type,
    const struct field_table *t, const void *body);

/* The same for what makes sense in one epoch of our log alone. */
void call_append_in(struct call *c, uint64_t epoch, enum mesh_lane lane, uint16_t type,
    const struct field_table *t, const void *body);

/* Ask one site, or all with `to` NULL, whether and how they are reached; `answered`
 * sees what comes until it ends the call. */
void call_echo(struct call *c, const struct mesh_key *to, uint32_t budget_ms,
    call_answered answered);

/* Which of the call's questions it is of, from 1.  Of earlier ones than the last one
 * `answered` sees only what comes while the call hears_late. */
uint16_t call_round_of(const struct mesh_event *e);
/* Ask all sites a question; `answered` sees what comes, `refused` that nothing will. */
void call_question(
    struct call *c, struct bytes_view body, uint32_t budget_ms, call_answered answered);

/* If the parameter `site` names another one and the row allows it: have it done there.
 * False: it is ours to do. */
bool call_remote(struct call *c);
/* Ask one site a question; `answered` sees what comes until it ends the call. */
void call_order(struct call *c, const struct mesh_key *site, struct bytes_view body,
    uint32_t budget_ms, call_answered answered);
/* Both; false: it cannot be put, and the call is as it was. */
bool call_try_order(struct call *c, const struct mesh_key *site, struct bytes_view body,
    uint32_t budget_ms, call_answered answered);
bool call_try_question(
    struct call *c, struct bytes_view body, uint32_t budget_ms, call_answered answered);

/* Tell one site's programs, or with `to` NULL all sites'; the answer is written
 * already, the call ends when the mesh has taken it. */
void call_tell(struct call *c, const struct mesh_key *to, struct bytes_view body);

/* Decide something about who belongs, with an answer that is written already; the call
 * ends when that holds, here or everywhere. */
void call_decree(struct call *c, const struct mesh_decree *d);
/* INTENT_JOIN or INTENT_MOVE; `answered` sees how it went.  At most `budget_ms`. */
void call_move(struct call *c, enum intent_kind kind, struct bytes_view body,
    uint32_t budget_ms, call_answered answered);

#define CALL_OPERATIONS(X)                                                             \
	X(OP_STATUS, ops_status)                                                       \
	X(OP_COUNTERS, ops_counters)                                                   \
	X(OP_LOG_LEVEL, ops_log_level)                                                 \
	X(OP_RADIO_LIST, ops_radio_list)                                               \
	X(OP_RADIO_RECORD, ops_radio_record)                                           \
	X(OP_RADIO_CHANNELS, ops_radio_channels)                                       \
	X(OP_RADIO_CONFIG_GET, ops_radio_config_get)                                   \
	X(OP_RADIO_CONFIG_EXPORT, ops_radio_config_export)                             \
	X(OP_RADIO_CONFIG_RESTORE, ops_radio_config_restore)                           \
	X(OP_RADIO_SHOW, ops_radio_show)                                               \
	X(OP_RADIO_RELEASE, ops_radio_release)                                         \
	X(OP_PEER_LIST, ops_peer_list)                                                 \
	X(OP_PEER_SHOW, ops_peer_show)                                                 \
	X(OP_PEER_PING, ops_peer_ping)                                                 \
	X(OP_NETCHECK, ops_netcheck)                                                   \
	X(OP_NODE_LIST, ops_node_list)                                                 \
	X(OP_NODE_SHOW, ops_node_show)                                                 \
	X(OP_NODE_ASK, ops_node_ask)                                                   \
	X(OP_PACKET_LIST, ops_packet_list)                                             \
	X(OP_PACKET_SHOW, ops_packet_show)                                             \
	X(OP_MESSAGE_LIST, ops_message_list)                                           \
	X(OP_MESSAGE_SEND, ops_message_send)                                           \
	X(OP_MESSAGE_SHOW, ops_message_show)                                           \
	X(OP_WAYPOINT_SEND, ops_waypoint_send)                                         \
	X(OP_STATE_LIST, ops_state_list)                                               \
	X(OP_STATE_GET, ops_state_get)                                                 \
	X(OP_STATE_SET, ops_state_set)                                                 \
	X(OP_STATE_REMOVE, ops_state_remove)                                           \
	X(OP_ALERT_LIST, ops_alert_list)                                               \
	X(OP_ALERT_SHOW, ops_alert_show)                                               \
	X(OP_ALERT_RAISE, ops_alert_raise)                                             \
	X(OP_HOLDING_LIST, ops_holding_list)                                           \
	X(OP_ENTRY_LIST, ops_entry_list)                                               \
	X(OP_ENTRY_ADD, ops_entry_add)                                                 \
	X(OP_ENTRY_SEARCH, ops_entry_search)                                           \
	X(OP_ENTRY_GET, ops_entry_get)                                                 \
	X(OP_ENTRY_REMOVE, ops_entry_remove)                                           \
	X(OP_INVITE_CREATE, ops_invite_create)                                         \
	X(OP_INVITE_LIST, ops_invite_list)                                             \
	X(OP_INVITE_REVOKE, ops_invite_revoke)                                         \
	X(OP_JOIN, ops_join)                                                           \
	X(OP_LEAVE, ops_leave)                                                         \
	X(OP_PEER_ALLOW, ops_peer_allow)                                               \
	X(OP_PEER_BLOCK, ops_peer_block)                                               \
	X(OP_PEER_UNBLOCK, ops_peer_unblock)                                           \
	X(OP_PEER_PROMOTE, ops_peer_promote)                                           \
	X(OP_PEER_DEMOTE, ops_peer_demote)                                             \
	X(OP_PEER_REMOVE, ops_peer_remove)                                             \
	X(OP_KEY_SHOW, ops_key_show)                                                   \
	X(OP_KEY_ROTATE, ops_key_rotate)                                               \
	X(OP_APP_PUBLISH, ops_app_publish)                                             \
	X(OP_METRIC_LIST, ops_metric_list)                                             \
	X(OP_METRIC_ADD, ops_metric_add)
#define CALL_DECLARE(number, function) void function(struct call *c);
CALL_OPERATIONS(CALL_DECLARE)
#undef CALL_DECLARE
#endif
