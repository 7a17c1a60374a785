#include "belonging.h"
#include "live.h"
#include "ops_peer.h"
#include "text.h"

static const struct {
	enum mesh_decree_kind kind;
	const char *decided;
	bool admins_only;
} decisions[OP_COUNT] = {
	[OP_PEER_ALLOW] = { DECREE_ALLOW, "allowed", false },
	[OP_PEER_BLOCK] = { DECREE_BLOCK, "blocked", false },
	[OP_PEER_UNBLOCK] = { DECREE_UNBLOCK, "unblocked", false },
	[OP_PEER_PROMOTE] = { DECREE_ADMIN, "admin", true },
	[OP_PEER_DEMOTE] = { DECREE_UNADMIN, "no admin", true },
	[OP_PEER_REMOVE] = { DECREE_FORGET, "removed", false },
};

/* A whole key may be that of a site which has not come yet. */
static bool
find_site(struct call *c, struct mesh_key *out)
{
	struct mesh_peer peer;
	struct bytes_out key = bytes_out(out->bytes, sizeof out->bytes);
	if (c->params.id.len == 2 * sizeof out->bytes &&
	    text_hex_decode(c->params.id, &key) == MESH_OK)
		return true;
	if (!ops_peer_named(c, &peer))
		return false;
	*out = peer.key;
	return true;
}

static bool
find_peer(
    const struct mesh_site *core, const struct mesh_key *site, struct mesh_peer *out)
{
	for (size_t i = 0; mesh_site_peer(core, i, out); i++)
		if (out->state != PEER_STRANGER && key_equal(&out->key, site))
			return true;
	return false;
}

static bool
may_remove(struct call *c, const struct mesh_key *site)
{
	struct mesh_peer peer;
	if (!find_peer(c->world->core, site, &peer))
		call_fail(c, 404, "that site is not known here");
	else if (peer.direct || peer.state == PEER_ALIVE || peer.state == PEER_SUSPECT)
		call_fail(c, 409,
		    "that site is there, and would be back at once: block it, or stop "
		    "it first");
	else
		return true;
	return false;
}

/* What the core would refuse or let pass without effect is told apart here. */
static bool
may_decide(struct call *c, const struct mesh_key *site, const struct mesh_trust *trust)
{
	const struct mesh_site *core = c->world->core;
	bool blocks = c->op == &op_table[OP_PEER_BLOCK];
	bool demotes = c->op == &op_table[OP_PEER_DEMOTE];
	bool admins_only = decisions[c->op - op_table].admins_only || c->params.purge;
	if (admins_only && !trust->is_admin)
		call_fail(c, 403,
		    "only an admin of the network may do that: see meshctl key show");
	else if (key_equal(site, &c->world->self))
		call_fail(c, 400, "that is this site itself");
	else if ((blocks || demotes) && key_equal(site, &trust->founder))
		call_fail(c, 403, "that is the founder of the network");
	else if (blocks && trust->is_admin && !trust->is_founder &&
	    mesh_site_is_admin(core, site))
		call_fail(c, 403, "that is an admin: only the founder may block it");
	else if (blocks && !c->params.purge && mesh_site_has_purged(core, site))
		call_fail(c, 409,
		    "that site was purged from here: block it with --purge again");
	else if (c->op == &op_table[OP_PEER_REMOVE])
		return may_remove(c, site);
	else
		return true;
	return false;
}

static void
decide(struct call *c)
{
	struct mesh_trust trust;
	struct mesh_decree d = { .kind = decisions[c->op - op_table].kind,
		.purge = c->params.purge };
	mesh_site_trust(c->world->core, &trust);
	if (!find_site(c, &d.site) || !may_decide(c, &d.site, &trust))
		return;
	struct decision said = { .name = sites_name_copy(
				     live_sites(c->world->live), &d.site, &c->arena),
		.key = d.site,
		.decided = text(
		    d.purge ? "purged" : decisions[c->op - op_table].decided),
		.scope = trust.is_admin && d.kind != DECREE_FORGET ? SCOPE_NETWORK
								   : SCOPE_SITE };
	call_open(c);
	call_item(c, &decision_table, &said);
	call_close(c, (struct text_view){ 0 });
	call_decree(c, &d);
}

void
ops_peer_allow(struct call *c)
{
	decide(c);
}

void
ops_peer_block(struct call *c)
{
	decide(c);
}

void
ops_peer_unblock(struct call *c)
{
	decide(c);
}

void
ops_peer_promote(struct call *c)
{
	decide(c);
}

void
ops_peer_demote(struct call *c)
{
	decide(c);
}

void
ops_peer_remove(struct call *c)
{
	decide(c);
}
