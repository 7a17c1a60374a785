/* player.c - plays the radio's side of a recorded Meshtastic session to one client.
 *
 * player [--tcp ADDRESS:PORT | --pty] [--chunked] [--loop] [--speed X] FILE.jsonl
 *
 * Chunks go out as they were recorded, in time (--speed 2: twice as fast, 0: at once);
 * without --chunked they are joined as a busy socket would.  Where the recording had
 * bytes from its client, we wait for bytes from ours, and the end of the configuration
 * carries the number that our client asked with.  Lines `ether` are not the radio's and
 * are left out.  Afterwards the link stays open and heartbeats are answered, unless the
 * recorded radio hung up.  A new TCP client takes the place of the old one and hears
 * the session from its beginning: the firmware does so too. */
#include "bytes.h"
#include "endpoint.h"
#include "player_recording.h"
#include "stream.h"
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

enum { BLOCK_BYTES = 1 << 15, PATIENCE_MS = 3000, HEADER_MAX = 16, LOOK_AGAIN_MS = 50 };
struct options {
	const char *tcp, *file;
	bool pty, chunked, loop;
	double speed;
};
struct player {
	struct options options;
	struct recording recording;
	int listener, client; /* -1: none */
	/* this client's performance */
	size_t at;
	int64_t due_ms, waited_ms;
	uint64_t heard;        /* bytes from the client */
	uint64_t heard_before; /* of those, used up by earlier client lines */
	uint32_t wants, wants_used, nonce;
	bool over;
	bool away; /* --pty: nobody has it open */
	struct stream from_client;
	uint8_t client_block[BLOCK_BYTES];
	struct bytes_out out;
	size_t sent;
	uint8_t out_block[BLOCK_BYTES];
};

static int64_t
now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
die(const char *what, const char *which)
{
	fprintf(stderr, "player: %s: %s\n", which, what);
	exit(EXIT_FAILURE);
}

/* --- one client --- */

static void
leave(struct player *p)
{
	if (p->client >= 0 && !p->options.pty)
		close(p->client);
	if (!p->options.pty)
		p->client = -1;
}

static void
begin(struct player *p, int client)
{
	p->client = client;
	p->at = 0;
	p->due_ms = p->waited_ms = -1;
	p->heard = p->heard_before = 0;
	p->wants = p->wants_used = 0;
	p->over = false;
	p->from_client = stream_init(p->client_block, sizeof p->client_block);
	p->out = bytes_out(p->out_block, sizeof p->out_block);
	p->sent = 0;
}

static void
put_complete(struct player *p)
{
	uint8_t block[HEADER_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	uint32_t n = p->nonce;
	bytes_put_u8(&out, FROM_CONFIG_COMPLETE << 3 | WIRE_VARINT);
	for (; n >= 0x80; n >>= 7)
		bytes_put_u8(&out, (uint8_t)(n | 0x80));
	bytes_put_u8(&out, (uint8_t)n);
	stream_write(&p->out, bytes_written(&out));
}

static void
put_answer(struct player *p)
{
	static const uint8_t queue_free[] = { 0x5a, 0x04, 0x10, 0x10, 0x18, 0x10 };
	stream_write(&p->out, bytes_view(queue_free, sizeof queue_free));
}

static void
hear_frame(struct player *p, struct bytes_view payload)
{
	struct bytes_in in = bytes_in(payload);
	struct protobuf_item item;
	if (!protobuf_next(&in, &item))
		return;
	if (item.number == MT_TO_WANT_CONFIG && p->over)
		begin(p, p->client); /* it lost its way; once more from the top */
	if (item.number == MT_TO_WANT_CONFIG) {
		p->nonce = (uint32_t)item.value;
		p->wants++;
	}
	if (item.number == MT_TO_HEARTBEAT && p->over)
		put_answer(p);
	if (item.number == MT_TO_DISCONNECT)
		leave(p);
}

static void
hear(struct player *p)
{
	uint8_t block[4096];
	struct stream_frame frame;
	ssize_t n = read(p->client, block, sizeof block);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		leave(p);
		p->away = p->options.pty; /* who opens it next is a new client */
		return;
	}
	p->heard += (uint64_t)n;
	(void)stream_put(&p->from_client, bytes_view(block, (size_t)n));
	while (p->client >= 0 && stream_next(&p->from_client, &frame))
		hear_frame(p, frame.payload);
}

static void
flush(struct player *p)
{
	if (p->client < 0 || p->away || p->sent == p->out.len)
		return;
	ssize_t n = write(p->client, p->out.ptr + p->sent, p->out.len - p->sent);
	if (n < 0 && errno != EAGAIN && errno != EINTR && errno != EIO) {
		leave(p);
		return;
	}
	if (n > 0)
		p->sent += (size_t)n;
	if (p->sent == p->out.len)
		p->sent = p->out.len = 0;
}

/* --- the performance --- */

/* A client line is done when our client has said as much as matters: its first request
 * for the configuration for sure, anything else if it comes within a while. */
static bool
client_line_is_done(struct player *p, const struct line *l, int64_t now)
{
	bool spoke = p->heard > p->heard_before || l->bytes.len == 0;
	if (l->wants > 0)
		spoke = p->wants_used + l->wants <= p->wants;
	if (p->waited_ms < 0)
		p->waited_ms = now;
	bool patient = p->options.speed > 0 &&
	    (double)(now - p->waited_ms) * p->options.speed < PATIENCE_MS;
	if (!spoke && (patient || (l->wants > 0 && p->wants == 0)))
		return false;
	p->wants_used += l->wants;
	p->heard_before = p->heard;
	p->waited_ms = -1;
	return true;
}

static int64_t
gap_ms(const struct player *p, size_t line)
{
	if (line == 0 || p->options.speed <= 0)
		return 0;
	int64_t gap = p->recording.lines[line].t_ms - p->recording.lines[line - 1].t_ms;
	return (int64_t)((double)gap / p->options.speed);
}

static void
play_radio_line(struct player *p, const struct line *l)
{
	if (l->complete)
		put_complete(p);
	else
		bytes_put_view(&p->out, l->bytes);
	if (l->eof) {
		flush(p);
		leave(p);
	}
}

/* In the recordings both ends close in some order; only a radio that hung up first
 * hangs up here. */
static bool
client_closed_before(const struct player *p, size_t line)
{
	for (size_t i = 0; i < line; i++)
		if (p->recording.lines[i].side == SIDE_CLIENT &&
		    p->recording.lines[i].eof)
			return true;
	return false;
}

static void
end_performance(struct player *p)
{
	if (p->options.loop) {
		p->at = 0;
		while (p->at < p->recording.count &&
		    (p->recording.lines[p->at].side == SIDE_CLIENT ||
			p->recording.lines[p->at].eof))
			p->at++;
		p->due_ms = -1;
		p->wants_used = 0;
		p->heard_before = 0;
	} else {
		p->over = true;
	}
}

/* Play what is due.  How long until the next line, or -1: wait for the client. */
static int
perform(struct player *p)
{
	while (p->client >= 0 && !p->away && !p->over) {
		int64_t now = now_ms();
		const struct line *l = &p->recording.lines[p->at];
		if (p->at == p->recording.count ||
		    (l->eof && client_closed_before(p, p->at))) {
			end_performance(p);
			continue;
		}
		if (l->side == SIDE_CLIENT) {
			if (!client_line_is_done(p, l, now))
				return LOOK_AGAIN_MS;
		} else {
			if (p->due_ms < 0)
				p->due_ms = now + gap_ms(p, p->at);
			if (p->due_ms > now)
				return (int)(p->due_ms - now);
			bool apart = p->options.chunked && !l->joined;
			size_t room = p->out.cap - p->out.len;
			if (p->out.len > 0 &&
			    (apart || room < l->bytes.len + HEADER_MAX))
				return 1; /* what is there has to leave first */
			play_radio_line(p, l);
		}
		p->due_ms = -1;
		p->at++;
	}
	return -1;
}

/* --- the ends of the line --- */

static void
welcome(struct player *p)
{
	int fd = accept4(p->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	leave(p);
	begin(p, fd);
}

static void
look_for_client(struct player *p)
{
	if (!p->away || !endpoint_pty_is_open(p->client))
		return;
	begin(p, p->client);
	p->away = false;
}

static void
run(struct player *p)
{
	for (;;) {
		look_for_client(p);
		int wait = p->away ? LOOK_AGAIN_MS : perform(p);
		flush(p);
		bool waiting = p->sent < p->out.len;
		struct pollfd fds[2] = {
			{ p->listener, POLLIN, 0 },
			{ p->away ? -1 : p->client,
			    (short)(POLLIN | (waiting ? POLLOUT : 0)), 0 },
		};
		if (poll(fds, 2, wait) < 0 && errno != EINTR)
			die(strerror(errno), "poll");
		if (!p->away && p->client >= 0 &&
		    (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
			hear(p);
		if ((fds[0].revents & POLLIN) != 0)
			welcome(p);
	}
}

static struct options
parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "tcp", required_argument, NULL, 't' },
		{ "pty", no_argument, NULL, 'p' },
		{ "chunked", no_argument, NULL, 'c' },
		{ "loop", no_argument, NULL, 'l' },
		{ "speed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .tcp = "127.0.0.1:0", .speed = 1 };
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		if (c == 't')
			o.tcp = optarg;
		else if (c == 'p')
			o.pty = true;
		else if (c == 'c')
			o.chunked = true;
		else if (c == 'l')
			o.loop = true;
		else if (c == 's')
			o.speed = strtod(optarg, NULL);
		else
			optind = argc;
	}
	if (optind != argc - 1) {
		fprintf(stderr,
		    "usage: player [--tcp ADDRESS:PORT | --pty] [--chunked] "
		    "[--loop] [--speed X] FILE.jsonl\n");
		exit(2);
	}
	o.file = argv[optind];
	return o;
}

int
main(int argc, char **argv)
{
	static struct player p = { .listener = -1, .client = -1 };
	signal(SIGPIPE, SIG_IGN);
	p.options = parse(argc, argv);
	recording_read(p.options.file, &p.recording);
	if (p.options.pty) {
		p.client = endpoint_pty("player");
		p.away = true;
	} else
		p.listener = endpoint_tcp("player", p.options.tcp);
	run(&p);
}
