/* serial.c - a radio on a serial port or USB.
 *
 * Raw 115200 8N1 unless told otherwise, for us alone, and without a reset of the board:
 * HUPCL off, so that closing does not drop DTR, and DTR and RTS as the operator says.
 * Floor 1.  Edge. */
#include "link.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { BAUD_DEFAULT = 115200, PATH_BYTES = 256 };

struct link {
	int fd;
};

static const struct {
	uint32_t baud;
	speed_t speed;
} speeds[] = {
	{ 9600, B9600 },
	{ 19200, B19200 },
	{ 38400, B38400 },
	{ 57600, B57600 },
	{ 115200, B115200 },
	{ 230400, B230400 },
	{ 460800, B460800 },
	{ 921600, B921600 },
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
	int err = set_speed(&t, baud != 0 ? baud : BAUD_DEFAULT);
	if (err != 0)
		return err;
	return tcsetattr(fd, TCSANOW, &t) != 0 ? -errno : 0;
}

static void
set_line(int fd, int line, bool on)
{
	/* A pty has no such lines; that is no reason not to use it. */
	(void)ioctl(fd, on ? TIOCMBIS : TIOCMBIC, &line);
}

static int
prepare(int fd, const struct link_params *params)
{
	if (!isatty(fd))
		return -ENOTTY;
	if (ioctl(fd, TIOCEXCL) != 0)
		return -errno;
	int err = make_raw(fd, params->baud);
	if (err != 0)
		return err;
	set_line(fd, TIOCM_DTR, params->dtr);
	set_line(fd, TIOCM_RTS, params->rts);
	return tcflush(fd, TCIFLUSH) != 0 ? -errno : 0;
}

static int
open_device(struct link **out, const struct link_params *params)
{
	char path[PATH_BYTES];
	if (params->device.len == 0 || params->device.len >= sizeof path)
		return -EINVAL;
	memcpy(path, params->device.ptr, params->device.len);
	path[params->device.len] = '\0';
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int err = prepare(fd, params);
	struct link *l = err == 0 ? calloc(1, sizeof *l) : NULL;
	if (l == NULL) {
		close(fd);
		return err != 0 ? err : -ENOMEM;
	}
	l->fd = fd;
	*out = l;
	return 0;
}

static void
close_device(struct link *l)
{
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

const struct link_ops link_serial = {
	.name = "serial",
	.open = open_device,
	.close = close_device,
	.fd = fd_of,
	.finish = finish,
	.read = read_some,
	.write = write_some,
	.waiting = waiting,
};
