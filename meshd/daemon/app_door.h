/* app_door.h - opens the door of local programs: its sockets, and the token for
 * actions.
 *
 * UDP on `alert.listen`, unless that is off, and RUN/apps.sock.  The token is new at
 * each start and stands in RUN/apps.token, 0600: who may read that may do what the
 * door's actions do.  Floor 10.  Edge. */
#ifndef APP_DOOR_H
#define APP_DOOR_H
#include "daemon_inside.h"

/* 0, or -errno with a complaint. */
int app_door_open(struct daemon *d, struct bytes_out *wrong);
void app_door_close(struct daemon *d);
#endif
