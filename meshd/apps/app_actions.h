/* app_actions.h - what a local program may have done: an alert raised, a value set ...
 *
 *   {"op":"raise","token":"...","ref":7,"kind":"gate.open","text":"The gate is open"}
 *
 * An action is an operation of op_table under a shorter word, its members the
 * operation's parameters, so that checks, limits and complaints are the same through
 * every door.  It is answered when its record is stored, with the caller's `ref`.  It
 * needs this start's token, which stands in a file that only the socket's own user may
 * read (apps.token in the run folder): anybody on this machine reaches the port.  Who
 * comes by apps.sock needs none, the system says who it is.
 *
 * Capacity: APP_ACTIONS under way, of them APP_ACTIONS_OPEN of strangers, who may look
 * but not act; the newest is refused.  APP_ACTIONS_RATE a second
 * from one address, of the APP_ACTORS addresses heard last.  Floor 9.  Pure. */
#ifndef APP_ACTIONS_H
#define APP_ACTIONS_H
#include "app_leases.h"
#include "app_token.h"
#include "call.h"

enum {
	APP_ACTIONS = 16,
	APP_ACTIONS_OPEN = 8,
	APP_ACTIONS_RATE = 20,
	APP_ACTORS = 64,
	APP_ACTION_BYTES = 40 * 1024, /* of a request: an embedding in hex */
	APP_ANSWER_BYTES = 40 * 1024  /* of what `search` and `get` answer */
};
struct app_actions;
struct app_actions_params { /* borrowed until app_actions_free, the token copied */
	struct calls *calls;
	char token[APP_TOKEN + 1];
	uint64_t boot;
	struct hearsay *hearsay; /* NULL: no searches are told */
};
struct app_actions *app_actions_new(
    const struct app_actions_params *params); /* NULL: no memory */
void app_actions_free(struct app_actions *a); /* calls that run are cancelled */
/* A request that names an action: true, and `reply` says at once what is wrong, or
 * nothing.  `counts` is where it is counted.  False: it is none. */
bool app_actions_request(struct app_actions *a, struct app_leases *counts,
    const struct app_addr *from, struct bytes_view datagram, mesh_time_ms now,
    struct bytes_out *reply);
/* Was a search answered since the last question?  Who searches should look soon. */
bool app_actions_heard(struct app_actions *a);
/* The next answer to an action that is over; false: none is. */
bool app_actions_next(
    struct app_actions *a, struct app_addr *to, struct bytes_out *datagram);
#endif
