/* The real server on a UNIX socket and on loopback, over a site that is made up. */
#include "alert.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "http_server.h"
#include "seek.h"
#include "text.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 70, PATIENCE_MS = 60000 };
struct client {
	int fd;
	bool closed;
	size_t len;
	char text[96 * 1024];
};
static struct client clients[CLIENTS];
static struct http *http;
static struct sockaddr_un unix_addr;
static struct sockaddr_in tcp_addr;

static int
listen_on(int family, const struct sockaddr *addr, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, addr, len), 0);
	ck_assert_int_eq(listen(fd, 128), 0);
	return fd;
}

static void
stop(void)
{
	http_close(http);
	http = NULL;
	for (size_t i = 0; i < CLIENTS; i++) {
		if (clients[i].fd > 0)
			close(clients[i].fd);
		clients[i].fd = 0;
		clients[i].len = 0;
		clients[i].closed = false;
	}
	if (unix_addr.sun_path[0] != '\0')
		unlink(unix_addr.sun_path);
}

static void
setup(void)
{
	const char *folder = getenv("TMPDIR");
	socklen_t len = sizeof tcp_addr;
	stop();
	fake_start();
	unix_addr.sun_family = AF_UNIX;
	snprintf(unix_addr.sun_path, sizeof unix_addr.sun_path, "%s/check_http.%d.sock",
	    folder != NULL ? folder : "/tmp", (int)getpid());
	unlink(unix_addr.sun_path);
	tcp_addr = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct http_params params = { .calls = fake.calls,
		.world = &fake.world,
		.feed = fake.feed,
		.unix_fd = listen_on(
		    AF_UNIX, (struct sockaddr *)&unix_addr, sizeof unix_addr),
		.tcp_fd = listen_on(
		    AF_INET, (struct sockaddr *)&tcp_addr, sizeof tcp_addr) };
	ck_assert_int_eq(
	    getsockname(params.tcp_fd, (struct sockaddr *)&tcp_addr, &len), 0);
	ck_assert_int_eq(http_open(&http, &params), 0);
}

static struct client *
dial(size_t i, const struct sockaddr *addr, socklen_t len)
{
	struct client *c = &clients[i];
	if (c->fd > 0)
		close(c->fd);
	c->closed = false;
	c->len = 0;
	c->fd = socket(addr->sa_family, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(c->fd, addr, len), 0);
	ck_assert_int_eq(fcntl(c->fd, F_SETFL, O_NONBLOCK), 0);
	return c;
}

static struct client *
local(size_t i)
{
	return dial(i, (struct sockaddr *)&unix_addr, sizeof unix_addr);
}

static struct client *
remote(size_t i)
{
	return dial(i, (struct sockaddr *)&tcp_addr, sizeof tcp_addr);
}

static void
take(struct client *c)
{
	ssize_t got;
	while (c->len < sizeof c->text - 1 &&
	    (got = recv(c->fd, c->text + c->len, sizeof c->text - 1 - c->len, 0)) >=
		0) {
		if (got == 0) {
			c->closed = true;
			break;
		}
		c->len += (size_t)got;
	}
	c->text[c->len] = '\0';
}

static int64_t
clock_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One turn of the loop, as the daemon does it. */
static void
turn(struct client *c)
{
	struct pollfd fds[HTTP_FDS + 1];
	int watched[HTTP_FDS];
	size_t count = http_fds(http, watched);
	for (size_t i = 0; i < count; i++)
		fds[i] = (struct pollfd){ .fd = watched[i], .events = POLLIN };
	fds[count] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
	poll(fds, (nfds_t)count + 1, 5);
	http_turn(http);
	take(c);
}

/* Turn the loop until `word` was received; false: not in time. */
static bool
hears(struct client *c, const char *word)
{
	for (int64_t end = clock_ms() + PATIENCE_MS; clock_ms() < end;) {
		turn(c);
		if (strstr(c->text, word) != NULL)
			return true;
	}
	fprintf(stderr, "waited for %s, got: %s\n", word, c->text);
	return false;
}

__attribute__((format(printf, 2, 3))) static void
say(struct client *c, const char *format, ...)
{
	char request[2048];
	va_list args;
	va_start(args, format);
	int len = vsnprintf(request, sizeof request, format, args);
	va_end(args);
	c->len = 0;
	c->text[0] = '\0';
	ck_assert_int_eq(send(c->fd, request, (size_t)len, MSG_NOSIGNAL), len);
}

static const char get[] = "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n";

START_TEST(the_page_is_served_with_its_policy)
{
	struct client *c = remote(0);
	say(c, get, "/");
	ck_assert(hears(c, "</html>"));
	ck_assert_ptr_nonnull(strstr(c->text, "200 OK"));
	ck_assert_ptr_nonnull(
	    strstr(c->text, "Content-Security-Policy: default-src 'none'"));
	ck_assert_ptr_nonnull(strstr(c->text, "nosniff"));
	ck_assert_ptr_nonnull(strstr(c->text, "script-src 'sha256-"));
	ck_assert_ptr_null(strstr(c->text, "unsafe-inline"));
	char *tag = strstr(c->text, "ETag: "), request[256];
	snprintf(request, sizeof request,
	    "GET / HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: %.18s\r\n\r\n",
	    tag + 6);
	say(c, "%s", request);
	ck_assert(hears(c, "304 Not Modified"));
	say(c, get, "/../etc/passwd");
	ck_assert(hears(c, "404 Not Found"));
}
START_TEST(a_question_waits_for_the_store_and_the_loop_does_not)
{
	struct client *c = remote(0);
	say(c, get, "/api/v1/nodes?limit=2");
	while (fake.asks == 0)
		turn(c);
	turn(c);
	ck_assert_uint_eq(c->len, 0);
	ck_assert_uint_gt(http_deadline(http), fake.world.now.ms);
	ck_assert_int_eq(fake.asked.audience, AUDIENCE_VIEWER);
	fake_answer("{\"id\":\"!1\"}", 1, "");
	ck_assert(hears(c, "\"items\":[{\"id\":\"!1\"}]}\n"));
	ck_assert_ptr_nonnull(strstr(c->text, "Content-Type: application/json"));
	ck_assert_ptr_nonnull(strstr(c->text, "Content-Length: "));
}
/* What our own store found, one hit of score `n` hundredths; the call waits for others.
 */
static void
found_here(uint8_t n, const char *json)
{
	struct store_hit hit = { .hash_len = 1,
		.hash = { n },
		.score = n / 100.0,
		.type_len = 4,
		.type = "face",
		.json = text(json) };
	calls_outcome(fake.calls,
	    &(struct store_outcome){
		.token = fake.search_token, .page = fake_hits(&hit, 1, false) });
}

/* A search that others answer, too, and that has not ended. */
static struct client *
search_lines(const char *accept)
{
	struct client *c = local(0);
	fake.world.others.most = REPLICA_NOTHING;
	fake.peers[fake.peer_count++] = (struct mesh_peer){ .state = PEER_ALIVE };
	fake.searches = 0;
	say(c,
	    "GET /api/v1/registry/search?like=[1,0] HTTP/1.1\r\nHost: localhost\r\n"
	    "Accept: %s\r\n\r\n",
	    accept);
	while (fake.searches == 0)
		turn(c);
	return c;
}

static void
end_search(void)
{
	calls_refused(fake.calls, fake.search_token, MESH_FULL); /* nobody was asked */
}

START_TEST(who_takes_lines_gets_what_is_known_before_the_answer)
{
	struct client *c = search_lines("application/x-ndjson, application/json");
	found_here(90, "{\"hash\":\"5a\"}");
	ck_assert(hears(c, "{\"partial\":true,\"site\":\""));
	ck_assert_ptr_nonnull(strstr(c->text, "Content-Type: application/x-ndjson"));
	ck_assert_ptr_nonnull(strstr(c->text, "\"hits\":[{\"hash\":\"5a\","));
	ck_assert_ptr_nonnull(
	    strstr(c->text, "\"complete\":{\"answered\":1,\"known\":2}}\n"));
	ck_assert_ptr_null(strstr(c->text, "meshd.hits/1"));
	for (int i = 0; i < 20; i++)
		turn(c);
	ck_assert_msg(http_deadline(http) > fake.world.now.ms, "it must not spin");
	end_search();
	ck_assert(hears(c, "\"items\":[{\"hash\":\"5a\"}]"));
	ck_assert(hears(c, "\r\n0\r\n")); /* the last chunk */
}
START_TEST(who_does_not_gets_the_answer_alone)
{
	struct client *c = search_lines("*/*");
	found_here(90, "{\"hash\":\"5a\"}");
	for (int i = 0; i < 20; i++)
		turn(c);
	ck_assert_uint_eq(c->len, 0);
	end_search();
	ck_assert(hears(c, "\"items\":[{\"hash\":\"5a\"}]"));
	ck_assert_ptr_null(strstr(c->text, "partial"));
	ck_assert_ptr_nonnull(strstr(c->text, "Content-Type: application/json"));
}
START_TEST(what_goes_wrong_at_once_is_a_problem_and_late_the_last_line)
{
	struct client *c = local(1);
	say(c,
	    "GET /api/v1/registry/search?top=0 HTTP/1.1\r\nHost: localhost\r\n"
	    "Accept: application/x-ndjson\r\n\r\n");
	ck_assert(hears(c, "400 Bad Request"));
	ck_assert_ptr_nonnull(strstr(c->text, "problem+json"));
	c = search_lines("application/x-ndjson");
	uint8_t room[64];
	struct bytes_out body = bytes_out(room, sizeof room);
	struct seek_answer nothing = { .has = 7 };
	ck_assert_int_eq(
	    mesh_body_encode(&seek_answer_table, &nothing, &body), MESH_OK);
	calls_event(fake.calls,
	    &(struct mesh_event){ .kind = MESH_ANSWER,
		.ticket = fake.search_token,
		.body = bytes_written(&body) });
	ck_assert(hears(c, "partial"));
	for (int i = 0; i < 2; i++) { /* the budget, then the store's own time */
		fake.world.now.ms += CALL_TIMEOUT_MS;
		calls_tick(fake.calls, fake.world.now.ms);
	}
	ck_assert(hears(c, "\"status\":504"));
	ck_assert(hears(c, "\r\n0\r\n"));
}
START_TEST(closing_ends_lines_that_wait)
{
	struct client *c = search_lines("application/x-ndjson");
	found_here(90, "{\"hash\":\"5a\"}");
	ck_assert(hears(c, "partial"));
	stop();
	ck_assert_uint_eq(calls_count(fake.calls), 0);
}
START_TEST(long_answers_arrive_whole)
{
	static char items[40000];
	struct client *c = local(0);
	memset(items, ' ', sizeof items - 1);
	items[0] = '{';
	memcpy(items + sizeof items - 14, "\"end\":\"here\"}", 13);
	say(c, get, "/api/v1/packets?limit=2");
	while (fake.asks == 0)
		turn(c);
	fake_answer(items, 1, "more");
	while (fake.asks == 1)
		turn(c);
	fake_answer("{\"id\":\"last\"}", 1, "");
	ck_assert(hears(c, "\"end\":\"here\"},{\"id\":\"last\"}]}\n"));
}
START_TEST(what_did_not_change_is_not_sent_again)
{
	char request[256];
	struct client *c = remote(0);
	say(c, get, "/api/v1/nodes");
	while (fake.asks == 0)
		turn(c);
	fake_answer("", 0, "");
	ck_assert(hears(c, "\"items\":[]"));
	char *tag = strstr(c->text, "ETag: ");
	ck_assert_ptr_nonnull(tag);
	snprintf(request, sizeof request,
	    "GET /api/v1/nodes HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: "
	    "%.*s\r\n\r\n",
	    (int)strcspn(tag + 6, "\r"), tag + 6);
	say(c, "%s", request);
	ck_assert(hears(c, "304 Not Modified"));
	ck_assert_uint_eq(fake.asks, 1);
	fake.version++;
	say(c, "%s", request);
	while (fake.asks == 1)
		turn(c);
	fake_answer("", 0, "");
	ck_assert(hears(c, "200 OK"));
}
/* The answer's name, asked for at `path` with `tag` of before; "": it says nothing new.
 */
static const char *
tag_of(struct client *c, const char *path, const char *tag, const char *items)
{
	static char kept[64];
	unsigned asks = fake.asks;
	say(c, "GET %s HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: %s\r\n\r\n", path,
	    tag);
	while (fake.asks == asks)
		turn(c);
	fake.world.now.ms += 5 * fake.asks; /* each time takes longer */
	fake.world.now.unix_ms += 5;
	fake_answer(items, 1, "");
	ck_assert(hears(c, "HTTP/1.1 "));
	bool same = strstr(c->text, "304 Not Modified") != NULL;
	const char *now = strstr(c->text, "ETag: ");
	ck_assert(now != NULL && same == (strstr(c->text, "items") == NULL));
	snprintf(kept, sizeof kept, "%.*s", (int)strcspn(now + 6, "\r"), now + 6);
	return same ? "" : kept;
}
START_TEST(an_entry_is_not_sent_again_while_it_says_the_same)
{
	static const char *const paths[] = { "/api/v1/registry/5eed",
		"/api/v1/registry", "/api/v1/registry?filter=time_ms%3E0" };
	struct client *c = remote(0);
	for (size_t i = 0; i < LENGTH(paths); i++) {
		char first[64], other[64];
		memset(c->text, 0, sizeof c->text);
		snprintf(first, sizeof first, "%s",
		    tag_of(c, paths[i], "\"none\"", "{\"hash\":\"5eed\"}"));
		ck_assert_str_ne(first, "");
		ck_assert_str_eq(tag_of(c, paths[i], first, "{\"hash\":\"5eed\"}"), "");
		/* Its time is over: no view of the store has changed. */
		snprintf(other, sizeof other, "%s", tag_of(c, paths[i], first, ""));
		ck_assert(other[0] != '\0' && strcmp(other, first) != 0);
	}
}
START_TEST(tcp_answers_and_never_acts)
{
	static const char *const methods[] = { "POST", "DELETE", "PUT", "OPTIONS",
		"TRACE", "PATCH" };
	for (size_t i = 0; i < LENGTH(methods); i++) {
		char request[256];
		struct client *c = remote(0);
		snprintf(request, sizeof request,
		    "%s /api/v1/state HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
		    "0\r\n\r\n",
		    methods[i]);
		say(c, "%s", request);
		ck_assert_msg(hears(c, "405 Method Not Allowed"), "%s", methods[i]);
		ck_assert_ptr_nonnull(strstr(c->text, "Allow: GET, HEAD"));
	}
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
}
START_TEST(a_foreign_host_name_is_refused_on_tcp_alone)
{
	struct client *c = remote(0);
	say(c, "GET %s HTTP/1.1\r\nHost: evil.example\r\n\r\n", "/api/v1/status");
	ck_assert(hears(c, "421 "));
	ck_assert_ptr_null(strstr(c->text, "uptime"));
	c = remote(1);
	say(c, "GET %s HTTP/1.0\r\n\r\n", "/api/v1/status");
	ck_assert(hears(c, "421 "));
	c = local(2);
	say(c, "GET %s HTTP/1.1\r\nHost: meshd\r\n\r\n", "/api/v1/status");
	ck_assert(hears(c, "\"uptime_s\":999"));
}
START_TEST(the_unix_socket_acts_and_answers_when_it_is_stored)
{
	struct client *c = local(0);
	say(c,
	    "POST /api/v1/state HTTP/1.1\r\nHost: meshd\r\nContent-Type: "
	    "application/json\r\nContent-Length: 25\r\n\r\n%s",
	    "{\"key\":\"gate\",\"value\":true}");
	ck_assert_uint_eq(strlen("{\"key\":\"gate\",\"value\":true}"), 27);
	c = local(0); /* a length that lies is the sender's loss; now the right one */
	say(c,
	    "POST /api/v1/state HTTP/1.1\r\nHost: meshd\r\nContent-Type: "
	    "application/json\r\nContent-Length: 27\r\n\r\n%s",
	    "{\"key\":\"gate\",\"value\":true}");
	while (intents_count(fake.world.intents) == 0)
		turn(c);
	turn(c);
	ck_assert_uint_eq(c->len, 0);
	fake_appended(MESH_OK);
	ck_assert(hears(c, "\"key\":\"user/gate\",\"value\":true"));
	ck_assert_ptr_nonnull(strstr(c->text, "200 OK"));
}
START_TEST(problems_are_problem_json)
{
	/* clang-format off */
	static const struct { const char *path, *status, *word; } row[] = {
		{ "/api/v1/nowhere", "404 ", "\"exit\":4" },
		{ "/api/v1/log/level", "405 ", "\"status\":405" },
		{ "/api/v1/nodes?limit=x", "400 ", "limit" },
		{ "/api/v1/events?topics=weather", "400 ", "topics" },
		{ "/api/v1/radios/none", "404 ", "none" },
		{ "/nowhere", "404 ", "no such page" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct client *c = local(0);
		say(c, get, row[i].path);
		ck_assert_msg(hears(c, "\"exit\":"), "%s", row[i].path);
		ck_assert_msg(strstr(c->text, row[i].status) != NULL, "%s", c->text);
		ck_assert_msg(strstr(c->text, row[i].word) != NULL, "%s", c->text);
		ck_assert_ptr_nonnull(strstr(c->text, "application/problem+json"));
	}
}
START_TEST(bodies_are_bounded_and_json)
{
	struct client *c = local(0);
	say(c,
	    "POST %s HTTP/1.1\r\nHost: m\r\nContent-Length: 3\r\n"
	    "Content-Type: text/plain\r\n\r\nabc",
	    "/api/v1/state");
	ck_assert(hears(c, "415 "));
	c = local(0);
	say(c,
	    "POST %s HTTP/1.1\r\nHost: m\r\nContent-Length: 140000\r\n"
	    "Content-Type: application/json\r\n\r\n",
	    "/api/v1/state");
	static char zeros[140000];
	memset(zeros, ' ', sizeof zeros);
	for (size_t sent = 0; sent < sizeof zeros;) {
		ssize_t n = send(
		    c->fd, zeros + sent, sizeof zeros - sent, MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		turn(c);
	}
	ck_assert(hears(c, "413 "));
}
START_TEST(a_head_has_no_body_and_health_is_a_line)
{
	struct client *c = remote(0);
	say(c, "HEAD %s HTTP/1.1\r\nHost: localhost\r\n\r\n", "/api/v1/status");
	ck_assert(hears(c, "\r\n\r\n"));
	ck_assert_ptr_null(strstr(c->text, "schema"));
	say(c, get, "/metrics");
	ck_assert(hears(c, "text/plain; version=0.0.4"));
	say(c, get, "/healthz");
	ck_assert(hears(c, "\r\n\r\nok\n"));
	fake.world.ready = false;
	say(c, get, "/readyz");
	ck_assert(hears(c, "not ready"));
	ck_assert_ptr_nonnull(strstr(c->text, "503 "));
	say(c, get, "/healthz");
	ck_assert(hears(c, "200 OK"));
}
START_TEST(events_stream_and_silence_beats)
{
	struct client *c = remote(0);
	say(c, get, "/api/v1/events?topics=alert");
	ck_assert(hears(c, "retry: 2000"));
	ck_assert_ptr_nonnull(strstr(c->text, "text/event-stream"));
	for (int i = 0; i < 20; i++)
		turn(c);
	ck_assert_msg(http_deadline(http) > fake.world.now.ms + 1000,
	    "an idle stream must not spin the loop");
	fake_alert(1, "hill", 1, ALERT_INFO, "it rang");
	ck_assert(hears(c, "event: alert"));
	ck_assert_ptr_nonnull(strstr(c->text, "id: 7.1\n"));
	c->len = 0;
	turn(c);
	fake.world.now.ms += 15000;
	ck_assert(hears(c, ":\n\n"));
	fake_alert(2, "hill", 2, ALERT_INFO, "it rang again");
	c = remote(1);
	say(c, "GET %s HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 7.1\r\n\r\n",
	    "/api/v1/events");
	ck_assert(hears(c, "it rang again"));
	ck_assert_ptr_null(strstr(c->text, "id: 7.1\n"));
}
START_TEST(one_stream_more_than_there_is_room_for_is_refused)
{
	for (size_t i = 0; i < HTTP_STREAMS; i++) {
		say(remote(i), get, "/api/v1/events");
		ck_assert(hears(&clients[i], "retry"));
	}
	struct client *c = remote(HTTP_STREAMS);
	say(c, get, "/api/v1/events");
	ck_assert(hears(c, "503 "));
	fake_alert(1, "hill", 1, ALERT_INFO, "to all");
	for (size_t i = 0; i < HTTP_STREAMS; i++)
		ck_assert(hears(&clients[i], "to all"));
	close(clients[5].fd);
	clients[5].fd = 0;
	fake.world.now.ms += 15000; /* its place is found free at the next beat */
	for (int64_t end = clock_ms() + PATIENCE_MS; clock_ms() < end;) {
		c = remote(HTTP_STREAMS);
		say(c, get, "/api/v1/events");
		while (c->len == 0)
			turn(c);
		if (strstr(c->text, "200 OK") != NULL)
			return;
		fake.world.now.ms += 15000;
	}
	ck_abort_msg("the place was never free");
}
START_TEST(whom_the_ring_overtakes_is_dropped_and_counted)
{
	struct client *c = remote(0);
	say(c, get, "/api/v1/events");
	ck_assert(hears(c, "retry"));
	for (int i = 0; i < 300; i++)
		fake_alert(1, "hill", 1, ALERT_INFO, "too many at once");
	for (int64_t end = clock_ms() + PATIENCE_MS; !c->closed && clock_ms() < end;)
		turn(c);
	size_t slow = counter_find(&http_counters, text("http.streams.slow"));
	ck_assert_uint_eq(http_counter(http, slow), 1);
}
START_TEST(closing_ends_streams_and_questions_that_wait)
{
	struct client *c = remote(0);
	say(c, get, "/api/v1/events");
	ck_assert(hears(c, "retry"));
	c = local(1);
	say(c, get, "/api/v1/nodes");
	while (fake.asks == 0)
		turn(c);
	stop();
	ck_assert_uint_eq(fake.cancels, 1);
}
START_TEST(garbage_is_survived_and_every_request_is_counted_once)
{
	static const char base[] = "GET /api/v1/status?limit=%31 HTTP/1.1\r\n"
				   "Host: localhost\r\nLast-Event-ID: 7.1\r\n\r\n";
	rng_restart(check_seed());
	for (int i = 0; i < 300; i++) {
		char copy[sizeof base];
		struct client *c = i % 2 ? local(0) : remote(0);
		memcpy(copy, base, sizeof base);
		for (uint32_t flips = 1 + rng_u32() % 4; flips > 0; flips--)
			copy[rng_u32() % (sizeof base - 1)] = (char)rng_u32();
		send(c->fd, copy, sizeof base - 1 - (i % 7 == 0), MSG_NOSIGNAL);
		shutdown(c->fd, SHUT_WR);
		for (int turns = 0; turns < 20 && !c->closed; turns++)
			turn(c);
	}
	close(clients[0].fd);
	clients[0].fd = 0;
	struct client *c = remote(1);
	say(c, get, "/api/v1/status");
	ck_assert(hears(c, "uptime_s"));
	uint64_t seen = 0, sum = 0;
	for (size_t i = 0; i < http_counters.count; i++) {
		struct text_view name = text(http_counters.rows[i].name);
		if (text_is(name, "http.seen"))
			seen = http_counter(http, i);
		else if (!text_begins(name, "http.streams"))
			sum += http_counter(http, i);
	}
	ck_assert_uint_gt(seen, 0);
	ck_assert_msg(seen - sum <= 1, "seen %d, sum %d", (int)seen, (int)sum);
}
CHECK_MODULE(http_server, setup, the_page_is_served_with_its_policy,
    a_question_waits_for_the_store_and_the_loop_does_not,
    who_takes_lines_gets_what_is_known_before_the_answer,
    who_does_not_gets_the_answer_alone,
    what_goes_wrong_at_once_is_a_problem_and_late_the_last_line,
    closing_ends_lines_that_wait, long_answers_arrive_whole,
    what_did_not_change_is_not_sent_again,
    an_entry_is_not_sent_again_while_it_says_the_same, tcp_answers_and_never_acts,
    a_foreign_host_name_is_refused_on_tcp_alone,
    the_unix_socket_acts_and_answers_when_it_is_stored, problems_are_problem_json,
    bodies_are_bounded_and_json, a_head_has_no_body_and_health_is_a_line,
    events_stream_and_silence_beats, one_stream_more_than_there_is_room_for_is_refused,
    whom_the_ring_overtakes_is_dropped_and_counted,
    closing_ends_streams_and_questions_that_wait,
    garbage_is_survived_and_every_request_is_counted_once)
