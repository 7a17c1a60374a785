#include "client.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct growing {
	char *bytes;
	size_t len, cap;
};

static bool
grow(struct growing *g, const char *from, size_t len)
{
	if (g->bytes == NULL || g->len + len + 1 > g->cap) {
		size_t cap = (g->len + len + 1) * 2;
		char *bytes = realloc(g->bytes, cap);
		if (bytes == NULL)
			return false;
		g->bytes = bytes;
		g->cap = cap;
	}
	memcpy(g->bytes + g->len, from, len);
	g->len += len;
	g->bytes[g->len] = '\0';
	return true;
}

static size_t
collect(char *from, size_t size, size_t count, void *ctx)
{
	return grow(ctx, from, size * count) ? size * count : 0;
}

static CURL *
open_request(const struct options *o, const char *path)
{
	char url[4096];
	CURL *curl = curl_easy_init();
	if (curl == NULL)
		return NULL;
	snprintf(url, sizeof url, "http://meshd/api/v1%s", path);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, o->socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	return curl;
}

/* What comes in lines: those that `each` takes are gone, the rest is the answer. */
struct taking {
	struct growing line;
	client_line each; /* NULL: it is one piece */
	void *ctx;
};

static size_t
take_lines(char *from, size_t size, size_t count, void *ctx)
{
	struct taking *t = ctx;
	if (t->each == NULL)
		return collect(from, size, count, &t->line);
	for (size_t i = 0; i < size * count; i++) {
		if (!grow(&t->line, &from[i], 1))
			return 0;
		if (from[i] == '\n' && t->each(t->ctx, t->line.bytes))
			t->line.len = 0;
	}
	return size * count;
}

struct reply
client_ask(
    const struct options *o, const char *method, const char *path, const char *body)
{
	return client_ask_early(o, method, path, body, NULL, NULL);
}

struct reply
client_ask_early(const struct options *o, const char *method, const char *path,
    const char *body, client_line each, void *ctx)
{
	struct reply r = { 0 };
	struct taking t = { .each = each, .ctx = ctx };
	struct curl_slist *headers = NULL;
	CURL *curl = open_request(o, path);
	if (curl == NULL) {
		snprintf(r.error, sizeof r.error, "out of memory");
		return r;
	}
	if (each != NULL)
		headers = curl_slist_append(
		    headers, "Accept: application/x-ndjson, application/json");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_lines);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &t);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	if (body != NULL) {
		headers = curl_slist_append(headers, "Content-Type: application/json");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &r.status);
	if (code != CURLE_OK) {
		long os_error = 0;
		curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error);
		snprintf(r.error, sizeof r.error, "%s",
		    os_error != 0 ? strerror((int)os_error) : curl_easy_strerror(code));
		r.timed_out = code == CURLE_OPERATION_TIMEDOUT;
		r.status = 0;
	}
	r.body = t.line.bytes;
	r.len = t.line.len;
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return r;
}

void
reply_free(struct reply *r)
{
	free(r->body);
	*r = (struct reply){ 0 };
}

/* One event stream: lines are gathered until the blank one that ends an event. */
struct follower {
	client_event each;
	void *ctx;
	struct growing line, data;
	char topic[32], last_id[32];
	bool ended;
	struct timespec until;
	bool bounded;
};

static void
put_text(struct growing *g, const char *text)
{
	(void)grow(g, text, strlen(text));
}

static void
take_line(struct follower *f, const char *line)
{
	if (strncmp(line, "data: ", 6) == 0) {
		put_text(&f->data, line + 6);
	} else if (strncmp(line, "event: ", 7) == 0) {
		snprintf(f->topic, sizeof f->topic, "%s", line + 7);
	} else if (strncmp(line, "id: ", 4) == 0) {
		snprintf(f->last_id, sizeof f->last_id, "%s", line + 4);
	} else if (line[0] == '\0' && f->data.len > 0) {
		f->ended = !f->each(f->ctx, f->topic, f->data.bytes);
		f->data.len = 0;
		f->topic[0] = '\0';
	}
}

static size_t
take_stream(char *from, size_t size, size_t count, void *ctx)
{
	struct follower *f = ctx;
	for (size_t i = 0; i < size * count && !f->ended; i++) {
		if (from[i] != '\n') {
			if (from[i] != '\r')
				collect(&from[i], 1, 1, &f->line);
			continue;
		}
		take_line(
		    f, f->line.bytes != NULL && f->line.len > 0 ? f->line.bytes : "");
		f->line.len = 0;
		if (f->line.bytes != NULL)
			f->line.bytes[0] = '\0';
	}
	return f->ended ? 0 : size * count;
}

static bool
is_over(const struct follower *f)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return f->bounded &&
	    (now.tv_sec > f->until.tv_sec ||
		(now.tv_sec == f->until.tv_sec && now.tv_nsec >= f->until.tv_nsec));
}

static int
watch_time(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return is_over(ctx) ? 1 : 0;
}

/* One connection's worth.  The HTTP status, or 0. */
static long
follow_once(const struct options *o, const char *path, struct follower *f)
{
	char header[64];
	long status = 0;
	CURL *curl = open_request(o, path);
	if (curl == NULL)
		return 0;
	snprintf(header, sizeof header, "Last-Event-ID: %s", f->last_id);
	struct curl_slist *headers = f->last_id[0] != '\0'
	    ? curl_slist_append(NULL, header)
	    : NULL;
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_stream);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_time);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, f);
	curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return status;
}

enum exit_code
client_follow(const struct options *o, const char *path, uint32_t for_ms,
    client_event each, void *ctx)
{
	struct follower f = { .each = each, .ctx = ctx, .bounded = for_ms > 0 };
	enum exit_code code = EXIT_OK;
	bool reached = false;
	clock_gettime(CLOCK_MONOTONIC, &f.until);
	f.until.tv_sec += for_ms / 1000;
	f.until.tv_nsec += (long)(for_ms % 1000) * 1000000;
	if (f.until.tv_nsec >= 1000000000) {
		f.until.tv_nsec -= 1000000000;
		f.until.tv_sec++;
	}
	while (!f.ended && !is_over(&f)) {
		long status = follow_once(o, path, &f);
		reached = reached || status == 200;
		if (!reached) {
			code = status == 0 ? EXIT_UNREACHABLE : EXIT_FAILED;
			break;
		}
		if (!f.ended &&
		    !is_over(&f)) /* the daemon went away: try again each second */
			nanosleep(&(struct timespec){ 1, 0 }, NULL);
	}
	free(f.line.bytes);
	free(f.data.bytes);
	return code;
}

void
client_encode(const char *text, char *to, size_t cap)
{
	char *encoded = curl_easy_escape(NULL, text, 0);
	snprintf(to, cap, "%s", encoded != NULL ? encoded : "");
	curl_free(encoded);
}
