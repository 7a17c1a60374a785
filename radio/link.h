/* link.h - a byte pipe to a radio: serial port, TCP, or a multicast group.
 * Non-blocking; the daemon watches the descriptor.  Floor 1.  Edge: the only place in
 * radio/ with file descriptors. */
#ifndef RADIO_LINK_H
#define RADIO_LINK_H
#include "types.h"

enum link_socket_options { LINK_OPTIONS_PLAIN, LINK_OPTIONS_NONE };
struct link_params {             /* texts borrowed for `open` */
	struct text_view device; /* "/dev/ttyUSB0", "udp:eth0" */
	struct text_view host;   /* numeric address; resolved by the caller */
	uint16_t port;
	uint32_t baud;
	bool dtr, rts;
	enum link_socket_options options;
};
struct link;
struct link_ops {
	const char *name; /* "serial", "tcp", "multicast" */
	/* 0 and a link that may still be connecting, or -errno. */
	int (*open)(struct link **out, const struct link_params *params);
	void (*close)(struct link *l);
	int (*fd)(const struct link *l);
	/* 1 when the link stands, 0 while connecting, -errno when it failed. */
	int (*finish)(struct link *l);
	/* Bytes moved, -EAGAIN, another -errno, 0 at the end of the stream (read). */
	int64_t (*read)(struct link *l, void *to, size_t cap);
	int64_t (*write)(struct link *l, const void *from, size_t len);
	/* Bytes written that the other end has not acknowledged; NULL: not known. */
	uint64_t (*waiting)(const struct link *l);
};
extern const struct link_ops link_serial, link_tcp, link_multicast;
#endif
