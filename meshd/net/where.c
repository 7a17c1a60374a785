#include "where.h"
#include <arpa/inet.h>
#include <unistd.h>

socklen_t
where_of(const uint8_t addr[static ADDRESS_BYTES], uint16_t port, unsigned scope,
    union where *out)
{
	memset(out, 0, sizeof *out);
	if (address_is_v4(addr)) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		out->v4.sin_addr.s_addr = htonl(address_v4(addr));
		return sizeof out->v4;
	}
	out->v6.sin6_family = AF_INET6;
	out->v6.sin6_port = htons(port);
	memcpy(&out->v6.sin6_addr, addr, ADDRESS_BYTES);
	if (address_is_link_local(addr) || addr[0] == 0xff)
		out->v6.sin6_scope_id = scope;
	return sizeof out->v6;
}

struct mesh_path
where_path(const union where *w)
{
	if (w->any.sa_family == AF_INET)
		return address_path_v4(
		    ntohl(w->v4.sin_addr.s_addr), ntohs(w->v4.sin_port));
	return address_path(w->v6.sin6_addr.s6_addr, ntohs(w->v6.sin6_port));
}

bool
where_from(const struct mesh_path *to, uint8_t source[static ADDRESS_BYTES])
{
	union where w;
	socklen_t len = where_of(to->addr, address_port(to), 0, &w);
	int fd = socket(w.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool good = connect(fd, &w.any, len) == 0 && getsockname(fd, &w.any, &len) == 0;
	close(fd);
	if (good)
		memcpy(source, where_path(&w).addr, ADDRESS_BYTES);
	return good;
}
