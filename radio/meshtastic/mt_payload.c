#include "mt_payload.h"
#include "mt_own.h"
#include "text.h"

enum {
	WAYPOINT_BYTES = 35, /* without its words */
	OWN_ROOM = 40,
	DEGREES_E7 = 10000000,
	LATITUDE_MAX = 90,
	LONGITUDE_MAX = 180
};

static const struct mt_payload_kind kinds[REQUEST_KINDS] = {
	[REQUEST_TEXT] = { .port = MT_PORT_TEXT },
	[REQUEST_TRACE] = { .port = MT_PORT_TRACEROUTE, .asks = true },
	[REQUEST_POSITION] = { .port = MT_PORT_POSITION, .asks = true },
	[REQUEST_TELEMETRY] = { .port = MT_PORT_TELEMETRY, .asks = true },
	[REQUEST_WAYPOINT] = { .port = MT_PORT_WAYPOINT },
};

struct mt_payload_kind
mt_payload_kind(enum radio_request_kind kind)
{
	return (unsigned)kind < LENGTH(kinds) ? kinds[kind]
					      : (struct mt_payload_kind){ 0 };
}

size_t
mt_payload_size(const struct radio_request *q)
{
	if (q->kind == REQUEST_WAYPOINT)
		return q->body.len + WAYPOINT_BYTES;
	return q->tells ? OWN_ROOM : q->body.len;
}

/* --- waypoints --- */

static struct bytes_view
name_of(const struct radio_request *q)
{
	return bytes_view(q->body.ptr, q->waypoint.name_len);
}

static struct bytes_view
description_of(const struct radio_request *q)
{
	size_t name = q->waypoint.name_len;
	if (q->body.len <= name)
		return bytes_view(NULL, 0);
	return bytes_view(q->body.ptr + name, q->body.len - name);
}

static bool
is_within(int32_t degrees, int32_t most)
{
	return degrees >= -most * DEGREES_E7 && degrees <= most * DEGREES_E7;
}

static bool
is_waypoint(const struct radio_request *q)
{
	const struct radio_waypoint *w = &q->waypoint;
	return w->number != 0 && q->body.len >= w->name_len &&
	    w->name_len <= WAYPOINT_NAME_MAX &&
	    q->body.len - w->name_len <= WAYPOINT_DESCRIPTION_MAX &&
	    text_is_utf8(name_of(q)) && text_is_utf8(description_of(q)) &&
	    is_within(w->latitude, LATITUDE_MAX) &&
	    is_within(w->longitude, LONGITUDE_MAX);
}

static void
put_words(struct tree_out *t, const char *name, struct bytes_view words)
{
	if (words.len > 0)
		tree_put_text(
		    t, name, (struct text_view){ (const char *)words.ptr, words.len });
}

static enum mesh_err
put_waypoint(const struct radio_request *q, struct bytes_out *out)
{
	struct tree_item items[8];
	struct tree_out t = tree_out(items, LENGTH(items));
	const struct radio_waypoint *w = &q->waypoint;
	if (!is_waypoint(q))
		return MESH_MALFORMED;
	tree_put_u64(&t, "id", w->number);
	tree_put_i64(&t, "latitude_i", w->latitude);
	tree_put_i64(&t, "longitude_i", w->longitude);
	mt_tree_number(&t, "expire", w->expire_s);
	mt_tree_number(&t, "locked_to", w->locked_to);
	put_words(&t, "name", name_of(q));
	put_words(&t, "description", description_of(q));
	mt_tree_number(&t, "icon", w->icon);
	return protobuf_encode(&mt_waypoint, tree_done(&t), out);
}

/* --- all --- */

enum mesh_err
mt_payload_put(struct radio *r, const struct radio_request *q, struct bytes_out *out)
{
	/* Telemetry with an empty device_metrics: which of them is wanted. */
	static const uint8_t wanted[] = { 0x12, 0x00 };
	switch (q->kind) {
	case REQUEST_TEXT:
		bytes_put_view(out, q->body);
		return MESH_OK;
	case REQUEST_POSITION:
		if (q->tells)
			(void)mt_own_put_position(r, q->channel, out);
		return MESH_OK;
	case REQUEST_TELEMETRY:
		if (!q->tells || !mt_own_put_metrics(r, out))
			bytes_put(out, wanted, sizeof wanted);
		return MESH_OK;
	case REQUEST_WAYPOINT:
		return put_waypoint(q, out);
	case REQUEST_TRACE:
	case REQUEST_POLL:
	case REQUEST_FRAME:
	case REQUEST_KINDS:
		break;
	}
	return MESH_OK;
}
