/* What a radio is set to. */
#include "call_inside.h"
#include "id.h"
#include "inspect.h"
#include "ops_place.h"
#include "ports.h"
#include "setting.h"
#include "text.h"
#include "tree.h"

enum { LOOK_MS = 20, BUSY_MS = 60 * 1000, DIFFERENCES = 512, ORDERS = 8192 };
enum { ASKED = 64, NAMES = 768, NAMES_FULL = 512 }; /* a name has 162 bytes at most */

/* False: the call has failed. */
static bool
is_there(struct call *c, const struct port *port)
{
	if (!port_is_ready(port))
		call_fail(c, 409, "radio '%.*s' is not connected",
		    (int)c->params.id.len, c->params.id.ptr);
	return c->wait != CALL_DONE;
}

/* The radio of that name, if it has told what it is set to.  NULL: the call has failed.
 */
static struct port *
told_port(struct call *c)
{
	struct text_view name = c->params.id;
	struct port *port = c->world->ports != NULL ? ports_find(c->world->ports, name)
						    : NULL;
	if (port == NULL)
		call_fail(
		    c, 404, "no radio '%.*s' at this site", (int)name.len, name.ptr);
	return port != NULL && is_there(c, port) ? port : NULL;
}

/* Names of networks and brokers, and what is told to whom: that is not for everybody.
 */
static bool
may_see(struct call *c)
{
	if (c->audience != AUDIENCE_OPERATOR)
		call_fail(c, 403,
		    c->abroad
			? "what a radio is set to is told to sites that are admins "
			  "of the network"
			: "what a radio is set to is told to operators: use the UNIX "
			  "socket");
	return c->audience == AUDIENCE_OPERATOR;
}

/* `after` is the number of the next one.  False: the call has failed. */
static bool
read_after(struct call *c, uint64_t *from)
{
	*from = 0;
	if (c->params.after.len == 0 ||
	    text_parse_u64(c->params.after, from) == MESH_OK)
		return true;
	call_fail(c, 400, "parameter after: not the `next` of such a list");
	return false;
}

static void
end_at(struct call *c, size_t next)
{
	char room[24];
	struct bytes_out out = bytes_out(room, sizeof room);
	text_put_u64(&out, next);
	call_close(c, text_written(&out));
	call_finish(c);
}

void
ops_radio_channels(struct call *c)
{
	enum { FAR_AT_ONCE = 3 }; /* some 150 bytes each, of ORDER_JSON_MAX */
	struct port *port = may_see(c) ? told_port(c) : NULL;
	const struct radio *session;
	struct radio_channel channel;
	uint64_t from;
	if (port == NULL || !read_after(c, &from))
		return;
	const struct radio_admin_ops *admin = radio_admin(port_driver(port, &session));
	call_open(c);
	for (size_t i = (size_t)from; admin->channel(session, i, &c->arena, &channel);
	     i++) {
		if (c->abroad && c->items == FAR_AT_ONCE) {
			end_at(c, i);
			return;
		}
		call_item(c, &radio_channel_table, &channel);
	}
	call_finish(c);
}

/* --- orders --- */

struct ordering { /* a call that waits for the radio */
	struct radio_order order;
	bool given;
	struct text_view what; /* for the log */
	void (*done)(struct call *c, struct port *port);
	bool lenient; /* however it ends, it is done */
	size_t next;  /* where `done` goes on */
};

static void
fail_untold(struct call *c, const struct radio_ordered *how, const char *word)
{
	call_fail(c, 502, "the radio did not tell it: %s",
	    how->sent == SENT_LINK_LOST ? "the link was lost" : word);
}

static void
fail_unsaved(struct call *c, const struct radio_ordered *how, const char *word)
{
	if (how->sent == SENT_LINK_LOST && how->reason == ORDER_SAVED)
		call_fail(c, 502,
		    "the link was lost after all was said and before the radio "
		    "confirmed that it saves it: see what differs now");
	else if (how->sent == SENT_LINK_LOST)
		call_fail(c, 502,
		    "the link was lost amid it: nothing was saved; what was said "
		    "before is forgotten when the radio starts anew, as it is told "
		    "when the link is back");
	else if (how->reason == SENT_UNSURE)
		call_fail(c, 502,
		    "all was said, and whether the radio saved it is not known: see "
		    "what differs now");
	else
		call_fail(c, 502,
		    "the radio did not take it: %s; nothing was saved, and the radio "
		    "is "
		    "told to start anew, which forgets what was said before",
		    word);
}

static void
fail_ordered(struct call *c, const struct ordering *w, const struct radio_ordered *how)
{
	const char *named = inspect_reason(NETWORK_MESHTASTIC, how->reason);
	const char *word = named != NULL ? named : "unknown error";
	if (w->order.kind == ORDER_TELL)
		fail_untold(c, how, word);
	else
		fail_unsaved(c, how, word);
}

static void
note(struct call *c, const struct ordering *w, const char *denied)
{
	const struct op_world *world = c->world;
	const struct op_deed deed = { .who = { c->who, c->who_len },
		.radio = c->params.id,
		.what = w->what,
		.order = denied == NULL ? w->order.order : 0,
		.question = w->order.kind == ORDER_TELL,
		.denied = text(denied) };
	if (world->note != NULL)
		world->note(world->log_ctx, &deed);
}

/* The order would be taken but for the antenna. */
static bool
denied_for_air(const struct ordering *w, const struct port *port)
{
	struct port_leave leave = port_leave(port);
	return leave.admin && !leave.tx && w->order.transmits;
}

static void
give_order(struct call *c, struct ordering *w, struct port *port)
{
	enum mesh_err err = port_administer(port, &w->order, c->world->now);
	w->given = err == MESH_OK;
	if (w->given)
		c->deadline_ms = c->world->now.ms + RADIO_ORDER_MS;
	if (w->given || err == MESH_DENIED)
		note(c, w,
		    w->given                      ? NULL
			: denied_for_air(w, port) ? "tx = no"
						  : "admin = no");
	if (w->lenient && err != MESH_OK && err != MESH_FULL)
		w->done(c, port);
	else if (err == MESH_DENIED)
		call_fail(c, 403,
		    denied_for_air(w, port)
			? "tx = no: a radio that is told a fixed position tells its "
			  "mesh "
			  "at once, and [radio \"%.*s\"] may not transmit; without "
			  "fixed_position in the file the rest can be restored"
			: "admin = no: [radio \"%.*s\"] does not let its settings be "
			  "changed",
		    (int)c->params.id.len, c->params.id.ptr);
	else if (err == MESH_TRUNCATED)
		call_fail(c, 400, "more settings than a radio can be told at once");
	else if (err != MESH_OK && err != MESH_FULL) /* FULL: busy, once more */
		call_fail(c, 409, "radio '%.*s' is not connected",
		    (int)c->params.id.len, c->params.id.ptr);
}

static void
look(struct call *c)
{
	struct ordering *w = c->answers;
	struct port *port = ports_find(c->world->ports, c->params.id);
	struct radio_ordered how;
	if (c->world->now.ms < c->poll_ms)
		return;
	c->poll_ms = c->world->now.ms + LOOK_MS;
	if (port == NULL)
		call_fail(c, 404, "the radio is no longer configured");
	else if (!w->given)
		give_order(c, w, port);
	else if (!port_has_ordered(port, w->order.order, &how))
		return;
	else if (how.sent == SENT_ACKED || w->lenient)
		w->done(c, port);
	else
		fail_ordered(c, w, &how);
}

static void
out_of_patience(struct call *c)
{
	const struct ordering *w = c->answers;
	struct port *port = ports_find(c->world->ports, c->params.id);
	if (w->lenient && port != NULL)
		w->done(c, port);
	else if (w->given)
		call_fail(c, 504,
		    "the radio has not taken it within %d s, and may do so yet: see "
		    "what differs later",
		    RADIO_ORDER_MS / 1000);
	else
		call_fail(c, 504,
		    "the radio was busy with other orders for %d s: nothing was said "
		    "to it",
		    BUSY_MS / 1000);
}

static void
order(struct call *c, const struct ordering *how)
{
	struct ordering *w = arena_take(&c->arena, 1, sizeof *w);
	if (w == NULL) {
		call_fail_err(c, MESH_FULL);
		return;
	}
	*w = *how;
	c->answers = w;
	c->wait = CALL_TOLD;
	c->polled = look;
	c->ticked = out_of_patience;
	c->poll_ms = c->world->now.ms;
	c->deadline_ms = c->world->now.ms + BUSY_MS;
	look(c);
}

/* "set lora.region owner.short_name and 3 more"; values may be secrets. */
static struct text_view
names_of(struct call *c, const struct radio_plan *p)
{
	struct bytes_out out = bytes_out(arena_take(&c->arena, 1, NAMES), NAMES);
	size_t i = 0;
	if (out.ptr == NULL)
		return text("set");
	text_put(&out, "set");
	for (; i < p->count && out.len < NAMES_FULL; i++) {
		const struct radio_difference *d = &p->rows[i];
		text_printf(&out, " %.*s.%.*s", (int)d->section.len, d->section.ptr,
		    (int)d->name.len, d->name.ptr);
	}
	if (i < p->count)
		text_printf(&out, " and %zu more", p->count - i);
	return text_written(&out);
}

/* --- settings --- */

static bool
is_wanted(const struct call *c, const struct radio_setting *s)
{
	struct text_view wanted = c->params.section;
	return wanted.len == 0 || text_equal(wanted, s->section) ||
	    text_equal(wanted, s->group);
}

static void
put_settings(struct call *c, struct port *port)
{
	const struct radio *session;
	const struct radio_admin_ops *admin = radio_admin(port_driver(port, &session));
	struct radio_setting s;
	size_t used = c->arena.used, i;
	uint64_t from;
	if (!read_after(c, &from))
		return;
	call_open(c);
	for (i = (size_t)from;
	     admin->setting(session, i, c->params.secrets, &c->arena, &s) &&
	     !(c->abroad && c->items > 0);
	     i++) {
		ops_place_hide(c, &s);
		if (is_wanted(c, &s))
			call_item(c, &radio_setting_table, &s);
		c->arena.used = used;
	}
	c->arena.used = used;
	if (c->abroad && c->items > 0 &&
	    admin->setting(session, i, false, &c->arena, &s))
		end_at(c, i);
	else if (c->items > 0 || from > 0)
		call_finish(c);
	else
		call_fail(c, 404, "radio '%.*s' has no setting '%.*s'",
		    (int)c->params.id.len, c->params.id.ptr, (int)c->params.section.len,
		    c->params.section.ptr);
}

/* One section that the handshake left out, or whose changes by others the radio does
 * not tell: it is asked for it. */
static bool
is_missing(struct call *c, struct port *port)
{
	const struct radio *session;
	const struct radio_admin_ops *admin = radio_admin(port_driver(port, &session));
	struct radio_setting s;
	size_t used = c->arena.used;
	bool missing = false;
	for (size_t i = 0; admin->setting(session, i, false, &c->arena, &s); i++) {
		missing |= (s.asked || !s.told) &&
		    text_equal(c->params.section, s.section);
		c->arena.used = used;
	}
	return missing;
}

/* The radio is asked for a section; `section` lives as long as the call. */
static struct ordering
question(struct call *c, struct text_view section,
    void (*done)(struct call *c, struct port *port))
{
	struct bytes_out what = bytes_out(arena_take(&c->arena, 1, ASKED), ASKED);
	if (what.ptr != NULL) {
		text_put(&what, "tell ");
		text_put_view(&what, section);
	}
	return (struct ordering){ .order = { .kind = ORDER_TELL, .section = section },
		.what = what.ptr != NULL ? text_written(&what) : text("tell"),
		.done = done };
}

void
ops_radio_config_get(struct call *c)
{
	struct port *port = may_see(c) ? told_port(c) : NULL;
	if (port != NULL && is_missing(c, port)) {
		struct ordering tell = question(c, c->params.section, put_settings);
		order(c, &tell);
	} else if (port != NULL) {
		put_settings(c, port);
	}
}

/* Sections that a radio tells on request alone, from number `next` on: is one of them
 * wanted?  `*next` is behind it then.  Told before or not: a phone may have changed it
 * since, and no radio says so. */
static bool
has_text(struct call *c, const struct port *port, size_t *next,
    bool (*wants)(const struct call *c, struct text_view section),
    struct text_view *section)
{
	const struct radio *session;
	const struct radio_admin_ops *admin = radio_admin(port_driver(port, &session));
	struct radio_setting s;
	size_t used = c->arena.used;
	while (admin->setting(session, (*next)++, false, &c->arena, &s)) {
		c->arena.used = used;
		*section = s.section; /* of the driver's own table */
		if (s.asked && wants(c, s.section))
			return true;
	}
	return false;
}

static bool
wants_all(const struct call *c, struct text_view section)
{
	(void)c, (void)section;
	return true;
}

/* One after the other; what is not told in the end is missing, and said so. */
static void
export_on(struct call *c, struct port *port)
{
	const struct ordering *before = c->answers;
	size_t next = before != NULL ? before->next : 0;
	struct text_view section;
	if (!is_there(c, port))
		return;
	if (!has_text(c, port, &next, wants_all, &section)) {
		put_settings(c, port);
		return;
	}
	struct ordering tell = question(c, section, export_on);
	tell.lenient = true;
	tell.next = next;
	order(c, &tell);
}

void
ops_radio_config_export(struct call *c)
{
	struct port *port = may_see(c) ? told_port(c) : NULL;
	if (port != NULL)
		export_on(c, port);
}

/* --- restoring --- */

/* What all sections together would change.  False: the call has failed. */
static bool
plan(struct call *c, struct port *port, struct radio_plan *out)
{
	char why[200];
	struct bytes_out complaint = bytes_out(why, sizeof why);
	struct tree_view wanted = c->params.settings;
	const struct radio *session;
	const struct radio_admin_ops *admin = radio_admin(port_driver(port, &session));
	for (size_t i = 0; i < wanted.count; i += wanted.items[i].span) {
		const struct tree_item *item = &wanted.items[i];
		enum ops_place place = ops_place_take(c, port, item);
		if (place == PLACE_REFUSED)
			return false;
		if (place == PLACE_LEFT)
			continue;
		struct tree_view values = { item + 1, item->span - 1 };
		enum mesh_err err = item->kind == TREE_MAP
		    ? admin->compare(
			  session, item->name, values, &c->arena, out, &complaint)
		    : MESH_MALFORMED;
		if (err == MESH_OK)
			continue;
		if (err == MESH_NOT_FOUND || complaint.len == 0)
			text_printf(&complaint, "%.*s: %s", (int)item->name.len,
			    item->name.ptr != NULL ? item->name.ptr : "",
			    err == MESH_NOT_FOUND    ? "no such section"
				: err == MESH_DENIED ? "this radio has no settings"
				: err == MESH_FULL   ? "too much"
						     : "wanted an object");
		call_fail(c, 400, "settings: %.*s", (int)complaint.len, why);
		return false;
	}
	return true;
}

static bool
is_its_node(struct call *c, const struct port *port)
{
	struct id node;
	char room[ID_TEXT_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	if (c->params.node.len == 0)
		return true;
	if (id_parse(c->params.node, &node) == MESH_OK &&
	    id_equal(&node, port_node(port)))
		return true;
	id_print(port_node(port), &out);
	call_fail(c, 409, "these are the settings of %.*s, and '%.*s' is %.*s",
	    (int)c->params.node.len, c->params.node.ptr, (int)c->params.id.len,
	    c->params.id.ptr, (int)out.len, room);
	return false;
}

static void
applied(struct call *c, struct json_out *j)
{
	json_key(j, "applied");
	json_put_bool(j, !c->params.dry_run && c->items > 0);
}

static void
applied_aloud(struct call *c, struct json_out *j)
{
	applied(c, j);
	json_key(j, "transmits");
	json_put_bool(j, true);
}

static void
saved(struct call *c, struct port *port)
{
	(void)port;
	call_finish(c);
}

static void
restore_now(struct call *c, struct port *port)
{
	struct radio_plan p = { .rows = arena_take(
				    &c->arena, DIFFERENCES, sizeof *p.rows),
		.cap = DIFFERENCES,
		.orders = bytes_out(arena_take(&c->arena, 1, ORDERS), ORDERS) };
	if (p.rows == NULL || p.orders.ptr == NULL) { /* the question took the room */
		call_fail_err(c, MESH_FULL);
		return;
	}
	if (!plan(c, port, &p))
		return;
	call_open(c);
	c->closing = p.transmits ? applied_aloud : applied;
	for (size_t i = 0; i < p.count; i++)
		call_item(c, &radio_difference_table, &p.rows[i]);
	const struct ordering apply = { .order = { .kind = ORDER_APPLY,
					    .orders = bytes_written(&p.orders),
					    .transmits = p.transmits },
		.what = names_of(c, &p),
		.done = saved };
	if (p.count == 0 || c->params.dry_run)
		call_finish(c);
	else
		order(c, &apply);
}

static bool
is_in_file(const struct call *c, struct text_view section)
{
	const struct tree_item *item = tree_find(c->params.settings, section);
	return item != NULL;
}

/* What the file has and the radio tells on request alone, it is asked for first. */
static void
restore_on(struct call *c, struct port *port)
{
	const struct ordering *before = c->answers;
	size_t next = before != NULL ? before->next : 0;
	struct text_view section;
	if (!is_there(c, port))
		return;
	if (!has_text(c, port, &next, is_in_file, &section)) {
		restore_now(c, port);
		return;
	}
	struct ordering tell = question(c, section, restore_on);
	tell.lenient = true;
	tell.next = next;
	order(c, &tell);
}

void
ops_radio_config_restore(struct call *c)
{
	struct port *port = told_port(c);
	if (port != NULL && is_its_node(c, port))
		restore_on(c, port);
}
