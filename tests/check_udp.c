#include "check_mesh.h"
#include "listen.h"
#include "loop.h"
#include "resolve.h"
#include "text.h"
#include "udp.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PORT = 24470, SITES = 3 };
static struct udp *site[SITES];
static struct loop *loop;
static uint16_t number[SITES];
static int first_fd; /* watched: of the first site's unicast socket */

static void *
on_watch(void *ctx, int fd)
{
	if (first_fd < 0)
		first_fd = fd;
	return loop_watch(ctx, fd, LOOP_READ, NULL, NULL);
}

static void
on_unwatch(void *ctx, void *handle)
{
	(void)ctx;
	loop_unwatch(handle);
}

static struct udp *
open_site(const char *spec, uint16_t *own)
{
	struct iface ifaces[IFACES_MAX];
	struct udp_params p = { .port = PORT,
		.broadcast = true,
		.watch = on_watch,
		.unwatch = on_unwatch,
		.ctx = loop };
	struct udp *u = udp_new(&p);
	ck_assert_ptr_nonnull(u);
	ck_assert_uint_eq(ifaces_scan(text(spec), ifaces), 1);
	int n = udp_bind(u, &ifaces[0]);
	ck_assert_msg(n > 0, "%s: %s", spec, strerror(-n));
	*own = (uint16_t)n;
	return u;
}

static void
setup(void)
{
	for (unsigned i = 0; i < SITES; i++)
		udp_close(site[i]);
	loop_free(loop);
	first_fd = -1;
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	for (unsigned i = 0; i < SITES; i++) {
		char spec[32];
		snprintf(spec, sizeof spec, "127.0.0.%u/8", i + 1);
		site[i] = open_site(spec, &number[i]);
	}
}

/* Loopback delivers inside sendmmsg: what was sent is there to be read. */
static size_t
drain(struct udp *u, struct mesh_path *from, char *last, size_t cap)
{
	struct bytes_view bytes;
	size_t n = 0;
	while (udp_next(u, from, &bytes)) {
		n++;
		snprintf(last, cap, "%.*s", (int)bytes.len, (const char *)bytes.ptr);
	}
	return n;
}

static const char *
shown(const struct mesh_path *p)
{
	static char room[64];
	struct bytes_out out = bytes_out(room, sizeof room);
	udp_path_print(p, &out);
	return text_end(&out);
}

START_TEST(a_broadcast_reaches_every_site_once_and_names_its_sender)
{
	struct mesh_path to = { .iface = number[0] }, from;
	char last[16];
	udp_send(site[0], &to, bytes_view("hello", 5));
	udp_flush(site[0]);
	for (unsigned i = 0; i < SITES; i++) {
		ck_assert_uint_eq(drain(site[i], &from, last, sizeof last), 1);
		ck_assert_str_eq(last, "hello");
		ck_assert_str_eq(shown(&from), "127.0.0.1:24470");
		ck_assert_uint_eq(from.iface, number[i]);
	}
	ck_assert_uint_eq(udp_counter(site[0], COUNT_UDP_TX), 1);
	ck_assert_uint_eq(udp_counter(site[1], COUNT_UDP_RX), 1);
	ck_assert_uint_eq(udp_counter(site[1], COUNT_UDP_RX_BYTES), 5);
}
START_TEST(an_answer_goes_to_one_site_from_the_address_that_received)
{
	struct mesh_path to = address_path_v4(0x7f000002, PORT), from;
	char last[16];
	udp_send(site[0], &to, bytes_view("ask", 3));
	udp_flush(site[0]);
	ck_assert_uint_eq(drain(site[1], &from, last, sizeof last), 1);
	ck_assert_str_eq(shown(&from), "127.0.0.1:24470");
	udp_send(site[1], &from, bytes_view("answer", 6));
	udp_flush(site[1]);
	ck_assert_uint_eq(drain(site[0], &from, last, sizeof last), 1);
	ck_assert_str_eq(last, "answer");
	ck_assert_str_eq(shown(&from), "127.0.0.2:24470");
	ck_assert_uint_eq(drain(site[2], &from, last, sizeof last), 0);
}
START_TEST(a_second_daemon_on_the_address_is_refused)
{
	struct udp_params p = { .port = PORT,
		.broadcast = true,
		.watch = on_watch,
		.unwatch = on_unwatch,
		.ctx = loop };
	struct iface ifaces[IFACES_MAX];
	struct udp *u = udp_new(&p);
	ifaces_scan(text("127.0.0.1/8"), ifaces);
	ck_assert_int_eq(udp_bind(u, &ifaces[0]), -EADDRINUSE);
	udp_close(u);
}
START_TEST(many_datagrams_keep_their_order)
{
	struct mesh_path to = address_path_v4(0x7f000002, PORT), from;
	struct bytes_view bytes;
	uint8_t n = 0;
	for (; n < 100; n++)
		udp_send(site[0], &to, bytes_view(&n, 1));
	udp_flush(site[0]);
	for (n = 0; udp_next(site[1], &from, &bytes); n++)
		ck_assert_uint_eq(bytes.ptr[0], n);
	ck_assert_uint_eq(n, 100);
}
/* Loopback answers inside sendmmsg, so the report waits when the next one goes. */
START_TEST(nobody_there_costs_no_other_datagram_and_is_told)
{
	struct mesh_path dead = address_path_v4(0x7f000009, PORT), told,
			 to = address_path_v4(0x7f000002, PORT), from;
	char last[16];
	/* Path 0 is sent one by one, a named one in one call. */
	for (unsigned k = 0; k < 2; k++) {
		dead.iface = to.iface = k == 0 ? 0 : number[0];
		for (unsigned i = 0; i < 8; i++) {
			udp_send(site[0], &dead, bytes_view("nobody", 6));
			udp_send(site[0], &to, bytes_view("ask", 3));
		}
		udp_flush(site[0]);
		ck_assert_uint_eq(drain(site[1], &from, last, sizeof last), 8);
		/* So does an answer that waits behind a report. */
		udp_send(site[1], &from, bytes_view("answer", 6));
		udp_flush(site[1]);
		udp_send(site[0], &dead, bytes_view("nobody", 6));
		udp_flush(site[0]);
		ck_assert_uint_eq(drain(site[0], &from, last, sizeof last), 1);
		ck_assert(udp_next_unreachable(site[0], &told));
		ck_assert_str_eq(shown(&told), "127.0.0.9:24470");
		ck_assert(!udp_next_unreachable(site[0], &told));
	}
	ck_assert_uint_ge(udp_counter(site[0], COUNT_UDP_BOUNCED), 2);
	ck_assert_uint_eq(udp_counter(site[0], COUNT_UDP_TX_REFUSED), 0);
	ck_assert_uint_eq(udp_counter(site[0], COUNT_UDP_TX), 34);
}
START_TEST(a_report_alone_wakes_the_loop_once)
{
	struct mesh_path dead = address_path_v4(0x7f000009, PORT), from, told;
	struct bytes_view bytes;
	udp_send(site[0], &dead, bytes_view("nobody", 6));
	udp_flush(site[0]);
	ck_assert(!udp_next(site[0], &from, &bytes)); /* read it, as the loop would */
	ck_assert(udp_next_unreachable(site[0], &told));
	struct pollfd fd = { .fd = first_fd };
	ck_assert_int_eq(poll(&fd, 1, 0), 0); /* nothing left to wake for */
}
START_TEST(what_the_kernel_drops_is_counted)
{
	static uint8_t big[1200];
	struct mesh_path to = address_path_v4(0x7f000002, PORT), from;
	struct bytes_view bytes;
	uint64_t got = 0;
	for (int i = 0; i < 20000; i++)
		udp_send(site[0], &to, bytes_view(big, sizeof big));
	udp_flush(site[0]);
	while (udp_next(site[1], &from, &bytes))
		got++;
	ck_assert_uint_lt(got, 20000);
	/* The kernel says the sum with the next datagram that it queues. */
	udp_send(site[0], &to, bytes_view(big, 1));
	udp_flush(site[0]);
	while (udp_next(site[1], &from, &bytes))
		got++;
	ck_assert_uint_eq(got + udp_counter(site[1], COUNT_UDP_RX_KERNEL), 20001);
}
START_TEST(an_address_that_goes_is_silent)
{
	struct mesh_path to = { .iface = number[0] };
	udp_unbind(site[0], number[0]);
	udp_send(site[0], &to, bytes_view("x", 1));
	udp_flush(site[0]);
	ck_assert_uint_eq(udp_counter(site[0], COUNT_UDP_TX_REFUSED), 1);
	struct iface i;
	uint16_t n;
	ck_assert(!udp_bound(site[0], 0, &i, &n));
}
START_TEST(ipv6_goes_both_ways)
{
	struct iface ifaces[IFACES_MAX];
	struct mesh_path from;
	uint16_t own[2];
	struct udp *u[2];
	char last[16];
	for (uint16_t i = 0; i < 2; i++) {
		struct udp_params p = { .port = (uint16_t)(PORT + i),
			.broadcast = true,
			.watch = on_watch,
			.unwatch = on_unwatch,
			.ctx = loop };
		u[i] = udp_new(&p);
		ck_assert_uint_eq(ifaces_scan(text("127.0.0.9/32,::1/128"), ifaces), 2);
		ck_assert(!ifaces[1].hails || ifaces[1].index != 0);
		memset(ifaces[1].group, 0, sizeof ifaces[1].group);
		ck_assert_int_gt(udp_bind(u[i], &ifaces[0]), 0);
		int n = udp_bind(u[i], &ifaces[1]);
		if (n == -EADDRNOTAVAIL)
			return; /* a machine without IPv6 */
		own[i] = (uint16_t)n;
	}
	static const uint8_t loopback[ADDRESS_BYTES] = { [15] = 1 };
	struct mesh_path to = address_path(loopback, PORT + 1);
	udp_send(u[0], &to, bytes_view("ask", 3));
	udp_flush(u[0]);
	ck_assert_uint_eq(drain(u[1], &from, last, sizeof last), 1);
	ck_assert_str_eq(shown(&from), "[::1]:24470");
	ck_assert_uint_eq(from.iface, own[1]);
	udp_send(u[1], &from, bytes_view("answer", 6));
	udp_flush(u[1]);
	ck_assert_uint_eq(drain(u[0], &from, last, sizeof last), 1);
	ck_assert_str_eq(last, "answer");
	ck_assert_str_eq(shown(&from), "[::1]:24471");
	for (size_t i = 0; i < 2; i++)
		udp_close(u[i]);
}
START_TEST(who_is_not_allowed_is_not_read)
{
	struct prefix allowed;
	struct iface ifaces[IFACES_MAX];
	struct mesh_path to = address_path_v4(0x7f000009, PORT), from;
	char last[16];
	ck_assert(prefix_read(text("127.0.0.2/31"), &allowed));
	struct udp_params p = { .port = PORT,
		.allowed = &allowed,
		.allowed_count = 1,
		.watch = on_watch,
		.unwatch = on_unwatch,
		.ctx = loop };
	struct udp *u = udp_new(&p);
	ifaces_scan(text("127.0.0.9/32"), ifaces);
	ck_assert_int_gt(udp_bind(u, &ifaces[0]), 0);
	for (size_t i = 0; i < SITES; i++) {
		udp_send(site[i], &to, bytes_view("x", 1));
		udp_flush(site[i]);
	}
	ck_assert_uint_eq(drain(u, &from, last, sizeof last), 2); /* .2 and .3 */
	ck_assert_uint_eq(udp_counter(u, COUNT_UDP_RX_UNWANTED), 1);
	udp_close(u);
}
START_TEST(prefixes_hold_what_they_say)
{
	/* clang-format off */
	static const struct { const char *prefix, *in, *out; } row[] = {
		{ "10.0.0.0/8", "10.255.0.1", "11.0.0.1" }, { "10.0.0.7", "10.0.0.7", "10.0.0.6" },
		{ "0.0.0.0/0", "1.2.3.4", "fd00::1" }, { "::/0", "fd00::1", NULL },
		{ "fc00::/7", "fd00::1", "fe80::1" }, { "fd00::/16", "fd00::1", "fd01::1" },
		{ "192.168.4.0/22", "192.168.7.255", "192.168.8.0" },
	}; /* clang-format on */
	static const char *const bad[] = { "", "/8", "10.0.0.0/33", "fd00::/129", "x/8",
		"10.0.0.0/", "10.0.0.0/8/8" };
	struct prefix p;
	uint8_t addr[ADDRESS_BYTES];
	for (size_t i = 0; i < LENGTH(row); i++) {
		ck_assert(prefix_read(text(row[i].prefix), &p));
		ck_assert(resolve_numeric(text(row[i].in), addr));
		ck_assert_msg(prefix_holds(&p, addr), "%s", row[i].prefix);
		if (row[i].out == NULL)
			continue;
		ck_assert(resolve_numeric(text(row[i].out), addr));
		ck_assert_msg(!prefix_holds(&p, addr), "%s", row[i].prefix);
	}
	for (size_t i = 0; i < LENGTH(bad); i++)
		ck_assert_msg(!prefix_read(text(bad[i]), &p), "%s", bad[i]);
}
START_TEST(interface_words_are_checked)
{
	/* clang-format off */
	static const struct { const char *spec, *bad; } row[] = {
		{ "*", NULL }, { "eth0", NULL }, { "eth0, wlan0", NULL }, { "127.0.0.1/8", NULL },
		{ "10.0.0.1/24,lo", NULL }, { "", "" }, { ",", "" }, { "10.0.0.1/33", "10.0.0.1/33" },
		{ "10.0.0/8", "10.0.0/8" }, { "a b", "a b" }, { "eth0,x/y", "x/y" },
		{ "0123456789abcdef", "0123456789abcdef" }, { "10.0.0.1/0", "10.0.0.1/0" },
		{ "fd00::1/64", NULL }, { "::1/128,lo", NULL }, { "fd00::1/129", "fd00::1/129" },
		{ "::ffff:1.2.3.4/96", "::ffff:1.2.3.4/96" }, { "fd00::1", NULL },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct text_view bad;
		bool good = ifaces_check(text(row[i].spec), &bad);
		ck_assert_msg(good == (row[i].bad == NULL), "%s", row[i].spec);
		ck_assert(good || text_is(bad, row[i].bad));
	}
}
START_TEST(the_address_form_broadcasts_to_the_last_address)
{
	struct iface i[IFACES_MAX];
	ck_assert_uint_eq(ifaces_scan(text("10.1.2.3/24,10.1.2.4/32"), i), 2);
	ck_assert_uint_eq(address_v4(i[0].group), 0x0a0102ff);
	ck_assert(i[0].hails);
	ck_assert(!address_is_set(i[1].group) && !i[1].hails);
	ck_assert_uint_ge(ifaces_scan(text("lo"), i), 1);
	ck_assert_uint_eq(address_v4(i[0].addr), 0x7f000001);
	ck_assert_uint_eq(address_v4(i[0].group), 0x7fffffff);
}

/* --- listen.c --- */

START_TEST(listen_addresses_are_read)
{
	struct listen_addr a;
	ck_assert(listen_parse(text("127.0.0.1:80"), 1, &a) && a.addr == 0x7f000001 &&
	    a.port == 80);
	ck_assert(listen_parse(text("10.0.0.1"), 99, &a) && a.port == 99);
	ck_assert(!listen_is_loopback(&a));
	ck_assert(
	    listen_parse(text(":81"), 1, &a) && listen_is_loopback(&a) && a.port == 81);
	const char *bad[] = { "", "x", "1.2.3", "1.2.3.4:", "1.2.3.4:0",
		"1.2.3.4:65536", "1.2.3.4:8x", "1.2.3.4.5.6.7.8.9.10:1" };
	for (size_t i = 0; i < LENGTH(bad); i++)
		ck_assert_msg(!listen_parse(text(bad[i]), 1, &a), "%s", bad[i]);
}
START_TEST(a_port_in_use_is_named_with_its_option)
{
	char room[256];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct listen_addr a = { 0x7f000001, 24471 };
	int fd = listen_tcp(&a, "web.listen", &out);
	ck_assert_msg(fd >= 0, "%s", text_end(&out));
	ck_assert_int_eq(listen_tcp(&a, "web.listen", &out), -EADDRINUSE);
	ck_assert_str_eq(text_end(&out),
	    "127.0.0.1:24471/tcp is in use by another program; "
	    "choose another with web.listen");
	close(fd);
	out = bytes_out(room, sizeof room);
	fd = listen_udp(&a, "alert.listen", &out);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(listen_udp(&a, "alert.listen", &out), -EADDRINUSE);
	close(fd);
}
START_TEST(a_dead_socket_file_is_replaced_and_a_living_one_is_not)
{
	char path[64] = "/tmp/check_listen.XXXXXX", room[256];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct stat st;
	ck_assert_ptr_nonnull(mkdtemp(path));
	strcat(path, "/sock");
	int fd = listen_unix(path, &out);
	ck_assert_msg(fd >= 0, "%s", text_end(&out));
	ck_assert(stat(path, &st) == 0 && (st.st_mode & 0777) == 0660);
	ck_assert_int_eq(listen_unix(path, &out), -EADDRINUSE);
	close(fd);
	out = bytes_out(room, sizeof room);
	fd = listen_unix(path, &out);
	ck_assert_msg(fd >= 0, "%s", text_end(&out));
	close(fd);
	unlink(path);
}

/* --- loop.c, resolve.c --- */

struct turns {
	struct resolve *resolve;
	int count, signals;
	struct resolve_answer answer;
};

static uint64_t
on_turn(void *ctx)
{
	struct turns *t = ctx;
	if (++t->count == 3)
		raise(SIGUSR1);
	if ((t->resolve == NULL && t->signals > 0) ||
	    (t->resolve != NULL && resolve_next(t->resolve, &t->answer)))
		loop_stop(loop);
	return t->resolve != NULL ? 10000 : 1;
}

static void
on_usr1(void *ctx, int n)
{
	struct turns *t = ctx;
	t->signals += n == SIGUSR1;
}

START_TEST(turns_come_by_time_and_signals_arrive)
{
	struct turns t = { .resolve = NULL };
	loop_on_turn(loop, on_turn, &t);
	ck_assert_int_eq(loop_on_signal(loop, SIGUSR1, on_usr1, &t), 0);
	loop_run(loop);
	ck_assert_int_eq(t.signals, 1);
	ck_assert_int_ge(t.count, 3);
}
START_TEST(a_name_is_resolved_beside_the_loop)
{
	struct turns t = { .resolve = resolve_new(loop_wake, loop), .count = 10 };
	loop_on_turn(loop, on_turn, &t);
	ck_assert_int_eq(resolve_ask(t.resolve, text("localhost"), 7), MESH_OK);
	loop_run(loop);
	ck_assert(t.answer.count > 0 && t.answer.token == 7);
	bool loopback = false;
	for (size_t i = 0; i < t.answer.count; i++)
		loopback = loopback ||
		    (address_is_v4(t.answer.addrs[i]) &&
			address_v4(t.answer.addrs[i]) == 0x7f000001);
	ck_assert(loopback);
	ck_assert_int_eq(resolve_ask(t.resolve, text("10.1.2.3"), 8), MESH_OK);
	ck_assert(resolve_next(t.resolve, &t.answer) && t.answer.count == 1 &&
	    address_v4(t.answer.addrs[0]) == 0x0a010203);
	ck_assert_int_eq(resolve_ask(t.resolve, text("fe80::1"), 9), MESH_OK);
	ck_assert(resolve_next(t.resolve, &t.answer) && t.answer.count == 1 &&
	    address_is_link_local(t.answer.addrs[0]));
	for (unsigned i = 0; i < RESOLVE_PENDING; i++)
		ck_assert_int_eq(resolve_ask(t.resolve, text("1.1.1.1"), i), MESH_OK);
	ck_assert_int_eq(resolve_ask(t.resolve, text("1.1.1.1"), 0), MESH_FULL);
	resolve_free(t.resolve);
}
CHECK_MODULE(udp, setup, a_broadcast_reaches_every_site_once_and_names_its_sender,
    an_answer_goes_to_one_site_from_the_address_that_received,
    a_second_daemon_on_the_address_is_refused, many_datagrams_keep_their_order,
    nobody_there_costs_no_other_datagram_and_is_told,
    a_report_alone_wakes_the_loop_once, what_the_kernel_drops_is_counted,
    an_address_that_goes_is_silent, ipv6_goes_both_ways, who_is_not_allowed_is_not_read,
    prefixes_hold_what_they_say, interface_words_are_checked,
    the_address_form_broadcasts_to_the_last_address, listen_addresses_are_read,
    a_port_in_use_is_named_with_its_option,
    a_dead_socket_file_is_replaced_and_a_living_one_is_not,
    turns_come_by_time_and_signals_arrive, a_name_is_resolved_beside_the_loop)
