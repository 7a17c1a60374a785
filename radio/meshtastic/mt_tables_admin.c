#include "mt_tables.h"
#include "mt_words.h"

/* clang-format off */
static const struct protobuf_field admin_message_rows[] = {
	ROW(1, ONEOF, U32, "get_channel_request"),
	SUB(2, ONEOF, "get_channel_response", mt_channel),
	ROW(3, ONEOF, BOOL, "get_owner_request"),
	SUB(4, ONEOF, "get_owner_response", mt_user),
	WORD(5, ONEOF, "get_config_request", mt_words_config_type),
	SUB(6, ONEOF, "get_config_response", mt_config),
	WORD(7, ONEOF, "get_module_config_request", mt_words_module_config_type),
	SUB(8, ONEOF, "get_module_config_response", mt_module_config),
	ROW(10, ONEOF, BOOL, "get_canned_message_module_messages_request"),
	ROW(11, ONEOF, TEXT, "get_canned_message_module_messages_response"),
	ROW(12, ONEOF, BOOL, "get_device_metadata_request"),
	SUB(13, ONEOF, "get_device_metadata_response", mt_device_metadata),
	ROW(14, ONEOF, BOOL, "get_ringtone_request"),
	ROW(15, ONEOF, TEXT, "get_ringtone_response"),
	ROW(16, ONEOF, BOOL, "get_device_connection_status_request"),
	SUB(17, ONEOF, "get_device_connection_status_response", mt_device_connection_status),
	SUB(18, ONEOF, "set_ham_mode", mt_ham_parameters),
	ROW(19, ONEOF, BOOL, "get_node_remote_hardware_pins_request"),
	SUB(20, ONEOF, "get_node_remote_hardware_pins_response", mt_node_remote_hardware_pins_response),
	ROW(21, ONEOF, BOOL, "enter_dfu_mode_request"),
	ROW(22, ONEOF, TEXT, "delete_file_request"),
	ROW(23, ONEOF, U32, "set_scale"),
	WORD(24, ONEOF, "backup_preferences", mt_words_backup_location),
	WORD(25, ONEOF, "restore_preferences", mt_words_backup_location),
	WORD(26, ONEOF, "remove_backup_preferences", mt_words_backup_location),
	SUB(27, ONEOF, "send_input_event", mt_input_event),
	SUB(32, ONEOF, "set_owner", mt_user),
	SUB(33, ONEOF, "set_channel", mt_channel),
	SUB(34, ONEOF, "set_config", mt_config),
	SUB(35, ONEOF, "set_module_config", mt_module_config),
	ROW(36, ONEOF, TEXT, "set_canned_message_module_messages"),
	ROW(37, ONEOF, TEXT, "set_ringtone_message"),
	ROW(38, ONEOF, U32, "remove_by_nodenum"),
	ROW(39, ONEOF, U32, "set_favorite_node"),
	ROW(40, ONEOF, U32, "remove_favorite_node"),
	SUB(41, ONEOF, "set_fixed_position", mt_position),
	ROW(42, ONEOF, BOOL, "remove_fixed_position"),
	ROW(43, ONEOF, FX32, "set_time_only"),
	ROW(44, ONEOF, BOOL, "get_ui_config_request"),
	SUB(45, ONEOF, "get_ui_config_response", mt_device_ui_config),
	SUB(46, ONEOF, "store_ui_config", mt_device_ui_config),
	ROW(47, ONEOF, U32, "set_ignored_node"),
	ROW(48, ONEOF, U32, "remove_ignored_node"),
	ROW(49, ONEOF, U32, "toggle_muted_node"),
	ROW(64, ONEOF, BOOL, "begin_edit_settings"),
	ROW(65, ONEOF, BOOL, "commit_edit_settings"),
	SUB(66, ONEOF, "add_contact", mt_shared_contact),
	SUB(67, ONEOF, "key_verification", mt_key_verification_admin),
	ROW(94, ONEOF, I32, "factory_reset_device"),
	ROW(95, ONEOF, I32, "reboot_ota_seconds"),
	ROW(96, ONEOF, BOOL, "exit_simulator"),
	ROW(97, ONEOF, I32, "reboot_seconds"),
	ROW(98, ONEOF, I32, "shutdown_seconds"),
	ROW(99, ONEOF, I32, "factory_reset_config"),
	ROW(100, ONEOF, BOOL, "nodedb_reset"),
	ROW(101, PLAIN, BYTES, "session_passkey"),
	SUB(102, ONEOF, "ota_request", mt_ota_event),
	SUB(103, ONEOF, "sensor_config", mt_sensor_config),
	SUB(104, ONEOF, "lockdown_auth", mt_lockdown_auth),
};
TABLE(admin_message, "AdminMessage")

static const struct protobuf_field device_connection_status_rows[] = {
	SUB(1, OPTIONAL, "wifi", mt_wifi_connection_status),
	SUB(2, OPTIONAL, "ethernet", mt_ethernet_connection_status),
	SUB(3, OPTIONAL, "bluetooth", mt_bluetooth_connection_status),
	SUB(4, OPTIONAL, "serial", mt_serial_connection_status),
};
TABLE(device_connection_status, "DeviceConnectionStatus")

static const struct protobuf_field ham_parameters_rows[] = {
	ROW(1, PLAIN, TEXT, "call_sign"),
	ROW(2, PLAIN, I32, "tx_power"),
	ROW(3, PLAIN, F32, "frequency"),
	ROW(4, PLAIN, TEXT, "short_name"),
};
TABLE(ham_parameters, "HamParameters")

static const struct protobuf_field node_remote_hardware_pins_response_rows[] = {
	SUB(1, REPEATED, "node_remote_hardware_pins", mt_node_remote_hardware_pin),
};
TABLE(node_remote_hardware_pins_response, "NodeRemoteHardwarePinsResponse")

static const struct protobuf_field input_event_rows[] = {
	ROW(1, PLAIN, U32, "event_code"),
	ROW(2, PLAIN, U32, "kb_char"),
	ROW(3, PLAIN, U32, "touch_x"),
	ROW(4, PLAIN, U32, "touch_y"),
};
TABLE(input_event, "AdminMessage.InputEvent")

static const struct protobuf_field shared_contact_rows[] = {
	ROW(1, PLAIN, U32, "node_num"),
	SUB(2, OPTIONAL, "user", mt_user),
	ROW(3, PLAIN, BOOL, "should_ignore"),
	ROW(4, PLAIN, BOOL, "manually_verified"),
};
TABLE(shared_contact, "SharedContact")

static const struct protobuf_field key_verification_admin_rows[] = {
	WORD(1, PLAIN, "message_type", mt_words_key_verification_step),
	ROW(2, PLAIN, U32, "remote_nodenum"),
	ROW(3, PLAIN, U64, "nonce"),
	ROW(4, OPTIONAL, U32, "security_number"),
};
TABLE(key_verification_admin, "KeyVerificationAdmin")

static const struct protobuf_field ota_event_rows[] = {
	WORD(1, PLAIN, "reboot_ota_mode", mt_words_ota_mode),
	ROW(2, PLAIN, BYTES, "ota_hash"),
};
TABLE(ota_event, "AdminMessage.OTAEvent")

static const struct protobuf_field sensor_config_rows[] = {
	SUB(1, OPTIONAL, "scd4x_config", mt_scd4x_config),
	SUB(2, OPTIONAL, "sen5x_config", mt_sen5x_config),
	SUB(3, OPTIONAL, "scd30_config", mt_scd30_config),
	SUB(4, OPTIONAL, "shtxx_config", mt_shtxx_config),
};
TABLE(sensor_config, "SensorConfig")

static const struct protobuf_field lockdown_auth_rows[] = {
	ROW(1, PLAIN, BYTES, "passphrase"),
	ROW(2, PLAIN, U32, "boots_remaining"),
	ROW(3, PLAIN, U32, "valid_until_epoch"),
	ROW(4, PLAIN, BOOL, "lock_now"),
};
TABLE(lockdown_auth, "LockdownAuth")

static const struct protobuf_field wifi_connection_status_rows[] = {
	SUB(1, OPTIONAL, "status", mt_network_connection_status),
	ROW(2, PLAIN, TEXT, "ssid"),
	ROW(3, PLAIN, I32, "rssi"),
};
TABLE(wifi_connection_status, "WifiConnectionStatus")

static const struct protobuf_field ethernet_connection_status_rows[] = {
	SUB(1, OPTIONAL, "status", mt_network_connection_status),
};
TABLE(ethernet_connection_status, "EthernetConnectionStatus")

static const struct protobuf_field bluetooth_connection_status_rows[] = {
	ROW(1, PLAIN, U32, "pin"),
	ROW(2, PLAIN, I32, "rssi"),
	ROW(3, PLAIN, BOOL, "is_connected"),
};
TABLE(bluetooth_connection_status, "BluetoothConnectionStatus")

static const struct protobuf_field serial_connection_status_rows[] = {
	ROW(1, PLAIN, U32, "baud"),
	ROW(2, PLAIN, BOOL, "is_connected"),
};
TABLE(serial_connection_status, "SerialConnectionStatus")

static const struct protobuf_field node_remote_hardware_pin_rows[] = {
	ROW(1, PLAIN, U32, "node_num"),
	SUB(2, OPTIONAL, "pin", mt_remote_hardware_pin),
};
TABLE(node_remote_hardware_pin, "NodeRemoteHardwarePin")

static const struct protobuf_field scd4x_config_rows[] = {
	ROW(1, OPTIONAL, BOOL, "set_asc"),
	ROW(2, OPTIONAL, U32, "set_target_co2_conc"),
	ROW(3, OPTIONAL, F32, "set_temperature"),
	ROW(4, OPTIONAL, U32, "set_altitude"),
	ROW(5, OPTIONAL, U32, "set_ambient_pressure"),
	ROW(6, OPTIONAL, BOOL, "factory_reset"),
	ROW(7, OPTIONAL, BOOL, "set_power_mode"),
};
TABLE(scd4x_config, "SCD4X_config")

static const struct protobuf_field sen5x_config_rows[] = {
	ROW(1, OPTIONAL, F32, "set_temperature"),
	ROW(2, OPTIONAL, BOOL, "set_one_shot_mode"),
};
TABLE(sen5x_config, "SEN5X_config")

static const struct protobuf_field scd30_config_rows[] = {
	ROW(1, OPTIONAL, BOOL, "set_asc"),
	ROW(2, OPTIONAL, U32, "set_target_co2_conc"),
	ROW(3, OPTIONAL, F32, "set_temperature"),
	ROW(4, OPTIONAL, U32, "set_altitude"),
	ROW(5, OPTIONAL, U32, "set_measurement_interval"),
	ROW(6, OPTIONAL, BOOL, "soft_reset"),
};
TABLE(scd30_config, "SCD30_config")

static const struct protobuf_field shtxx_config_rows[] = {
	ROW(1, OPTIONAL, U32, "set_accuracy"),
};
TABLE(shtxx_config, "SHTXX_config")

static const struct protobuf_field network_connection_status_rows[] = {
	ROW(1, PLAIN, FX32, "ip_address"),
	ROW(2, PLAIN, BOOL, "is_connected"),
	ROW(3, PLAIN, BOOL, "is_mqtt_connected"),
	ROW(4, PLAIN, BOOL, "is_syslog_connected"),
};
TABLE(network_connection_status, "NetworkConnectionStatus")
/* clang-format on */
