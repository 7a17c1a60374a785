/* The asking half of remote.h: an operation that another site shall do. */
#include "call_inside.h"
#include "id.h"
#include "json_in.h"
#include "order.h"
#include "remote.h"
#include "text.h"
#include <stdlib.h>

static void
fail_from(struct call *c, uint16_t status, struct text_view detail)
{
	struct text_view site = c->params.site;
	call_fail(c, status >= 400 && status < 600 ? status : 502, "site '%.*s': %.*s",
	    (int)site.len, site.ptr, (int)detail.len, detail.ptr);
}

/* What that site wrote goes out in our name: one whole object, and nothing beside it.
 */
static bool
is_object(const struct call *c, struct text_view json)
{
	struct arena arena = c->arena;
	struct tree_view tree;
	struct json_error why;
	return json.len >= 2 && json.ptr[0] == '{' && json.ptr[json.len - 1] == '}' &&
	    json_in_tree(json, &arena, &tree, &why) == MESH_OK;
}

/* The answer's members stand among ours, as one piece. */
static void
take_members(struct call *c, struct text_view json)
{
	if (!is_object(c, json)) {
		fail_from(c, 502, text("its answer cannot be read"));
		return;
	}
	struct store_page *page = calloc(1, sizeof *page + json.len);
	if (page == NULL) {
		call_fail_err(c, MESH_FULL);
		return;
	}
	memcpy(page + 1, json.ptr, json.len);
	page->json = bytes_view(page + 1, json.len);
	page->count = 1;
	c->shape = OP_OBJECT; /* a list's `items` is one of them */
	call_open(c);
	if (json.len > 2)
		call_write_page(c, page);
	else
		free(page);
	call_finish(c);
}

static void
on_answer(struct call *c, const struct mesh_event *e)
{
	struct order_done done;
	struct arena arena = c->arena;
	bool came = e->kind == MESH_ANSWER;
	if (came && !key_equal(&e->site, c->answers))
		return;
	if (!came) {
		fail_from(c, 504,
		    text("no answer; what was asked may have been done all the same"));
	} else if (e->code == 1 || e->body.ptr == NULL) {
		fail_from(c, 502, text("it takes no such calls"));
	} else if (mesh_body_decode(&order_done_table, e->body, &done, &arena) !=
	    MESH_OK) {
		fail_from(c, 502, text("its answer cannot be read"));
	} else if (done.status != 200) {
		fail_from(c, done.status, done.detail);
	} else {
		take_members(c, done.json);
	}
}

/* The parameters as JSON again, but for the site.  Empty: more than goes there. */
static struct text_view
params_of(struct call *c)
{
	struct bytes_out out = bytes_out(
	    arena_take(&c->arena, 1, ORDER_PARAMS_MAX), ORDER_PARAMS_MAX);
	struct op_params params = c->params;
	if (out.ptr == NULL)
		return (struct text_view){ NULL, 0 };
	params.site = (struct text_view){ NULL, 0 };
	struct json_out j = json_out(&out);
	describe_json(c->op->params, &params, AUDIENCE_OPERATOR, &j);
	return out.failed ? (struct text_view){ NULL, 0 } : text_written(&out);
}

static void
ask(struct call *c, const struct mesh_key *site)
{
	uint8_t room[ORDER_PARAMS_MAX + 128];
	struct bytes_out body = bytes_out(room, sizeof room);
	struct order o = { .kind = ORDER_KIND,
		.op = text(c->op->name),
		.json = params_of(c),
		.time_ms = c->world->now.unix_ms };
	c->world->random(c->world->random_ctx, (uint8_t *)&o.nonce, sizeof o.nonce);
	if (o.json.ptr == NULL ||
	    mesh_body_encode(&order_table, &o, &body) != MESH_OK) {
		call_fail(c, 400, "this is more than goes to another site");
		return;
	}
	struct mesh_key *asked = arena_take(&c->arena, 1, sizeof *asked);
	if (asked == NULL) {
		call_fail_err(c, MESH_FULL);
		return;
	}
	*asked = *site;
	c->answers = asked;
	call_order(c, site, bytes_written(&body), REMOTE_BUDGET_MS, on_answer);
}

bool
call_remote(struct call *c)
{
	if (!c->op->remote || c->params.site.len == 0)
		return false;
	if (c->abroad) { /* it would be asked in our name, not in theirs */
		call_fail(c, 403,
		    "what another site orders is not passed on: it has to ask '%.*s' "
		    "itself",
		    (int)c->params.site.len, c->params.site.ptr);
		return true;
	}
	if (c->audience != AUDIENCE_OPERATOR) { /* it is asked in this site's name */
		call_fail(c, 403, "this needs an operator: use the UNIX socket");
		return true;
	}
	const struct mesh_key *site = call_site(c);
	if (site == NULL)
		return true; /* it has failed */
	if (key_equal(site, &c->world->self))
		return false;
	ask(c, site);
	return true;
}
