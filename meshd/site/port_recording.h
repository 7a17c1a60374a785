/* port_recording.h - somebody records what goes over a radio's link.
 *
 * It begins when somebody asks for it and lasts as long as he fetches: without that, a
 * recording that was forgotten ends by itself.  Floor 7.  Pure. */
#ifndef PORT_RECORDING_H
#define PORT_RECORDING_H
#include "recorder.h"

enum { PORT_RECORDING_MS = 15000 }; /* nobody fetched: it ends */
struct port_recording {
	struct recorder *recorder; /* owned; NULL: nobody records */
	mesh_time_ms asked_ms;
};
/* It begins or goes on.  False: no memory. */
MESH_MUST_CHECK bool port_recording_want(struct port_recording *r, mesh_time_ms now);
void port_recording_take(struct port_recording *r, bool from_client,
    struct bytes_view bytes, mesh_time_ms now);
void port_recording_link_ended(struct port_recording *r, mesh_time_ms now);
void port_recording_tick(struct port_recording *r, mesh_time_ms now);
void port_recording_stop(struct port_recording *r);
#endif
