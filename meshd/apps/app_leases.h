/* app_leases.h - who wants alerts, what each has been sent, and what is due again.
 *
 * A lease is a subscription with an end; it belongs to a source address.  Alerts are
 * numbered per lease from 1, without gaps within one boot.  The lease remembers which
 * news each of its last APP_HISTORY numbers was, so `since` sends the same alerts under
 * the same numbers, and an app that comes back under its name and filter finds its
 * numbering again.
 *
 * Without `ack` an alert is sent once, at most APP_RATE in a second: what is over that
 * is skipped, keeps its number, and one `overflow` says how many.  With `ack` it is
 * sent again after 1, 2, 4, 8, 16 s; at most APP_PENDING wait at a time, nothing is
 * skipped.
 *
 * Capacity: APP_LEASES; a new app takes the place of the lease that ended longest ago,
 * and is refused when all are live.  Floor 9.  Pure: virtual time, addresses are
 * opaque. */
#ifndef APP_LEASES_H
#define APP_LEASES_H
#include "bytes.h"
#include "counters.h"
#include "feed.h"

enum {
	APP_LEASES = 64,
	APP_HISTORY = 256,
	APP_PENDING = 64,
	APP_RATE = 50, /* alerts a second without ack */
	APP_NAME = 48,
	APP_FILTER = 256,
	APP_TTL_S = 120
};

struct app_addr {
	uint8_t bytes[28];
	uint8_t len;
}; /* a sockaddr, not looked into */
struct app_leases;

struct app_leases *app_leases_new(
    struct feed *feed, uint64_t boot); /* NULL: no memory */
void app_leases_free(struct app_leases *l);
/* One request.  What is to be answered is written to `reply`; nothing: no answer. */
void app_leases_request(struct app_leases *l, const struct app_addr *from,
    struct bytes_view datagram, mesh_time_ms now, struct bytes_out *reply);
/* The next datagram that is due: false when there is none.  Drain after every input. */
bool app_leases_next(struct app_leases *l, mesh_time_ms now, struct app_addr *to,
    struct bytes_out *datagram);
/* When app_leases_next has something to say even if the feed stands still. */
mesh_time_ms app_leases_deadline(const struct app_leases *l);

#define APP_COUNTERS(X)                                                                \
	X(APPS_REQUESTS, "apps.requests", "datagrams",                                 \
	    "Requests from local programs.")                                           \
	X(APPS_BAD, "apps.dropped.bad", "datagrams",                                   \
	    "Requests that were not understood.")                                      \
	X(APPS_FULL, "apps.dropped.full", "datagrams",                                 \
	    "Subscriptions refused: no room.")                                         \
	X(APPS_TAKEN, "apps.taken", "datagrams", "Requests that were carried out.")    \
	X(APPS_SENT, "apps.sent", "alerts", "Alerts sent to local programs.")          \
	X(APPS_RESENT, "apps.resent", "alerts",                                        \
	    "Alerts sent again for want of an ack.")                                   \
	X(APPS_UNDELIVERED, "apps.undelivered", "alerts",                              \
	    "Alerts never acknowledged.")                                              \
	X(APPS_OVERFLOW, "apps.overflow", "alerts",                                    \
	    "Alerts skipped over the rate limit.")                                     \
	X(APPS_IGNORED, "apps.dropped.reply", "datagrams",                             \
	    "Requests that were replies: not answered.")                               \
	X(APPS_UNSENT, "apps.unsent", "datagrams",                                     \
	    "Datagrams that the system refused to send.")                              \
	X(APPS_DENIED, "apps.dropped.denied", "datagrams",                             \
	    "Actions without the token of this start.")                                \
	X(APPS_TOO_FAST, "apps.dropped.too_fast", "datagrams",                         \
	    "Actions over the rate of one program.")                                   \
	X(APPS_BUSY, "apps.dropped.busy", "datagrams",                                 \
	    "Actions refused: too many are under way.")                                \
	X(APPS_MISSED, "apps.missed", "alerts", "Alerts that left the ring unsent.")
enum app_counter { APP_COUNTERS(COUNTER_ENUM) APP_COUNTER_COUNT };
uint64_t app_leases_counter(const struct app_leases *l, size_t index);
void app_leases_count(struct app_leases *l, enum app_counter which); /* the socket's */
#endif
