/* apps.sock: who writes to it is known, and either way of writing is understood. */
#ifndef _GNU_SOURCE
#	define _GNU_SOURCE /* setgroups, memmem */
#endif
#include "alert.h"
#include "apps.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "listen.h"
#include "text.h"
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct apps *apps;
static char said[2048];
static struct mesh_now now = { .ms = 1000, .unix_ms = 1700000000000 };
static char dir[] = "/tmp/check_apps.XXXXXX";
static struct sockaddr_un door = { .sun_family = AF_UNIX };
static int client = -1;

static void
clean_up(void)
{
	(void)unlink(door.sun_path);
	(void)rmdir(dir);
}

static void
setup(void)
{
	char why[200];
	struct bytes_out wrong = bytes_out(why, sizeof why);
	apps_close(apps);
	if (client >= 0)
		close(client);
	fake_start();
	if (door.sun_path[0] == '\0')
		ck_assert(mkdtemp(dir) != NULL && atexit(clean_up) == 0);
	snprintf(door.sun_path, sizeof door.sun_path, "%s/apps.sock", dir);
	int fd = listen_unix_datagrams(door.sun_path, &wrong);
	ck_assert_msg(fd >= 0, "%s", text_end(&wrong));
	struct apps_params params = { .fds = { -1, fd },
		.path = door.sun_path,
		.feed = fake.feed,
		.boot = 7,
		.calls = fake.calls };
	ck_assert_int_eq(apps_open(&apps, &params), 0);
	client = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&door, sizeof door), 0);
}

/* An address of the kernel's choice. */
static void
bind_client(void)
{
	sa_family_t family = AF_UNIX;
	ck_assert_int_eq(bind(client, (struct sockaddr *)&family, sizeof family), 0);
}

static uint64_t
counted(const char *name)
{
	return apps_counter(apps, counter_find(&apps_counters, text(name)));
}

static void
tell(const void *request, size_t len)
{
	ck_assert_int_eq(send(client, request, len, 0), (ssize_t)len);
	apps_turn(apps, now);
}

static size_t
told(void)
{
	apps_turn(apps, now);
	ssize_t got = recv(client, said, sizeof said - 1, MSG_DONTWAIT);
	said[got > 0 ? got : 0] = '\0';
	return got > 0 ? (size_t)got : 0;
}

static const char rings[] = "{\"op\":\"raise\",\"ref\":4,\"kind\":\"gate.open\"}";

START_TEST(who_the_system_knows_needs_no_token)
{
	struct intent i;
	bind_client();
	tell(rings, strlen(rings));
	ck_assert(intents_peek(fake.world.intents, &i) && i.lane == LANE_ALERT);
	fake_appended(MESH_OK);
	ck_assert_uint_gt(told(), 0);
	ck_assert_str_eq(said, "{\"op\":\"ok\",\"v\":1,\"ref\":4,\"boot\":7}");
	ck_assert_uint_eq(counted("apps.dropped.denied"), 0);
	tell("{\"op\":\"sub\"}", 12);
	ck_assert_uint_gt(told(), 0);
	fake_alert(1, "hill", 1, ALERT_INFO, "gate opened");
	ck_assert_uint_gt(told(), 0);
	ck_assert_ptr_nonnull(strstr(said, "gate opened"));
}
START_TEST(a_sender_without_address_acts_and_is_told_nothing)
{
	struct intent i;
	tell(rings, strlen(rings));
	ck_assert(intents_peek(fake.world.intents, &i));
	fake_appended(MESH_OK);
	ck_assert_uint_eq(told(), 0);
	ck_assert_uint_eq(counted("apps.dropped.unbound"), 1);
	tell("{\"op\":\"sub\"}", 12);
	ck_assert_uint_eq(counted("apps.dropped.unbound"), 2);
	fake_alert(1, "hill", 1, ALERT_INFO, "gate opened");
	ck_assert_uint_eq(told(), 0);
	ck_assert_uint_eq(counted("apps.sent"), 0);
}
/* Only root can become somebody else. */
static void
become_and_tell(gid_t group, uid_t user, mode_t mode)
{
	ck_assert_int_eq(chmod(door.sun_path, mode), 0);
	ck_assert_int_eq(chmod(dir, 0755), 0);
	bind_client();
	pid_t child = fork();
	if (child == 0) {
		bool fine = setgroups(0, NULL) == 0 && setgid(group) == 0 &&
		    setuid(user) == 0 && send(client, rings, strlen(rings), 0) > 0;
		_exit(fine ? 0 : 1);
	}
	int status;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	apps_turn(apps, now);
}
START_TEST(whom_the_file_lets_in_beside_its_group_needs_the_token)
{
	struct intent i;
	if (geteuid() != 0)
		return;
	become_and_tell(4242, 4242, 0666);
	ck_assert(!intents_peek(fake.world.intents, &i));
	ck_assert_uint_eq(counted("apps.dropped.denied"), 1);
}
START_TEST(the_sockets_group_needs_no_token)
{
	struct intent i;
	if (geteuid() != 0)
		return;
	become_and_tell(0, 4242, 0666);
	ck_assert(intents_peek(fake.world.intents, &i));
	ck_assert_uint_eq(counted("apps.dropped.denied"), 0);
}

/* --- msgpack --- */

static bool
is_packed_with(size_t len, const char *word)
{
	return len > 0 && (uint8_t)said[0] >> 4 == 8 &&
	    memmem(said, len, word, strlen(word)) != NULL;
}
START_TEST(msgpack_is_answered_with_msgpack)
{
	static const uint8_t ping[] = "\x81\xa2op\xa4ping";
	static const uint8_t sub[] = "\x81\xa2op\xa3sub";
	static const uint8_t bad[] = "\x81\xa2op\xa5"
				     "danc";
	bind_client();
	tell(ping, sizeof ping - 1);
	ck_assert(is_packed_with(told(),
	    "\xa4"
	    "boot\x07"));
	tell(sub, sizeof sub - 1);
	ck_assert(is_packed_with(told(), "\xa3sid\xa2s1"));
	fake_alert(1, "hill", 1, ALERT_INFO, "gate opened");
	ck_assert(is_packed_with(told(), "\xabgate opened"));
	tell(bad, sizeof bad - 1);
	ck_assert(is_packed_with(told(),
	    "\xa5"
	    "error"));
}
START_TEST(the_lease_says_the_form_whatever_the_request_is)
{
	static const char sub[] = "{\"op\":\"sub\",\"format\":\"msgpack\"}";
	static const char ping[] = "{\"op\":\"ping\"}";
	static const char back[] = "{\"op\":\"sub\",\"format\":\"json\"}";
	bind_client();
	tell(sub, strlen(sub));
	ck_assert(is_packed_with(told(), "\xa3sid"));
	tell(ping, strlen(ping));
	ck_assert(is_packed_with(told(),
	    "\xa4"
	    "boot"));
	tell(rings, strlen(rings));
	fake_appended(MESH_OK);
	ck_assert(is_packed_with(told(), "\xa3ref\x04"));
	tell(back, strlen(back));
	told();
	ck_assert_msg(said[0] == '{', "%s", said);
}
CHECK_MODULE(apps_sock, setup, who_the_system_knows_needs_no_token,
    a_sender_without_address_acts_and_is_told_nothing,
    whom_the_file_lets_in_beside_its_group_needs_the_token,
    the_sockets_group_needs_no_token, msgpack_is_answered_with_msgpack,
    the_lease_says_the_form_whatever_the_request_is)
