/* sim_asked.h - what the simulated radio is asked to send, and what a mesh would
 * answer.
 *
 * All answers are planned when a request comes, as the cell will hear it: accepted,
 * heard again from a neighbour, acknowledged or given up, and what the node says
 * itself.  Each is an event when its time has come.  Floor 3.  Pure. */
#ifndef RADIO_SIM_ASKED_H
#define RADIO_SIM_ASKED_H
#include "sim_radio.h"

/* As radio_ops.submit. */
enum mesh_err sim_asked_submit(
    struct radio *r, const struct radio_request *q, struct mesh_now now);
/* The answer whose time has come longest ago; false: none has. */
bool sim_asked_event(struct radio *r, struct radio_event *out);
unix_ms sim_asked_due(const struct sim_asked *a); /* INT64_MAX: nothing is planned */
void sim_asked_forget(struct sim_asked *a);       /* the link is gone */
#endif
