/* log_events.h - every event that meshd may log, by name: `noun.verbed`.
 *
 * One table: the enum here, names and docs in log_events.c, docs/EVENTS.md made from
 * it. The noun is the token by which `log.levels` and `meshctl log level` choose.
 * Floor 6. */
#ifndef LOG_EVENTS_H
#define LOG_EVENTS_H
#include "types.h"

/* clang-format off */
#define LOG_EVENTS(X)                                                                        \
	X(DAEMON_STARTED, "daemon.started", "meshd begins: version, process id, folders.")   \
	X(DAEMON_READY, "daemon.ready", "Everything is bound and open; took_ms since the start.") \
	X(DAEMON_STOPPING, "daemon.stopping", "A signal asked meshd to end, or it moves to another network; peers are told.") \
	X(DAEMON_STOPPED, "daemon.stopped", "The store is closed and the clean mark is written.") \
	X(DAEMON_FAILED, "daemon.failed", "meshd cannot go on; what says why.")              \
	X(CONFIG_LOADED, "config.loaded", "Where the configuration came from.")              \
	X(CONFIG_RELOADED, "config.reloaded", "A reload is in force; restart names what waits for one.") \
	X(CONFIG_REFUSED, "config.refused", "A reload had faults; the old configuration stays.") \
	X(IDENTITY_CREATED, "identity.created", "A new key pair was made for this site.")    \
	X(NETWORK_CREATED, "network.created", "A new network was founded; other sites join by invitation.") \
	X(NETWORK_MOVED, "network.moved", "This site is in another network now; left names the folder with what it knew before.") \
	X(CERTIFICATE_READ, "certificate.read", "What admits this site, and until when.") \
	X(CERTIFICATE_ENDS, "certificate.ends", "This site's certificate is about to end, or has ended; daily.") \
	X(CERTIFICATE_REFUSED, "certificate.refused", "This site's certificate does not hold: here, or at the site named.") \
	X(SITE_CLAIMED, "site.claimed", "A site claims the name that another one bore first; it is shown with its key.") \
	X(SITE_FORGOTTEN, "site.forgotten", "A site was removed here by an operator: its address and its claim to a name.") \
	X(FILE_PROTECTED, "file.protected", "A secret file was readable by others; its mode was set to 0600.") \
	X(MEMORY_SWAPPABLE, "memory.swappable", "The system lets too little memory be locked (RLIMIT_MEMLOCK): what may reach the swap.") \
	X(MESH_BOUND, "mesh.bound", "An address is bound for the mesh.")                     \
	X(MESH_UNBOUND, "mesh.unbound", "An address went away.")                             \
	X(MESH_REFUSED, "mesh.refused", "An address could not be bound; tried again.")       \
	X(MESH_NOTICED, "mesh.noticed", "The mesh core saw something a person should know.") \
	X(MESH_CROWDED, "mesh.crowded", "More sites show the network's key than are taken; the one named is refused.") \
	X(IDENTITY_CLONED, "identity.cloned", "Another machine runs with this site's key: nothing is written any more.") \
	X(LOG_FORKED, "log.forked", "Two records under one number: of this site, or of the one named.") \
	X(LOG_OVERFULL, "log.overfull", "A site keeps more in one of its lanes than a site may; nothing more of that lane is taken.") \
	X(LOG_RECOVERED, "log.recovered", "What others hold of this site is back here; numbers go on above it.") \
	X(LOG_RENEWED, "log.renewed", "This site's log goes on in a new epoch.") \
	X(SEED_RESOLVED, "seed.resolved", "A seed's name has an address.")                   \
	X(SEED_OWN, "seed.own", "A seed's name means this very site; not called.") \
	X(SEED_FAILED, "seed.failed", "A seed's name has no address now; asked again in a minute.") \
	X(PEER_CHANGED, "peer.changed", "A site is alive, suspect, dead or left.")           \
	X(RADIO_ADDED, "radio.added", "A radio of the configuration is in use.")             \
	X(RADIO_CHANGED, "radio.changed", "A radio is connecting, connected, waiting or failed.") \
	X(RADIO_RESTARTED, "radio.restarted", "A radio started anew, was wiped, or is another node than before; what says which.") \
	X(RADIO_ORDERED, "radio.ordered", "Somebody has a radio told, or asked, something about itself: who, and what by name, never by value.  order is the number that radio.answered has; denied says why nothing was told.  A question is told at debug.") \
	X(RADIO_ANSWERED, "radio.answered", "How an order to a radio ended: done, uncertain, or what the radio or its link had against it.") \
	X(RADIO_MISSING, "radio.missing", "No radio is configured; hint says how to name one.") \
	X(RADIO_REFUSED, "radio.refused", "A radio of the configuration cannot be used.")    \
	X(RADIO_KEYS_REFUSED, "radio.keys_refused", "A radio's keys file is not what it should be; the radio works without it.") \
	X(STORE_OPENED, "store.opened", "The database is open.")                             \
	X(STORE_LATE, "store.late", "The file for alerts beside the database cannot be had or read out: they are sent when they are committed.") \
	X(STORE_FAILED, "store.failed", "The database refuses writes; nothing new is promised.") \
	X(STORE_DAMAGED, "store.damaged", "Rows did not read back, were missing or are not what their site counts: asked for again.  Or rows of a view were not what the records say: folded again.") \
	X(STORE_HEALED, "store.healed", "The database takes writes again.")                  \
	X(WEB_LISTENING, "web.listening", "The page and the API can be reached.")            \
	X(WEB_COMPLAINED, "web.complained", "The HTTP library reports a fault.")             \
	X(APPS_LISTENING, "apps.listening", "Local programs can subscribe to alerts.")       \
	X(ALERT_RAISED, "alert.raised", "A rule of this site raised an alert.")              \
	X(LOG_LEVEL_CHANGED, "log.changed", "The log level was changed while running.")
/* clang-format on */
#define LOG_EVENT_ENUM(name, text, doc) EVENT_##name,
enum log_event { LOG_EVENTS(LOG_EVENT_ENUM) LOG_EVENT_COUNT };
#undef LOG_EVENT_ENUM

struct log_event_row {
	const char *name, *doc;
};
extern const struct log_event_row log_event_rows[LOG_EVENT_COUNT];
/* "peer" of "peer.changed". */
struct text_view log_event_noun(enum log_event event);
#endif
