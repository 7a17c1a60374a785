#include "waypoint.h"
#include "id.h"
#include "text.h"
#include <math.h>

enum { VARIATION_EMOJI = 0xFE0F, SECOND_MS = 1000 };

/* clang-format off */
static const struct field rows[] = {
	FIELD(struct waypoint, id, UNIT_NONE, 0, 0, 0, "Its number: said again, it changes the waypoint."),
	FIELD(struct waypoint, description, UNIT_NONE, FIELD_PRIVATE, 0, WAYPOINT_DESCRIPTION_MAX, "More about it than its name."),
	FIELD(struct waypoint, icon, UNIT_NONE, 0, 0, WAYPOINT_ICON_MAX, "One character for maps."),
	FIELD(struct waypoint, lat, UNIT_DEGREE, FIELD_PRIVATE, -90, 90, "North of the equator."),
	FIELD(struct waypoint, lon, UNIT_DEGREE, FIELD_PRIVATE, -180, 180, "East of Greenwich."),
	FIELD(struct waypoint, expires_ms, UNIT_UNIX_MS, 0, 0, 0, "Shown until then; absent: until it is taken away."),
	FIELD(struct waypoint, locked_to, UNIT_NONE, 0, 0, 0, "The only node that may change it."),
	FIELD(struct waypoint, removed, UNIT_NONE, 0, 0, 0, "It is taken away."),
};
/* clang-format on */
const struct field_table waypoint_table = { "waypoint", rows, LENGTH(rows),
	sizeof(struct waypoint), offsetof(struct waypoint, has), false };

bool
waypoint_is_on_earth(const struct waypoint *w)
{
	enum { NORTH = 90, EAST = 180 };
	return w->lat >= -NORTH && w->lat <= NORTH && w->lon >= -EAST && w->lon <= EAST;
}

/* Of text that is UTF-8: its first character.  Bytes that it has. */
static size_t
first_of(struct text_view v, uint32_t *out)
{
	uint8_t lead = (uint8_t)v.ptr[0];
	size_t len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	*out = len == 1 ? lead : lead & (0x7FU >> len);
	for (size_t i = 1; i < len; i++)
		*out = *out << 6 | ((uint8_t)v.ptr[i] & 0x3FU);
	return len;
}

bool
waypoint_icon(struct text_view icon, uint32_t *out)
{
	uint32_t more = 0;
	*out = 0;
	if (icon.len == 0)
		return true;
	if (!text_is_utf8(bytes_view(icon.ptr, icon.len)))
		return false;
	size_t used = first_of(icon, out);
	struct text_view rest = { icon.ptr + used, icon.len - used };
	if (rest.len > 0)
		used += first_of(rest, &more);
	return used == icon.len && (more == 0 || more == VARIATION_EMOJI);
}

static int32_t
degrees_e7(double degrees)
{
	return (int32_t)lround(degrees * 1e7);
}

static uint32_t
expiry_of(const struct waypoint *w)
{
	int64_t s = w->expires_ms / SECOND_MS;
	if (w->removed)
		return WAYPOINT_GONE_S;
	return s > 0 && s <= UINT32_MAX ? (uint32_t)s : 0;
}

struct radio_waypoint
waypoint_for_radio(const struct waypoint *w, size_t name_len)
{
	struct radio_waypoint r = { .number = w->id,
		.latitude = degrees_e7(w->lat),
		.longitude = degrees_e7(w->lon),
		.expire_s = expiry_of(w),
		.locked_to = id_is(&w->locked_to) ? id_number(&w->locked_to) : 0,
		.name_len = (uint8_t)name_len };
	(void)waypoint_icon(w->icon, &r.icon); /* checked when it was asked for */
	return r;
}
