/* notify.h - tells systemd how we are, by one datagram to NOTIFY_SOCKET; nothing
 * happens where there is none.  Floor 6.  Edge. */
#ifndef HOST_NOTIFY_H
#define HOST_NOTIFY_H
#include "types.h"

/* "READY=1\nSTATUS=2 radios".  `socket_path` is NOTIFY_SOCKET's value; NULL: nothing.
 */
void notify_send(const char *socket_path, const char *state);
#endif
