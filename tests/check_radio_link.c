#include "check_mesh.h"
#include "link.h"
#include "usb_ids.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static struct link *link_open;
static const char awkward[] = "\x94\xc3\x00\x03\x03\x0d\x11\x13\x1a\xff";

static struct text_view
view(const char *s)
{
	return (struct text_view){ s, strlen(s) };
}

static void
wait_for(int fd, short what)
{
	struct pollfd p = { fd, what, 0 };
	ck_assert_int_gt(poll(&p, 1, 60000), 0);
}

static int
listener(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof a;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 1) == 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static int
finished(const struct link_ops *ops)
{
	wait_for(ops->fd(link_open), POLLOUT);
	return ops->finish(link_open);
}

START_TEST(tcp_carries_bytes_both_ways_and_sees_the_end)
{
	char buffer[64];
	struct link_params params = { .host = view("127.0.0.1") };
	int server = listener(&params.port);
	ck_assert_int_eq(link_tcp.open(&link_open, &params), 0);
	ck_assert_int_eq(finished(&link_tcp), 1);
	int peer = accept(server, NULL, NULL);
	ck_assert_int_eq(link_tcp.read(link_open, buffer, sizeof buffer), -EAGAIN);
	ck_assert_int_eq(
	    link_tcp.write(link_open, awkward, sizeof awkward), sizeof awkward);
	ck_assert_int_eq(read(peer, buffer, sizeof buffer), sizeof awkward);
	ck_assert_int_eq(write(peer, awkward, sizeof awkward), sizeof awkward);
	wait_for(link_tcp.fd(link_open), POLLIN);
	ck_assert_int_eq(
	    link_tcp.read(link_open, buffer, sizeof buffer), sizeof awkward);
	ck_assert_mem_eq(buffer, awkward, sizeof awkward);
	close(peer);
	wait_for(link_tcp.fd(link_open), POLLIN);
	ck_assert_int_eq(link_tcp.read(link_open, buffer, sizeof buffer), 0);
	link_tcp.close(link_open);
	close(server);
}
START_TEST(tcp_names_what_went_wrong)
{
	struct link_params params = { .host = view("127.0.0.1") };
	close(listener(&params.port)); /* a port where nobody listens */
	int err = link_tcp.open(&link_open, &params);
	if (err == 0) {
		err = finished(&link_tcp);
		link_tcp.close(link_open);
	}
	ck_assert_int_eq(err, -ECONNREFUSED);
	params.host = view("roof.example");
	ck_assert_int_eq(link_tcp.open(&link_open, &params), -EINVAL);
	params.host = view("");
	ck_assert_int_eq(link_tcp.open(&link_open, &params), -EINVAL);
}

static int
pty(char *name, size_t len)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	ck_assert(fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0);
	snprintf(name, len, "%s", ptsname(fd));
	return fd;
}

START_TEST(serial_is_raw_and_sees_the_end)
{
	char name[64], buffer[64];
	int master = pty(name, sizeof name);
	const struct link_params params = { .device = view(name) };
	ck_assert_int_eq(link_serial.open(&link_open, &params), 0);
	ck_assert_int_eq(link_serial.finish(link_open), 1);
	ck_assert_int_eq(link_serial.read(link_open, buffer, sizeof buffer), -EAGAIN);
	ck_assert_int_eq(
	    link_serial.write(link_open, awkward, sizeof awkward), sizeof awkward);
	wait_for(master, POLLIN);
	ck_assert_int_eq(read(master, buffer, sizeof buffer), sizeof awkward);
	ck_assert_mem_eq(buffer, awkward, sizeof awkward); /* no CR, no echo, no ^C */
	ck_assert_int_eq(write(master, awkward, sizeof awkward), sizeof awkward);
	wait_for(link_serial.fd(link_open), POLLIN);
	ck_assert_int_eq(
	    link_serial.read(link_open, buffer, sizeof buffer), sizeof awkward);
	ck_assert_mem_eq(buffer, awkward, sizeof awkward);
	close(master);
	wait_for(link_serial.fd(link_open), POLLIN);
	int64_t n = link_serial.read(link_open, buffer, sizeof buffer);
	ck_assert(n == 0 || n == -EIO);
	link_serial.close(link_open);
}
START_TEST(serial_names_what_went_wrong)
{
	char name[64];
	int master = pty(name, sizeof name);
	struct link_params params = { .device = view("/dev/no-such-radio") };
	ck_assert_int_eq(link_serial.open(&link_open, &params), -ENOENT);
	params.device = view("/dev/null");
	ck_assert_int_eq(link_serial.open(&link_open, &params), -ENOTTY);
	params.device = view(name);
	params.baud = 12345;
	ck_assert_int_eq(link_serial.open(&link_open, &params), -EINVAL);
	close(master);
}
START_TEST(serial_is_ours_alone)
{
	char name[64];
	struct link *second;
	int master = pty(name, sizeof name);
	const struct link_params params = { .device = view(name), .baud = 9600 };
	ck_assert_int_eq(link_serial.open(&link_open, &params), 0);
	/* Root may open what is exclusive; the lock holds for all. */
	int err = link_serial.open(&second, &params);
	ck_assert(err == -EWOULDBLOCK || (err == -EBUSY && geteuid() != 0));
	link_serial.close(link_open);
	close(master);
}

/* --- boards on USB: a tree as sysfs has it, over pseudo terminals --- */

static char sys[64];
static int masters[4];

static void
put_file(const char *path, const char *content)
{
	char whole[256];
	snprintf(whole, sizeof whole, "%s/%s", sys, path);
	FILE *f = fopen(whole, "w");
	ck_assert_ptr_nonnull(f);
	fputs(content, f);
	fclose(f);
}

static void
put_folder(const char *path)
{
	char whole[256], command[300];
	snprintf(whole, sizeof whole, "%s/%s", sys, path);
	snprintf(command, sizeof command, "mkdir -p %s", whole);
	ck_assert_int_eq(system(command), 0);
}

static void
put_symlink(const char *path, const char *to)
{
	char whole[256];
	snprintf(whole, sizeof whole, "%s/%s", sys, path);
	ck_assert_int_eq(symlink(to, whole), 0);
}

/* Port `n` with a board of that id: class/tty and dev/char point into devices. */
static void
put_board(int n, const char *vendor, const char *product, const char *serial)
{
	char name[64], usb[64], port[96], file[160], content[160];
	struct stat st;
	masters[n] = pty(name, sizeof name);
	ck_assert_int_eq(stat(name, &st), 0);
	snprintf(usb, sizeof usb, "devices/usb1/1-%d", n);
	snprintf(port, sizeof port, "%s/1-%d:1.0/ttyUSB%d", usb, n, n);
	put_folder(port);
	snprintf(file, sizeof file, "%s/idVendor", usb);
	put_file(file, vendor);
	snprintf(file, sizeof file, "%s/idProduct", usb);
	put_file(file, product);
	snprintf(file, sizeof file, "%s/serial", usb);
	put_file(file, serial);
	snprintf(file, sizeof file, "class/tty/ttyUSB%d", n);
	put_folder(file);
	snprintf(file, sizeof file, "class/tty/ttyUSB%d/uevent", n);
	snprintf(content, sizeof content, "MAJOR=1\nDEVNAME=%s\n", name + 5);
	put_file(file, content);
	snprintf(file, sizeof file, "class/tty/ttyUSB%d/device", n);
	snprintf(content, sizeof content, "../../../%s", port);
	put_symlink(file, content);
	put_folder("dev/char");
	snprintf(
	    file, sizeof file, "dev/char/%u:%u", major(st.st_rdev), minor(st.st_rdev));
	snprintf(content, sizeof content, "../../class/tty/ttyUSB%d", n);
	put_symlink(file, content);
}

static void
put_boards(void)
{
	snprintf(sys, sizeof sys, "/tmp/meshd-sys-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(sys));
	put_board(0, "10c4\n", "ea61\n", "a meter\n"); /* the chip's maker alone */
	put_board(1, "1a86\n", "7523\n", "WX1\n");
	put_board(2, "303a\n", "1001\n", "ESP-77\n");
	put_board(3, "0403\n", "6001\n", "\n"); /* anything may be behind it */
}

static void
remove_boards(void)
{
	char command[100];
	for (size_t i = 0; i < LENGTH(masters); i++)
		close(masters[i]);
	snprintf(command, sizeof command, "rm -r %s", sys);
	ck_assert_int_eq(system(command), 0);
}

/* Which board device "auto" opens, or the error. */
static int
opened_by(const char *device, uint32_t attempt, struct link **out)
{
	const struct link_params params = {
		.device = view(device), .attempt = attempt, .sys = sys
	};
	int err = link_serial.open(out, &params);
	if (err < 0)
		return err;
	const struct usb_board *board = usb_board_at(sys, link_serial.fd(*out));
	ck_assert_ptr_nonnull(link_serial.path(*out));
	ck_assert_ptr_nonnull(board);
	return board->vendor == 0x1a86 ? 1 : 2;
}

START_TEST(boards_are_known_by_their_ids)
{
	struct usb_port ports[USB_PORTS_MAX];
	put_boards();
	ck_assert_uint_eq(usb_ports(sys, ports, LENGTH(ports)), 4);
	unsigned known = 0;
	for (size_t i = 0; i < 4; i++) {
		known += ports[i].board != NULL;
		ck_assert(strncmp(ports[i].path, "/dev/pts/", 9) == 0);
		ck_assert(ports[i].vendor != 0x0403 || ports[i].board == NULL);
	}
	ck_assert_uint_eq(known, 2);
	ck_assert_uint_eq(usb_ports("/no/such/tree", ports, LENGTH(ports)), 0);
	/* Chips beside an ESP32 have both lines at its reset; USB of its own wants DTR.
	 */
	ck_assert(!usb_board(0x1a86, 0x7523)->dtr && !usb_board(0x1a86, 0x7523)->rts);
	ck_assert(usb_board(0x303a, 1)->dtr && !usb_board(0x303a, 1)->rts);
	ck_assert_ptr_null(usb_board(0x1a86, 1));
	remove_boards();
}
START_TEST(auto_takes_known_boards_that_are_free_one_after_the_other)
{
	struct link *first, *second, *third;
	put_boards();
	int a = opened_by("auto", 0, &first);
	ck_assert_int_gt(a, 0);
	int b = opened_by("auto", 0, &second); /* the first is locked */
	ck_assert(b > 0 && b != a);
	ck_assert_int_eq(opened_by("auto", 0, &third), -EWOULDBLOCK);
	link_serial.close(first);
	link_serial.close(second);
	ck_assert_int_ne(opened_by("auto", 1, &first), a); /* the first was no radio */
	link_serial.close(first);
	ck_assert_int_eq(opened_by("auto:ESP", 0, &first), 2);
	ck_assert_int_eq(opened_by("auto:ESP", 0, &second), -EWOULDBLOCK);
	link_serial.close(first);
	ck_assert_int_eq(opened_by("auto:meter", 0, &first), -ENODEV);
	ck_assert_int_eq(opened_by("automatic", 0, &first), -ENOENT);
	remove_boards();
}
CHECK_MODULE(radio_link, NULL, boards_are_known_by_their_ids,
    auto_takes_known_boards_that_are_free_one_after_the_other,
    tcp_carries_bytes_both_ways_and_sees_the_end, tcp_names_what_went_wrong,
    serial_is_raw_and_sees_the_end, serial_names_what_went_wrong, serial_is_ours_alone)
