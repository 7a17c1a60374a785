/* outbox_world.h - the operations' fake world with an outbox and one simulated radio,
 * "roof". */
#ifndef OUTBOX_WORLD_H
#define OUTBOX_WORLD_H
#include "fake_world.h"
#include "outbox.h"

void outbox_world_start(bool tx);
#endif
