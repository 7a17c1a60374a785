#include "belonging.h"
#include "ops_invite.h"
#include "text.h"

/* daemon/joins.c gives up after 20 s. */
enum { BUDGET_MS = 25 * 1000, FILE_BYTES = 1024 };

static struct text_view
netid_text(struct call *c, const uint8_t netid[static 16])
{
	char room[32];
	struct bytes_out out = bytes_out(room, sizeof room);
	text_put_hex(&out, bytes_view(netid, 16));
	return arena_text(&c->arena, text_written(&out));
}

static void
write_move(struct call *c, const struct mesh_invite *to, bool moves)
{
	struct move_status s = { .network = netid_text(c, to->netid),
		.founder = to->founder,
		.addresses = ops_invite_addresses(c, to->addresses, to->address_count),
		.expires_ms = to->expires_ms,
		.demo = to->demo,
		.moves = moves };
	call_open(c);
	call_item(c, &move_status_table, &s);
	call_close(c, (struct text_view){ 0 });
}

/* --- join --- */

/* Without the white space that a mail or a terminal put into it. */
static struct text_view
without_blanks(struct call *c, struct text_view token)
{
	char *to = arena_take(&c->arena, token.len, 1);
	size_t len = 0;
	for (size_t i = 0; to != NULL && i < token.len; i++)
		if (strchr(" \t\r\n", token.ptr[i]) == NULL)
			to[len++] = token.ptr[i];
	return (struct text_view){ to, len };
}

static bool
read_token(struct call *c, struct mesh_invite *out)
{
	struct mesh_trust trust;
	mesh_site_trust(c->world->core, &trust);
	c->params.token = without_blanks(c, c->params.token);
	enum mesh_err err = mesh_invite_read(c->params.token, out);
	if (err == MESH_DENIED)
		call_fail(c, 400,
		    "this token is damaged: a letter of it is wrong or missing; copy "
		    "it again");
	else if (err != MESH_OK)
		call_fail(c, 400,
		    "this is no token: one begins with meshd1. and comes from meshctl "
		    "invite create");
	else if (memcmp(out->netid, trust.netid, sizeof out->netid) == 0)
		call_fail(c, 409, "this site is in that network already");
	else if (out->demo != c->world->demo)
		call_fail(c, 409, "%s: simulated and real radios never share a network",
		    out->demo ? "this token is a demonstration's"
			      : "this site is a demonstration");
	else
		return true;
	return false;
}

/* By enum mesh_join; 0: nobody answered. */
static const struct {
	uint16_t status;
	const char *detail;
} outcomes[] = {
	[0] = { 504,
	    "nobody answered at the token's addresses: either none of its sites is up "
	    "and reachable from here, or these addresses belong to another network "
	    "now" },
	[JOIN_USED] = { 409,
	    "this token is used up: ask for another, or for one with --uses" },
	[JOIN_EXPIRED] = { 410, "this token has expired: ask for another" },
	[JOIN_UNKNOWN] = { 404,
	    "no site of that network knows this token: it was taken back, or its "
	    "maker is away and has told nobody yet" },
	[JOIN_REFUSED] = { 403,
	    "the network refuses this site: it is blocked there, its allow-list takes "
	    "only an admin's invitation, or another join took over" },
};

/* For `status` and the page: how it stands. */
static void
note(struct call *c, enum join_state state, const char *error)
{
	struct join_status *j = c->world->join;
	if (j == NULL)
		return;
	*j = (struct join_status){ .has = 1 | 1 << JOIN_ROW_TIME,
		.state = (uint8_t)state,
		.time_ms = c->world->now.unix_ms };
	if (error != NULL) {
		j->error = text(error);
		j->has |= 1 << JOIN_ROW_ERROR;
	}
}

static void
joined(struct call *c, const struct mesh_event *e)
{
	if (e->code < LENGTH(outcomes) && e->code != JOIN_DONE)
		note(c, JOIN_FAILED, outcomes[e->code].detail);
	if (e->code == JOIN_DONE)
		call_finish(c);
	else if (e->code < LENGTH(outcomes))
		call_fail(c, outcomes[e->code].status, "%s", outcomes[e->code].detail);
}

void
ops_join(struct call *c)
{
	struct mesh_invite to;
	struct text_view *token = &c->params.token;
	if (!read_token(c, &to))
		return;
	write_move(c, &to, !c->params.dry_run);
	if (c->params.dry_run)
		call_finish(c);
	else
		note(c, JOIN_ASKING, NULL);
	if (!c->params.dry_run)
		call_move(c, INTENT_JOIN, bytes_view(token->ptr, token->len), BUDGET_MS,
		    joined);
	mesh_invite_wipe(&to);
}

/* --- leave --- */

/* To leave is to move to a network that nobody else is in. */
void
ops_leave(struct call *c)
{
	uint8_t random48[48], room[FILE_BYTES];
	struct bytes_out file = bytes_out(room, sizeof room);
	struct mesh_network own;
	struct mesh_invite to = { .founder = c->world->self, .demo = c->world->demo };
	c->world->random(c->world->random_ctx, random48, sizeof random48);
	mesh_network_of(&c->world->self, random48, c->world->demo, &own);
	mesh_network_write(&own, &file);
	memcpy(to.netid, own.id, sizeof to.netid);
	write_move(c, &to, true);
	call_move(c, INTENT_MOVE, bytes_written(&file), BUDGET_MS, joined);
	mesh_wipe(random48, sizeof random48);
	mesh_wipe(room, sizeof room);
	mesh_wipe(&own, sizeof own);
}
