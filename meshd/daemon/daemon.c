#include "clock.h"
#include "daemon_inside.h"
#include "notify.h"
#include "papers.h"
#include "pins.h"
#include "spare.h"
#include "text.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	STOP_MS = 3000,   /* of the five seconds that a stop may take */
	ANSWER_MS = 2000, /* a move waits so long for its answer to leave */
	SPARE_MS = 60 * 1000
};

/* --- edges: sockets for the turn --- */

static bool
next_datagram(void *ctx, struct mesh_path *from, struct bytes_view *bytes)
{
	struct daemon *d = ctx;
	return udp_next(d->udp, from, bytes);
}

static void
send_datagram(void *ctx, const struct mesh_datagram *datagram)
{
	struct daemon *d = ctx;
	udp_send(d->udp, &datagram->to, datagram->bytes);
}

static void
flush(void *ctx)
{
	struct daemon *d = ctx;
	udp_flush(d->udp);
}

static bool
next_unreachable(void *ctx, struct mesh_path *out)
{
	struct daemon *d = ctx;
	return udp_next_unreachable(d->udp, out);
}

static enum mesh_err
keep_network(void *ctx, struct bytes_view file)
{
	struct daemon *d = ctx;
	const struct mesh_options *o = config_get(d->config, &mesh_section, "");
	int error = statedir_keep_network(d->statedir, o->network_file, file);
	return error == 0 ? MESH_OK : MESH_IO;
}

/* The next start goes there; it follows when who asked has the answer. */
static enum mesh_err
move(void *ctx, struct bytes_view file)
{
	struct daemon *d = ctx;
	const struct mesh_options *o = config_get(d->config, &mesh_section, "");
	int error = moving_prepare(d->statedir, o->network_file, d->boot, file);
	if (error != 0) {
		log_error(d->log, EVENT(MESH_NOTICED),
		    STRING("what", "cannot move: the network's file cannot be written"),
		    ERRNO("error", error));
		return MESH_IO;
	}
	d->moving = true;
	d->stop_by_ms = d->world.now.ms + ANSWER_MS;
	return MESH_OK;
}

static struct edges
real_edges(struct daemon *d)
{
	return (struct edges){ .ctx = d,
		.next_datagram = next_datagram,
		.send = send_datagram,
		.flush = flush,
		.next_unreachable = next_unreachable,
		.link_ready = radio_edge_ready,
		.watch_link = radio_edge_watch,
		.notice = news_notice,
		.radio_told = deeds_told,
		.damaged = news_damaged,
		.keep_network = keep_network,
		.move = move };
}

/* --- what operations may see --- */

static uint64_t
core_counter(const void *core, size_t index)
{
	return mesh_site_counter(core, index);
}

static uint64_t
store_count(const void *store, size_t index)
{
	return store_counter(store, index);
}

static uint64_t
meshd_count(const void *counts, size_t index)
{
	return ((const struct meshd_counts *)counts)->n[index];
}

/* One list per room, one per radio. */
static void
list_counters(struct daemon *d)
{
	struct op_counters *c = d->counters;
	size_t n = 0;
	c[n++] = (struct op_counters){ &mesh_counters, core_counter, d->core,
		text("") };
	c[n++] = (struct op_counters){ &udp_counters, udp_counter, d->udp, text("") };
	c[n++] = (struct op_counters){ &meshd_counters, meshd_count, &d->counts,
		text("") };
	c[n++] = (struct op_counters){ &store_counter_list, store_count, d->store,
		text("") };
	c[n++] = (struct op_counters){ &http_counters, http_counter, d->http,
		text("") };
	if (d->apps != NULL)
		c[n++] = (struct op_counters){ &apps_counters, apps_counter, d->apps,
			text("") };
	for (size_t i = 0; i < ports_count(d->ports); i++) {
		const struct port *p = ports_see(d->ports, i);
		c[n++] = (struct op_counters){ &radio_counters, port_counter, p,
			port_name(p) };
	}
	d->world.counters = c;
	d->world.counters_count = n;
	d->counters_due = false;
}

static enum mesh_err
set_log_level(void *ctx, struct text_view module, struct text_view level)
{
	struct daemon *d = ctx;
	enum mesh_err err = log_set_level(d->log, module, level);
	if (err == MESH_OK)
		log_info(d->log, EVENT(LOG_LEVEL_CHANGED), TEXT("noun", module),
		    TEXT("level", level));
	return err;
}

static void
fill_world(struct daemon *d)
{
	d->world.self = d->identity.key;
	d->world.version = text(MESHD_VERSION);
	d->world.boot = d->boot;
	d->world.started_ms = d->started_ms;
	d->world.demo = d->network.demo;
	d->world.store = d->store;
	d->world.live = d->live;
	d->world.intents = d->intents;
	d->world.asks = d->asks;
	d->world.feed = d->feed;
	d->world.core = d->core;
	d->world.set_log_level = set_log_level;
	d->world.note = deeds_note;
	d->world.log_ctx = d;
	d->world.bound = mesh_edge_bound;
	d->world.bound_ctx = d;
	d->world.configured = mesh_edge_configured;
	d->world.join = &d->join;
	d->posts.counts = d->samples.counts = &d->counts;
	d->world.posts = &d->posts;
	d->world.samples = &d->samples;
	d->world.random = statedir_random;
	list_counters(d);
}

/* --- one turn --- */

static void
take_answers(struct daemon *d, struct mesh_now now)
{
	struct resolve_answer answer;
	while (resolve_next(d->resolve, &answer)) {
		if (answer.token >> 32 == RESOLVE_SEED(0) >> 32)
			seeds_answer(d, &answer, now);
		else
			radio_edge_answer(d, &answer, now);
	}
}

static mesh_time_ms
earlier(mesh_time_ms a, mesh_time_ms b)
{
	return a < b ? a : b;
}

static void
turn_doors(struct daemon *d, struct mesh_now now)
{
	http_turn(d->http);
	if (d->apps != NULL)
		apps_turn(d->apps, now);
}

/* A turn comes every minute, whatever happens. */
static void
spare_chores(struct daemon *d, struct mesh_now now)
{
	if (now.ms < d->spare_ms)
		return;
	d->spare_ms = now.ms + SPARE_MS;
	(void)spare_heap(&d->spare_left);
}

/* What the doors began after the turn is in no deadline of that turn: a call that looks
 * again soon, an order that a radio is to be told at once. */
static mesh_time_ms
begun_after(const struct daemon *d, mesh_time_ms due)
{
	if (d->stopping)
		return due;
	due = earlier(due, calls_deadline(d->calls));
	return earlier(due, ports_deadline(d->ports));
}

/* The doors before: what was asked runs in this turn; and after: what is answered
 * leaves in it. */
static mesh_time_ms
turn_once(struct daemon *d, struct mesh_now now)
{
	turn_doors(d, now);
	mesh_time_ms due = turn_run(d->turn, now);
	size_t asked = intents_count(d->intents) + intents_count(d->asks);
	turn_doors(d, now);
	if (intents_count(d->intents) + intents_count(d->asks) > asked ||
	    (!d->stopping && air_deadline(d->air) <= now.ms))
		due = now.ms;
	due = begun_after(d, due);
	if (d->counters_due)
		list_counters(d);
	news_tell(d);
	pins_chores(d);
	spare_chores(d, now);
	due = earlier(due, http_deadline(d->http));
	return d->apps != NULL ? earlier(due, apps_deadline(d->apps)) : due;
}

static void
begin_stop(struct daemon *d, struct mesh_now now)
{
	d->stopping = true;
	d->stop_by_ms = now.ms + STOP_MS;
	d->world.ready = false;
	log_info(d->log, EVENT(DAEMON_STOPPING));
	notify_send(
	    getenv("NOTIFY_SOCKET"), d->signals > 0 ? "STOPPING=1" : "RELOADING=1");
	turn_leave(d->turn, now);
}

static mesh_time_ms
chores(struct daemon *d, struct mesh_now now)
{
	if (d->reload_asked) {
		d->reload_asked = false;
		settings_reload(d, now);
	}
	take_answers(d, now);
	mesh_edge_chores(d, now);
	radio_edge_chores(d, now);
	papers_chores(d, now);
	sampler_tick(&d->sampler, now);
	mesh_time_ms due = earlier(mesh_edge_deadline(d), radio_edge_deadline(d));
	due = earlier(due, sampler_deadline(&d->sampler));
	return earlier(due, d->papers_ms);
}

/* Asked to end, or to begin anew elsewhere and nobody waits for an answer any more. */
static bool
stop_is_due(const struct daemon *d, struct mesh_now now)
{
	bool answered = calls_count(d->calls) == 0 || now.ms >= d->stop_by_ms;
	return d->signals > 0 || (d->moving && answered);
}

static uint64_t
on_turn(void *ctx)
{
	struct daemon *d = ctx;
	struct mesh_now now = clock_now();
	mesh_time_ms due = MESH_NEVER;
	d->world.now = now;
	if (!d->stopping && stop_is_due(d, now))
		begin_stop(d, now);
	if (!d->stopping)
		due = chores(d, now);
	due = earlier(due, turn_once(d, now));
	if (d->stopping && (turn_is_settled(d->turn) || now.ms >= d->stop_by_ms))
		loop_stop(d->loop);
	if (d->stopping || d->moving)
		due = earlier(due, d->stop_by_ms);
	if (!d->stopping && stop_is_due(d, now))
		due = now.ms;
	return due == MESH_NEVER ? MESH_NEVER : due > now.ms ? due - now.ms : 0;
}

static void
on_stop_signal(void *ctx, int number)
{
	struct daemon *d = ctx;
	(void)number;
	/* The second time nothing is waited for; what was answered is on the disk. */
	if (++d->signals > 1)
		_exit(0);
}

static void
on_reload_signal(void *ctx, int number)
{
	struct daemon *d = ctx;
	(void)number;
	d->reload_asked = true;
}

/* --- from start to end --- */

static int
turn_until_stopped(struct daemon *d)
{
	fill_world(d);
	loop_on_turn(d->loop, on_turn, d);
	loop_run(d->loop);
	return 0;
}

static int
open_loop(struct daemon *d)
{
	d->log = log_new(STDERR_FILENO, log_under_journal(STDERR_FILENO));
	d->loop = loop_new();
	if (d->log == NULL || d->loop == NULL)
		return 1;
	settings_log(d, d->config);
	d->edges = real_edges(d);
	/* A signal during the start ends it after the start, in order. */
	loop_on_signal(d->loop, SIGTERM, on_stop_signal, d);
	loop_on_signal(d->loop, SIGINT, on_stop_signal, d);
	loop_on_signal(d->loop, SIGHUP, on_reload_signal, d);
	return 0;
}

static int
run(struct daemon *d)
{
	int status = open_loop(d);
	if (status == 0)
		status = ready_start(d);
	if (status == 0)
		status = turn_until_stopped(d);
	ready_stop(d);
	if (status == 0 && !d->moving)
		log_info(d->log, EVENT(DAEMON_STOPPED));
	loop_free(d->loop);
	log_free(d->log);
	return status;
}

static struct config *
load(const struct daemon_params *params)
{
	char *room = malloc(DAEMON_COMPLAINTS);
	struct bytes_out wrong = bytes_out(room, room != NULL ? DAEMON_COMPLAINTS : 0);
	struct config *config = settings_load(params, &wrong);
	if (config == NULL) {
		bool ended = wrong.len > 0 && wrong.ptr[wrong.len - 1] == '\n';
		(void)fwrite(wrong.ptr, 1, wrong.len, stderr);
		fputs(ended ? "" : "\n", stderr);
	}
	free(room);
	return config;
}

int
daemon_check(const struct daemon_params *params)
{
	struct config *config = load(params);
	config_free(config);
	return config != NULL ? 0 : EXIT_CONFIG;
}

/* Everything from the start, but for what was decided before it. */
static void
begin_anew(struct daemon *d)
{
	struct daemon *next = calloc(1, sizeof *next);
	if (next == NULL)
		return;
	next->params = d->params;
	next->config = d->config;
	memcpy(next->state_path, d->state_path, sizeof next->state_path);
	memcpy(next->run_path, d->run_path, sizeof next->run_path);
	next->state_is_temporary = d->state_is_temporary;
	next->world.now = clock_now();
	next->started_ms = next->world.now.ms;
	*d = *next;
	free(next);
}

/* A site that moves to another network is a start of its own, in this process: the
 * folder, the supervisor and the process id stay. */
static int
run_and_move(struct daemon *d)
{
	int status = run(d);
	while (status == 0 && d->moving && d->signals == 0) {
		begin_anew(d);
		status = run(d);
	}
	return status;
}

int
daemon_run(const struct daemon_params *params)
{
	char room[DAEMON_PATH + 128];
	struct bytes_out wrong = bytes_out(room, sizeof room);
	struct config *config = load(params);
	struct daemon *d = config != NULL ? calloc(1, sizeof *d) : NULL;
	if (d == NULL)
		return config == NULL ? EXIT_CONFIG : 1;
	d->params = params;
	d->config = config;
	d->world.now = clock_now();
	d->started_ms = d->world.now.ms;
	int status = settings_folders(d, &wrong);
	if (status == 0)
		status = run_and_move(d);
	else
		fprintf(stderr, "meshd: %s\n", text_end(&wrong));
	config_free(d->config);
	free(d);
	return status;
}
