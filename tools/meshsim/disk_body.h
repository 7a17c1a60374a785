/* disk_body.h - what the simulated disk reads in bodies of keyed lanes. */
#ifndef MESHSIM_DISK_BODY_H
#define MESHSIM_DISK_BODY_H
#include "shelf.h"

enum { DISK_DROP_RUNS = 64 };
void disk_body_read(const struct body *body, struct mesh_record *out);
/* Of a DROP; how many. */
size_t disk_body_runs(
    const struct body *body, struct mesh_run runs[static DISK_DROP_RUNS]);
/* Of a CHECKPOINT. */
uint64_t disk_body_floor(const struct body *body);
bool disk_body_settled(const struct body *body); /* its floor ends nothing it counts */
bool disk_body_agrees(const struct body *body, const struct mesh_live *live);
#endif
