/* The player, the links and the driver together: what a daemon does, without one. */
#include "check_mesh.h"
#include "link.h"
#include "radio.h"
#include "text.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };
static pid_t player;

static void
start(char *where, size_t len, const char *options, const char *session)
{
	int out[2];
	char command[1024];
	snprintf(command, sizeof command,
	    "exec " PLAYER " %s " TEST_VECTORS "/meshtastic/%s.jsonl", options,
	    session);
	ck_assert_int_eq(pipe(out), 0);
	player = fork();
	if (player == 0) {
		dup2(out[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	FILE *f = fdopen(out[0], "r");
	ck_assert_msg(fgets(where, (int)len, f) != NULL, "the player did not start");
	where[strcspn(where, "\n")] = '\0';
	fclose(f);
}

static void
stop(void)
{
	kill(player, SIGTERM);
	waitpid(player, NULL, 0);
}

static struct mesh_now
read_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	mesh_time_ms ms = (mesh_time_ms)t.tv_sec * 1000 +
	    (mesh_time_ms)t.tv_nsec / 1000000;
	return (struct mesh_now){ .ms = ms, .unix_ms = 1700000000000 + (unix_ms)ms };
}

static struct link *
open_link(const struct link_ops *ops, char *where)
{
	struct link *l;
	struct link_params params = { .device = text(where) };
	char *colon = strrchr(where, ':');
	if (ops == &link_tcp) {
		*colon = '\0';
		params.host = text(where);
		params.port = (uint16_t)strtoul(colon + 1, NULL, 10);
	}
	ck_assert_int_eq(ops->open(&l, &params), 0);
	return l;
}

struct tally {
	unsigned ready, receptions, nodes;
	bool ended; /* the radio hung up */
};

static void
drain(const struct radio_ops *radio, struct radio *r, struct tally *t)
{
	struct radio_event e;
	while (radio->next_event(r, &e)) {
		t->ready += e.kind == RADIO_READY;
		t->receptions += e.kind == RADIO_RECEPTION;
		t->nodes += e.kind == RADIO_NODE;
	}
}

static void
write_all(const struct link_ops *ops, struct link *l, struct bytes_view v)
{
	for (size_t at = 0; at < v.len;) {
		struct pollfd p = { ops->fd(l), POLLOUT, 0 };
		ck_assert_int_gt(poll(&p, 1, PATIENCE_MS), 0);
		int64_t n = ops->write(l, v.ptr + at, v.len - at);
		ck_assert_msg(n > 0 || n == -EAGAIN, "write: %d", (int)n);
		at += n > 0 ? (size_t)n : 0;
	}
}

/* Be the daemon until `receptions` came and the radio is ready, or it hung up. */
static struct tally
listen_until(const struct link_ops *ops, char *where, unsigned receptions)
{
	const struct radio_ops *radio = radio_driver(text("meshtastic"));
	const struct radio_params params = { .seed = 3 };
	struct radio *r = radio->create(&params);
	struct link *l = open_link(ops, where);
	struct tally t = { 0 };
	struct mesh_now began = read_clock(), now = began;
	radio->link_up(r, now);
	while (!t.ended && (t.ready == 0 || t.receptions < receptions)) {
		uint8_t block[4096];
		struct bytes_view out;
		struct pollfd p = { ops->fd(l), POLLIN, 0 };
		ck_assert_msg(now.ms - began.ms < PATIENCE_MS,
		    "%u ready, %u receptions", t.ready, t.receptions);
		while (radio->next_bytes(r, &out))
			write_all(ops, l, out);
		poll(&p, 1, 20);
		now = read_clock();
		int64_t n = ops->read(l, block, sizeof block);
		t.ended = n == 0 || n == -EIO;
		if (n > 0)
			radio->receive(r, bytes_view(block, (size_t)n), now);
		drain(radio, r, &t);
		radio->tick(r, now);
	}
	radio->destroy(r);
	ops->close(l);
	return t;
}

static const char fast[] = "--speed 0", chunked[] = "--chunked --speed 50",
		  by_pty[] = "--pty --speed 0";

START_TEST(a_recorded_radio_becomes_ready_over_tcp)
{
	char where[128];
	start(where, sizeof where, fast, "chain_text.a");
	struct tally t = listen_until(&link_tcp, where, 3);
	ck_assert(t.ready == 1 && t.receptions == 3 && t.nodes >= 1);
	stop();
}
START_TEST(a_recorded_radio_becomes_ready_over_a_pty)
{
	char where[128], again[128];
	start(where, sizeof where, by_pty, "chain_text.a");
	memcpy(again, where, sizeof again);
	ck_assert_uint_eq(listen_until(&link_serial, where, 3).receptions, 3);
	ck_assert_uint_eq(listen_until(&link_serial, again, 3).receptions, 3);
	stop();
}
START_TEST(chunks_and_timing_change_nothing)
{
	char where[128];
	start(where, sizeof where, chunked, "handshake_chopped");
	ck_assert_uint_eq(listen_until(&link_tcp, where, 0).ready, 1);
	stop();
}
START_TEST(a_radio_that_hung_up_hangs_up)
{
	char where[128];
	start(where, sizeof where, fast, "kickout.a1");
	struct tally t = listen_until(&link_tcp, where, 1000);
	ck_assert(t.ready == 1 && t.ended);
	stop();
}
START_TEST(a_second_client_takes_the_place_of_the_first)
{
	char where[128], again[128];
	start(where, sizeof where, fast, "chain_text.a");
	memcpy(again, where, sizeof again);
	struct link *first = open_link(&link_tcp, where);
	struct pollfd p = { link_tcp.fd(first), POLLIN, 0 };
	uint8_t byte;
	ck_assert_uint_eq(listen_until(&link_tcp, again, 3).receptions, 3);
	ck_assert_int_eq(poll(&p, 1, PATIENCE_MS), 1);
	ck_assert_int_le(link_tcp.read(first, &byte, 1), 0);
	link_tcp.close(first);
	stop();
}
CHECK_MODULE(player, NULL, a_recorded_radio_becomes_ready_over_tcp,
    a_recorded_radio_becomes_ready_over_a_pty, chunks_and_timing_change_nothing,
    a_radio_that_hung_up_hangs_up, a_second_client_takes_the_place_of_the_first)
