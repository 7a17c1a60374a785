#include "call_inside.h"
#include "live.h"
#include "ports.h"
#include "text.h"
#include "units.h"

enum { RELEASE_MS = 60 * 1000, RELEASE_MOST_MS = 30 * 60 * 1000 };

void
ops_radio_list(struct call *c)
{
	const struct live *live = c->world->live;
	call_open(c);
	for (size_t i = 0; i < live_radio_count(live); i++)
		call_item(c, &radio_status_table, live_radio_at(live, i));
	call_finish(c);
}

void
ops_radio_show(struct call *c)
{
	const struct live *live = c->world->live;
	for (size_t i = 0; i < live_radio_count(live); i++) {
		const struct radio_status *radio = live_radio_at(live, i);
		if (!text_equal(radio->name, c->params.id))
			continue;
		call_open(c);
		call_item(c, &radio_status_table, radio);
		call_finish(c);
		return;
	}
	call_fail(c, 404, "no radio '%.*s' at this site", (int)c->params.id.len,
	    c->params.id.ptr);
}

static bool
read_duration(struct call *c, uint32_t *ms)
{
	int64_t span = RELEASE_MS;
	if (c->params.duration.len > 0 &&
	    units_parse(c->params.duration, UNIT_MS, &span) != MESH_OK)
		span = -1;
	*ms = (uint32_t)span;
	if (span >= 0 && span <= RELEASE_MOST_MS)
		return true;
	call_fail(c, 400, "parameter duration: a span up to 30m, as 30s or 5m");
	return false;
}

/* The radio as it is then: waiting, and why. */
void
ops_radio_release(struct call *c)
{
	struct radio_status status;
	struct text_view name = c->params.id;
	struct port *port = c->world->ports != NULL ? ports_find(c->world->ports, name)
						    : NULL;
	uint32_t ms;
	if (port == NULL) {
		call_fail(
		    c, 404, "no radio '%.*s' at this site", (int)name.len, name.ptr);
		return;
	}
	if (!read_duration(c, &ms))
		return;
	if (port_release(port, ms, c->world->now) != MESH_OK) {
		call_fail(c, 409, "'%.*s' has no link of its own to let go of",
		    (int)name.len, name.ptr);
		return;
	}
	port_status(port, &status);
	call_open(c);
	call_item(c, &radio_status_table, &status);
	call_finish(c);
}
