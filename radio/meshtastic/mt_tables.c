#include "mt_tables.h"
#include "mt_words.h"

/* clang-format off */
static const struct protobuf_field from_radio_rows[] = {
	ROW(1, PLAIN, U32, "id"),
	SUB(2, ONEOF, "packet", mt_mesh_packet),
	SUB(3, ONEOF, "my_info", mt_my_node_info),
	SUB(4, ONEOF, "node_info", mt_node_info),
	SUB(5, ONEOF, "config", mt_config),
	SUB(6, ONEOF, "log_record", mt_log_record),
	ROW(7, ONEOF, U32, "config_complete_id"),
	ROW(8, ONEOF, BOOL, "rebooted"),
	SUB(9, ONEOF, "moduleConfig", mt_module_config),
	SUB(10, ONEOF, "channel", mt_channel),
	SUB(11, ONEOF, "queueStatus", mt_queue_status),
	SUB(12, ONEOF, "xmodemPacket", mt_xmodem),
	SUB(13, ONEOF, "metadata", mt_device_metadata),
	SUB(14, ONEOF, "mqttClientProxyMessage", mt_mqtt_client_proxy_message),
	SUB(15, ONEOF, "fileInfo", mt_file_info),
	SUB(16, ONEOF, "clientNotification", mt_client_notification),
	SUB(17, ONEOF, "deviceuiConfig", mt_device_ui_config),
	SUB(18, ONEOF, "lockdown_status", mt_lockdown_status),
	ROW(19, ONEOF, BYTES, "region_presets"),
};
TABLE(from_radio, "FromRadio")

static const struct protobuf_field to_radio_rows[] = {
	SUB(1, ONEOF, "packet", mt_mesh_packet),
	ROW(3, ONEOF, U32, "want_config_id"),
	ROW(4, ONEOF, BOOL, "disconnect"),
	SUB(5, ONEOF, "xmodemPacket", mt_xmodem),
	SUB(6, ONEOF, "mqttClientProxyMessage", mt_mqtt_client_proxy_message),
	SUB(7, ONEOF, "heartbeat", mt_heartbeat),
};
TABLE(to_radio, "ToRadio")

static const struct protobuf_field mesh_packet_rows[] = {
	ROW(1, PLAIN, FX32, "from"),
	ROW(2, PLAIN, FX32, "to"),
	ROW(3, PLAIN, U32, "channel"),
	SUB(4, ONEOF, "decoded", mt_data),
	ROW(5, ONEOF, BYTES, "encrypted"),
	ROW(6, PLAIN, FX32, "id"),
	ROW(7, PLAIN, FX32, "rx_time"),
	ROW(8, PLAIN, F32, "rx_snr"),
	ROW(9, PLAIN, U32, "hop_limit"),
	ROW(10, PLAIN, BOOL, "want_ack"),
	WORD(11, PLAIN, "priority", mt_words_priority),
	ROW(12, PLAIN, I32, "rx_rssi"),
	WORD(13, PLAIN, "delayed", mt_words_delayed),
	ROW(14, PLAIN, BOOL, "via_mqtt"),
	ROW(15, PLAIN, U32, "hop_start"),
	ROW(16, PLAIN, BYTES, "public_key"),
	ROW(17, PLAIN, BOOL, "pki_encrypted"),
	ROW(18, PLAIN, U32, "next_hop"),
	ROW(19, PLAIN, U32, "relay_node"),
	ROW(20, PLAIN, U32, "tx_after"),
	WORD(21, PLAIN, "transport_mechanism", mt_words_transport_mechanism),
	ROW(22, PLAIN, BOOL, "xeddsa_signed"),
};
TABLE(mesh_packet, "MeshPacket")

static const struct protobuf_field data_rows[] = {
	WORD(1, PLAIN, "portnum", mt_words_ports),
	ROW(2, PLAIN, BYTES, "payload"),
	ROW(3, PLAIN, BOOL, "want_response"),
	ROW(4, PLAIN, FX32, "dest"),
	ROW(5, PLAIN, FX32, "source"),
	ROW(6, PLAIN, FX32, "request_id"),
	ROW(7, PLAIN, FX32, "reply_id"),
	ROW(8, PLAIN, FX32, "emoji"),
	ROW(9, OPTIONAL, U32, "bitfield"),
	ROW(10, PLAIN, BYTES, "xeddsa_signature"),
};
TABLE(data, "Data")

static const struct protobuf_field my_node_info_rows[] = {
	ROW(1, PLAIN, U32, "my_node_num"),
	ROW(8, PLAIN, U32, "reboot_count"),
	ROW(11, PLAIN, U32, "min_app_version"),
	ROW(12, PLAIN, BYTES, "device_id"),
	ROW(13, PLAIN, TEXT, "pio_env"),
	WORD(14, PLAIN, "firmware_edition", mt_words_firmware_edition),
	ROW(15, PLAIN, U32, "nodedb_count"),
};
TABLE(my_node_info, "MyNodeInfo")

static const struct protobuf_field node_info_rows[] = {
	ROW(1, PLAIN, U32, "num"),
	SUB(2, OPTIONAL, "user", mt_user),
	SUB(3, OPTIONAL, "position", mt_position),
	ROW(4, PLAIN, F32, "snr"),
	ROW(5, PLAIN, FX32, "last_heard"),
	SUB(6, OPTIONAL, "device_metrics", mt_device_metrics),
	ROW(7, PLAIN, U32, "channel"),
	ROW(8, PLAIN, BOOL, "via_mqtt"),
	ROW(9, OPTIONAL, U32, "hops_away"),
	ROW(10, PLAIN, BOOL, "is_favorite"),
	ROW(11, PLAIN, BOOL, "is_ignored"),
	ROW(12, PLAIN, BOOL, "is_key_manually_verified"),
	ROW(13, PLAIN, BOOL, "is_muted"),
	ROW(14, PLAIN, BOOL, "has_xeddsa_signed"),
};
TABLE(node_info, "NodeInfo")

static const struct protobuf_field user_rows[] = {
	ROW(1, PLAIN, TEXT, "id"),
	ROW(2, PLAIN, TEXT, "long_name"),
	ROW(3, PLAIN, TEXT, "short_name"),
	ROW(4, PLAIN, BYTES, "macaddr"),
	WORD(5, PLAIN, "hw_model", mt_words_hardware_model),
	ROW(6, PLAIN, BOOL, "is_licensed"),
	WORD(7, PLAIN, "role", mt_words_role),
	ROW(8, PLAIN, BYTES, "public_key"),
	ROW(9, OPTIONAL, BOOL, "is_unmessagable"),
};
TABLE(user, "User")

static const struct protobuf_field queue_status_rows[] = {
	ROW(1, PLAIN, I32, "res"),
	ROW(2, PLAIN, U32, "free"),
	ROW(3, PLAIN, U32, "maxlen"),
	ROW(4, PLAIN, U32, "mesh_packet_id"),
};
TABLE(queue_status, "QueueStatus")

static const struct protobuf_field channel_rows[] = {
	ROW(1, PLAIN, I32, "index"),
	SUB(2, OPTIONAL, "settings", mt_channel_settings),
	WORD(3, PLAIN, "role", mt_words_channel_role),
};
TABLE(channel, "Channel")

static const struct protobuf_field channel_settings_rows[] = {
	ROW(1, PLAIN, U32, "channel_num"),
	ROW(2, PLAIN, BYTES, "psk"),
	ROW(3, PLAIN, TEXT, "name"),
	ROW(4, PLAIN, FX32, "id"),
	ROW(5, PLAIN, BOOL, "uplink_enabled"),
	ROW(6, PLAIN, BOOL, "downlink_enabled"),
	SUB(7, OPTIONAL, "module_settings", mt_module_settings),
};
TABLE(channel_settings, "ChannelSettings")

static const struct protobuf_field module_settings_rows[] = {
	ROW(1, PLAIN, U32, "position_precision"),
	ROW(2, PLAIN, BOOL, "is_muted"),
};
TABLE(module_settings, "ModuleSettings")

static const struct protobuf_field device_metadata_rows[] = {
	ROW(1, PLAIN, TEXT, "firmware_version"),
	ROW(2, PLAIN, U32, "device_state_version"),
	ROW(3, PLAIN, BOOL, "canShutdown"),
	ROW(4, PLAIN, BOOL, "hasWifi"),
	ROW(5, PLAIN, BOOL, "hasBluetooth"),
	ROW(6, PLAIN, BOOL, "hasEthernet"),
	WORD(7, PLAIN, "role", mt_words_role),
	ROW(8, PLAIN, U32, "position_flags"),
	WORD(9, PLAIN, "hw_model", mt_words_hardware_model),
	ROW(10, PLAIN, BOOL, "hasRemoteHardware"),
	ROW(11, PLAIN, BOOL, "hasPKC"),
	ROW(12, PLAIN, U32, "excluded_modules"),
	ROW(14, PLAIN, BOOL, "has_xeddsa"),
};
TABLE(device_metadata, "DeviceMetadata")

static const struct protobuf_field file_info_rows[] = {
	ROW(1, PLAIN, TEXT, "file_name"),
	ROW(2, PLAIN, U32, "size_bytes"),
};
TABLE(file_info, "FileInfo")

static const struct protobuf_field log_record_rows[] = {
	ROW(1, PLAIN, TEXT, "message"),
	ROW(2, PLAIN, FX32, "time"),
	ROW(3, PLAIN, TEXT, "source"),
	WORD(4, PLAIN, "level", mt_words_log_level),
};
TABLE(log_record, "LogRecord")

static const struct protobuf_field client_notification_rows[] = {
	ROW(1, OPTIONAL, U32, "reply_id"),
	ROW(2, PLAIN, FX32, "time"),
	WORD(3, PLAIN, "level", mt_words_log_level),
	ROW(4, PLAIN, TEXT, "message"),
	SUB(11, ONEOF, "key_verification_number_inform", mt_key_verification_number_inform),
	SUB(12, ONEOF, "key_verification_number_request", mt_key_verification_number_request),
	SUB(13, ONEOF, "key_verification_final", mt_key_verification_final),
	SUB(14, ONEOF, "duplicated_public_key", mt_duplicated_public_key),
	SUB(15, ONEOF, "low_entropy_key", mt_low_entropy_key),
};
TABLE(client_notification, "ClientNotification")

static const struct protobuf_field key_verification_number_inform_rows[] = {
	ROW(1, PLAIN, U64, "nonce"),
	ROW(2, PLAIN, TEXT, "remote_longname"),
	ROW(3, PLAIN, U32, "security_number"),
};
TABLE(key_verification_number_inform, "KeyVerificationNumberInform")

static const struct protobuf_field key_verification_number_request_rows[] = {
	ROW(1, PLAIN, U64, "nonce"),
	ROW(2, PLAIN, TEXT, "remote_longname"),
};
TABLE(key_verification_number_request, "KeyVerificationNumberRequest")

static const struct protobuf_field key_verification_final_rows[] = {
	ROW(1, PLAIN, U64, "nonce"),
	ROW(2, PLAIN, TEXT, "remote_longname"),
	ROW(3, PLAIN, BOOL, "isSender"),
	ROW(4, PLAIN, TEXT, "verification_characters"),
};
TABLE(key_verification_final, "KeyVerificationFinal")

const struct protobuf_table mt_duplicated_public_key = { "DuplicatedPublicKey", NULL, 0 };

const struct protobuf_table mt_low_entropy_key = { "LowEntropyKey", NULL, 0 };

static const struct protobuf_field xmodem_rows[] = {
	WORD(1, PLAIN, "control", mt_words_xmodem_control),
	ROW(2, PLAIN, U32, "seq"),
	ROW(3, PLAIN, U32, "crc16"),
	ROW(4, PLAIN, BYTES, "buffer"),
};
TABLE(xmodem, "XModem")

static const struct protobuf_field heartbeat_rows[] = {
	ROW(1, PLAIN, U32, "nonce"),
};
TABLE(heartbeat, "Heartbeat")

static const struct protobuf_field lockdown_status_rows[] = {
	WORD(1, PLAIN, "state", mt_words_lockdown_state),
	ROW(2, PLAIN, TEXT, "lock_reason"),
	ROW(3, PLAIN, U32, "boots_remaining"),
	ROW(4, PLAIN, U32, "valid_until_epoch"),
	ROW(5, PLAIN, U32, "backoff_seconds"),
};
TABLE(lockdown_status, "LockdownStatus")

static const struct protobuf_field mqtt_client_proxy_message_rows[] = {
	ROW(1, PLAIN, TEXT, "topic"),
	ROW(2, ONEOF, BYTES, "data"),
	ROW(3, ONEOF, TEXT, "text"),
	ROW(4, PLAIN, BOOL, "retained"),
};
TABLE(mqtt_client_proxy_message, "MqttClientProxyMessage")

static const struct protobuf_field service_envelope_rows[] = {
	SUB(1, OPTIONAL, "packet", mt_mesh_packet),
	ROW(2, PLAIN, TEXT, "channel_id"),
	ROW(3, PLAIN, TEXT, "gateway_id"),
};
TABLE(service_envelope, "ServiceEnvelope")

const struct protobuf_table *const mt_all_tables[] = {
	&mt_from_radio, &mt_to_radio, &mt_mesh_packet, &mt_data, &mt_my_node_info,
	&mt_node_info, &mt_user, &mt_queue_status, &mt_channel, &mt_channel_settings,
	&mt_module_settings, &mt_device_metadata, &mt_file_info, &mt_log_record,
	&mt_client_notification, &mt_key_verification_number_inform,
	&mt_key_verification_number_request, &mt_key_verification_final,
	&mt_duplicated_public_key, &mt_low_entropy_key, &mt_xmodem, &mt_heartbeat,
	&mt_lockdown_status, &mt_mqtt_client_proxy_message, &mt_service_envelope,
	&mt_position, &mt_routing, &mt_route_discovery, &mt_waypoint, &mt_paxcount,
	&mt_store_forward, &mt_store_forward_statistics, &mt_store_forward_history,
	&mt_store_forward_heartbeat, &mt_compressed, &mt_neighbor_info, &mt_neighbor,
	&mt_map_report, &mt_key_verification, &mt_status_message, &mt_telemetry,
	&mt_device_metrics, &mt_environment_metrics, &mt_air_quality_metrics,
	&mt_power_metrics, &mt_local_stats, &mt_health_metrics, &mt_host_metrics,
	&mt_traffic_management_stats, &mt_admin_message, &mt_device_connection_status,
	&mt_ham_parameters, &mt_node_remote_hardware_pins_response, &mt_input_event,
	&mt_shared_contact, &mt_key_verification_admin, &mt_ota_event, &mt_sensor_config,
	&mt_lockdown_auth, &mt_wifi_connection_status, &mt_ethernet_connection_status,
	&mt_bluetooth_connection_status, &mt_serial_connection_status,
	&mt_node_remote_hardware_pin, &mt_scd4x_config, &mt_sen5x_config, &mt_scd30_config,
	&mt_shtxx_config, &mt_network_connection_status, &mt_config, &mt_device_config,
	&mt_position_config, &mt_power_config, &mt_network_config, &mt_display_config,
	&mt_lora_config, &mt_bluetooth_config, &mt_security_config, &mt_sessionkey_config,
	&mt_ipv4_config, &mt_module_config, &mt_mqtt_config, &mt_serial_config,
	&mt_external_notification_config, &mt_store_forward_config, &mt_range_test_config,
	&mt_telemetry_config, &mt_canned_message_config, &mt_audio_config,
	&mt_remote_hardware_config, &mt_neighbor_info_config, &mt_ambient_lighting_config,
	&mt_detection_sensor_config, &mt_paxcounter_config, &mt_status_message_config,
	&mt_traffic_management_config, &mt_tak_config, &mt_map_report_settings,
	&mt_remote_hardware_pin, &mt_device_ui_config, &mt_node_filter, &mt_node_highlight,
	&mt_map, &mt_geo_point, &mt_bounding_box, NULL,
};
/* clang-format on */
