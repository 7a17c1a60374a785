/* Parameters: texts of a query string and a JSON body -> op_params, by the row's table.
 */
#include "call_inside.h"
#include "filter.h"
#include "json_in.h"
#include "live.h"
#include "text.h"
#include "tree.h"
#include "units.h"
#include <inttypes.h>
#include <math.h>

static const struct field *
row_of(const struct field_table *t, struct text_view name)
{
	for (size_t i = 0; i < t->count; i++)
		if (text_is(name, t->rows[i].name))
			return &t->rows[i];
	return NULL;
}

static bool
fail_unknown(struct call *c, struct text_view name)
{
	char known[160];
	struct bytes_out list = bytes_out(known, sizeof known);
	const struct field_table *t = c->op->params;
	for (size_t i = 0; i < t->count; i++) {
		text_put(&list, i > 0 ? ", " : "");
		text_put(&list, t->rows[i].name);
	}
	if (t->count == 0)
		text_put(&list, "no parameters");
	call_fail(c, 400, "unknown parameter '%.*s'; %s takes: %.*s",
	    name.len < 40 ? (int)name.len : 40, name.ptr, c->op->name, (int)list.len,
	    known);
	return false;
}

static bool
yes_or_no(struct text_view v, bool *out)
{
	*out = v.len == 0 || text_is(v, "1") || text_is(v, "true") || text_is(v, "yes");
	return *out || text_is(v, "0") || text_is(v, "false") || text_is(v, "no");
}

static enum mesh_err
read_value(struct call *c, const struct field *row, struct text_view text, void *to,
    struct json_error *why)
{
	int64_t n = 0;
	switch (row->kind) {
	case FIELD_TEXT:
		*(struct text_view *)to = arena_text(&c->arena, text);
		return ((struct text_view *)to)->ptr != NULL ? MESH_OK : MESH_FULL;
	case FIELD_BOOL:
		return yes_or_no(text, to) ? MESH_OK : MESH_MALFORMED;
	case FIELD_U32:
		if (units_parse(text, row->unit, &n) != MESH_OK || n < 0 ||
		    n > UINT32_MAX)
			return MESH_MALFORMED;
		*(uint32_t *)to = (uint32_t)n;
		return MESH_OK;
	case FIELD_I64:
		return text_parse_i64(text, to);
	case FIELD_F64:
		return text_parse_f64(text, to);
	case FIELD_TREE:
		return json_in_tree(text, &c->arena, to, why);
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U64:
	case FIELD_I32:
	case FIELD_F32:
	case FIELD_KEY:
	case FIELD_ID:
	case FIELD_BYTES:
	case FIELD_LIST:
	case FIELD_STRUCT:
		break; /* only as JSON */
	}
	return MESH_MALFORMED;
}

static bool
read_pair(struct call *c, const struct call_pair *pair)
{
	const struct field *row = row_of(c->op->params, pair->name);
	if (row == NULL)
		return fail_unknown(c, pair->name);
	struct json_error why = { 0 };
	bool is_text = text_is_utf8(bytes_view(pair->value.ptr, pair->value.len));
	if (is_text &&
	    read_value(c, row, pair->value, (uint8_t *)&c->params + row->offset,
		&why) == MESH_OK)
		return true;
	if (why.line > 0)
		call_fail(c, 400, "parameter %s, line %u, column %u: %s", row->name,
		    why.line, why.column, why.text);
	else
		call_fail(c, 400, "parameter %s: '%.*s'%s%s", row->name,
		    pair->value.len < 60 ? (int)pair->value.len : 60, pair->value.ptr,
		    row->kind == FIELD_TEXT ? " is not UTF-8 text" : "; wanted: ",
		    row->kind == FIELD_TEXT ? "" : row->doc);
	return false;
}

static size_t
skip_blanks(struct text_view v, size_t at)
{
	while (at < v.len && strchr(" \t\r\n", v.ptr[at]) != NULL)
		at++;
	return at;
}

static bool
holds(struct text_view v, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i + len <= v.len; i++)
		if (memcmp(v.ptr + i, word, len) == 0)
			return true;
	return false;
}

/* What stands in the path is a member like those of the body, which need not repeat it.
 */
static struct text_view
with_id(struct call *c, struct text_view body, struct text_view id)
{
	static const char member[] = "\"id\"";
	size_t cap = body.len + 6 * id.len + sizeof member + 8;
	size_t from = skip_blanks(body, 0);
	if (id.len == 0 || from == body.len || body.ptr[from] != '{' ||
	    holds(body, member))
		return body;
	size_t next = skip_blanks(body, from + 1);
	struct bytes_out out = bytes_out(arena_take(&c->arena, 1, cap), cap);
	if (out.ptr == NULL)
		return body;
	struct json_out j = json_out(&out);
	json_open_object(&j);
	json_key(&j, "id");
	json_put_text(&j, id);
	if (next < body.len && body.ptr[next] != '}')
		bytes_put_u8(&out, ',');
	bytes_put(&out, body.ptr + from + 1, body.len - from - 1);
	return out.failed ? body : text_written(&out);
}

/* What the member that is wrong should be. */
static void
fail_member(struct call *c, const struct json_error *why)
{
	size_t len = strcspn(why->text, ":");
	const struct field *row = row_of(
	    c->op->params, (struct text_view){ why->text, len });
	if (row == NULL)
		call_fail(c, 400, "body: %s", why->text);
	else if (row->kind == FIELD_TEXT && row->hi > 0)
		call_fail(c, 400,
		    "body: %s; wanted: %s (%" PRId64 " to %" PRId64 " bytes)",
		    why->text, row->doc, row->lo, row->hi);
	else
		call_fail(c, 400, "body: %s; wanted: %s", why->text, row->doc);
}

static bool
read_body(struct call *c, struct text_view body)
{
	struct json_error why = { 0 };
	enum mesh_err err = json_in_object(
	    c->op->params, body, &c->params, &c->arena, &why);
	if (err == MESH_OK)
		return true;
	if (why.line > 0)
		call_fail(c, 400, "body, line %u, column %u: %s", why.line, why.column,
		    why.text);
	else if (err == MESH_FULL)
		call_fail(c, 400, "body: too large");
	else
		fail_member(c, &why);
	return false;
}

static bool
check(struct call *c)
{
	const struct field *bad = NULL;
	if (fields_check(c->op->params, &c->params, &bad) == MESH_OK)
		return true;
	if (bad == NULL)
		call_fail(c, 400, "parameters are out of range");
	else if (bad->kind == FIELD_TEXT)
		call_fail(c, 400,
		    "parameter %s: needed, %" PRId64 " to %" PRId64 " bytes: %s",
		    bad->name, bad->lo, bad->hi, bad->doc);
	else
		call_fail(c, 400, "parameter %s: missing or out of range: %s",
		    bad->name, bad->doc);
	return false;
}

bool
call_params_read(struct call *c, const struct call_request *q)
{
	if (q->body.len > 0 && !read_body(c, with_id(c, q->body, q->id)))
		return false;
	for (size_t i = 0; i < q->pair_count; i++)
		if (!read_pair(c, &q->pairs[i]))
			return false;
	if (q->id.len > 0) {
		struct call_pair id = { { "id", 2 }, q->id };
		if (!read_pair(c, &id))
			return false;
	}
	return check(c);
}

bool
call_number(struct tree_view bare, double *out)
{
	if (bare.count != 1)
		return false;
	struct tree_item named = bare.items[0];
	named.name = text("value");
	return tree_f64((struct tree_view){ &named, 1 }, "value", out) &&
	    isfinite(*out);
}

bool
call_filter(struct call *c, const struct field_table *t, struct text_view text,
    struct store_question *q)
{
	struct filter_error why = { 0 };
	if (text.len == 0)
		return true;
	if (filter_parse(t, text, &c->arena, &q->filter, &why) == MESH_OK)
		return true;
	call_fail(c, 400, "filter, column %zu: %s", why.column, why.text);
	return false;
}

struct text_view
call_narrow(
    struct call *c, struct text_view filter, const char *word, struct text_view value)
{
	size_t cap = filter.len + value.len + 48;
	struct bytes_out out = bytes_out(arena_take(&c->arena, 1, cap), cap);
	if (out.ptr == NULL)
		out.cap = 0;
	if (filter.len > 0) {
		text_put(&out, "(");
		text_put_view(&out, filter);
		text_put(&out, ") and ");
	}
	text_put(&out, word);
	text_put(&out, "=\"");
	text_put_view(&out, value);
	text_put(&out, "\"");
	return text_written(&out);
}

/* Until a peer's records have come its name is the one in its beacon, as `peer list`
 * shows it. */
static size_t
find_peer(struct call *c, struct text_view name, struct mesh_key *out)
{
	const struct sites *names = live_sites(c->world->live);
	struct mesh_peer peer;
	char room[SITE_SHOWN_MAX];
	size_t count = 0;
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &peer); i++) {
		if (!text_equal(sites_peer_name(names, &peer, room), name))
			continue;
		*out = peer.key;
		count++;
	}
	return count;
}

const struct mesh_key *
call_site(struct call *c)
{
	struct text_view said = c->params.site;
	struct mesh_key *found = arena_take(&c->arena, 1, sizeof *found);
	bool ambiguous = false;
	const struct mesh_key *key = sites_find(
	    live_sites(c->world->live), said, &ambiguous);
	if (key != NULL)
		return key;
	size_t peers = ambiguous || found == NULL ? 0 : find_peer(c, said, found);
	if (peers == 1)
		return found;
	call_fail(c, ambiguous || peers > 1 ? 400 : 404, "%s '%.*s'",
	    ambiguous || peers > 1 ? "more than one site is called" : "no site",
	    (int)said.len, said.ptr);
	return NULL;
}

bool
call_of_site(struct call *c, struct text_view *filter)
{
	const struct sites *names = live_sites(c->world->live);
	if (c->params.site.len == 0)
		return true;
	const struct mesh_key *key = call_site(c);
	if (key == NULL)
		return false;
	*filter = call_narrow(
	    c, *filter, "site", sites_name_copy(names, key, &c->arena));
	return true;
}
