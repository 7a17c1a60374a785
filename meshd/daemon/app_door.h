/* app_door.h - opens the door of local programs: its socket, and the token for actions.
 *
 * The token is new at each start and stands in RUN/apps.token, 0600: who may read that
 * may do what the door's actions do.  Floor 10.  Edge. */
#ifndef APP_DOOR_H
#define APP_DOOR_H
#include "daemon_inside.h"

/* 0, also when `alert.listen` is off, or -errno with a complaint. */
int app_door_open(struct daemon *d, struct bytes_out *wrong);
#endif
