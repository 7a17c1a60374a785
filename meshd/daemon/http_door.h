/* http_door.h - opens the door of meshctl and of browsers: RUN/meshd.sock and, unless
 * that is off, TCP on `web.listen`.  Floor 10.  Edge. */
#ifndef HTTP_DOOR_H
#define HTTP_DOOR_H
#include "daemon_inside.h"

/* 0, or not 0 with a complaint. */
int http_door_open(struct daemon *d, struct bytes_out *wrong);
/* Who moves needs the socket's name again at once: it stays. */
void http_door_close(struct daemon *d);
#endif
