/* order.h - an operation that one site asks another to do, and what came of it.
 *
 * The question is the body of a QUERY to that site, the answer that of its REPLY; both
 * are one datagram.  A question is good for ORDER_FRESH_MS by the clocks of both sites,
 * and its nonce is taken once, so that nobody on the way can have it done again.
 * Floor 5.  Pure.  Source: PROTOCOL.md 8. */
#ifndef MODEL_ORDER_H
#define MODEL_ORDER_H
#include "meshproto.h"

enum { ORDER_KIND = 2, ORDER_FRESH_MS = 120000, ORDER_PARAMS_MAX = 900 };
enum { ORDER_JSON_MAX = 800 };
struct order {
	uint8_t kind;          /* ORDER_KIND; a search has another */
	struct text_view op;   /* "msg.send" */
	struct text_view json; /* its parameters, one object */
	unix_ms time_ms;
	uint64_t nonce;
};
struct order_done {
	uint16_t status;         /* as HTTP says it */
	struct text_view detail; /* what was wrong */
	struct text_view json;   /* 200: the members of the answer, one object */
};
extern const struct field_table order_table, order_done_table;
#endif
