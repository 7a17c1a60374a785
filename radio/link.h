/* link.h - a byte pipe to a radio: serial port, TCP, or a multicast group.
 *
 * A serial port is locked (flock) and exclusive while it is open.  Device "auto" is the
 * first of the USB ports with a known board (usb_ids) that nobody has locked, beginning
 * with number `attempt`; "auto:WORD" the same of those whose maker, model or serial
 * number contains the word.
 * Non-blocking; the daemon watches the descriptor.  Floor 1.  Edge: the only place in
 * radio/ with file descriptors. */
#ifndef RADIO_LINK_H
#define RADIO_LINK_H
#include "types.h"

/* Speeds of a serial port that systems have a name for. */
/* clang-format off */
#define LINK_SPEEDS(X) \
	X(1200) X(2400) X(4800) X(9600) X(19200) X(38400) X(57600) X(115200) X(230400) \
	X(460800) X(921600) X(1000000) X(1500000) X(2000000) X(3000000)
/* clang-format on */

enum link_socket_options { LINK_OPTIONS_PLAIN, LINK_OPTIONS_NONE };
enum link_line { LINK_LINE_BOARD, LINK_LINE_OFF, LINK_LINE_ON };
struct link_params {             /* texts borrowed for `open` */
	struct text_view device; /* "/dev/ttyUSB0", "auto", "udp:eth0" */
	struct text_view host;   /* numeric address; resolved by the caller */
	uint16_t port;
	uint32_t baud;           /* of LINK_SPEEDS; 0: as the board needs */
	enum link_line dtr, rts; /* BOARD: as the board needs */
	uint32_t listen_ms;      /* before the first byte is written: is it a radio? */
	uint32_t attempt;        /* device "auto": how many were no radio before */
	const char *sys;         /* where sysfs is; NULL: /sys */
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
	/* Which device it is, when its name left that open; NULL: as it is named. */
	const char *(*path)(const struct link *l);
};
extern const struct link_ops link_serial, link_tcp, link_multicast;
#endif
