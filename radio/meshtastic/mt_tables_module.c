#include "mt_tables.h"
#include "mt_words.h"

/* clang-format off */
static const struct protobuf_field module_config_rows[] = {
	SUB(1, ONEOF, "mqtt", mt_mqtt_config),
	SUB(2, ONEOF, "serial", mt_serial_config),
	SUB(3, ONEOF, "external_notification", mt_external_notification_config),
	SUB(4, ONEOF, "store_forward", mt_store_forward_config),
	SUB(5, ONEOF, "range_test", mt_range_test_config),
	SUB(6, ONEOF, "telemetry", mt_telemetry_config),
	SUB(7, ONEOF, "canned_message", mt_canned_message_config),
	SUB(8, ONEOF, "audio", mt_audio_config),
	SUB(9, ONEOF, "remote_hardware", mt_remote_hardware_config),
	SUB(10, ONEOF, "neighbor_info", mt_neighbor_info_config),
	SUB(11, ONEOF, "ambient_lighting", mt_ambient_lighting_config),
	SUB(12, ONEOF, "detection_sensor", mt_detection_sensor_config),
	SUB(13, ONEOF, "paxcounter", mt_paxcounter_config),
	SUB(14, ONEOF, "statusmessage", mt_status_message_config),
	SUB(15, ONEOF, "traffic_management", mt_traffic_management_config),
	SUB(16, ONEOF, "tak", mt_tak_config),
	ROW(17, ONEOF, BYTES, "mesh_beacon"),
};
TABLE(module_config, "ModuleConfig")

static const struct protobuf_field mqtt_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	ROW(2, PLAIN, TEXT, "address"),
	ROW(3, PLAIN, TEXT, "username"),
	ROW(4, PLAIN, TEXT, "password"),
	ROW(5, PLAIN, BOOL, "encryption_enabled"),
	ROW(6, PLAIN, BOOL, "json_enabled"),
	ROW(7, PLAIN, BOOL, "tls_enabled"),
	ROW(8, PLAIN, TEXT, "root"),
	ROW(9, PLAIN, BOOL, "proxy_to_client_enabled"),
	ROW(10, PLAIN, BOOL, "map_reporting_enabled"),
	SUB(11, OPTIONAL, "map_report_settings", mt_map_report_settings),
};
TABLE(mqtt_config, "ModuleConfig.MQTTConfig")

static const struct protobuf_field serial_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	ROW(2, PLAIN, BOOL, "echo"),
	ROW(3, PLAIN, U32, "rxd"),
	ROW(4, PLAIN, U32, "txd"),
	WORD(5, PLAIN, "baud", mt_words_serial_baud),
	ROW(6, PLAIN, U32, "timeout"),
	WORD(7, PLAIN, "mode", mt_words_serial_mode),
	ROW(8, PLAIN, BOOL, "override_console_serial_port"),
};
TABLE(serial_config, "ModuleConfig.SerialConfig")

static const struct protobuf_field external_notification_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	ROW(2, PLAIN, U32, "output_ms"),
	ROW(3, PLAIN, U32, "output"),
	ROW(4, PLAIN, BOOL, "active"),
	ROW(5, PLAIN, BOOL, "alert_message"),
	ROW(6, PLAIN, BOOL, "alert_bell"),
	ROW(7, PLAIN, BOOL, "use_pwm"),
	ROW(8, PLAIN, U32, "output_vibra"),
	ROW(9, PLAIN, U32, "output_buzzer"),
	ROW(10, PLAIN, BOOL, "alert_message_vibra"),
	ROW(11, PLAIN, BOOL, "alert_message_buzzer"),
	ROW(12, PLAIN, BOOL, "alert_bell_vibra"),
	ROW(13, PLAIN, BOOL, "alert_bell_buzzer"),
	ROW(14, PLAIN, U32, "nag_timeout"),
	ROW(15, PLAIN, BOOL, "use_i2s_as_buzzer"),
};
TABLE(external_notification_config, "ModuleConfig.ExternalNotificationConfig")

static const struct protobuf_field store_forward_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	ROW(2, PLAIN, BOOL, "heartbeat"),
	ROW(3, PLAIN, U32, "records"),
	ROW(4, PLAIN, U32, "history_return_max"),
	ROW(5, PLAIN, U32, "history_return_window"),
	ROW(6, PLAIN, BOOL, "is_server"),
};
TABLE(store_forward_config, "ModuleConfig.StoreForwardConfig")

static const struct protobuf_field range_test_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	ROW(2, PLAIN, U32, "sender"),
	ROW(3, PLAIN, BOOL, "save"),
	ROW(4, PLAIN, BOOL, "clear_on_reboot"),
};
TABLE(range_test_config, "ModuleConfig.RangeTestConfig")

static const struct protobuf_field telemetry_config_rows[] = {
	ROW(1, PLAIN, U32, "device_update_interval"),
	ROW(2, PLAIN, U32, "environment_update_interval"),
	ROW(3, PLAIN, BOOL, "environment_measurement_enabled"),
	ROW(4, PLAIN, BOOL, "environment_screen_enabled"),
	ROW(5, PLAIN, BOOL, "environment_display_fahrenheit"),
	ROW(6, PLAIN, BOOL, "air_quality_enabled"),
	ROW(7, PLAIN, U32, "air_quality_interval"),
	ROW(8, PLAIN, BOOL, "power_measurement_enabled"),
	ROW(9, PLAIN, U32, "power_update_interval"),
	ROW(10, PLAIN, BOOL, "power_screen_enabled"),
	ROW(11, PLAIN, BOOL, "health_measurement_enabled"),
	ROW(12, PLAIN, U32, "health_update_interval"),
	ROW(13, PLAIN, BOOL, "health_screen_enabled"),
	ROW(14, PLAIN, BOOL, "device_telemetry_enabled"),
	ROW(15, PLAIN, BOOL, "air_quality_screen_enabled"),
};
TABLE(telemetry_config, "ModuleConfig.TelemetryConfig")

static const struct protobuf_field canned_message_config_rows[] = {
	ROW(1, PLAIN, BOOL, "rotary1_enabled"),
	ROW(2, PLAIN, U32, "inputbroker_pin_a"),
	ROW(3, PLAIN, U32, "inputbroker_pin_b"),
	ROW(4, PLAIN, U32, "inputbroker_pin_press"),
	WORD(5, PLAIN, "inputbroker_event_cw", mt_words_input_event_char),
	WORD(6, PLAIN, "inputbroker_event_ccw", mt_words_input_event_char),
	WORD(7, PLAIN, "inputbroker_event_press", mt_words_input_event_char),
	ROW(8, PLAIN, BOOL, "updown1_enabled"),
	ROW(9, PLAIN, BOOL, "enabled"),
	ROW(10, PLAIN, TEXT, "allow_input_source"),
	ROW(11, PLAIN, BOOL, "send_bell"),
};
TABLE(canned_message_config, "ModuleConfig.CannedMessageConfig")

static const struct protobuf_field audio_config_rows[] = {
	ROW(1, PLAIN, BOOL, "codec2_enabled"),
	ROW(2, PLAIN, U32, "ptt_pin"),
	WORD(3, PLAIN, "bitrate", mt_words_audio_baud),
	ROW(4, PLAIN, U32, "i2s_ws"),
	ROW(5, PLAIN, U32, "i2s_sd"),
	ROW(6, PLAIN, U32, "i2s_din"),
	ROW(7, PLAIN, U32, "i2s_sck"),
};
TABLE(audio_config, "ModuleConfig.AudioConfig")

static const struct protobuf_field remote_hardware_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	ROW(2, PLAIN, BOOL, "allow_undefined_pin_access"),
	SUB(3, REPEATED, "available_pins", mt_remote_hardware_pin),
};
TABLE(remote_hardware_config, "ModuleConfig.RemoteHardwareConfig")

static const struct protobuf_field neighbor_info_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	ROW(2, PLAIN, U32, "update_interval"),
	ROW(3, PLAIN, BOOL, "transmit_over_lora"),
};
TABLE(neighbor_info_config, "ModuleConfig.NeighborInfoConfig")

static const struct protobuf_field ambient_lighting_config_rows[] = {
	ROW(1, PLAIN, BOOL, "led_state"),
	ROW(2, PLAIN, U32, "current"),
	ROW(3, PLAIN, U32, "red"),
	ROW(4, PLAIN, U32, "green"),
	ROW(5, PLAIN, U32, "blue"),
};
TABLE(ambient_lighting_config, "ModuleConfig.AmbientLightingConfig")

static const struct protobuf_field detection_sensor_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	ROW(2, PLAIN, U32, "minimum_broadcast_secs"),
	ROW(3, PLAIN, U32, "state_broadcast_secs"),
	ROW(4, PLAIN, BOOL, "send_bell"),
	ROW(5, PLAIN, TEXT, "name"),
	ROW(6, PLAIN, U32, "monitor_pin"),
	WORD(7, PLAIN, "detection_trigger_type", mt_words_trigger_type),
	ROW(8, PLAIN, BOOL, "use_pullup"),
};
TABLE(detection_sensor_config, "ModuleConfig.DetectionSensorConfig")

static const struct protobuf_field paxcounter_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	ROW(2, PLAIN, U32, "paxcounter_update_interval"),
	ROW(3, PLAIN, I32, "wifi_threshold"),
	ROW(4, PLAIN, I32, "ble_threshold"),
};
TABLE(paxcounter_config, "ModuleConfig.PaxcounterConfig")

static const struct protobuf_field status_message_config_rows[] = {
	ROW(1, PLAIN, TEXT, "node_status"),
};
TABLE(status_message_config, "ModuleConfig.StatusMessageConfig")

static const struct protobuf_field traffic_management_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	ROW(2, PLAIN, BOOL, "position_dedup_enabled"),
	ROW(3, PLAIN, U32, "position_precision_bits"),
	ROW(4, PLAIN, U32, "position_min_interval_secs"),
	ROW(5, PLAIN, BOOL, "nodeinfo_direct_response"),
	ROW(6, PLAIN, U32, "nodeinfo_direct_response_max_hops"),
	ROW(7, PLAIN, BOOL, "rate_limit_enabled"),
	ROW(8, PLAIN, U32, "rate_limit_window_secs"),
	ROW(9, PLAIN, U32, "rate_limit_max_packets"),
	ROW(10, PLAIN, BOOL, "drop_unknown_enabled"),
	ROW(11, PLAIN, U32, "unknown_packet_threshold"),
	ROW(12, PLAIN, BOOL, "exhaust_hop_telemetry"),
	ROW(13, PLAIN, BOOL, "exhaust_hop_position"),
	ROW(14, PLAIN, BOOL, "router_preserve_hops"),
};
TABLE(traffic_management_config, "ModuleConfig.TrafficManagementConfig")

static const struct protobuf_field tak_config_rows[] = {
	WORD(1, PLAIN, "team", mt_words_tak_team),
	WORD(2, PLAIN, "role", mt_words_tak_role),
};
TABLE(tak_config, "ModuleConfig.TAKConfig")

static const struct protobuf_field map_report_settings_rows[] = {
	ROW(1, PLAIN, U32, "publish_interval_secs"),
	ROW(2, PLAIN, U32, "position_precision"),
	ROW(3, PLAIN, BOOL, "should_report_location"),
};
TABLE(map_report_settings, "ModuleConfig.MapReportSettings")

static const struct protobuf_field remote_hardware_pin_rows[] = {
	ROW(1, PLAIN, U32, "gpio_pin"),
	ROW(2, PLAIN, TEXT, "name"),
	WORD(3, PLAIN, "type", mt_words_remote_hardware_pin_type),
};
TABLE(remote_hardware_pin, "RemoteHardwarePin")
/* clang-format on */
