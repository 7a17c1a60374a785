/* app_request.h - what a local program may say, one JSON object per datagram.
 *
 *   {"op":"sub","name":"doorbell","topics":["alert"],"filter":"severity>=high",
 *    "ttl":120,"since":41}
 *   {"op":"unsub"}   {"op":"ping"}   {"op":"ack","seq":42}
 *
 * Strict: an unknown member or word is an error that says so.  What looks like one of
 * our own replies is MESH_DENIED, so that two daemons never answer each other's errors.
 * Floor 9.  Pure. */
#ifndef APP_REQUEST_H
#define APP_REQUEST_H
#include "arena.h"
#include "fields.h"

enum app_op { APP_SUB, APP_UNSUB, APP_PING, APP_ACK };
enum { APP_REQUEST_BYTES = 2048, APP_REASON = 200, APP_CHANNELS = 4 };
struct app_request {
	uint64_t has;
	struct text_view op, name, filter, format, sid, token;
	struct tree_view topics; /* "alert" or ["alert","packet"] */
	uint32_t v, ttl;
	bool ack, late;
	uint64_t since, seq;
	enum app_op number; /* of `op`; not a row, nor is */
	unsigned wanted;    /* what `topics` names: bits of rows of topics.h */
	struct text_view channels[APP_CHANNELS]; /* of topics app.NAME */
	size_t channel_count;
};
enum {
	APP_ROW_OP,
	APP_ROW_V,
	APP_ROW_NAME,
	APP_ROW_TOPICS,
	APP_ROW_FILTER,
	APP_ROW_FORMAT,
	APP_ROW_TTL,
	APP_ROW_ACK,
	APP_ROW_SINCE,
	APP_ROW_SID,
	APP_ROW_SEQ,
	APP_ROW_TOKEN,
	APP_ROW_LATE
};
extern const struct field_table app_request_table;

/* Views are carved from `into` or point into `datagram`.  MESH_MALFORMED: `reason` says
 * why.  MESH_DENIED: do not answer this at all. */
MESH_MUST_CHECK enum mesh_err app_request_read(struct bytes_view datagram,
    struct arena *into, struct app_request *out, struct bytes_out *reason);
#endif
