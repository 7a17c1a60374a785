/* port_stats.h - how the connection to a radio does: where, how fast, why it ended.
 *
 * Floor 7.  Pure. */
#ifndef PORT_STATS_H
#define PORT_STATS_H
#include "link.h"
#include "radio.h"
#include "status.h"

enum { PORT_ADDRESS = 136 };
struct port_stats { /* zero plus port_stats_at is valid */
	char address[PORT_ADDRESS];
	size_t address_len;
	struct radio_lost lost;
	struct radio_changes changes;
	uint64_t heartbeats, answered; /* as the driver counted them last */
	mesh_time_ms asked_ms;         /* when the last heartbeat left */
	uint32_t rtt_ms;
};
void port_stats_at(struct port_stats *s, const struct link_params *at);
/* After each input of the driver: has a heartbeat gone or come back? */
void port_stats_beat(struct port_stats *s, const struct radio_ops *driver,
    const struct radio *radio, struct mesh_now now);
/* The link stands: at "auto" its address is known only now. */
void port_stats_found(
    struct port_stats *s, const struct link_ops *kind, const struct link *link);
void port_stats_changed(struct port_stats *s, enum radio_change change);
struct radio_link port_stats_link(const struct port_stats *s,
    const struct radio_ops *driver, const struct radio *radio);
#endif
