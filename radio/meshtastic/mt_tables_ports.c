#include "mt_tables.h"
#include "mt_words.h"

/* clang-format off */
static const struct protobuf_field position_rows[] = {
	ROW(1, OPTIONAL, SFX32, "latitude_i"),
	ROW(2, OPTIONAL, SFX32, "longitude_i"),
	ROW(3, OPTIONAL, I32, "altitude"),
	ROW(4, PLAIN, FX32, "time"),
	WORD(5, PLAIN, "location_source", mt_words_loc_source),
	WORD(6, PLAIN, "altitude_source", mt_words_alt_source),
	ROW(7, PLAIN, FX32, "timestamp"),
	ROW(8, PLAIN, I32, "timestamp_millis_adjust"),
	ROW(9, OPTIONAL, S32, "altitude_hae"),
	ROW(10, OPTIONAL, S32, "altitude_geoidal_separation"),
	ROW(11, PLAIN, U32, "PDOP"),
	ROW(12, PLAIN, U32, "HDOP"),
	ROW(13, PLAIN, U32, "VDOP"),
	ROW(14, PLAIN, U32, "gps_accuracy"),
	ROW(15, OPTIONAL, U32, "ground_speed"),
	ROW(16, OPTIONAL, U32, "ground_track"),
	ROW(17, PLAIN, U32, "fix_quality"),
	ROW(18, PLAIN, U32, "fix_type"),
	ROW(19, PLAIN, U32, "sats_in_view"),
	ROW(20, PLAIN, U32, "sensor_id"),
	ROW(21, PLAIN, U32, "next_update"),
	ROW(22, PLAIN, U32, "seq_number"),
	ROW(23, PLAIN, U32, "precision_bits"),
};
TABLE(position, "Position")

static const struct protobuf_field routing_rows[] = {
	SUB(1, ONEOF, "route_request", mt_route_discovery),
	SUB(2, ONEOF, "route_reply", mt_route_discovery),
	WORD(3, ONEOF, "error_reason", mt_words_routing_error),
};
TABLE(routing, "Routing")

static const struct protobuf_field route_discovery_rows[] = {
	ROW(1, REPEATED, FX32, "route"),
	ROW(2, REPEATED, I32, "snr_towards"),
	ROW(3, REPEATED, FX32, "route_back"),
	ROW(4, REPEATED, I32, "snr_back"),
};
TABLE(route_discovery, "RouteDiscovery")

static const struct protobuf_field waypoint_rows[] = {
	ROW(1, PLAIN, U32, "id"),
	ROW(2, OPTIONAL, SFX32, "latitude_i"),
	ROW(3, OPTIONAL, SFX32, "longitude_i"),
	ROW(4, PLAIN, U32, "expire"),
	ROW(5, PLAIN, U32, "locked_to"),
	ROW(6, PLAIN, TEXT, "name"),
	ROW(7, PLAIN, TEXT, "description"),
	ROW(8, PLAIN, FX32, "icon"),
	ROW(9, PLAIN, U32, "geofence_radius"),
	SUB(10, OPTIONAL, "bounding_box", mt_bounding_box),
	ROW(11, PLAIN, BOOL, "notify_on_enter"),
	ROW(12, PLAIN, BOOL, "notify_on_exit"),
	ROW(13, PLAIN, BOOL, "notify_favorites_only"),
};
TABLE(waypoint, "Waypoint")

static const struct protobuf_field paxcount_rows[] = {
	ROW(1, PLAIN, U32, "wifi"),
	ROW(2, PLAIN, U32, "ble"),
	ROW(3, PLAIN, U32, "uptime"),
};
TABLE(paxcount, "Paxcount")

static const struct protobuf_field store_forward_rows[] = {
	WORD(1, PLAIN, "rr", mt_words_store_forward_rr),
	SUB(2, ONEOF, "stats", mt_store_forward_statistics),
	SUB(3, ONEOF, "history", mt_store_forward_history),
	SUB(4, ONEOF, "heartbeat", mt_store_forward_heartbeat),
	ROW(5, ONEOF, BYTES, "text"),
};
TABLE(store_forward, "StoreAndForward")

static const struct protobuf_field store_forward_statistics_rows[] = {
	ROW(1, PLAIN, U32, "messages_total"),
	ROW(2, PLAIN, U32, "messages_saved"),
	ROW(3, PLAIN, U32, "messages_max"),
	ROW(4, PLAIN, U32, "up_time"),
	ROW(5, PLAIN, U32, "requests"),
	ROW(6, PLAIN, U32, "requests_history"),
	ROW(7, PLAIN, BOOL, "heartbeat"),
	ROW(8, PLAIN, U32, "return_max"),
	ROW(9, PLAIN, U32, "return_window"),
};
TABLE(store_forward_statistics, "StoreAndForward.Statistics")

static const struct protobuf_field store_forward_history_rows[] = {
	ROW(1, PLAIN, U32, "history_messages"),
	ROW(2, PLAIN, U32, "window"),
	ROW(3, PLAIN, U32, "last_request"),
};
TABLE(store_forward_history, "StoreAndForward.History")

static const struct protobuf_field store_forward_heartbeat_rows[] = {
	ROW(1, PLAIN, U32, "period"),
	ROW(2, PLAIN, U32, "secondary"),
};
TABLE(store_forward_heartbeat, "StoreAndForward.Heartbeat")

static const struct protobuf_field compressed_rows[] = {
	WORD(1, PLAIN, "portnum", mt_words_ports),
	ROW(2, PLAIN, BYTES, "data"),
};
TABLE(compressed, "Compressed")

static const struct protobuf_field neighbor_info_rows[] = {
	ROW(1, PLAIN, U32, "node_id"),
	ROW(2, PLAIN, U32, "last_sent_by_id"),
	ROW(3, PLAIN, U32, "node_broadcast_interval_secs"),
	SUB(4, REPEATED, "neighbors", mt_neighbor),
};
TABLE(neighbor_info, "NeighborInfo")

static const struct protobuf_field neighbor_rows[] = {
	ROW(1, PLAIN, U32, "node_id"),
	ROW(2, PLAIN, F32, "snr"),
	ROW(3, PLAIN, FX32, "last_rx_time"),
	ROW(4, PLAIN, U32, "node_broadcast_interval_secs"),
};
TABLE(neighbor, "Neighbor")

static const struct protobuf_field map_report_rows[] = {
	ROW(1, PLAIN, TEXT, "long_name"),
	ROW(2, PLAIN, TEXT, "short_name"),
	WORD(3, PLAIN, "role", mt_words_role),
	WORD(4, PLAIN, "hw_model", mt_words_hardware_model),
	ROW(5, PLAIN, TEXT, "firmware_version"),
	WORD(6, PLAIN, "region", mt_words_region_code),
	WORD(7, PLAIN, "modem_preset", mt_words_modem_preset),
	ROW(8, PLAIN, BOOL, "has_default_channel"),
	ROW(9, PLAIN, SFX32, "latitude_i"),
	ROW(10, PLAIN, SFX32, "longitude_i"),
	ROW(11, PLAIN, I32, "altitude"),
	ROW(12, PLAIN, U32, "position_precision"),
	ROW(13, PLAIN, U32, "num_online_local_nodes"),
	ROW(14, PLAIN, BOOL, "has_opted_report_location"),
};
TABLE(map_report, "MapReport")

static const struct protobuf_field key_verification_rows[] = {
	ROW(1, PLAIN, U64, "nonce"),
	ROW(2, PLAIN, BYTES, "hash1"),
	ROW(3, PLAIN, BYTES, "hash2"),
};
TABLE(key_verification, "KeyVerification")

static const struct protobuf_field status_message_rows[] = {
	ROW(1, PLAIN, TEXT, "status"),
};
TABLE(status_message, "StatusMessage")

static const struct protobuf_field bounding_box_rows[] = {
	ROW(1, PLAIN, SFX32, "west"),
	ROW(2, PLAIN, SFX32, "south"),
	ROW(3, PLAIN, SFX32, "east"),
	ROW(4, PLAIN, SFX32, "north"),
};
TABLE(bounding_box, "BoundingBox")
/* clang-format on */
