/* The socket's edge: real datagrams on loopback. */
#include "alert.h"
#include "apps.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "text.h"
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct apps *apps;
static int app = -1;
static char said[2048];
static struct mesh_now now = { .ms = 1000, .unix_ms = 1700000000000 };

static int
bound(struct sockaddr_in *addr)
{
	socklen_t len = sizeof *addr;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	*addr = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	ck_assert_int_eq(bind(fd, (struct sockaddr *)addr, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)addr, &len), 0);
	return fd;
}

static void
setup(void)
{
	struct sockaddr_in server, own;
	apps_close(apps);
	if (app >= 0)
		close(app);
	fake_start();
	struct apps_params params = { .fds = { bound(&server), -1 },
		.feed = fake.feed,
		.boot = 7,
		.calls = fake.calls };
	ck_assert_int_eq(apps_open(&apps, &params), 0);
	app = bound(&own);
	ck_assert_int_eq(connect(app, (struct sockaddr *)&server, sizeof server), 0);
}

static void
say(const char *request)
{
	ck_assert_int_eq(
	    send(app, request, strlen(request), 0), (ssize_t)strlen(request));
}

/* Turn until a datagram comes; "" when none does in time. */
static const char *
hear(int patience_ms)
{
	said[0] = '\0';
	for (int waited = 0; waited <= patience_ms; waited += 5) {
		struct pollfd fds[] = { { .fd = apps_fd(apps, APPS_UDP),
					    .events = POLLIN },
			{ .fd = app, .events = POLLIN } };
		apps_turn(apps, now);
		ssize_t got = recv(app, said, sizeof said - 1, MSG_DONTWAIT);
		if (got >= 0) {
			said[got] = '\0';
			return said;
		}
		poll(fds, 2, 5);
	}
	return said;
}

START_TEST(an_alert_reaches_the_app_that_asked)
{
	say("{\"op\":\"sub\",\"v\":1,\"name\":\"test\",\"topics\":[\"alert\"]}");
	ck_assert_ptr_nonnull(strstr(hear(5000), "\"op\":\"ok\""));
	fake_alert(1, "hill", 1, ALERT_INFO, "gate opened");
	ck_assert_ptr_nonnull(strstr(hear(5000), "\"seq\":1,\"boot\":7"));
	ck_assert_ptr_nonnull(strstr(said, "gate opened"));
	ck_assert_uint_eq(apps_deadline(apps), MESH_NEVER);
	say("{\"op\":\"unsub\"}");
	ck_assert_ptr_nonnull(strstr(hear(5000), "ok"));
	fake_alert(2, "hill", 2, ALERT_INFO, "again");
	ck_assert_str_eq(hear(20), "");
}
START_TEST(datagrams_of_any_size_are_answered_or_not_but_survived)
{
	static char large[60000];
	memset(large, '[', sizeof large);
	ck_assert_int_gt(send(app, large, sizeof large, 0), 0);
	ck_assert_ptr_nonnull(strstr(hear(5000), "2048 bytes"));
	ck_assert_int_eq(send(app, large, 0, 0), 0);
	ck_assert_ptr_nonnull(strstr(hear(5000), "error"));
	say("{\"op\":\"ping\"}");
	ck_assert_ptr_nonnull(strstr(hear(5000), "\"boot\":7"));
	size_t bad = counter_find(&apps_counters, text("apps.dropped.bad"));
	ck_assert_uint_eq(apps_counter(apps, bad), 2);
}
CHECK_MODULE(apps, setup, an_alert_reaches_the_app_that_asked,
    datagrams_of_any_size_are_answered_or_not_but_survived)
