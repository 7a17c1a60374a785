#include "ops_peer.h"
#include "address.h"
#include "lanes.h"
#include "live.h"
#include "text.h"

/* Empty when the address is not known. */
static void
put_addr(const struct mesh_path *path, struct bytes_out *out)
{
	if (address_port(path) != 0)
		address_print_path(path, out);
}

struct peer_words { /* texts of one peer_status */
	char addr[ADDRESS_TEXT], name[SITE_SHOWN_MAX];
};

static void
mark_text(struct peer_status *s, size_t row, struct text_view value)
{
	field_mark(&peer_status_table, row, s, value.len > 0);
}

static void
status_of(const struct call *c, const struct mesh_peer *peer, struct peer_words *words,
    struct peer_status *out)
{
	struct bytes_out addr = bytes_out(words->addr, sizeof words->addr);
	peer_status_of(peer, c->world->now, out);
	put_addr(&peer->addr, &addr);
	if (field_is_present(&peer_status_table, PEER_ROW_KEY, out))
		out->name = sites_peer_name(
		    live_sites(c->world->live), peer, words->name);
	out->addr = text_written(&addr);
	out->version = live_version(c->world->live, &peer->key);
	mark_text(out, PEER_ROW_NAME, out->name);
	mark_text(out, PEER_ROW_ADDR, out->addr);
	mark_text(out, PEER_ROW_VERSION, out->version);
}

void
ops_peer_list(struct call *c)
{
	struct mesh_peer peer;
	call_open(c);
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &peer); i++) {
		struct peer_status status;
		struct peer_words words;
		if (peer.state == PEER_STRANGER && !c->params.strangers)
			continue;
		status_of(c, &peer, &words, &status);
		call_item(c, &peer_status_table, &status);
	}
	call_finish(c);
}

/* By key, 8 or more of its digits, or name. */
static bool
is_called(const struct peer_status *s, struct text_view text)
{
	char hex[64];
	struct bytes_out out = bytes_out(hex, sizeof hex);
	text_put_hex(&out, bytes_view(s->key.bytes, sizeof s->key.bytes));
	return text_equal(s->name, text) ||
	    (text.len >= 8 && text.len <= sizeof hex &&
		memcmp(text.ptr, hex, text.len) == 0);
}

enum { KNOWN_TEXT = 160 };

/* "no site 'hil'; there are: hill, berg" */
static void
fail_unknown(struct call *c)
{
	char known[KNOWN_TEXT];
	struct bytes_out out = bytes_out(known, sizeof known);
	struct mesh_peer peer;
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &peer); i++) {
		struct peer_status status;
		struct peer_words words;
		status_of(c, &peer, &words, &status);
		if (peer.state == PEER_STRANGER)
			continue;
		if (out.cap - out.len < status.name.len + sizeof ", ...") {
			text_put(&out, ", ...");
			break;
		}
		text_put(&out, out.len > 0 ? ", " : "");
		text_put_view(&out, status.name);
	}
	call_fail(c, 404, "no site '%.*s'; there %s%.*s", (int)c->params.id.len,
	    c->params.id.ptr, out.len > 0 ? "are: " : "is none", (int)out.len, known);
}

bool
ops_peer_named(struct call *c, struct mesh_peer *out)
{
	struct mesh_peer peer;
	size_t count = 0;
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &peer); i++) {
		struct peer_status status;
		struct peer_words words;
		status_of(c, &peer, &words, &status);
		if (!is_called(&status, c->params.id))
			continue;
		*out = peer;
		count++;
	}
	if (count == 0)
		fail_unknown(c);
	else if (count > 1)
		call_fail(c, 400, "more than one site is called '%.*s'",
		    (int)c->params.id.len, c->params.id.ptr);
	return count == 1;
}

bool
ops_site_named(struct call *c, const struct mesh_key **out)
{
	*out = c->params.site.len > 0 ? call_site(c) : NULL;
	return *out != NULL || c->params.site.len == 0;
}

struct text_view
ops_site_name(struct call *c, const struct mesh_key *key)
{
	const struct sites *names = live_sites(c->world->live);
	struct mesh_peer peer;
	char room[SITE_SHOWN_MAX];
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &peer); i++) {
		if (key_equal(&peer.key, key))
			return arena_text(
			    &c->arena, sites_peer_name(names, &peer, room));
	}
	return sites_name_copy(names, key, &c->arena);
}

void
ops_peer_show(struct call *c)
{
	struct mesh_peer found;
	struct peer_status status;
	struct peer_words words;
	if (!ops_peer_named(c, &found))
		return;
	status_of(c, &found, &words, &status);
	call_open(c);
	call_item(c, &peer_status_table, &status);
	call_finish(c);
}

struct holding_item {
	struct text_view site;
	struct mesh_key key;
	struct text_view lane;
	uint64_t epoch, high;
};
/* clang-format off */
static const struct field holding_rows[] = {
	FIELD(struct holding_item, site, UNIT_NONE, FIELD_REQUIRED, 0, 0, "whose log, by name"),
	FIELD(struct holding_item, key, UNIT_NONE, FIELD_REQUIRED, 0, 0, "whose log"),
	FIELD(struct holding_item, lane, UNIT_NONE, FIELD_REQUIRED, 0, 0, "which of its lanes"),
	FIELD(struct holding_item, epoch, UNIT_NONE, FIELD_REQUIRED, 0, 0, "the log's life"),
	FIELD(struct holding_item, high, UNIT_COUNT, FIELD_REQUIRED, 0, 0,
	    "end of what is held here without a hole"),
};
/* clang-format on */
static const struct field_table holding_table = { "holding", holding_rows,
	LENGTH(holding_rows), sizeof(struct holding_item), FIELD_NO_HAS, false };

static void
put_holdings(struct call *c, const struct mesh_key *origin)
{
	char room[SITE_SHOWN_MAX];
	struct holding_item item = { .key = *origin,
		.site = sites_name(live_sites(c->world->live), origin, room) };
	for (int lane = LANE_CONTROL; lane < LANE_COUNT; lane++) {
		if (!mesh_site_high(c->world->core, origin, (enum mesh_lane)lane,
			&item.epoch, &item.high))
			continue;
		item.lane = text(lanes[lane].name);
		call_item(c, &holding_table, &item);
	}
}

void
ops_holding_list(struct call *c)
{
	struct mesh_peer peer;
	call_open(c);
	put_holdings(c, &c->world->self);
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &peer); i++)
		if (peer.state != PEER_STRANGER &&
		    !key_equal(&peer.key, &c->world->self))
			put_holdings(c, &peer.key);
	call_finish(c);
}
