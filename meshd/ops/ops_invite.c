#include "ops_invite.h"
#include "address.h"
#include "belonging.h"
#include "call_inside.h"
#include "live.h"
#include "text.h"
#include "units.h"
#include <inttypes.h>

enum { DAY_MS = 24 * 3600 * 1000, LEAST_MS = 60 * 1000 };

/* --- where the token knocks --- */

struct gathered {
	struct mesh_path paths[MESH_INVITE_ADDRESSES];
	size_t count;
};

static bool
is_loopback(const struct mesh_path *p)
{
	static const uint8_t one[ADDRESS_BYTES] = { [15] = 1 };
	return address_is_v4(p->addr) ? address_v4(p->addr) >> 24 == 127
				      : memcmp(p->addr, one, sizeof one) == 0;
}

static void
gather(struct gathered *g, const struct mesh_path *path)
{
	struct mesh_path p = *path;
	p.iface = 0;
	if (!address_is_usable(&p) || address_is_link_local(p.addr) ||
	    g->count == LENGTH(g->paths))
		return;
	for (size_t i = 0; i < g->count; i++)
		if (memcmp(g->paths[i].addr, p.addr, sizeof p.addr) == 0)
			return;
	g->paths[g->count++] = p;
}

static void
gather_bound(struct gathered *g, const struct op_world *w, bool loopback)
{
	struct op_bound b;
	for (size_t i = 0; w->bound != NULL && w->bound(w->bound_ctx, i, &b); i++)
		if (is_loopback(&b.path) == loopback)
			gather(g, &b.path);
}

/* Half for ourselves at most, so that others can let somebody in while we are away. */
static void
gather_peers(struct gathered *g, const struct op_world *w, bool observed)
{
	struct mesh_peer p;
	size_t most = observed ? MESH_INVITE_ADDRESSES / 2 : MESH_INVITE_ADDRESSES;
	for (size_t i = 0; g->count < most && mesh_site_peer(w->core, i, &p); i++)
		if (p.direct)
			gather(g, observed ? &p.observed : &p.addr);
}

/* What is configured, how others see us, what is bound here; then our neighbours; the
 * machine itself only where there is nothing else, as in a demonstration. */
static void
gather_all(struct gathered *g, const struct op_world *w)
{
	struct mesh_path p;
	for (size_t i = 0; w->configured != NULL && w->configured(w->bound_ctx, i, &p);
	     i++)
		gather(g, &p);
	gather_peers(g, w, true);
	struct gathered bound = { .count = 0 };
	gather_bound(&bound, w, false);
	for (size_t i = 0; i < bound.count && g->count < MESH_INVITE_ADDRESSES / 2; i++)
		gather(g, &bound.paths[i]);
	gather_peers(g, w, false);
	for (size_t i = 0; i < bound.count; i++)
		gather(g, &bound.paths[i]);
	if (g->count == 0)
		gather_bound(g, w, true);
}

struct list_view
ops_invite_addresses(struct call *c, const struct mesh_path *paths, size_t count)
{
	struct address_text *all = arena_take(&c->arena, count, sizeof *all);
	char room[ADDRESS_TEXT];
	for (size_t i = 0; all != NULL && i < count; i++) {
		struct bytes_out out = bytes_out(room, sizeof room);
		address_print_path(&paths[i], &out);
		all[i].addr = arena_text(&c->arena, text_written(&out));
	}
	return all != NULL && count > 0 ? (struct list_view){ all, count }
					: (struct list_view){ "", 0 };
}

/* --- invite create --- */

static bool
read_expiry(struct call *c, unix_ms *out)
{
	struct text_view said = c->params.expires;
	int64_t ms = DAY_MS;
	if (said.len > 0 && units_parse(said, UNIT_MS, &ms) != MESH_OK)
		ms = 0;
	*out = c->world->now.unix_ms + ms;
	if (ms >= LEAST_MS && ms <= INT64_C(366) * DAY_MS)
		return true;
	call_fail(
	    c, 400, "parameter expires: a span from 1m to 366d, as 30m, 24h or 7d");
	return false;
}

static bool
may_invite(struct call *c)
{
	struct mesh_trust trust;
	mesh_site_trust(c->world->core, &trust);
	if (trust.admission != ADMISSION_ALLOW_LIST || trust.is_admin)
		return true;
	call_fail(c, 403, "with an allow-list only an admin's invitation lets in");
	return false;
}

static void
write_made(
    struct call *c, const struct mesh_invite *invite, const struct mesh_decree *d)
{
	char token[MESH_INVITE_TEXT_MAX], id[INVITE_ID_TEXT];
	struct bytes_out out = bytes_out(token, sizeof token);
	struct bytes_out hex = bytes_out(id, sizeof id);
	mesh_invite_write(invite, &out);
	text_put_hex(&hex, bytes_view(invite->id, sizeof invite->id));
	struct invite_made made = { .token = text_written(&out),
		.expires_ms = (unix_ms)d->until_ms,
		.uses = d->uses,
		.id = text_written(&hex),
		.addresses = ops_invite_addresses(
		    c, invite->addresses, invite->address_count) };
	call_open(c);
	call_item(c, &invite_made_table, &made);
	call_close(c, (struct text_view){ 0 });
	mesh_wipe(token, sizeof token);
}

static void
draw(struct call *c, const struct gathered *g, unix_ms expires, struct mesh_invite *out)
{
	struct mesh_trust trust;
	mesh_site_trust(c->world->core, &trust);
	*out = (struct mesh_invite){ .founder = trust.founder,
		.address_count = g->count,
		.expires_ms = expires,
		.demo = c->world->demo };
	memcpy(out->salt, trust.salt, sizeof out->salt);
	memcpy(out->netid, trust.netid, sizeof out->netid);
	memcpy(out->addresses, g->paths, sizeof out->addresses);
	c->world->random(c->world->random_ctx, out->id, sizeof out->id);
	c->world->random(c->world->random_ctx, out->secret, sizeof out->secret);
}

void
ops_invite_create(struct call *c)
{
	struct gathered g = { .count = 0 };
	struct mesh_invite invite;
	unix_ms expires;
	gather_all(&g, c->world);
	if (!read_expiry(c, &expires) || !may_invite(c))
		return;
	if (g.count == 0) {
		call_fail(c, 503,
		    "this site has no address to be called at: see meshctl netcheck");
		return;
	}
	draw(c, &g, expires, &invite);
	struct mesh_decree d = { .kind = DECREE_INVITE,
		.until_ms = (uint64_t)expires,
		.uses = c->params.uses > 0 ? (uint16_t)c->params.uses : 1 };
	memcpy(d.id, invite.id, sizeof d.id);
	mesh_invite_verifier(&invite, d.key32);
	write_made(c, &invite, &d);
	call_decree(c, &d);
	mesh_invite_wipe(&invite);
	mesh_wipe(&d, sizeof d);
}

/* --- invite list, revoke --- */

static enum invite_state
state_of(const struct mesh_invited *i, unix_ms now)
{
	if (i->withdrawn)
		return INVITE_WITHDRAWN;
	if (i->used >= i->uses)
		return INVITE_USED;
	return (unix_ms)i->expires_ms <= now ? INVITE_EXPIRED : INVITE_OPEN;
}

void
ops_invite_list(struct call *c)
{
	struct mesh_invited one;
	call_open(c);
	for (size_t i = 0; mesh_site_invited(c->world->core, i, &one); i++) {
		char id[INVITE_ID_TEXT], room[SITE_SHOWN_MAX];
		struct bytes_out hex = bytes_out(id, sizeof id);
		text_put_hex(&hex, bytes_view(one.id, sizeof one.id));
		struct invite_item item = { .id = text_written(&hex),
			.by = sites_name(live_sites(c->world->live), &one.by, room),
			.key = one.by,
			.uses = one.uses,
			.used = one.used,
			.expires_ms = (unix_ms)one.expires_ms,
			.state = (uint8_t)state_of(&one, c->world->now.unix_ms) };
		if (key_equal(&one.by, &c->world->self))
			item.by = c->world->name;
		call_item(c, &invite_item_table, &item);
	}
	call_finish(c);
}

static bool
find_invite(struct call *c, struct mesh_invited *out)
{
	for (size_t i = 0; mesh_site_invited(c->world->core, i, out); i++) {
		char id[INVITE_ID_TEXT];
		struct bytes_out hex = bytes_out(id, sizeof id);
		text_put_hex(&hex, bytes_view(out->id, sizeof out->id));
		if (text_equal(text_written(&hex), c->params.id))
			return true;
	}
	call_fail(c, 404, "no invitation '%.*s': see meshctl invite list",
	    (int)c->params.id.len, c->params.id.ptr);
	return false;
}

void
ops_invite_revoke(struct call *c)
{
	struct mesh_invited one;
	struct mesh_decree d = { .kind = DECREE_WITHDRAW };
	char room[SITE_SHOWN_MAX];
	if (!find_invite(c, &one))
		return;
	struct text_view by = sites_name(live_sites(c->world->live), &one.by, room);
	if (!key_equal(&one.by, &c->world->self)) {
		call_fail(c, 403, "only the site that made it takes it back: %.*s",
		    (int)by.len, by.ptr);
		return;
	}
	memcpy(d.id, one.id, sizeof d.id);
	struct decision said = { .name = c->params.id,
		.key = c->world->self,
		.decided = text("withdrawn"),
		.scope = SCOPE_NETWORK };
	call_open(c);
	call_item(c, &decision_table, &said);
	call_close(c, (struct text_view){ 0 });
	call_decree(c, &d);
}
