/* caller.h - who is at the other end of a connection, for the log.
 *
 * Of the UNIX socket the system says so, as it was when the connection was made.  The
 * user's name is not looked up: that may take a network.  Floor 9.  Edge. */
#ifndef CALLER_H
#define CALLER_H
#include "bytes.h"
#include <microhttpd.h>

/* "uid 1000 pid 77"; of TCP: "tcp". */
void caller_put(struct MHD_Connection *connection, struct bytes_out *out);
#endif
