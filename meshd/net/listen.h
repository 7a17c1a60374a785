/* listen.h - listening sockets for the doors; a fault names address, port and option.
 *
 * Returns a non-blocking descriptor, or -errno and one sentence.  Floor 6.  Edge. */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H
#include "bytes.h"

struct listen_addr {
	uint32_t addr; /* host order */
	uint16_t port;
};
/* "127.0.0.1:4470", "127.0.0.1", ":4470".  False: not of that form. */
bool listen_parse(
    struct text_view text, uint16_t default_port, struct listen_addr *out);
/* "127.0.0.2:4470" -> "127.0.0.2", as a browser names it; empty: none is said. */
void listen_host(struct text_view text, char *to, size_t cap);
bool listen_is_loopback(const struct listen_addr *a);
/* `option` is named in the complaint: "web.listen". */
int listen_tcp(
    const struct listen_addr *a, const char *option, struct bytes_out *complaint);
int listen_udp(
    const struct listen_addr *a, const char *option, struct bytes_out *complaint);
/* A stream socket, mode 0660.  A socket file that nobody answers on is removed first.
 */
int listen_unix(const char *path, struct bytes_out *complaint);
/* The same for datagrams; each comes with who sent it (SCM_CREDENTIALS). */
int listen_unix_datagrams(const char *path, struct bytes_out *complaint);
#endif
