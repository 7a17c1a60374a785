/* app_leases.h - the subscriptions of local programs, and what they ask for.
 *
 * One to an address (app_lease.h).  An app that comes back under its name, topics and
 * filter finds its numbering again.
 *
 * Capacity: APP_LEASES; a new app takes the place of the lease that ended longest ago,
 * and is refused when all are live.  What people search for is not for everybody: who
 * subscribes to `search` is trusted or says the token.  Floor 9.  Pure: virtual time,
 * addresses are opaque. */
#ifndef APP_LEASES_H
#define APP_LEASES_H
#include "app_lease.h"
#include "app_token.h"
#include "hearsay.h"

enum { APP_LEASES = HEARSAY_PROGRAMS };
struct app_leases;

struct app_leases *app_leases_new(
    struct feed *feed, uint64_t boot); /* NULL: no memory */
void app_leases_free(struct app_leases *l);
/* Whom searches may be told, and who wants to know to whom they were: borrowed; NULL:
 * nobody. */
void app_leases_for_searches(struct app_leases *l,
    const char token[static APP_TOKEN + 1], struct hearsay *hearsay);
/* One request.  What is to be answered is written to `reply`; nothing: no answer. */
void app_leases_request(struct app_leases *l, const struct app_addr *from,
    struct bytes_view datagram, mesh_time_ms now, struct bytes_out *reply);
/* Does the lease of that address want msgpack?  Without one, what `from` says. */
bool app_leases_is_packed(
    const struct app_leases *l, const struct app_addr *from, mesh_time_ms now);
/* The number of that address's lease if it is subscribed to `search`, else -1. */
int app_leases_searches(
    const struct app_leases *l, const struct app_addr *from, mesh_time_ms now);
/* How many are. */
uint32_t app_leases_search_count(const struct app_leases *l, mesh_time_ms now);
/* The next datagram that is due: false when there is none.  Drain after every input. */
bool app_leases_next(struct app_leases *l, mesh_time_ms now, struct app_addr *to,
    struct bytes_out *datagram);
/* When app_leases_next has something to say even if the feed stands still. */
mesh_time_ms app_leases_deadline(const struct app_leases *l);

uint64_t app_leases_counter(const struct app_leases *l, size_t index);
void app_leases_count(struct app_leases *l, enum app_counter which); /* the socket's */
#endif
