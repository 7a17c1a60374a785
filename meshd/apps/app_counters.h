/* app_counters.h - what the door of local programs counts.  Floor 9.  Data. */
#ifndef APP_COUNTERS_H
#define APP_COUNTERS_H
#include "counters.h"

#define APP_COUNTERS(X)                                                                \
	X(APPS_REQUESTS, "apps.requests", "datagrams",                                 \
	    "Requests from local programs.")                                           \
	X(APPS_BAD, "apps.dropped.bad", "datagrams",                                   \
	    "Requests that were not understood.")                                      \
	X(APPS_FULL, "apps.dropped.full", "datagrams",                                 \
	    "Subscriptions refused: no room.")                                         \
	X(APPS_TAKEN, "apps.taken", "datagrams", "Requests that were carried out.")    \
	X(APPS_SENT, "apps.sent", "items",                                             \
	    "Alerts and other news sent to local programs.")                           \
	X(APPS_RESENT, "apps.resent", "items",                                         \
	    "The same, sent again for want of an ack.")                                \
	X(APPS_UNDELIVERED, "apps.undelivered", "items",                               \
	    "The same, never acknowledged.")                                           \
	X(APPS_OVERFLOW, "apps.overflow", "items",                                     \
	    "The same, skipped over the rate limit.")                                  \
	X(APPS_IGNORED, "apps.dropped.reply", "datagrams",                             \
	    "Requests that were replies: not answered.")                               \
	X(APPS_UNSENT, "apps.unsent", "datagrams",                                     \
	    "Datagrams that the system refused to send.")                              \
	X(APPS_DENIED, "apps.dropped.denied", "datagrams",                             \
	    "Actions without the token of this start.")                                \
	X(APPS_UNBOUND, "apps.dropped.unbound", "datagrams",                           \
	    "What could be told to nobody: the sender's socket has no address.")       \
	X(APPS_TOO_FAST, "apps.dropped.too_fast", "datagrams",                         \
	    "Actions over the rate of one program.")                                   \
	X(APPS_BUSY, "apps.dropped.busy", "datagrams",                                 \
	    "Actions refused: too many are under way.")                                \
	X(APPS_MISSED, "apps.missed", "items",                                         \
	    "The same, not kept until they could be sent.")
enum app_counter { APP_COUNTERS(COUNTER_ENUM) APP_COUNTER_COUNT };
#endif
