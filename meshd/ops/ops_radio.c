#include "call_inside.h"
#include "lending.h"
#include "live.h"
#include "ports.h"
#include "text.h"
#include "units.h"

enum { RELEASE_MS = 60 * 1000 };

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
	if (span >= 0 && span <= LENDING_MOST_MS)
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
	(void)lending_keep(c->world->store, name, status.released_until_ms);
	call_open(c);
	call_item(c, &radio_status_table, &status);
	call_finish(c);
}

/* --- recording --- */

static void
put_hex(struct bytes_out *out, struct bytes_view v)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < v.len; i++) {
		bytes_put_u8(out, (uint8_t)digits[v.ptr[i] >> 4]);
		bytes_put_u8(out, (uint8_t)digits[v.ptr[i] & 15]);
	}
}

static void
put_line(struct call *c, const struct recorder_line *line, uint64_t lost)
{
	char hex[2080];
	struct bytes_out out = bytes_out(hex, sizeof hex);
	struct recorded r = { .t_ms = line->t_ms,
		.from = text(line->from_client ? "client" : "radio"),
		.eof = line->eof,
		.lost = lost,
		.has = 1U << RECORDED_T | 1U << RECORDED_FROM };
	put_hex(&out, line->bytes);
	r.hex = (struct text_view){ hex, out.len };
	r.has |= 1U << (line->eof ? RECORDED_EOF : RECORDED_HEX);
	if (lost > 0)
		r.has |= 1U << RECORDED_LOST;
	call_item(c, &recorded_table, &r);
}

/* The first call begins it; it ends when nobody calls any more. */
void
ops_radio_record(struct call *c)
{
	enum { MOST = 256 };
	struct text_view name = c->params.id;
	struct port *port = c->world->ports != NULL ? ports_find(c->world->ports, name)
						    : NULL;
	struct recorder *recorder = port != NULL ? port_record(port, c->world->now)
						 : NULL;
	struct recorder_line line;
	if (port == NULL) {
		call_fail(
		    c, 404, "no radio '%.*s' at this site", (int)name.len, name.ptr);
		return;
	}
	if (recorder == NULL) {
		call_fail(c, 409, "'%.*s' has no frames that could be recorded",
		    (int)name.len, name.ptr);
		return;
	}
	call_open(c);
	for (size_t i = 0; i < MOST && recorder_next(recorder, &line); i++)
		put_line(c, &line, recorder_lost(recorder));
	call_finish(c);
}
