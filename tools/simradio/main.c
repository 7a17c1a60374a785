/* simradio - a Meshtastic radio that does not exist, at a TCP port or a pty.
 *
 * Prints where it is reached, then what happens, a line each: `accepted N`, with
 * `while-open` when that ended another client; `configured` when it was told all that
 * is set; `asked` for its canned messages or ringtone; `closed`; `sent ID PORT TO`;
 * `off` and `on` around a boot.  The newest client wins, as in the firmware. */
#include "endpoint.h"
#include "mt_codec.h"
#include "mt_device.h"
#include "orders.h"
#include "player_recording.h"
#include "stream.h"
#include "surroundings.h"
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SECOND_CLIENT = 3, LOOK_AGAIN_MS = 50, ORDER_BYTES = 2048, METRICS_MS = 60000 };
struct options {
	const char *tcp, *like;
	bool pty, one_client, replays, clockless, silent;
	uint32_t nodes, interval_ms;
	uint64_t seed;
};
struct server {
	struct options options;
	struct mt_device *device;
	struct surroundings surroundings;
	int listener, client; /* -1: none */
	bool away;            /* the pty: nobody has it open */
	bool off;
	unsigned accepted;
	uint32_t configured, asked; /* of the device, as told */
	uint8_t unsent[4096];       /* what the link did not take */
	size_t unsent_len;
	char orders[ORDER_BYTES];
	size_t orders_len;
	bool deaf_stdin; /* it has ended */
};

static struct mesh_now
read_clocks(void)
{
	struct timespec mono, real;
	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &real);
	return (struct mesh_now){
		.ms = (mesh_time_ms)mono.tv_sec * 1000 +
		    (mesh_time_ms)mono.tv_nsec / 1000000,
		.unix_ms = (unix_ms)real.tv_sec * 1000 + real.tv_nsec / 1000000,
	};
}

static void
die(const char *what)
{
	fprintf(stderr, "simradio: %s\n", what);
	exit(EXIT_FAILURE);
}

/* --- the client --- */

static void
leave(struct server *s)
{
	if (s->client < 0 || s->away)
		return;
	mt_device_link_down(s->device, read_clocks());
	s->unsent_len = 0;
	if (s->options.pty)
		s->away = true;
	else {
		close(s->client);
		s->client = -1;
	}
	printf("closed\n");
}

static void
welcome(struct server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	bool open = s->client >= 0;
	if (fd < 0)
		return;
	printf("accepted %u%s\n", ++s->accepted, open ? " while-open" : "");
	if (open && s->options.one_client) {
		fprintf(stderr, "simradio: a second client came while one was here\n");
		exit(SECOND_CLIENT);
	}
	leave(s);
	s->client = fd;
	mt_device_link_up(s->device, read_clocks());
}

static void
look_at_pty(struct server *s)
{
	if (!s->away || s->off || !endpoint_pty_is_open(s->client))
		return;
	s->away = false;
	printf("accepted %u\n", ++s->accepted);
	mt_device_link_up(s->device, read_clocks());
}

static void
hear_client(struct server *s)
{
	uint8_t block[4096];
	ssize_t n = read(s->client, block, sizeof block);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		leave(s);
	else
		mt_device_receive(
		    s->device, bytes_view(block, (size_t)n), read_clocks());
}

/* False: the link is full, or there is none. */
static bool
flush(struct server *s)
{
	while (s->unsent_len > 0 && s->client >= 0 && !s->away) {
		ssize_t n = write(s->client, s->unsent, s->unsent_len);
		if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == EIO))
			return false;
		if (n < 0) {
			leave(s);
			return false;
		}
		s->unsent_len -= (size_t)n;
		memmove(s->unsent, s->unsent + n, s->unsent_len);
	}
	return s->client >= 0 && !s->away;
}

static void
speak(struct server *s)
{
	struct bytes_view out;
	while (flush(s) && mt_device_next_bytes(s->device, &out)) {
		memcpy(s->unsent, out.ptr, out.len);
		s->unsent_len = out.len;
	}
	while (s->unsent_len == 0 && s->configured != mt_device_configured(s->device)) {
		s->configured++;
		printf("configured\n");
	}
	if (mt_device_hangs_up(s->device))
		leave(s);
}

/* Before the client is answered: who has its answer finds it told. */
static void
tell(struct server *s)
{
	struct bytes_view raw;
	struct mt_packet p;
	for (; s->asked != mt_device_asked(s->device); s->asked++)
		printf("asked\n");
	while (mt_device_next_sent(s->device, &raw))
		if (mt_packet_read(raw, &p))
			printf("sent 0x%08x %u 0x%08x\n", (unsigned)p.id,
			    (unsigned)p.port, (unsigned)p.to);
	fflush(stdout);
}

/* A radio that boots takes no connection: its port is closed. */
static void
watch_boot(struct server *s)
{
	bool off = mt_device_is_off(s->device);
	if (off == s->off)
		return;
	s->off = off;
	printf(off ? "off\n" : "on\n");
	if (s->options.pty)
		return;
	if (off)
		shutdown(s->listener, SHUT_RDWR);
	else
		s->listener = endpoint_tcp_again("simradio", s->listener);
}

/* --- orders --- */

static void
obey(struct server *s, char *line)
{
	switch (orders_obey(s->device, line, read_clocks())) {
	case ORDER_DONE:
		break;
	case ORDER_UNKNOWN:
		fprintf(stderr, "simradio: not an order: %s\n", line);
		break;
	case ORDER_DROP:
		leave(s);
		break;
	case ORDER_QUIT:
		exit(EXIT_SUCCESS);
	}
}

static void
hear_orders(struct server *s)
{
	ssize_t n = read(STDIN_FILENO, s->orders + s->orders_len,
	    sizeof s->orders - 1 - s->orders_len);
	if (n <= 0) {
		s->deaf_stdin = true;
		return;
	}
	s->orders_len += (size_t)n;
	s->orders[s->orders_len] = '\0';
	for (char *end; (end = strchr(s->orders, '\n')) != NULL;) {
		*end = '\0';
		obey(s, s->orders);
		s->orders_len -= (size_t)(end + 1 - s->orders);
		memmove(s->orders, end + 1, s->orders_len + 1);
	}
	if (s->orders_len == sizeof s->orders - 1)
		die("an order is too long");
}

/* --- the loop --- */

static int
wait_ms(const struct server *s)
{
	struct mesh_now now = read_clocks();
	mesh_time_ms due = mt_device_deadline(s->device);
	mesh_time_ms heard = surroundings_due(&s->surroundings, now);
	due = heard < due ? heard : due;
	if (s->away && due > now.ms + LOOK_AGAIN_MS)
		due = now.ms + LOOK_AGAIN_MS;
	if (due <= now.ms)
		return 0;
	return due - now.ms < 1000 ? (int)(due - now.ms) : 1000;
}

static void
run(struct server *s)
{
	for (;;) {
		look_at_pty(s);
		mt_device_tick(s->device, read_clocks());
		surroundings_pass(&s->surroundings, s->device, read_clocks());
		tell(s);
		speak(s);
		watch_boot(s);
		fflush(stdout);
		short wanted = (short)(POLLIN | (s->unsent_len > 0 ? POLLOUT : 0));
		struct pollfd fds[] = {
			{ s->off ? -1 : s->listener, POLLIN, 0 },
			{ s->away ? -1 : s->client, wanted, 0 },
			{ s->deaf_stdin ? -1 : STDIN_FILENO, POLLIN, 0 },
		};
		if (poll(fds, LENGTH(fds), wait_ms(s)) < 0 && errno != EINTR)
			die(strerror(errno));
		/* First: who gives an order and then has the client say something
		 * means the order to count for that. */
		if ((fds[2].revents & (POLLIN | POLLHUP)) != 0)
			hear_orders(s);
		if (!s->away && s->client >= 0 &&
		    (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
			hear_client(s);
		if ((fds[0].revents & POLLIN) != 0)
			welcome(s);
	}
}

/* --- beginning --- */

/* Configuration and nodes as a recorded radio told them. */
static void
be_like(struct mt_device *d, const char *path)
{
	static uint8_t block[1 << 16];
	static struct recording r;
	struct stream stream = stream_init(block, sizeof block);
	struct stream_frame frame;
	recording_read(path, &r);
	for (size_t i = 0; i < r.count && !r.lines[i].complete; i++) {
		if (r.lines[i].side != SIDE_RADIO)
			continue;
		(void)stream_put(&stream, r.lines[i].bytes);
		while (stream_next(&stream, &frame))
			(void)mt_device_keep(d, frame.payload);
	}
}

static void
begin(struct server *s)
{
	const struct options *o = &s->options;
	s->listener = s->client = -1;
	s->device = mt_device_new(&(struct mt_device_params){ .seed = o->seed,
	    .number = o->like == NULL ? surroundings_own(o->seed) : 0,
	    .nodes = o->nodes,
	    .metrics_ms = METRICS_MS,
	    .mesh = true,
	    .clock_set = !o->clockless,
	    .replays = o->replays });
	if (s->device == NULL)
		die("no memory");
	if (o->like != NULL)
		be_like(s->device, o->like);
	surroundings_init(&s->surroundings, s->device,
	    &(struct sim_cell_params){
		.seed = o->seed, .nodes = o->nodes, .interval_ms = o->interval_ms },
	    o->like != NULL ? 0 : o->nodes, read_clocks());
	s->surroundings.silent = o->silent;
	if (o->pty) {
		s->client = endpoint_pty("simradio");
		s->away = true;
	} else
		s->listener = endpoint_tcp("simradio", o->tcp);
}

static void
usage(int status)
{
	fprintf(status == 0 ? stdout : stderr,
	    "usage: simradio [--tcp ADDRESS:PORT | --pty] [OPTION...]\n"
	    "  --one-client     end with status 3 when a client comes while one is "
	    "here\n"
	    "  --nodes N        that it lists, up to 5000; 12 if not said\n"
	    "  --interval MS    between packets of the mesh, on the average; 4000\n"
	    "  --silent         nobody in the mesh sends by himself\n"
	    "  --seed N         who it is and who is around it\n"
	    "  --like FILE      configured as the radio of this recording was\n"
	    "  --replays        firmware 2.8: old packets come again after the list\n"
	    "  --clockless      knows no time before it is told\n"
	    "Orders come by stdin, a line each:\n%s",
	    orders_help);
	exit(status);
}

static struct options
parse(int argc, char **argv)
{
	enum { NODES_MAX = 5000, NODES = 12 };
	static const struct option known[] = {
		{ "tcp", required_argument, NULL, 't' },
		{ "pty", no_argument, NULL, 'p' },
		{ "one-client", no_argument, NULL, 'o' },
		{ "nodes", required_argument, NULL, 'n' },
		{ "interval", required_argument, NULL, 'i' },
		{ "silent", no_argument, NULL, 'q' },
		{ "seed", required_argument, NULL, 's' },
		{ "like", required_argument, NULL, 'l' },
		{ "replays", no_argument, NULL, 'r' },
		{ "clockless", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .tcp = "127.0.0.1:0", .nodes = NODES, .seed = 1 };
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (c) {
		case 't':
			o.tcp = optarg;
			break;
		case 'p':
			o.pty = true;
			break;
		case 'o':
			o.one_client = true;
			break;
		case 'n':
			o.nodes = (uint32_t)strtoul(optarg, NULL, 0);
			break;
		case 'i':
			o.interval_ms = (uint32_t)strtoul(optarg, NULL, 0);
			break;
		case 'q':
			o.silent = true;
			break;
		case 's':
			o.seed = strtoull(optarg, NULL, 0);
			break;
		case 'l':
			o.like = optarg;
			break;
		case 'r':
			o.replays = true;
			break;
		case 'c':
			o.clockless = true;
			break;
		case 'h':
			usage(0);
			break;
		default:
			usage(2);
		}
	}
	if (optind != argc || o.nodes > NODES_MAX)
		usage(2);
	return o;
}

int
main(int argc, char **argv)
{
	static struct server s;
	signal(SIGPIPE, SIG_IGN);
	s.options = parse(argc, argv);
	begin(&s);
	run(&s);
}
