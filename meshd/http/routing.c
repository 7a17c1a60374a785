/* What a request wants: an operation, the event stream, the page, or its health. */
#include "assets.h"
#include "caller.h"
#include "host_check.h"
#include "http_request.h"
#include "text.h"
#include <stdio.h>

static const char api[] = "/api/v1";

static void
count(struct http_request *r, enum http_counter which)
{
	if (!r->counted)
		r->http->counts[which]++;
	r->counted = true;
}

static enum MHD_Result
refuse(
    struct http_request *r, enum http_counter why, uint16_t status, const char *detail)
{
	count(r, why);
	return reply_problem(r, status, text(detail));
}

static bool
method_of(const char *method, enum op_method *out)
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET"; /* libmicrohttpd leaves the body away */
	for (size_t i = 0; op_method_words[i] != NULL; i++) {
		if (strcmp(method, op_method_words[i]) == 0) {
			*out = (enum op_method)i;
			return true;
		}
	}
	return false;
}

enum MHD_Result
routing_head(struct http_request *r, const char *method, bool *answered)
{
	enum op_method m;
	*answered = true;
	if (!r->door->is_local &&
	    !host_is_ours(reply_header(r, "Host"), r->http->params.host))
		return refuse(r, COUNT_HTTP_HOST, 421,
		    "name this server as localhost or 127.0.0.1");
	if (!method_of(method, &m))
		return refuse(r, COUNT_HTTP_METHOD, 405, "");
	if (m != OP_GET && !r->door->is_local)
		return refuse(r, COUNT_HTTP_METHOD, 405,
		    "over TCP this site only answers questions; use the UNIX socket to "
		    "act");
	*answered = false;
	return MHD_YES;
}

struct pairs {
	struct call_pair pair[CALL_PAIRS];
	size_t count;
	bool too_many;
};

static enum MHD_Result
take_pair(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	struct pairs *p = cls;
	(void)kind;
	p->too_many = p->count == CALL_PAIRS;
	if (p->too_many)
		return MHD_NO;
	p->pair[p->count++] = (struct call_pair){ { name, name_len },
		{ value != NULL ? value : "", value_len } };
	return MHD_YES;
}

/* What the answer depends on, when that is known beforehand: this run, the view's
 * version and that of the sites' names in it. */
static void
set_etag(struct http_request *r, const struct op *op)
{
	enum store_noun noun;
	const struct op_world *w = r->http->params.world;
	r->etag[0] = '\0';
	if (!call_noun(op, &noun) || reply_parameter(r, "filter").ptr != NULL)
		return; /* a filter may mean "younger than": the clock is in it */
	snprintf(r->etag, sizeof r->etag, "W/\"%llx-%d-%llx-%llx\"",
	    (unsigned long long)w->boot, (int)noun,
	    (unsigned long long)store_version(w->store, noun),
	    (unsigned long long)store_version(w->store, STORE_STATE));
}

/* JSON lines, named as they are: a browser that takes anything takes no stream. */
static bool
wants_lines(const struct http_request *r)
{
	struct text_view accept = reply_header(r, "Accept");
	return accept.ptr != NULL && strstr(accept.ptr, "application/x-ndjson") != NULL;
}

static enum MHD_Result
reply_of_call(struct http_request *r)
{
	return r->lines ? reply_lines(r) : reply_call(r);
}

static enum MHD_Result
begin_call(struct http_request *r, const struct op *op, struct text_view id)
{
	struct pairs pairs = { .count = 0 };
	MHD_get_connection_values_n(
	    r->connection, MHD_GET_ARGUMENT_KIND, take_pair, &pairs);
	if (pairs.too_many)
		return refuse(r, COUNT_HTTP_BODY, 400, "too many parameters");
	set_etag(r, op);
	if (r->etag[0] != '\0' && reply_client_has(r, r->etag)) {
		count(r, COUNT_HTTP_TAKEN);
		return reply_unchanged(r);
	}
	char room[CALL_WHO];
	struct bytes_out who = bytes_out(room, sizeof room);
	caller_put(r->connection, &who);
	struct call_request q = { .op = op,
		.id = id,
		.who = text_written(&who),
		.pairs = pairs.pair,
		.pair_count = pairs.count,
		.body = { (const char *)r->body, r->body_len },
		.audience = r->door->is_local ? AUDIENCE_OPERATOR : AUDIENCE_VIEWER,
		.early = op->early && wants_lines(r) };
	r->lines = q.early;
	r->call = call_begin(r->http->params.calls, &q);
	if (r->call == NULL)
		return refuse(r, COUNT_HTTP_BUSY, 503, "too many requests at once");
	count(r, COUNT_HTTP_TAKEN);
	if (call_is_done(r->call))
		return reply_of_call(r);
	http_suspend(r);
	return MHD_YES;
}

static bool
body_is_json(struct http_request *r)
{
	struct text_view type = reply_header(r, "Content-Type");
	return r->body_len == 0 || text_begins(type, "application/json");
}

static enum MHD_Result
route_api(struct http_request *r, enum op_method method, struct text_view path)
{
	struct text_view id;
	bool known;
	if (method == OP_GET && text_is(path, "/events")) {
		count(r, COUNT_HTTP_TAKEN);
		return streams_open(r);
	}
	const struct op *op = op_route(method, path, &id, &known);
	if (op == NULL && known)
		return refuse(r, COUNT_HTTP_METHOD, 405, "");
	if (op == NULL)
		return refuse(r, COUNT_HTTP_PATH, 404, "no such path below /api/v1");
	if (r->body_too_large)
		return refuse(r, COUNT_HTTP_BODY, 413, "at most 128 KiB");
	if (!body_is_json(r))
		return refuse(r, COUNT_HTTP_BODY, 415, "");
	return begin_call(r, op, id);
}

static enum MHD_Result
route_page(struct http_request *r, struct text_view path)
{
	bool ready = r->http->params.world->ready;
	if (asset_find(path) != NULL) {
		count(r, COUNT_HTTP_TAKEN);
		return reply_asset(r, path);
	}
	if (text_is(path, "/metrics")) {
		count(r, COUNT_HTTP_TAKEN);
		return reply_metrics(r);
	}
	if (!text_is(path, "/healthz") && !text_is(path, "/readyz"))
		return refuse(r, COUNT_HTTP_PATH, 404, "no such page");
	count(r, COUNT_HTTP_TAKEN);
	if (text_is(path, "/healthz") || ready)
		return reply_line(r, 200, "ok\n");
	return reply_line(r, 503, "not ready\n");
}

enum MHD_Result
routing_request(struct http_request *r, const char *method, const char *path)
{
	enum op_method m = OP_GET;
	struct text_view all = text(path);
	size_t prefix = strlen(api);
	if (r->call != NULL) /* resumed */
		return reply_of_call(r);
	method_of(method, &m);
	if (text_begins(all, "/api/v1/"))
		return route_api(
		    r, m, (struct text_view){ all.ptr + prefix, all.len - prefix });
	if (m != OP_GET)
		return refuse(r, COUNT_HTTP_METHOD, 405, "");
	return route_page(r, all);
}
