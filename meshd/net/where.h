/* where.h - addresses as the kernel wants them, and back.
 *
 * Floor 6.  Edge: where_from asks the kernel's routes. */
#ifndef NET_WHERE_H
#define NET_WHERE_H
#include "address.h"
#include <netinet/in.h>
#include <sys/socket.h>

union where {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};
/* `scope`: the interface of a link-local address or group.  Returns the length. */
socklen_t where_of(const uint8_t addr[static ADDRESS_BYTES], uint16_t port,
    unsigned scope, union where *out);
struct mesh_path where_path(const union where *w);
/* The source address that the kernel's routes give a destination; false: none. */
bool where_from(const struct mesh_path *to, uint8_t source[static ADDRESS_BYTES]);
#endif
