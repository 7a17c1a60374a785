/* fuzz_doors.c - what people and programs say, as text: requests with their parameters
 * and JSON bodies, apps' datagrams, filters, ids, quantities, addresses.  The first
 * byte picks the reader.  What is refused is refused with a reason. */
#include "alert.h"
#include "app_leases.h"
#include "fake_world.h"
#include "filter.h"
#include "host_check.h"
#include "json_in.h"
#include "listen.h"
#include "named.h"
#include "node.h"
#include "order.h"
#include "packet.h"
#include "prefix.h"
#include "remote.h"
#include "text.h"
#include "units.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 128 * 1024 };
static _Alignas(16) uint8_t first[ROOM], second[ROOM], object[2048];

static void
insist(bool truth)
{
	if (!truth)
		abort();
}

/* Up to the next `end`, which is skipped. */
static struct text_view
part(struct text_view *left, char end)
{
	const char *at = left->len > 0 ? memchr(left->ptr, end, left->len) : NULL;
	size_t len = at != NULL ? (size_t)(at - left->ptr) : left->len;
	struct text_view part = { left->ptr, len };
	left->ptr += len + (at != NULL);
	left->len -= len + (at != NULL);
	return part;
}

/* --- requests --- */

/* METHOD PATH?NAME=VALUE&... and, behind a line's end, a body. */
static void
read_request(struct text_view v)
{
	static struct call_pair pairs[CALL_PAIRS];
	struct text_view line = part(&v, '\n'), path = part(&line, '?');
	struct call_request q = { .body = v, .pairs = pairs };
	bool known;
	if (path.len == 0)
		return;
	enum op_method method = (enum op_method)((uint8_t)path.ptr[0] % 3);
	path.ptr++, path.len--;
	q.audience = (line.len & 1) != 0 ? AUDIENCE_OPERATOR : AUDIENCE_VIEWER;
	q.op = op_route(method, path, &q.id, &known);
	if (q.op == NULL)
		return;
	while (line.len > 0 && q.pair_count < CALL_PAIRS) {
		struct text_view value = part(&line, '&');
		struct text_view name = part(&value, '=');
		pairs[q.pair_count++] = (struct call_pair){ name, value };
	}
	struct call *call = call_begin(fake.calls, &q);
	insist(call != NULL);
	if (call_is_done(call)) {
		const struct call_answer *a = call_answer(call);
		insist((a->status == 200) == (a->detail.len == 0));
	}
	call_end(call);
}

static void
read_app(struct text_view v)
{
	static uint8_t datagram[2048];
	struct app_addr from = { .bytes = { 1 }, .len = 1 }, to;
	struct app_leases *l = app_leases_new(fake.feed, 1);
	insist(l != NULL);
	while (v.len > 0) {
		struct text_view one = part(&v, '\n');
		struct bytes_out out = bytes_out(datagram, sizeof datagram);
		app_leases_request(l, &from, bytes_view(one.ptr, one.len), 1000, &out);
		out = bytes_out(datagram, sizeof datagram);
		while (app_leases_next(l, 1500, &to, &out))
			out = bytes_out(datagram, sizeof datagram);
		from.bytes[0] ^= one.len & 1;
	}
	app_leases_free(l);
}

/* --- languages --- */

static void
read_filter(struct text_view v)
{
	static const struct field_table *const tables[] = { &alert_table, &packet_table,
		&node_table };
	const struct field_table *t = tables[v.len % LENGTH(tables)];
	struct arena arena = arena_init(first, ROOM);
	const struct filter *f = NULL;
	struct filter_error why = { 0 };
	insist(t->object_bytes <= sizeof object);
	memset(object, 0, sizeof object);
	if (filter_parse(t, v, &arena, &f, &why) != MESH_OK) {
		insist(why.text[0] != '\0' && why.column <= v.len + 1);
		return;
	}
	bool passes = filter_eval(f, object);
	insist(v.len > 0 || passes);
	(void)filter_is_conjunction(f);
}

static void
read_json(struct text_view v)
{
	struct arena arena = arena_init(first, ROOM), more = arena_init(second, ROOM);
	struct tree_view tree;
	struct json_error why = { 0 };
	const struct field *bad;
	if (json_in_tree(v, &arena, &tree, &why) != MESH_OK) {
		insist(why.text[0] != '\0');
		return;
	}
	if (named_read(&alert_table, tree, object, &more, &bad) == MESH_OK)
		insist(fields_check(&alert_table, object, &bad) == MESH_OK);
}

static void
read_id(struct text_view v)
{
	struct id id, again;
	char text[ID_TEXT_MAX + 1];
	struct bytes_out out = bytes_out(text, sizeof text);
	if (id_parse(v, &id) != MESH_OK)
		return;
	id_print(&id, &out);
	insist(!out.failed);
	insist(id_parse((struct text_view){ text, out.len }, &again) == MESH_OK);
	insist(id_equal(&id, &again));
}

static void
read_quantity(struct text_view v)
{
	static const enum field_unit units[] = { UNIT_NONE, UNIT_MS, UNIT_S, UNIT_BYTES,
		UNIT_DBM };
	for (size_t i = 0; i < LENGTH(units); i++) {
		char text[64];
		struct bytes_out out = bytes_out(text, sizeof text);
		int64_t n, again;
		if (units_parse(v, units[i], &n) != MESH_OK)
			continue;
		units_print(units[i], n, &out);
		insist(units_parse((struct text_view){ text, out.len }, units[i],
			   &again) == MESH_OK &&
		    n == again);
	}
}

/* --- addresses and encodings --- */

static void
read_address(struct text_view v)
{
	struct prefix prefix;
	struct listen_addr listens;
	char name[300];
	if (prefix_read(v, &prefix))
		insist(prefix_holds(&prefix, prefix.addr));
	if (listen_parse(v, 4470, &listens))
		(void)listen_is_loopback(&listens);
	size_t len = v.len < sizeof name - 1 ? v.len : sizeof name - 1;
	memcpy(name, v.ptr, len);
	name[len] = '\0';
	(void)host_is_ours(v, NULL);
	(void)host_is_ours(v, name);
}

static void
read_encoded(struct text_view v)
{
	struct bytes_out out = bytes_out(first, ROOM), back = bytes_out(second, ROOM);
	if (text_hex_decode(v, &out) == MESH_OK) {
		text_put_hex(&back, bytes_written(&out));
		insist(back.len == v.len);
	}
	out = bytes_out(first, ROOM);
	back = bytes_out(second, ROOM);
	if (text_base64url_decode(v, &out) == MESH_OK) {
		text_put_base64url(&back, bytes_written(&out));
		insist(bytes_equal(bytes_written(&back), bytes_view(v.ptr, v.len)));
	}
}

/* --- other sites --- */

/* An operation that another site asks for, and what this one is answered. */
static void
read_order(struct text_view v)
{
	static struct meshd_counts counts;
	const struct mesh_event e = {
		.kind = MESH_QUESTION, .ticket = 1, .body = bytes_view(v.ptr, v.len)
	};
	struct remote *r = remote_new(
	    &(struct remote_params){ .calls = fake.calls, .counts = &counts });
	struct arena arena = arena_init(first, ROOM);
	struct order_done done;
	unsigned before = fake.answers;
	insist(r != NULL);
	fake.answer_len = 0;
	bool order = remote_question(r, &e, fake.world.now);
	insist(order || fake.answers == before);
	if (fake.answers > before)
		insist(mesh_body_decode(&order_done_table,
			   bytes_view(fake.answer, fake.answer_len), &done,
			   &arena) == MESH_OK);
	remote_free(r);
}

static void (*const readers[])(struct text_view v) = { read_request, read_app,
	read_filter, read_json, read_id, read_quantity, read_address, read_encoded,
	read_order };

/* A byte that has no row reads nothing: a seed means the same however this grows. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	if (!started)
		fake_start();
	started = true;
	if (size > 1 && size < ROOM / 4 && data[0] < LENGTH(readers))
		readers[data[0]](
		    (struct text_view){ (const char *)data + 1, size - 1 });
	return 0;
}
