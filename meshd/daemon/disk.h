/* disk.h - the store fails, and heals: the log, and an alert to all if the disk is
 * full.
 *
 * Last words need room: reserve.h holds it back.  It is given up when the disk is full,
 * so that the next attempt of the store succeeds; `store.full` fires then, as a record
 * like any other, and is resolved when the room is held again.  Floor 10. */
#ifndef DAEMON_DISK_H
#define DAEMON_DISK_H
#include "daemon_inside.h"

void disk_start(struct daemon *d); /* before the store is opened */
void disk_tell(struct daemon *d);  /* each turn */
#endif
