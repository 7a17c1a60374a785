/* mt_tables.h - every Meshtastic message that goes over the stream or the air.
 *
 * Rows only: number, rule, kind, name.  Names are the official ones, because users know
 * them; numbers and kinds are facts of the protocol.  What a newer firmware adds is
 * kept by number until it gets a row here.  Floor 2.  Pure. */
#ifndef RADIO_MT_TABLES_H
#define RADIO_MT_TABLES_H
#include "protobuf.h"

/* ROW(number, rule, kind, "name"); rule: PLAIN, OPTIONAL, REPEATED, ONEOF, ONEOF + n.
 */
#define ROW(number, rule, kind, name)                                                  \
	{                                                                              \
		number, PROTOBUF_##kind, PROTOBUF_##rule, name, NULL, NULL             \
	}
#define SUB(number, rule, name, table)                                                 \
	{                                                                              \
		number, PROTOBUF_SUB, PROTOBUF_##rule, name, &(table), NULL            \
	}
#define WORD(number, rule, name, words)                                                \
	{                                                                              \
		number, PROTOBUF_ENUM, PROTOBUF_##rule, name, NULL, words              \
	}
#define TABLE(symbol, name)                                                            \
	const struct protobuf_table mt_##symbol = { name, symbol##_rows,               \
		LENGTH(symbol##_rows) };

/* clang-format off */
extern const struct protobuf_table /* mt_tables.c */
	mt_from_radio, mt_to_radio, mt_mesh_packet, mt_data, mt_my_node_info, mt_node_info,
	mt_user, mt_queue_status, mt_channel, mt_channel_settings, mt_module_settings,
	mt_device_metadata, mt_file_info, mt_log_record, mt_client_notification,
	mt_key_verification_number_inform, mt_key_verification_number_request,
	mt_key_verification_final, mt_duplicated_public_key, mt_low_entropy_key, mt_xmodem,
	mt_heartbeat, mt_lockdown_status, mt_mqtt_client_proxy_message, mt_service_envelope;
extern const struct protobuf_table /* mt_tables_ports.c */
	mt_position, mt_routing, mt_route_discovery, mt_waypoint, mt_paxcount,
	mt_store_forward, mt_store_forward_statistics, mt_store_forward_history,
	mt_store_forward_heartbeat, mt_compressed, mt_neighbor_info, mt_neighbor,
	mt_map_report, mt_key_verification, mt_status_message, mt_bounding_box;
extern const struct protobuf_table /* mt_tables_telemetry.c */
	mt_telemetry, mt_device_metrics, mt_environment_metrics, mt_air_quality_metrics,
	mt_power_metrics, mt_local_stats, mt_health_metrics, mt_host_metrics,
	mt_traffic_management_stats;
extern const struct protobuf_table /* mt_tables_admin.c */
	mt_admin_message, mt_device_connection_status, mt_ham_parameters,
	mt_node_remote_hardware_pins_response, mt_input_event, mt_shared_contact,
	mt_key_verification_admin, mt_ota_event, mt_sensor_config, mt_lockdown_auth,
	mt_wifi_connection_status, mt_ethernet_connection_status,
	mt_bluetooth_connection_status, mt_serial_connection_status,
	mt_node_remote_hardware_pin, mt_scd4x_config, mt_sen5x_config, mt_scd30_config,
	mt_shtxx_config, mt_network_connection_status;
extern const struct protobuf_table /* mt_tables_config.c */
	mt_config, mt_device_config, mt_position_config, mt_power_config,
	mt_network_config, mt_display_config, mt_lora_config, mt_bluetooth_config,
	mt_security_config, mt_sessionkey_config, mt_ipv4_config;
extern const struct protobuf_table /* mt_tables_module.c */
	mt_module_config, mt_mqtt_config, mt_serial_config,
	mt_external_notification_config, mt_store_forward_config, mt_range_test_config,
	mt_telemetry_config, mt_canned_message_config, mt_audio_config,
	mt_remote_hardware_config, mt_neighbor_info_config, mt_ambient_lighting_config,
	mt_detection_sensor_config, mt_paxcounter_config, mt_status_message_config,
	mt_traffic_management_config, mt_tak_config, mt_map_report_settings,
	mt_remote_hardware_pin;
extern const struct protobuf_table /* mt_tables_ui.c */
	mt_device_ui_config, mt_node_filter, mt_node_highlight, mt_map, mt_geo_point;

/* Every table, for tests, fuzzers and docs; ends with NULL. */
extern const struct protobuf_table *const mt_all_tables[];
/* clang-format on */
#endif
