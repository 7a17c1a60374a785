/* waypoint.h - a place that people name to each other over the radio.
 *
 * Part of a message that says one, whose text is its name; its number names it, and
 * whoever says that number again changes it.  Floor 5.  Pure. */
#ifndef MODEL_WAYPOINT_H
#define MODEL_WAYPOINT_H
#include "radio.h"

enum { WAYPOINT_ICON_MAX = 8 };
enum {
	WAYPOINT_ID,
	WAYPOINT_DESCRIPTION,
	WAYPOINT_ICON,
	WAYPOINT_LATITUDE,
	WAYPOINT_LONGITUDE,
	WAYPOINT_EXPIRES,
	WAYPOINT_LOCKED,
	WAYPOINT_REMOVED
};
struct waypoint {
	uint64_t has;
	uint32_t id;
	struct text_view description, icon;
	double lat, lon;
	unix_ms expires_ms;
	struct id locked_to;
	bool removed;
};
extern const struct field_table waypoint_table;

bool waypoint_is_on_earth(const struct waypoint *w); /* NaN is not */
/* The one character of an icon, 0 for none; what makes it colourful is passed over.
 * False: it is more than one, or no UTF-8. */
bool waypoint_icon(struct text_view icon, uint32_t *out);
/* Without its words, for a radio; `name_len` is of its name. */
struct radio_waypoint waypoint_for_radio(const struct waypoint *w, size_t name_len);
#endif
