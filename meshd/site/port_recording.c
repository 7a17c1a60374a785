#include "port_recording.h"

bool
port_recording_want(struct port_recording *r, mesh_time_ms now)
{
	r->asked_ms = now;
	if (r->recorder == NULL)
		r->recorder = recorder_new(now);
	return r->recorder != NULL;
}

void
port_recording_take(struct port_recording *r, bool from_client, struct bytes_view bytes,
    mesh_time_ms now)
{
	if (r->recorder != NULL)
		recorder_take(r->recorder, from_client, bytes, now);
}

void
port_recording_link_ended(struct port_recording *r, mesh_time_ms now)
{
	if (r->recorder != NULL)
		recorder_end(r->recorder, now);
}

void
port_recording_tick(struct port_recording *r, mesh_time_ms now)
{
	if (r->recorder != NULL && now >= r->asked_ms + PORT_RECORDING_MS)
		port_recording_stop(r);
}

void
port_recording_stop(struct port_recording *r)
{
	recorder_free(r->recorder);
	r->recorder = NULL;
}
