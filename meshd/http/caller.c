#ifndef _GNU_SOURCE
#	define _GNU_SOURCE /* struct ucred */
#endif
#include "caller.h"
#include "text.h"
#include <sys/socket.h>

void
caller_put(struct MHD_Connection *connection, struct bytes_out *out)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred who = { .pid = 0 };
	socklen_t len = sizeof who;
	if (info == NULL ||
	    getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 ||
	    who.pid == 0)
		text_put(out, "tcp");
	else
		text_printf(out, "uid %u pid %d", (unsigned)who.uid, (int)who.pid);
}
