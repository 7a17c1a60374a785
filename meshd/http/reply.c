#include "assets.h"
#include "http_request.h"
#include "problem.h"
#include "prometheus.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text_view
reply_header(const struct http_request *r, const char *name)
{
	return text(MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name));
}

struct text_view
reply_parameter(const struct http_request *r, const char *name)
{
	return text(
	    MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name));
}

/* Queue and let go; on libmicrohttpd's refusal the connection ends. */
static enum MHD_Result
send_off(struct http_request *r, unsigned status, struct MHD_Response *response)
{
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(
	    response, "Cross-Origin-Resource-Policy", "same-origin");
	enum MHD_Result queued = MHD_queue_response(r->connection, status, response);
	MHD_destroy_response(response);
	return queued;
}

/* libmicrohttpd asks for void * and only reads. */
static void *
for_reading(const void *bytes)
{
	union {
		const void *from;
		void *to;
	} same = { bytes };
	return same.to;
}

/* A short answer, copied. */
static struct MHD_Response *
short_body(struct bytes_view body, const char *type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    body.len, for_reading(body.ptr), MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return NULL;
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	return response;
}

enum MHD_Result
reply_problem(struct http_request *r, uint16_t status, struct text_view detail)
{
	uint8_t room[1024];
	struct bytes_out out = bytes_out(room, sizeof room);
	problem_write(status, detail, &out);
	struct MHD_Response *response = short_body(
	    bytes_written(&out), "application/problem+json");
	if (response != NULL && status == MHD_HTTP_METHOD_NOT_ALLOWED &&
	    !r->door->is_local)
		MHD_add_response_header(response, "Allow", "GET, HEAD");
	if (response != NULL && status == MHD_HTTP_SERVICE_UNAVAILABLE)
		MHD_add_response_header(response, "Retry-After", "1");
	return send_off(r, status, response);
}

enum MHD_Result
reply_line(struct http_request *r, uint16_t status, const char *line)
{
	struct text_view body = text(line);
	return send_off(r, status,
	    short_body(bytes_view(body.ptr, body.len), "text/plain; charset=utf-8"));
}

enum MHD_Result
reply_metrics(struct http_request *r)
{
	size_t len;
	uint8_t *page = prometheus_page(r->http->params.world, &len);
	if (page == NULL)
		return reply_problem(r, 503, text("no room for so many numbers"));
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    len, page, MHD_RESPMEM_MUST_FREE);
	if (response == NULL) {
		free(page);
		return MHD_NO;
	}
	MHD_add_response_header(response, "Content-Type", PROMETHEUS_TYPE);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	return send_off(r, MHD_HTTP_OK, response);
}

bool
reply_client_has(const struct http_request *r, const char *etag)
{
	const char *known = MHD_lookup_connection_value(
	    r->connection, MHD_HEADER_KIND, "If-None-Match");
	return known != NULL && strstr(known, etag) != NULL;
}

enum MHD_Result
reply_unchanged(struct http_request *r)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    0, NULL, MHD_RESPMEM_PERSISTENT);
	if (response != NULL)
		MHD_add_response_header(response, "ETag", r->etag);
	return send_off(r, MHD_HTTP_NOT_MODIFIED, response);
}

enum MHD_Result
reply_asset(struct http_request *r, struct text_view path)
{
	const struct asset *asset = asset_find(path);
	if (asset == NULL)
		return MHD_NO;
	if (reply_client_has(r, asset->etag)) {
		snprintf(r->etag, sizeof r->etag, "%s", asset->etag);
		return reply_unchanged(r);
	}
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    asset->len, for_reading(asset->bytes), MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", asset->type);
	MHD_add_response_header(response, "Cache-Control", "no-cache");
	MHD_add_response_header(response, "ETag", asset->etag);
	MHD_add_response_header(response, "Content-Security-Policy", asset_policy);
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(response, "X-Frame-Options", "DENY");
	return send_off(r, MHD_HTTP_OK, response);
}

/* Of the answer's parts as one stream of bytes. */
static size_t
copy_parts(const struct http_request *r, uint64_t pos, char *to, size_t max)
{
	const struct call_answer *answer = call_answer(r->call);
	size_t done = 0;
	for (size_t i = 0; i < answer->part_count && done < max; i++) {
		struct bytes_view part = answer->parts[i].bytes;
		if (pos >= part.len) {
			pos -= part.len;
			continue;
		}
		size_t here = part.len - (size_t)pos < max - done
		    ? part.len - (size_t)pos
		    : max - done;
		memcpy(to + done, part.ptr + pos, here);
		done += here;
		pos = 0;
	}
	return done;
}

static ssize_t
read_parts(void *cls, uint64_t pos, char *to, size_t max)
{
	size_t done = copy_parts(cls, pos, to, max);
	return done > 0 ? (ssize_t)done : MHD_CONTENT_READER_END_OF_STREAM;
}

/* --- line by line --- */

static ssize_t
take_early(struct http_request *r, char *to, size_t max)
{
	struct text_view early = call_early(r->call);
	size_t len = early.len < max ? early.len : max;
	memcpy(to, early.ptr, len);
	call_early_took(r->call, len);
	return (ssize_t)len;
}

/* The answer is one line already; what went wrong late is one, too. */
static ssize_t
take_end(struct http_request *r, char *to, size_t max)
{
	const struct call_answer *answer = call_answer(r->call);
	uint8_t room[1024];
	struct bytes_out problem = bytes_out(room, sizeof room);
	size_t len;
	if (answer->status == MHD_HTTP_OK) {
		len = copy_parts(r, r->sent, to, max);
	} else {
		problem_write(answer->status, answer->detail, &problem);
		bytes_put_u8(&problem, '\n');
		size_t left = problem.len - (size_t)r->sent;
		len = left < max ? left : max;
		memcpy(to, room + r->sent, len);
	}
	r->sent += len;
	return len > 0 ? (ssize_t)len : MHD_CONTENT_READER_END_OF_STREAM;
}

static ssize_t
read_lines(void *cls, uint64_t pos, char *to, size_t max)
{
	struct http_request *r = cls;
	(void)pos;
	if (r->http->closing)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (call_early(r->call).len > 0)
		return take_early(r, to, max);
	if (call_is_done(r->call))
		return take_end(r, to, max);
	http_suspend(r); /* before returning 0, or the loop would spin */
	return 0;
}

enum MHD_Result
reply_lines(struct http_request *r)
{
	bool done = call_is_done(r->call) && call_early(r->call).len == 0;
	if (done && call_answer(r->call)->status != MHD_HTTP_OK)
		return reply_call(r); /* as a problem, with its status */
	struct MHD_Response *response = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, (size_t)16 * 1024, read_lines, r, NULL);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "application/x-ndjson");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	return send_off(r, MHD_HTTP_OK, response);
}

/* Of the answer, where nothing that is known before says whether it is another one. */
static void
tag_answer(struct http_request *r)
{
	uint8_t tag[CALL_TAG];
	char room[2 * CALL_TAG + 1] = "";
	if (r->etag[0] != '\0' || !call_tag(r->call, tag))
		return;
	for (size_t i = 0; i < sizeof tag; i++)
		snprintf(room + 2 * i, 3, "%02x", tag[i]);
	snprintf(r->etag, sizeof r->etag, "W/\"%s\"", room);
}

enum MHD_Result
reply_call(struct http_request *r)
{
	const struct call_answer *answer = call_answer(r->call);
	if (answer->status != MHD_HTTP_OK)
		return reply_problem(r, answer->status, answer->detail);
	tag_answer(r);
	if (r->etag[0] != '\0' && reply_client_has(r, r->etag))
		return reply_unchanged(r);
	struct MHD_Response *response = MHD_create_response_from_callback(
	    answer->bytes, (size_t)16 * 1024, read_parts, r, NULL);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "application/json");
	MHD_add_response_header(response, "Cache-Control", "no-cache");
	if (r->etag[0] != '\0')
		MHD_add_response_header(response, "ETag", r->etag);
	return send_off(r, MHD_HTTP_OK, response);
}
