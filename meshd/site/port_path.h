/* port_path.h - whether what we write still arrives.
 *
 * Radios before 2.7 answer no heartbeats, and a path that swallows everything takes the
 * system a quarter of an hour to give up.  But the system knows how much the other end
 * has acknowledged; when that does not move for as long as the radio may be silent, the
 * path is dead.  No socket option is needed for it.  Floor 7.  Pure. */
#ifndef PORT_PATH_H
#define PORT_PATH_H
#include "types.h"

struct port_path {
	uint32_t patience_ms;      /* silence, less what may pass before a heartbeat */
	uint64_t written, arrived; /* bytes of this link */
	mesh_time_ms since_ms;     /* since when `arrived` stands still; MESH_NEVER: all
				      arrived, as far as was looked */
};
struct port_path port_path_init(uint32_t silence_ms);
void port_path_anew(struct port_path *p); /* another link */
void port_path_wrote(struct port_path *p, uint64_t bytes, mesh_time_ms now);
/* When to look next. */
mesh_time_ms port_path_deadline(const struct port_path *p);
/* So many bytes have not been acknowledged: tell it at the deadline, and before each
 * write.  False at the deadline: the path is dead. */
bool port_path_look(struct port_path *p, uint64_t waiting, mesh_time_ms now);
#endif
