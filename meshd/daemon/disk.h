/* disk.h - the store fails, and heals: the log, and an alert to all if the disk is
 * full.
 *
 * Last words need room: the store has some in its WAL which no other program can take
 * (store/wal_room.h), and our alerts may use it.  `store.full` fires as a record like
 * any other, and is resolved when there is room again, be it by the next run.
 * Floor 10. */
#ifndef DAEMON_DISK_H
#define DAEMON_DISK_H
#include "daemon_inside.h"

void disk_start(struct daemon *d); /* when the store is open */
void disk_tell(struct daemon *d);  /* each turn */
#endif
