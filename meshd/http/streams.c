/* Event streams as libmicrohttpd wants them: sse.c says what, this file when. */
#include "http_request.h"
#include "text.h"
#include <stdlib.h>

static mesh_time_ms
now_of(const struct http_request *r)
{
	return r->http->params.world->now.ms;
}

static void
refill(struct http_request *r)
{
	struct http_stream *s = r->stream;
	if (s->sent < s->out.len)
		return;
	s->sent = 0;
	s->out = bytes_out(s->bytes, sizeof s->bytes);
	if (!s->sse.ended)
		sse_write(&s->sse, r->http->params.feed, now_of(r), &s->out);
}

bool
streams_is_due(struct http_request *r)
{
	refill(r);
	return r->stream->out.len > 0 || r->stream->sse.ended;
}

static ssize_t
read_stream(void *cls, uint64_t pos, char *to, size_t max)
{
	struct http_request *r = cls;
	struct http_stream *s = r->stream;
	(void)pos;
	if (r->http->closing)
		return MHD_CONTENT_READER_END_OF_STREAM;
	refill(r);
	size_t len = s->out.len - s->sent < max ? s->out.len - s->sent : max;
	if (len == 0 && s->sse.ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (len == 0) {
		http_suspend(r); /* before returning 0, or the loop would spin */
		return 0;
	}
	memcpy(to, s->bytes + s->sent, len);
	s->sent += len;
	return (ssize_t)len;
}

static enum MHD_Result
start(struct http_request *r)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, (size_t)16 * 1024, read_stream, r, NULL);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "text/event-stream");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(
	    response, "Cross-Origin-Resource-Policy", "same-origin");
	enum MHD_Result queued = MHD_queue_response(
	    r->connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	/* Not while suspended: it ends who takes nothing of what is there for him. */
	MHD_set_connection_option(
	    r->connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)HTTP_STREAM_IDLE_S);
	return queued;
}

enum MHD_Result
streams_open(struct http_request *r)
{
	struct http *h = r->http;
	char why[200];
	struct sse_start q = { .topics = reply_parameter(r, "topics"),
		.last_id = reply_header(r, "Last-Event-ID"),
		.filter = reply_parameter(r, "filter"),
		.stage = reply_parameter(r, "stage"),
		.boot = h->params.world->boot,
		.audience = r->door->is_local ? AUDIENCE_OPERATOR : AUDIENCE_VIEWER };
	if (h->streams == HTTP_STREAMS)
		return reply_problem(r, 503, text("64 event streams are open already"));
	struct http_stream *s = malloc(sizeof *s);
	if (s == NULL)
		return reply_problem(r, 503, text("no memory"));
	s->sent = 0;
	s->out = bytes_out(s->bytes, sizeof s->bytes);
	struct bytes_out reason = bytes_out(why, sizeof why);
	if (sse_init(&s->sse, h->params.feed, &q, now_of(r), &reason) != MESH_OK) {
		free(s);
		return reply_problem(r, 400, text_written(&reason));
	}
	r->stream = s;
	h->streams++;
	h->counts[COUNT_HTTP_STREAMS_OPENED]++;
	return start(r);
}

void
streams_shut(struct http_request *r, enum MHD_RequestTerminationCode how)
{
	struct http *h = r->http;
	bool slow = r->stream->sse.ended ||
	    how == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED;
	h->counts[COUNT_HTTP_STREAMS_SLOW] += slow;
	h->streams--;
	free(r->stream);
	r->stream = NULL;
}
