#include "id.h"
#include "ops_message.h"
#include "text.h"
#include "units.h"

/* False: the call has failed. */
static bool
read_degrees(struct call *c, const char *name, struct tree_view said, double *out)
{
	if (c->params.remove && said.items == NULL)
		return true; /* what goes is nowhere */
	if (call_number(said, out))
		return true;
	call_fail(c, 400, "parameter %s: needed, in degrees, as 48.2 or -16.4", name);
	return false;
}

static bool
read_expiry(struct call *c, struct waypoint *w)
{
	const int64_t year_ms = INT64_C(366) * 86400000;
	struct text_view said = c->params.expires;
	int64_t ms = 0;
	if (said.len == 0)
		return true;
	if (units_parse(said, UNIT_MS, &ms) != MESH_OK || ms < 1000 || ms > year_ms) {
		call_fail(c, 400,
		    "parameter expires: a span from 1s to 366d, as 30m, 8h or 7d");
		return false;
	}
	w->expires_ms = c->world->now.unix_ms + ms;
	return true;
}

static bool
read_lock(struct call *c, struct waypoint *w)
{
	if (!ops_message_id(c, "locked_to", c->params.locked_to, &w->locked_to))
		return false;
	if (!id_is(&w->locked_to) || w->locked_to.kind == ID_MT_NODE)
		return true;
	call_fail(c, 400, "parameter locked_to: a node, as !a1b2c3d4");
	return false;
}

static bool
is_sound(struct call *c, const struct waypoint *w)
{
	uint32_t icon;
	if (c->params.name.len == 0 && !w->removed)
		call_fail(c, 400, "parameter name: needed, at most %d bytes",
		    WAYPOINT_NAME_MAX);
	else if (w->removed && w->id == 0)
		call_fail(c, 400, "parameter waypoint: needed, which one to take away");
	else if (!waypoint_is_on_earth(w))
		call_fail(c, 400,
		    "parameters latitude and longitude: -90 to 90 and -180 to 180");
	else if (!waypoint_icon(w->icon, &icon))
		call_fail(c, 400, "parameter icon: one character");
	else
		return true;
	return false;
}

static void
mark(struct waypoint *w)
{
	const struct {
		unsigned row;
		bool is;
	} rows[] = { { WAYPOINT_DESCRIPTION, w->description.len > 0 },
		{ WAYPOINT_ICON, w->icon.len > 0 }, { WAYPOINT_LATITUDE, !w->removed },
		{ WAYPOINT_LONGITUDE, !w->removed },
		{ WAYPOINT_EXPIRES, w->expires_ms != 0 },
		{ WAYPOINT_LOCKED, id_is(&w->locked_to) },
		{ WAYPOINT_REMOVED, w->removed } };
	for (size_t i = 0; i < LENGTH(rows); i++)
		field_mark(&waypoint_table, rows[i].row, w, rows[i].is);
}

void
ops_waypoint_send(struct call *c)
{
	const struct op_params *p = &c->params;
	struct waypoint w = { .id = p->waypoint,
		.description = p->description,
		.icon = p->icon,
		.removed = p->remove };
	struct outbox_ask ask = { .kind = MESSAGE_WAYPOINT,
		.radio = p->radio,
		.channel = (uint8_t)p->channel,
		.text = p->name,
		.waypoint = &w };
	if (!ops_message_id(c, "to", p->to, &ask.to) ||
	    !read_degrees(c, "latitude", p->latitude, &w.lat) ||
	    !read_degrees(c, "longitude", p->longitude, &w.lon) ||
	    !read_expiry(c, &w) || !read_lock(c, &w) || !is_sound(c, &w))
		return;
	mark(&w);
	ops_message_give(c, &ask);
}
