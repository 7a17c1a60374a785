#include "belonging.h"
#include "call_inside.h"
#include "text.h"
#include "units.h"

enum { SHOWN = 8, SOON_MS = 60 * 1000, WEEK_MS = 7 * 24 * 3600 * 1000 };

/* Of a hash: enough to compare by eye. */
static struct text_view
hex_of(struct call *c, const uint8_t *bytes, size_t len)
{
	char room[64];
	struct bytes_out out = bytes_out(room, sizeof room);
	text_put_hex(&out, bytes_view(bytes, len));
	return arena_text(&c->arena, text_written(&out));
}

void
ops_key_show(struct call *c)
{
	struct mesh_trust trust;
	mesh_site_trust(c->world->core, &trust);
	struct key_status s = { .has = UINT64_MAX,
		.name = c->world->name,
		.key = c->world->self,
		.founder = trust.founder,
		.network = hex_of(c, trust.netid, sizeof trust.netid),
		.network_key = hex_of(c, trust.key_hash, SHOWN),
		.admin = trust.is_admin,
		.admission = (uint8_t)trust.admission,
		.next_ms = (unix_ms)trust.next_after_ms,
		.waiting = trust.wants_key,
		.blocked = trust.is_revoked,
		.certified_ms = (unix_ms)trust.certified_until_s * 1000 };
	field_mark(&key_status_table, KEY_ROW_NEXT, &s, trust.has_next);
	field_mark(
	    &key_status_table, KEY_ROW_CERTIFIED, &s, trust.certified_until_s > 0);
	call_open(c);
	call_item(c, &key_status_table, &s);
	call_finish(c);
}

static bool
read_moment(struct call *c, unix_ms *out)
{
	int64_t ms = SOON_MS;
	if (c->params.in.len > 0 && units_parse(c->params.in, UNIT_MS, &ms) != MESH_OK)
		ms = -1;
	*out = c->world->now.unix_ms + ms;
	if (ms >= 0 && ms <= WEEK_MS)
		return true;
	call_fail(c, 400, "parameter in: a span up to 7d, as 30s, 10m or 1d");
	return false;
}

static bool
may_rotate(struct call *c)
{
	struct mesh_trust trust;
	mesh_site_trust(c->world->core, &trust);
	if (!trust.is_admin)
		call_fail(c, 403,
		    "only an admin of the network may do that: see meshctl key show");
	else if (trust.has_next)
		call_fail(c, 409, "a next key is on its way: see meshctl key show");
	return trust.is_admin && !trust.has_next;
}

void
ops_key_rotate(struct call *c)
{
	struct mesh_decree d = { .kind = DECREE_ROTATE };
	unix_ms after;
	uint8_t hash[32];
	if (!may_rotate(c) || !read_moment(c, &after))
		return;
	d.until_ms = (uint64_t)after;
	c->world->random(c->world->random_ctx, d.key32, sizeof d.key32);
	mesh_hash(d.key32, sizeof d.key32, hash);
	struct rotation said = { after, hex_of(c, hash, SHOWN) };
	call_open(c);
	call_item(c, &rotation_table, &said);
	call_close(c, (struct text_view){ 0 });
	call_decree(c, &d);
	mesh_wipe(&d, sizeof d);
}
