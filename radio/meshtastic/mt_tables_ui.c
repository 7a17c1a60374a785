#include "mt_tables.h"
#include "mt_words.h"

/* clang-format off */
static const struct protobuf_field device_ui_config_rows[] = {
	ROW(1, PLAIN, U32, "version"),
	ROW(2, PLAIN, U32, "screen_brightness"),
	ROW(3, PLAIN, U32, "screen_timeout"),
	ROW(4, PLAIN, BOOL, "screen_lock"),
	ROW(5, PLAIN, BOOL, "settings_lock"),
	ROW(6, PLAIN, U32, "pin_code"),
	WORD(7, PLAIN, "theme", mt_words_ui_theme),
	ROW(8, PLAIN, BOOL, "alert_enabled"),
	ROW(9, PLAIN, BOOL, "banner_enabled"),
	ROW(10, PLAIN, U32, "ring_tone_id"),
	WORD(11, PLAIN, "language", mt_words_ui_language),
	SUB(12, OPTIONAL, "node_filter", mt_node_filter),
	SUB(13, OPTIONAL, "node_highlight", mt_node_highlight),
	ROW(14, PLAIN, BYTES, "calibration_data"),
	SUB(15, OPTIONAL, "map_data", mt_map),
	WORD(16, PLAIN, "compass_mode", mt_words_compass_mode),
	ROW(17, PLAIN, U32, "screen_rgb_color"),
	ROW(18, PLAIN, BOOL, "is_clockface_analog"),
	WORD(19, PLAIN, "gps_format", mt_words_gps_coordinate_format),
};
TABLE(device_ui_config, "DeviceUIConfig")

static const struct protobuf_field node_filter_rows[] = {
	ROW(1, PLAIN, BOOL, "unknown_switch"),
	ROW(2, PLAIN, BOOL, "offline_switch"),
	ROW(3, PLAIN, BOOL, "public_key_switch"),
	ROW(4, PLAIN, I32, "hops_away"),
	ROW(5, PLAIN, BOOL, "position_switch"),
	ROW(6, PLAIN, TEXT, "node_name"),
	ROW(7, PLAIN, I32, "channel"),
};
TABLE(node_filter, "NodeFilter")

static const struct protobuf_field node_highlight_rows[] = {
	ROW(1, PLAIN, BOOL, "chat_switch"),
	ROW(2, PLAIN, BOOL, "position_switch"),
	ROW(3, PLAIN, BOOL, "telemetry_switch"),
	ROW(4, PLAIN, BOOL, "iaq_switch"),
	ROW(5, PLAIN, TEXT, "node_name"),
};
TABLE(node_highlight, "NodeHighlight")

static const struct protobuf_field map_rows[] = {
	SUB(1, OPTIONAL, "home", mt_geo_point),
	ROW(2, PLAIN, TEXT, "style"),
	ROW(3, PLAIN, BOOL, "follow_gps"),
};
TABLE(map, "Map")

static const struct protobuf_field geo_point_rows[] = {
	ROW(1, PLAIN, I32, "zoom"),
	ROW(2, PLAIN, I32, "latitude"),
	ROW(3, PLAIN, I32, "longitude"),
};
TABLE(geo_point, "GeoPoint")
/* clang-format on */
