/* check_meshd.c - the program as one starts it: ready, stopped, refused. */
#include "check_mesh.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READY_MS = 60000, STOP_MS = 20000, ARGS = 24 };
static char base[64], state[80], notify_path[80], log_path[80];
static int notify_fd = -1;
static pid_t running;

static int64_t
now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
end_running(void)
{
	if (running > 0) {
		kill(running, SIGKILL);
		waitpid(running, NULL, 0);
	}
	running = 0;
}

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	end_running();
	snprintf(
	    base, sizeof base, "%s/check_meshd.XXXXXX", tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(base));
	snprintf(state, sizeof state, "%s/state", base);
	snprintf(log_path, sizeof log_path, "%s/log", base);
	snprintf(notify_path, sizeof notify_path, "%s/notify", base);
	if (notify_fd >= 0)
		close(notify_fd);
	notify_fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	snprintf(a.sun_path, sizeof a.sun_path, "%s", notify_path);
	ck_assert_int_eq(bind(notify_fd, (struct sockaddr *)&a, sizeof a), 0);
	atexit(end_running);
}

/* Every port of its own, so that this runs beside other tests and demos. */
static const char *const own_ports[] = { "--set", "mesh.port=24570", "--set",
	"mesh.interfaces=127.0.0.9/8", "--set", "web.listen=127.0.0.9:24570", "--set",
	"alert.listen=127.0.0.9:24571", NULL };

static void
fill(const char **argv, size_t *n, const char *const *from)
{
	while (from != NULL && *from != NULL) {
		ck_assert_uint_lt(*n + 1, ARGS);
		argv[(*n)++] = *from++;
	}
	argv[*n] = NULL;
}

static void
run_child(const char **argv, uid_t uid)
{
	char *copy[ARGS + 1];
	int fd = open(log_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	memcpy(
	    copy, argv, sizeof copy); /* execv wants char *const; it changes nothing */
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	setenv("NOTIFY_SOCKET", notify_path, 1);
	setenv("TMPDIR", base, 1);
	if (uid != 0 && setuid(uid) != 0)
		_exit(99);
	execv(MESHD_BIN, copy);
	_exit(98);
}

static pid_t
start_as(uid_t uid, const char *const *args, const char *const *more)
{
	const char *argv[ARGS + 1] = { "meshd" };
	size_t n = 1;
	fill(argv, &n, args);
	fill(argv, &n, more);
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		run_child(argv, uid);
	return pid;
}

static const char *
log_text(void)
{
	static char room[65536];
	FILE *f = fopen(log_path, "r");
	size_t n = f != NULL ? fread(room, 1, sizeof room - 1, f) : 0;
	if (f != NULL)
		fclose(f);
	room[n] = '\0';
	return room;
}

static void
wait_for(const char *word)
{
	char got[256];
	int64_t end = now_ms() + READY_MS;
	do {
		struct pollfd p = { .fd = notify_fd, .events = POLLIN };
		ck_assert_msg(poll(&p, 1, (int)(end - now_ms())) == 1,
		    "no %s; log:\n%s", word, log_text());
		ssize_t n = recv(notify_fd, got, sizeof got - 1, 0);
		got[n > 0 ? n : 0] = '\0';
	} while (strcmp(got, word) != 0);
}

static void
start_ready(const char *const *more)
{
	const char *const args[] = { "--demo", "--state-dir", state, NULL };
	const char *all[ARGS];
	size_t n = 0;
	fill(all, &n, args);
	fill(all, &n, own_ports);
	running = start_as(0, all, more);
	wait_for("READY=1");
}

/* The exit status, -1 if it was killed by a signal; fails when it takes too long. */
static int
end_of(pid_t pid, int64_t within_ms)
{
	int64_t end = now_ms() + within_ms;
	int status;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		ck_assert_msg(now_ms() < end, "does not end; log:\n%s", log_text());
		poll(NULL, 0, 5);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
stop(int sig)
{
	pid_t pid = running;
	running = 0;
	kill(pid, sig);
	return end_of(pid, STOP_MS);
}

static int
refused(const char *const *args, const char *const *more)
{
	return end_of(start_as(0, args, more), READY_MS);
}

START_TEST(a_demo_is_ready_and_stops_cleanly)
{
	struct stat st;
	start_ready(NULL);
	char path[128];
	snprintf(path, sizeof path, "%s/meshd.sock", state);
	ck_assert(stat(path, &st) == 0 && (st.st_mode & 0777) == 0660);
	ck_assert_msg(stop(SIGTERM) == 0, "log:\n%s", log_text());
	ck_assert_msg(stat(path, &st) != 0, "the socket stayed");
	ck_assert(strstr(log_text(), "daemon.stopped") != NULL);
}
/* The owner of /proc/PID/limits is root, not its user, while the process is not
 * dumpable. */
START_TEST(a_crash_leaves_no_image_of_the_keys)
{
	enum { NOBODY = 65534 };
	char path[64], limits[4096];
	struct stat st;
	if (geteuid() != 0)
		return;
	const char *const args[] = { "--demo", "--state-dir", state, NULL };
	ck_assert_int_eq(chmod(base, 0777), 0);
	ck_assert_int_eq(chmod(notify_path, 0777), 0);
	running = start_as(NOBODY, args, own_ports);
	wait_for("READY=1");
	snprintf(path, sizeof path, "/proc/%ld/limits", (long)running);
	ck_assert(stat(path, &st) == 0 && st.st_uid == 0);
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	limits[fread(limits, 1, sizeof limits - 1, f)] = '\0';
	fclose(f);
	const char *core = strstr(limits, "Max core file size");
	ck_assert_ptr_nonnull(core);
	ck_assert_int_eq(strncmp(core, "Max core file size        0   ", 30), 0);
	ck_assert_int_eq(stop(SIGTERM), 0);
}
/* Where the system lets it; else the log says what may get there. */
START_TEST(the_keys_stay_out_of_the_swap)
{
	char path[64], status[4096];
	start_ready(NULL);
	snprintf(path, sizeof path, "/proc/%ld/status", (long)running);
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	status[fread(status, 1, sizeof status - 1, f)] = '\0';
	fclose(f);
	const char *locked = strstr(status, "VmLck:");
	ck_assert_ptr_nonnull(locked);
	ck_assert_int_eq(stop(SIGTERM), 0);
	if (strstr(log_text(), "memory.swappable") == NULL)
		ck_assert_uint_gt(strtoul(locked + strlen("VmLck:"), NULL, 10), 1024);
}
/* Whatever the mask of who starts it, as of a shell of root with 000. */
START_TEST(nothing_in_the_state_folder_is_for_others)
{
	struct dirent *e;
	struct stat st;
	unsigned files = 0;
	mode_t before = umask(0);
	start_ready(NULL);
	umask(before);
	ck_assert(stat(state, &st) == 0 && (st.st_mode & 0777) == 0750);
	DIR *d = opendir(state);
	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL) {
		char path[sizeof state + sizeof e->d_name + 1];
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", state, e->d_name);
		bool secret = strstr(e->d_name, "key") != NULL ||
		    strcmp(e->d_name, "network") == 0;
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert_msg((st.st_mode & (secret ? 0177 : 0007)) == 0, "%s: mode %o",
		    e->d_name, (unsigned)st.st_mode & 07777);
		files++;
	}
	closedir(d);
	ck_assert_msg(files >= 4, "socket, keys and database: %u", files);
	ck_assert_int_eq(stop(SIGTERM), 0);
}
START_TEST(a_demo_without_a_folder_leaves_nothing)
{
	const char *const args[] = { "--demo", NULL };
	running = start_as(0, args, own_ports);
	wait_for("READY=1");
	const char *at = strstr(log_text(), "state_dir=");
	ck_assert_ptr_nonnull(at);
	char folder[200] = "";
	sscanf(at, "state_dir=%199s", folder);
	ck_assert_int_eq(access(folder, F_OK), 0);
	ck_assert_int_eq(stop(SIGINT), 0);
	ck_assert_int_ne(access(folder, F_OK), 0);
}
START_TEST(a_second_daemon_on_the_folder_exits_78)
{
	start_ready(NULL);
	char pid[32];
	snprintf(pid, sizeof pid, "process %ld)", (long)running);
	snprintf(log_path, sizeof log_path, "%s/second", base);
	const char *const args[] = { "--demo", "--state-dir", state, NULL };
	const char *const ports[] = { "--set", "mesh.interfaces=127.0.0.10/8", NULL };
	ck_assert_int_eq(refused(args, ports), 78);
	ck_assert_msg(strstr(log_text(), pid) != NULL, "%s", log_text());
	ck_assert_int_eq(stop(SIGTERM), 0);
}
START_TEST(a_bad_configuration_exits_78_and_names_the_line)
{
	char path[80], expected[300];
	snprintf(path, sizeof path, "%s/meshd.conf", base);
	FILE *f = fopen(path, "w");
	fputs("[mesh]\nport = 99999\ncolour = blue\n[radio \"roof\"]\n", f);
	fclose(f);
	const char *const args[] = { "--config", path, "--state-dir", state, NULL };
	const char *const check[] = { "--check-config", NULL };
	snprintf(expected, sizeof expected,
	    "%s:2: mesh.port: 99999 is above 65535\n%s:3: mesh.colour: no such "
	    "option\n",
	    path, path);
	ck_assert_int_eq(refused(args, NULL), 78);
	ck_assert_str_eq(log_text(), expected);
	ck_assert_int_eq(refused(args, check), 78);
	ck_assert_str_eq(log_text(), expected);
	ck_assert_msg(access(state, F_OK) != 0, "nothing was touched");
}
START_TEST(printed_defaults_are_a_good_configuration)
{
	char path[128];
	const char *const print[] = { "--print-defaults", NULL };
	ck_assert_int_eq(refused(print, NULL), 0);
	snprintf(path, sizeof path, "%s/defaults.conf", base);
	ck_assert_int_eq(rename(log_path, path), 0);
	const char *const args[] = { "--check-config", "--config", path, NULL };
	ck_assert_msg(refused(args, NULL) == 0, "%s", log_text());
}
START_TEST(options_of_later_steps_are_refused)
{
	static const char *const sets[] = { "radio.r.share=127.0.0.1:4403",
		"trace.enabled=yes", "web.listen=0.0.0.0:4470", "poll.hilltop.radio=r",
		"radio.r.driver=meshcore", "sink.x.url=udp://127.0.0.1:1" };
	for (size_t i = 0; i < LENGTH(sets); i++) {
		const char *const args[] = { "--check-config", "--set", sets[i], NULL };
		ck_assert_msg(refused(args, NULL) == 78, "%s", sets[i]);
	}
}
START_TEST(without_a_radio_it_starts_and_says_how_to_name_one)
{
	const char *const args[] = { "--state-dir", state, NULL };
	running = start_as(0, args, own_ports);
	wait_for("READY=1");
	ck_assert(strstr(log_text(), "radio.missing") != NULL);
	ck_assert(strstr(log_text(), "--set radio.roof.host=") != NULL);
	ck_assert(strstr(log_text(), "--set radio.roof.device=/dev/ttyUSB0") != NULL);
	ck_assert_int_eq(stop(SIGTERM), 0);
}
START_TEST(a_port_in_use_is_named)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(24570) };
	a.sin_addr.s_addr = htonl(0x7f000009);
	static const struct {
		int type;
		const char *expected;
	} row[] = { { SOCK_DGRAM, "24570" }, { SOCK_STREAM, "127.0.0.9:24570/tcp" } };
	const char *const args[] = { "--demo", "--state-dir", state, NULL };
	for (size_t i = 0; i < LENGTH(row); i++) {
		int fd = socket(AF_INET, row[i].type, 0);
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
		if (row[i].type == SOCK_STREAM)
			ck_assert_int_eq(listen(fd, 1), 0);
		ck_assert_int_eq(refused(args, own_ports), 1);
		ck_assert_msg(strstr(log_text(), row[i].expected) != NULL &&
			strstr(log_text(), "127.0.0.9") != NULL &&
			(strstr(log_text(), "mesh.port") != NULL ||
			    strstr(log_text(), "web.listen") != NULL),
		    "%s", log_text());
		close(fd);
	}
}
START_TEST(an_ordinary_user_names_a_folder)
{
	enum { NOBODY = 65534 };
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(base, 0777), 0);
	ck_assert_int_eq(end_of(start_as(NOBODY, NULL, NULL), READY_MS), 78);
	ck_assert_msg(strstr(log_text(), "--state-dir") != NULL, "%s", log_text());
}
START_TEST(a_killed_daemon_comes_back_with_its_key_and_a_higher_boot)
{
	unsigned long long boot[2];
	char site[2][32];
	for (unsigned i = 0; i < 2; i++) {
		start_ready(NULL);
		const char *at = strstr(log_text(), "daemon.ready site=");
		ck_assert_ptr_nonnull(at);
		ck_assert_int_eq(
		    sscanf(at, "daemon.ready site=%31s boot=%llu", site[i], &boot[i]),
		    2);
		end_running();
	}
	ck_assert_str_eq(site[0], site[1]);
	ck_assert_uint_gt(boot[1], boot[0]);
}
START_TEST(a_reload_changes_levels_or_is_refused_whole)
{
	char path[128];
	snprintf(path, sizeof path, "%s/meshd.conf", base);
	FILE *f = fopen(path, "w");
	fputs("[log]\nformat = text\n", f);
	fclose(f);
	const char *const more[] = { "--config", path, NULL };
	start_ready(more);
	f = fopen(path, "w");
	fputs("[log]\nformat = loud\n", f);
	fclose(f);
	kill(running, SIGHUP);
	int64_t end = now_ms() + READY_MS;
	while (strstr(log_text(), "config.refused") == NULL && now_ms() < end)
		poll(NULL, 0, 5);
	ck_assert_msg(
	    strstr(log_text(), "meshd.conf:2: log.format:") != NULL, "%s", log_text());
	f = fopen(path, "w");
	fputs("[log]\nformat = json\n[store]\npacket_days = 9\n[radio \"b\"]\ndriver = "
	      "sim\n",
	    f);
	fclose(f);
	kill(running, SIGHUP);
	while (strstr(log_text(),
		   "\"event\":\"config.reloaded\",\"restart\":\"store\"") == NULL &&
	    now_ms() < end)
		poll(NULL, 0, 5);
	ck_assert_msg(
	    strstr(log_text(), "\"event\":\"radio.added\",\"radio\":\"b\"") != NULL,
	    "%s", log_text());
	ck_assert_int_eq(stop(SIGTERM), 0);
}
CHECK_MODULE(meshd, setup, a_demo_is_ready_and_stops_cleanly,
    a_crash_leaves_no_image_of_the_keys, the_keys_stay_out_of_the_swap,
    nothing_in_the_state_folder_is_for_others, a_demo_without_a_folder_leaves_nothing,
    a_second_daemon_on_the_folder_exits_78,
    a_bad_configuration_exits_78_and_names_the_line,
    printed_defaults_are_a_good_configuration, options_of_later_steps_are_refused,
    without_a_radio_it_starts_and_says_how_to_name_one, a_port_in_use_is_named,
    an_ordinary_user_names_a_folder,
    a_killed_daemon_comes_back_with_its_key_and_a_higher_boot,
    a_reload_changes_levels_or_is_refused_whole)
