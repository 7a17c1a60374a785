/* serial.c - a radio on a serial port or USB.
 *
 * Raw 8N1, for us alone, and without a reset of the board: HUPCL off, so that closing
 * does not drop DTR, and DTR and RTS as the board needs or the operator says, both in
 * one step, for a board is reset by the moment in which they differ.  Floor 1.  Edge.
 */
#include "link.h"
#include "usb_ids.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { PATH_BYTES = 256 };

/* Of a port that is not on USB, or with a board that nobody knows. */
static const struct usb_board any_board = { 0, 0, "any", true, true, 115200 };

struct link {
	int fd;
	char path[PATH_BYTES];
};

static const struct {
	uint32_t baud;
	speed_t speed;
} speeds[] = {
#define SPEED(n) { n, B##n },
	LINK_SPEEDS(SPEED)
#undef SPEED
};

static int
set_speed(struct termios *t, uint32_t baud)
{
	for (size_t i = 0; i < LENGTH(speeds); i++)
		if (speeds[i].baud == baud) {
			cfsetispeed(t, speeds[i].speed);
			cfsetospeed(t, speeds[i].speed);
			return 0;
		}
	return -EINVAL;
}

static int
make_raw(int fd, uint32_t baud)
{
	struct termios t;
	if (tcgetattr(fd, &t) != 0)
		return -errno;
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL | CREAD;
	t.c_cflag &= ~(tcflag_t)(HUPCL | CRTSCTS | CSTOPB | PARENB);
	t.c_cc[VMIN] = 1; /* so that 0 bytes mean unplugged, not merely quiet */
	t.c_cc[VTIME] = 0;
	int err = set_speed(&t, baud);
	if (err != 0)
		return err;
	return tcsetattr(fd, TCSANOW, &t) != 0 ? -errno : 0;
}

static bool
is_raised(enum link_line line, bool board)
{
	return line == LINK_LINE_BOARD ? board : line == LINK_LINE_ON;
}

static void
set_lines(int fd, const struct link_params *params, const struct usb_board *board)
{
	int lines = 0;
	if (ioctl(fd, TIOCMGET, &lines) != 0)
		return; /* a pty has none; that is no reason not to use it */
	lines &= ~(TIOCM_DTR | TIOCM_RTS);
	lines |= is_raised(params->dtr, board->dtr) ? TIOCM_DTR : 0;
	lines |= is_raised(params->rts, board->rts) ? TIOCM_RTS : 0;
	(void)ioctl(fd, TIOCMSET, &lines);
}

static int
prepare(int fd, const struct link_params *params)
{
	if (!isatty(fd))
		return -ENOTTY;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || ioctl(fd, TIOCEXCL) != 0)
		return -errno;
	const struct usb_board *board = usb_board_at(params->sys, fd);
	if (board == NULL)
		board = &any_board;
	int err = make_raw(fd, params->baud != 0 ? params->baud : board->baud);
	if (err != 0)
		return err;
	set_lines(fd, params, board);
	return tcflush(fd, TCIFLUSH) != 0 ? -errno : 0;
}

static int
open_path(const char *path, const struct link_params *params)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int err = prepare(fd, params);
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

/* After "auto:": some of what the port says of itself. */
static bool
is_meant(const struct usb_port *port, const char *word)
{
	return strstr(port->maker, word) != NULL || strstr(port->model, word) != NULL ||
	    strstr(port->serial, word) != NULL;
}

/* Who holds the lock of one is no reason to leave the others alone. */
static int
open_any(const char *word, const struct link_params *params, char *path)
{
	struct usb_port ports[USB_PORTS_MAX];
	size_t count = usb_ports(params->sys, ports, LENGTH(ports)), known = 0;
	int err = -ENODEV;
	for (size_t i = 0; i < count; i++)
		if (ports[i].board != NULL && is_meant(&ports[i], word))
			ports[known++] = ports[i];
	for (size_t i = 0; i < known; i++) {
		snprintf(
		    path, PATH_BYTES, "%s", ports[(params->attempt + i) % known].path);
		err = open_path(path, params);
		if (err >= 0)
			break;
	}
	return err;
}

/* What follows "auto" or "auto:"; NULL: it is a path. */
static const char *
auto_word(const char *device)
{
	static const char prefix[] = "auto";
	const char *rest = device + sizeof prefix - 1;
	if (strncmp(device, prefix, sizeof prefix - 1) != 0)
		return NULL;
	return *rest == '\0' ? rest : *rest == ':' ? rest + 1 : NULL;
}

static int
open_device(struct link **out, const struct link_params *params)
{
	char path[PATH_BYTES], found[PATH_BYTES] = "";
	if (params->device.len == 0 || params->device.len >= sizeof path)
		return -EINVAL;
	memcpy(path, params->device.ptr, params->device.len);
	path[params->device.len] = '\0';
	const char *word = auto_word(path);
	int fd = word != NULL ? open_any(word, params, found) : open_path(path, params);
	struct link *l = fd >= 0 ? calloc(1, sizeof *l) : NULL;
	if (l == NULL) {
		if (fd >= 0)
			close(fd);
		return fd < 0 ? fd : -ENOMEM;
	}
	l->fd = fd;
	memcpy(l->path, found, sizeof found);
	*out = l;
	return 0;
}

static void
close_device(struct link *l)
{
	/* Else the kernel waits up to 30 s for what a device that hangs does not take.
	 */
	(void)tcflush(l->fd, TCOFLUSH);
	close(l->fd);
	free(l);
}

static int
fd_of(const struct link *l)
{
	return l->fd;
}

static int
finish(struct link *l)
{
	(void)l;
	return 1; /* a device stands as soon as it is open */
}

static int64_t
read_some(struct link *l, void *to, size_t cap)
{
	ssize_t n = read(l->fd, to, cap);
	return n >= 0 ? n : -errno;
}

static int64_t
write_some(struct link *l, const void *from, size_t len)
{
	ssize_t n = write(l->fd, from, len);
	return n >= 0 ? n : -errno;
}

static uint64_t
waiting(const struct link *l)
{
	int bytes = 0;
	return ioctl(l->fd, TIOCOUTQ, &bytes) == 0 && bytes > 0 ? (uint64_t)bytes : 0;
}

static const char *
path_of(const struct link *l)
{
	return l->path[0] != '\0' ? l->path : NULL;
}

const struct link_ops link_serial = {
	.name = "serial",
	.open = open_device,
	.close = close_device,
	.fd = fd_of,
	.finish = finish,
	.read = read_some,
	.write = write_some,
	.waiting = waiting,
	.path = path_of,
};
