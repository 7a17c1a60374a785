/* ports.h - all radios of this site, as the [radio "NAME"] sections say.
 *
 * The options table of the section lives here, beside its reader.  The link kinds are
 * given by the caller (they are edge), so this links into the simulator.
 * Floor 7.  Pure. */
#ifndef PORTS_H
#define PORTS_H
#include "options.h"
#include "port.h"

enum { PORTS_MAX = 16 }; /* LIVE_RADIOS */
enum radio_driver_word { DRIVER_MESHTASTIC, DRIVER_SIM };
struct radio_section {  /* [radio "NAME"]; texts belong to the configuration */
	uint8_t driver; /* enum radio_driver_word */
	struct text_view device, host;
	uint32_t baud;               /* 0: the board's */
	uint8_t dtr, rts;            /* enum link_line */
	uint32_t heartbeat, silence; /* ms */
	bool tx, mqtt_proxy, admin, set_time;
	uint32_t priority;                /* higher sends first */
	struct text_view keys_file, keys; /* its content, from who read it */
	struct text_view called; /* the host's name, if it is one, from who looks it up;
				    equal to the host: it has no address yet */
	uint8_t socket_options;  /* enum link_socket_options */
	uint32_t sim_seed, sim_nodes, sim_interval;
	int32_t sim_x, sim_y; /* m */
};
extern const struct section radio_section;

struct ports;
struct ports_params {
	const struct link_ops *serial, *tcp, *multicast;
	uint64_t seed;               /* of jitter and nonces */
	struct meshd_counts *counts; /* borrowed until ports_free */
};
struct ports *ports_new(const struct ports_params *params); /* NULL: no memory */
void ports_free(struct ports *p);
/* Add a radio, or give an existing one a new section: it reconnects, unless all that
 * changed is how the host is spelled.  The host is numeric, in its one spelling, or has
 * no address yet (`called`). Everything is copied.  MESH_FULL: PORTS_MAX.
 * MESH_NOT_FOUND: this build has no such driver. MESH_MALFORMED: no name, a host
 * without a port number's syntax, nothing to open. */
MESH_MUST_CHECK enum mesh_err ports_put(struct ports *p, struct text_view name,
    const struct radio_section *section, struct mesh_now now);
bool ports_remove(struct ports *p, struct text_view name); /* false: no such radio */
size_t ports_count(const struct ports *p);
struct port *ports_at(struct ports *p, size_t index); /* NULL past the end */
const struct port *ports_see(const struct ports *p, size_t index);
struct port *ports_find(struct ports *p, struct text_view name);
/* One link per radio: of ports that would open the same one, or whose radios say that
 * they are the same node, the first has it.  Before each round of ticks. */
void ports_settle(struct ports *p, struct mesh_now now);
void ports_hurry(struct ports *p, struct mesh_now now); /* port_hurry of all */
void ports_tick(struct ports *p, struct mesh_now now);
mesh_time_ms ports_deadline(const struct ports *p);
/* "10.0.0.7", "10.0.0.7:4403", "[fe80::1]:4403", "radio.local:4403" -> host and port
 * (0: not given).  False: not of that form. */
bool ports_split_host(struct text_view text, struct text_view *host, uint16_t *port);
#endif
