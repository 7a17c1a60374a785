/* outbox_world.h - the operations' fake world with an outbox and one simulated radio,
 * "roof". */
#ifndef OUTBOX_WORLD_H
#define OUTBOX_WORLD_H
#include "fake_world.h"
#include "outbox.h"

void outbox_world_start(bool tx);
/* The disk has what was asked for last, or has not. */
void outbox_world_kept(enum mesh_err err);
/* fake_call, and the disk has what it asked for. */
struct call *outbox_world_call(enum op_number op, const char *id, const char *body);
#endif
