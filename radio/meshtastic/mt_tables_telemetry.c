#include "mt_tables.h"
#include "mt_words.h"

/* clang-format off */
static const struct protobuf_field telemetry_rows[] = {
	ROW(1, PLAIN, FX32, "time"),
	SUB(2, ONEOF, "device_metrics", mt_device_metrics),
	SUB(3, ONEOF, "environment_metrics", mt_environment_metrics),
	SUB(4, ONEOF, "air_quality_metrics", mt_air_quality_metrics),
	SUB(5, ONEOF, "power_metrics", mt_power_metrics),
	SUB(6, ONEOF, "local_stats", mt_local_stats),
	SUB(7, ONEOF, "health_metrics", mt_health_metrics),
	SUB(8, ONEOF, "host_metrics", mt_host_metrics),
	SUB(9, ONEOF, "traffic_management_stats", mt_traffic_management_stats),
};
TABLE(telemetry, "Telemetry")

static const struct protobuf_field device_metrics_rows[] = {
	ROW(1, OPTIONAL, U32, "battery_level"),
	ROW(2, OPTIONAL, F32, "voltage"),
	ROW(3, OPTIONAL, F32, "channel_utilization"),
	ROW(4, OPTIONAL, F32, "air_util_tx"),
	ROW(5, OPTIONAL, U32, "uptime_seconds"),
};
TABLE(device_metrics, "DeviceMetrics")

static const struct protobuf_field environment_metrics_rows[] = {
	ROW(1, OPTIONAL, F32, "temperature"),
	ROW(2, OPTIONAL, F32, "relative_humidity"),
	ROW(3, OPTIONAL, F32, "barometric_pressure"),
	ROW(4, OPTIONAL, F32, "gas_resistance"),
	ROW(5, OPTIONAL, F32, "voltage"),
	ROW(6, OPTIONAL, F32, "current"),
	ROW(7, OPTIONAL, U32, "iaq"),
	ROW(8, OPTIONAL, F32, "distance"),
	ROW(9, OPTIONAL, F32, "lux"),
	ROW(10, OPTIONAL, F32, "white_lux"),
	ROW(11, OPTIONAL, F32, "ir_lux"),
	ROW(12, OPTIONAL, F32, "uv_lux"),
	ROW(13, OPTIONAL, U32, "wind_direction"),
	ROW(14, OPTIONAL, F32, "wind_speed"),
	ROW(15, OPTIONAL, F32, "weight"),
	ROW(16, OPTIONAL, F32, "wind_gust"),
	ROW(17, OPTIONAL, F32, "wind_lull"),
	ROW(18, OPTIONAL, F32, "radiation"),
	ROW(19, OPTIONAL, F32, "rainfall_1h"),
	ROW(20, OPTIONAL, F32, "rainfall_24h"),
	ROW(21, OPTIONAL, U32, "soil_moisture"),
	ROW(22, OPTIONAL, F32, "soil_temperature"),
	ROW(23, REPEATED, F32, "one_wire_temperature"),
	ROW(24, OPTIONAL, F32, "adc_voltage_ch0"),
	ROW(25, OPTIONAL, F32, "adc_voltage_ch1"),
	ROW(26, OPTIONAL, F32, "adc_voltage_ch2"),
	ROW(27, OPTIONAL, F32, "adc_voltage_ch3"),
	ROW(28, OPTIONAL, F32, "adc_voltage_ch4"),
	ROW(29, OPTIONAL, F32, "adc_voltage_ch5"),
	ROW(30, OPTIONAL, F32, "adc_voltage_ch6"),
	ROW(31, OPTIONAL, F32, "adc_voltage_ch7"),
	ROW(32, OPTIONAL, F32, "one_wire_temperature_ch0"),
	ROW(33, OPTIONAL, F32, "one_wire_temperature_ch1"),
	ROW(34, OPTIONAL, F32, "one_wire_temperature_ch2"),
	ROW(35, OPTIONAL, F32, "one_wire_temperature_ch3"),
	ROW(36, OPTIONAL, F32, "one_wire_temperature_ch4"),
	ROW(37, OPTIONAL, F32, "one_wire_temperature_ch5"),
	ROW(38, OPTIONAL, F32, "one_wire_temperature_ch6"),
	ROW(39, OPTIONAL, F32, "one_wire_temperature_ch7"),
	ROW(40, OPTIONAL, U32, "lightning_strike_count_1h"),
	ROW(41, OPTIONAL, F32, "lightning_distance_km"),
};
TABLE(environment_metrics, "EnvironmentMetrics")

static const struct protobuf_field air_quality_metrics_rows[] = {
	ROW(1, OPTIONAL, U32, "pm10_standard"),
	ROW(2, OPTIONAL, U32, "pm25_standard"),
	ROW(3, OPTIONAL, U32, "pm100_standard"),
	ROW(4, OPTIONAL, U32, "pm10_environmental"),
	ROW(5, OPTIONAL, U32, "pm25_environmental"),
	ROW(6, OPTIONAL, U32, "pm100_environmental"),
	ROW(7, OPTIONAL, U32, "particles_03um"),
	ROW(8, OPTIONAL, U32, "particles_05um"),
	ROW(9, OPTIONAL, U32, "particles_10um"),
	ROW(10, OPTIONAL, U32, "particles_25um"),
	ROW(11, OPTIONAL, U32, "particles_50um"),
	ROW(12, OPTIONAL, U32, "particles_100um"),
	ROW(13, OPTIONAL, U32, "co2"),
	ROW(14, OPTIONAL, F32, "co2_temperature"),
	ROW(15, OPTIONAL, F32, "co2_humidity"),
	ROW(16, OPTIONAL, F32, "form_formaldehyde"),
	ROW(17, OPTIONAL, F32, "form_humidity"),
	ROW(18, OPTIONAL, F32, "form_temperature"),
	ROW(19, OPTIONAL, U32, "pm40_standard"),
	ROW(20, OPTIONAL, U32, "particles_40um"),
	ROW(21, OPTIONAL, F32, "pm_temperature"),
	ROW(22, OPTIONAL, F32, "pm_humidity"),
	ROW(23, OPTIONAL, F32, "pm_voc_idx"),
	ROW(24, OPTIONAL, F32, "pm_nox_idx"),
	ROW(25, OPTIONAL, F32, "particles_tps"),
	ROW(26, OPTIONAL, U32, "status_flags"),
};
TABLE(air_quality_metrics, "AirQualityMetrics")

static const struct protobuf_field power_metrics_rows[] = {
	ROW(1, OPTIONAL, F32, "ch1_voltage"),
	ROW(2, OPTIONAL, F32, "ch1_current"),
	ROW(3, OPTIONAL, F32, "ch2_voltage"),
	ROW(4, OPTIONAL, F32, "ch2_current"),
	ROW(5, OPTIONAL, F32, "ch3_voltage"),
	ROW(6, OPTIONAL, F32, "ch3_current"),
	ROW(7, OPTIONAL, F32, "ch4_voltage"),
	ROW(8, OPTIONAL, F32, "ch4_current"),
	ROW(9, OPTIONAL, F32, "ch5_voltage"),
	ROW(10, OPTIONAL, F32, "ch5_current"),
	ROW(11, OPTIONAL, F32, "ch6_voltage"),
	ROW(12, OPTIONAL, F32, "ch6_current"),
	ROW(13, OPTIONAL, F32, "ch7_voltage"),
	ROW(14, OPTIONAL, F32, "ch7_current"),
	ROW(15, OPTIONAL, F32, "ch8_voltage"),
	ROW(16, OPTIONAL, F32, "ch8_current"),
};
TABLE(power_metrics, "PowerMetrics")

static const struct protobuf_field local_stats_rows[] = {
	ROW(1, PLAIN, U32, "uptime_seconds"),
	ROW(2, PLAIN, F32, "channel_utilization"),
	ROW(3, PLAIN, F32, "air_util_tx"),
	ROW(4, PLAIN, U32, "num_packets_tx"),
	ROW(5, PLAIN, U32, "num_packets_rx"),
	ROW(6, PLAIN, U32, "num_packets_rx_bad"),
	ROW(7, PLAIN, U32, "num_online_nodes"),
	ROW(8, PLAIN, U32, "num_total_nodes"),
	ROW(9, PLAIN, U32, "num_rx_dupe"),
	ROW(10, PLAIN, U32, "num_tx_relay"),
	ROW(11, PLAIN, U32, "num_tx_relay_canceled"),
	ROW(12, PLAIN, U32, "heap_total_bytes"),
	ROW(13, PLAIN, U32, "heap_free_bytes"),
	ROW(14, PLAIN, U32, "num_tx_dropped"),
	ROW(15, PLAIN, I32, "noise_floor"),
};
TABLE(local_stats, "LocalStats")

static const struct protobuf_field health_metrics_rows[] = {
	ROW(1, OPTIONAL, U32, "heart_bpm"),
	ROW(2, OPTIONAL, U32, "spO2"),
	ROW(3, OPTIONAL, F32, "temperature"),
};
TABLE(health_metrics, "HealthMetrics")

static const struct protobuf_field host_metrics_rows[] = {
	ROW(1, PLAIN, U32, "uptime_seconds"),
	ROW(2, PLAIN, U64, "freemem_bytes"),
	ROW(3, PLAIN, U64, "diskfree1_bytes"),
	ROW(4, OPTIONAL, U64, "diskfree2_bytes"),
	ROW(5, OPTIONAL, U64, "diskfree3_bytes"),
	ROW(6, PLAIN, U32, "load1"),
	ROW(7, PLAIN, U32, "load5"),
	ROW(8, PLAIN, U32, "load15"),
	ROW(9, OPTIONAL, TEXT, "user_string"),
};
TABLE(host_metrics, "HostMetrics")

static const struct protobuf_field traffic_management_stats_rows[] = {
	ROW(1, PLAIN, U32, "packets_inspected"),
	ROW(2, PLAIN, U32, "position_dedup_drops"),
	ROW(3, PLAIN, U32, "nodeinfo_cache_hits"),
	ROW(4, PLAIN, U32, "rate_limit_drops"),
	ROW(5, PLAIN, U32, "unknown_packet_drops"),
	ROW(6, PLAIN, U32, "hop_exhausted_packets"),
	ROW(7, PLAIN, U32, "router_hops_preserved"),
};
TABLE(traffic_management_stats, "TrafficManagementStats")
/* clang-format on */
