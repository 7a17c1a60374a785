#include "mt_tables.h"
#include "mt_words.h"

/* clang-format off */
static const struct protobuf_field config_rows[] = {
	SUB(1, ONEOF, "device", mt_device_config),
	SUB(2, ONEOF, "position", mt_position_config),
	SUB(3, ONEOF, "power", mt_power_config),
	SUB(4, ONEOF, "network", mt_network_config),
	SUB(5, ONEOF, "display", mt_display_config),
	SUB(6, ONEOF, "lora", mt_lora_config),
	SUB(7, ONEOF, "bluetooth", mt_bluetooth_config),
	SUB(8, ONEOF, "security", mt_security_config),
	SUB(9, ONEOF, "sessionkey", mt_sessionkey_config),
	SUB(10, ONEOF, "device_ui", mt_device_ui_config),
};
TABLE(config, "Config")

static const struct protobuf_field device_config_rows[] = {
	WORD(1, PLAIN, "role", mt_words_role),
	ROW(2, PLAIN, BOOL, "serial_enabled"),
	ROW(4, PLAIN, U32, "button_gpio"),
	ROW(5, PLAIN, U32, "buzzer_gpio"),
	WORD(6, PLAIN, "rebroadcast_mode", mt_words_rebroadcast_mode),
	ROW(7, PLAIN, U32, "node_info_broadcast_secs"),
	ROW(8, PLAIN, BOOL, "double_tap_as_button_press"),
	ROW(9, PLAIN, BOOL, "is_managed"),
	ROW(10, PLAIN, BOOL, "disable_triple_click"),
	ROW(11, PLAIN, TEXT, "tzdef"),
	ROW(12, PLAIN, BOOL, "led_heartbeat_disabled"),
	WORD(13, PLAIN, "buzzer_mode", mt_words_buzzer_mode),
};
TABLE(device_config, "Config.DeviceConfig")

static const struct protobuf_field position_config_rows[] = {
	ROW(1, PLAIN, U32, "position_broadcast_secs"),
	ROW(2, PLAIN, BOOL, "position_broadcast_smart_enabled"),
	ROW(3, PLAIN, BOOL, "fixed_position"),
	ROW(4, PLAIN, BOOL, "gps_enabled"),
	ROW(5, PLAIN, U32, "gps_update_interval"),
	ROW(6, PLAIN, U32, "gps_attempt_time"),
	ROW(7, PLAIN, U32, "position_flags"),
	ROW(8, PLAIN, U32, "rx_gpio"),
	ROW(9, PLAIN, U32, "tx_gpio"),
	ROW(10, PLAIN, U32, "broadcast_smart_minimum_distance"),
	ROW(11, PLAIN, U32, "broadcast_smart_minimum_interval_secs"),
	ROW(12, PLAIN, U32, "gps_en_gpio"),
	WORD(13, PLAIN, "gps_mode", mt_words_gps_mode),
};
TABLE(position_config, "Config.PositionConfig")

static const struct protobuf_field power_config_rows[] = {
	ROW(1, PLAIN, BOOL, "is_power_saving"),
	ROW(2, PLAIN, U32, "on_battery_shutdown_after_secs"),
	ROW(3, PLAIN, F32, "adc_multiplier_override"),
	ROW(4, PLAIN, U32, "wait_bluetooth_secs"),
	ROW(6, PLAIN, U32, "sds_secs"),
	ROW(7, PLAIN, U32, "ls_secs"),
	ROW(8, PLAIN, U32, "min_wake_secs"),
	ROW(9, PLAIN, U32, "device_battery_ina_address"),
	ROW(32, PLAIN, U64, "powermon_enables"),
};
TABLE(power_config, "Config.PowerConfig")

static const struct protobuf_field network_config_rows[] = {
	ROW(1, PLAIN, BOOL, "wifi_enabled"),
	ROW(3, PLAIN, TEXT, "wifi_ssid"),
	ROW(4, PLAIN, TEXT, "wifi_psk"),
	ROW(5, PLAIN, TEXT, "ntp_server"),
	ROW(6, PLAIN, BOOL, "eth_enabled"),
	WORD(7, PLAIN, "address_mode", mt_words_address_mode),
	SUB(8, OPTIONAL, "ipv4_config", mt_ipv4_config),
	ROW(9, PLAIN, TEXT, "rsyslog_server"),
	ROW(10, PLAIN, U32, "enabled_protocols"),
	ROW(11, PLAIN, BOOL, "ipv6_enabled"),
};
TABLE(network_config, "Config.NetworkConfig")

static const struct protobuf_field display_config_rows[] = {
	ROW(1, PLAIN, U32, "screen_on_secs"),
	WORD(2, PLAIN, "gps_format", mt_words_deprecated_gps_format),
	ROW(3, PLAIN, U32, "auto_screen_carousel_secs"),
	ROW(4, PLAIN, BOOL, "compass_north_top"),
	ROW(5, PLAIN, BOOL, "flip_screen"),
	WORD(6, PLAIN, "units", mt_words_display_units),
	WORD(7, PLAIN, "oled", mt_words_oled_type),
	WORD(8, PLAIN, "displaymode", mt_words_display_mode),
	ROW(9, PLAIN, BOOL, "heading_bold"),
	ROW(10, PLAIN, BOOL, "wake_on_tap_or_motion"),
	WORD(11, PLAIN, "compass_orientation", mt_words_compass_orientation),
	ROW(12, PLAIN, BOOL, "use_12h_clock"),
	ROW(13, PLAIN, BOOL, "use_long_node_name"),
	ROW(14, PLAIN, BOOL, "enable_message_bubbles"),
};
TABLE(display_config, "Config.DisplayConfig")

static const struct protobuf_field lora_config_rows[] = {
	ROW(1, PLAIN, BOOL, "use_preset"),
	WORD(2, PLAIN, "modem_preset", mt_words_modem_preset),
	ROW(3, PLAIN, U32, "bandwidth"),
	ROW(4, PLAIN, U32, "spread_factor"),
	ROW(5, PLAIN, U32, "coding_rate"),
	ROW(6, PLAIN, F32, "frequency_offset"),
	WORD(7, PLAIN, "region", mt_words_region_code),
	ROW(8, PLAIN, U32, "hop_limit"),
	ROW(9, PLAIN, BOOL, "tx_enabled"),
	ROW(10, PLAIN, I32, "tx_power"),
	ROW(11, PLAIN, U32, "channel_num"),
	ROW(12, PLAIN, BOOL, "override_duty_cycle"),
	ROW(13, PLAIN, BOOL, "sx126x_rx_boosted_gain"),
	ROW(14, PLAIN, F32, "override_frequency"),
	ROW(15, PLAIN, BOOL, "pa_fan_disabled"),
	ROW(103, REPEATED, U32, "ignore_incoming"),
	ROW(104, PLAIN, BOOL, "ignore_mqtt"),
	ROW(105, PLAIN, BOOL, "config_ok_to_mqtt"),
	WORD(106, PLAIN, "fem_lna_mode", mt_words_fem_lna_mode),
	ROW(107, PLAIN, BOOL, "serial_hal_only"),
};
TABLE(lora_config, "Config.LoRaConfig")

static const struct protobuf_field bluetooth_config_rows[] = {
	ROW(1, PLAIN, BOOL, "enabled"),
	WORD(2, PLAIN, "mode", mt_words_pairing_mode),
	ROW(3, PLAIN, U32, "fixed_pin"),
};
TABLE(bluetooth_config, "Config.BluetoothConfig")

static const struct protobuf_field security_config_rows[] = {
	ROW(1, PLAIN, BYTES, "public_key"),
	ROW(2, PLAIN, BYTES, "private_key"),
	ROW(3, REPEATED, BYTES, "admin_key"),
	ROW(4, PLAIN, BOOL, "is_managed"),
	ROW(5, PLAIN, BOOL, "serial_enabled"),
	ROW(6, PLAIN, BOOL, "debug_log_api_enabled"),
	ROW(8, PLAIN, BOOL, "admin_channel_enabled"),
	WORD(9, PLAIN, "packet_signature_policy", mt_words_signature_policy),
};
TABLE(security_config, "Config.SecurityConfig")

const struct protobuf_table mt_sessionkey_config = { "Config.SessionkeyConfig", NULL, 0 };

static const struct protobuf_field ipv4_config_rows[] = {
	ROW(1, PLAIN, FX32, "ip"),
	ROW(2, PLAIN, FX32, "gateway"),
	ROW(3, PLAIN, FX32, "subnet"),
	ROW(4, PLAIN, FX32, "dns"),
};
TABLE(ipv4_config, "Config.NetworkConfig.IpV4Config")
/* clang-format on */
