#include "check_mesh.h"
#include "link.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
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
	ck_assert_int_gt(poll(&p, 1, 5000), 0);
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
	if (geteuid() != 0) /* root may, whatever the port says */
		ck_assert_int_eq(link_serial.open(&second, &params), -EBUSY);
	link_serial.close(link_open);
	close(master);
}
CHECK_MODULE(radio_link, NULL, tcp_carries_bytes_both_ways_and_sees_the_end,
    tcp_names_what_went_wrong, serial_is_raw_and_sees_the_end,
    serial_names_what_went_wrong, serial_is_ours_alone)
