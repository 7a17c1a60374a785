#include "mt_words.h"

/* clang-format off */
const struct protobuf_word mt_words_address_mode[] = {
	{ 0, "DHCP" }, { 1, "STATIC" }, { 0, NULL },
};

const struct protobuf_word mt_words_alt_source[] = {
	{ 0, "ALT_UNSET" }, { 1, "ALT_MANUAL" }, { 2, "ALT_INTERNAL" },
	{ 3, "ALT_EXTERNAL" }, { 4, "ALT_BAROMETRIC" }, { 0, NULL },
};

const struct protobuf_word mt_words_audio_baud[] = {
	{ 0, "CODEC2_DEFAULT" }, { 1, "CODEC2_3200" }, { 2, "CODEC2_2400" },
	{ 3, "CODEC2_1600" }, { 4, "CODEC2_1400" }, { 5, "CODEC2_1300" },
	{ 6, "CODEC2_1200" }, { 7, "CODEC2_700" }, { 8, "CODEC2_700B" }, { 0, NULL },
};

const struct protobuf_word mt_words_backup_location[] = {
	{ 0, "FLASH" }, { 1, "SD" }, { 0, NULL },
};

const struct protobuf_word mt_words_buzzer_mode[] = {
	{ 0, "ALL_ENABLED" }, { 1, "DISABLED" }, { 2, "NOTIFICATIONS_ONLY" },
	{ 3, "SYSTEM_ONLY" }, { 4, "DIRECT_MSG_ONLY" }, { 0, NULL },
};

const struct protobuf_word mt_words_channel_role[] = {
	{ 0, "DISABLED" }, { 1, "PRIMARY" }, { 2, "SECONDARY" }, { 0, NULL },
};

const struct protobuf_word mt_words_compass_mode[] = {
	{ 0, "DYNAMIC" }, { 1, "FIXED_RING" }, { 2, "FREEZE_HEADING" }, { 0, NULL },
};

const struct protobuf_word mt_words_compass_orientation[] = {
	{ 0, "DEGREES_0" }, { 1, "DEGREES_90" }, { 2, "DEGREES_180" },
	{ 3, "DEGREES_270" }, { 4, "DEGREES_0_INVERTED" }, { 5, "DEGREES_90_INVERTED" },
	{ 6, "DEGREES_180_INVERTED" }, { 7, "DEGREES_270_INVERTED" }, { 0, NULL },
};

const struct protobuf_word mt_words_config_type[] = {
	{ 0, "DEVICE_CONFIG" }, { 1, "POSITION_CONFIG" }, { 2, "POWER_CONFIG" },
	{ 3, "NETWORK_CONFIG" }, { 4, "DISPLAY_CONFIG" }, { 5, "LORA_CONFIG" },
	{ 6, "BLUETOOTH_CONFIG" }, { 7, "SECURITY_CONFIG" }, { 8, "SESSIONKEY_CONFIG" },
	{ 9, "DEVICEUI_CONFIG" }, { 0, NULL },
};

const struct protobuf_word mt_words_delayed[] = {
	{ 0, "NO_DELAY" }, { 1, "DELAYED_BROADCAST" }, { 2, "DELAYED_DIRECT" },
	{ 0, NULL },
};

const struct protobuf_word mt_words_deprecated_gps_format[] = {
	{ 0, "UNUSED" }, { 0, NULL },
};

const struct protobuf_word mt_words_display_mode[] = {
	{ 0, "DEFAULT" }, { 1, "TWOCOLOR" }, { 2, "INVERTED" }, { 3, "COLOR" },
	{ 0, NULL },
};

const struct protobuf_word mt_words_display_units[] = {
	{ 0, "METRIC" }, { 1, "IMPERIAL" }, { 0, NULL },
};

const struct protobuf_word mt_words_fem_lna_mode[] = {
	{ 0, "DISABLED" }, { 1, "ENABLED" }, { 2, "NOT_PRESENT" }, { 0, NULL },
};

const struct protobuf_word mt_words_firmware_edition[] = {
	{ 0, "VANILLA" }, { 1, "SMART_CITIZEN" }, { 16, "OPEN_SAUCE" }, { 17, "DEFCON" },
	{ 18, "BURNING_MAN" }, { 19, "HAMVENTION" }, { 127, "DIY_EDITION" }, { 0, NULL },
};

const struct protobuf_word mt_words_gps_coordinate_format[] = {
	{ 0, "DEC" }, { 1, "DMS" }, { 2, "UTM" }, { 3, "MGRS" }, { 4, "OLC" },
	{ 5, "OSGR" }, { 6, "MLS" }, { 0, NULL },
};

const struct protobuf_word mt_words_gps_mode[] = {
	{ 0, "DISABLED" }, { 1, "ENABLED" }, { 2, "NOT_PRESENT" }, { 0, NULL },
};

const struct protobuf_word mt_words_hardware_model[] = {
	{ 0, "UNSET" }, { 1, "TLORA_V2" }, { 2, "TLORA_V1" }, { 3, "TLORA_V2_1_1P6" },
	{ 4, "TBEAM" }, { 5, "HELTEC_V2_0" }, { 6, "TBEAM_V0P7" }, { 7, "T_ECHO" },
	{ 8, "TLORA_V1_1P3" }, { 9, "RAK4631" }, { 10, "HELTEC_V2_1" },
	{ 11, "HELTEC_V1" }, { 12, "LILYGO_TBEAM_S3_CORE" }, { 13, "RAK11200" },
	{ 14, "NANO_G1" }, { 15, "TLORA_V2_1_1P8" }, { 16, "TLORA_T3_S3" },
	{ 17, "NANO_G1_EXPLORER" }, { 18, "NANO_G2_ULTRA" }, { 19, "LORA_TYPE" },
	{ 20, "WIPHONE" }, { 21, "WIO_WM1110" }, { 22, "RAK2560" },
	{ 23, "HELTEC_HRU_3601" }, { 24, "HELTEC_WIRELESS_BRIDGE" }, { 25, "STATION_G1" },
	{ 26, "RAK11310" }, { 27, "SENSELORA_RP2040" }, { 28, "SENSELORA_S3" },
	{ 29, "CANARYONE" }, { 30, "RP2040_LORA" }, { 31, "STATION_G2" },
	{ 32, "LORA_RELAY_V1" }, { 33, "T_ECHO_PLUS" }, { 34, "PPR" },
	{ 35, "GENIEBLOCKS" }, { 36, "NRF52_UNKNOWN" }, { 37, "PORTDUINO" },
	{ 38, "ANDROID_SIM" }, { 39, "DIY_V1" }, { 40, "NRF52840_PCA10059" },
	{ 41, "DR_DEV" }, { 42, "M5STACK" }, { 43, "HELTEC_V3" }, { 44, "HELTEC_WSL_V3" },
	{ 45, "BETAFPV_2400_TX" }, { 46, "BETAFPV_900_NANO_TX" }, { 47, "RPI_PICO" },
	{ 48, "HELTEC_WIRELESS_TRACKER" }, { 49, "HELTEC_WIRELESS_PAPER" },
	{ 50, "T_DECK" }, { 51, "T_WATCH_S3" }, { 52, "PICOMPUTER_S3" },
	{ 53, "HELTEC_HT62" }, { 54, "EBYTE_ESP32_S3" }, { 55, "ESP32_S3_PICO" },
	{ 56, "CHATTER_2" }, { 57, "HELTEC_WIRELESS_PAPER_V1_0" },
	{ 58, "HELTEC_WIRELESS_TRACKER_V1_0" }, { 59, "UNPHONE" }, { 60, "TD_LORAC" },
	{ 61, "CDEBYTE_EORA_S3" }, { 62, "TWC_MESH_V4" }, { 63, "NRF52_PROMICRO_DIY" },
	{ 64, "RADIOMASTER_900_BANDIT_NANO" }, { 65, "HELTEC_CAPSULE_SENSOR_V3" },
	{ 66, "HELTEC_VISION_MASTER_T190" }, { 67, "HELTEC_VISION_MASTER_E213" },
	{ 68, "HELTEC_VISION_MASTER_E290" }, { 69, "HELTEC_MESH_NODE_T114" },
	{ 70, "SENSECAP_INDICATOR" }, { 71, "TRACKER_T1000_E" }, { 72, "RAK3172" },
	{ 73, "WIO_E5" }, { 74, "RADIOMASTER_900_BANDIT" }, { 75, "ME25LS01_4Y10TD" },
	{ 76, "RP2040_FEATHER_RFM95" }, { 77, "M5STACK_COREBASIC" },
	{ 78, "M5STACK_CORE2" }, { 79, "RPI_PICO2" }, { 80, "M5STACK_CORES3" },
	{ 81, "SEEED_XIAO_S3" }, { 82, "MS24SF1" }, { 83, "TLORA_C6" },
	{ 84, "WISMESH_TAP" }, { 85, "ROUTASTIC" }, { 86, "MESH_TAB" }, { 87, "MESHLINK" },
	{ 88, "XIAO_NRF52_KIT" }, { 89, "THINKNODE_M1" }, { 90, "THINKNODE_M2" },
	{ 91, "T_ETH_ELITE" }, { 92, "HELTEC_SENSOR_HUB" }, { 93, "MUZI_BASE" },
	{ 94, "HELTEC_MESH_POCKET" }, { 95, "SEEED_SOLAR_NODE" },
	{ 96, "NOMADSTAR_METEOR_PRO" }, { 97, "CROWPANEL" }, { 98, "LINK_32" },
	{ 99, "SEEED_WIO_TRACKER_L1" }, { 100, "SEEED_WIO_TRACKER_L1_EINK" },
	{ 101, "MUZI_R1_NEO" }, { 102, "T_DECK_PRO" }, { 103, "T_LORA_PAGER" },
	{ 104, "M5STACK_RESERVED" }, { 105, "WISMESH_TAG" }, { 106, "RAK3312" },
	{ 107, "THINKNODE_M5" }, { 108, "HELTEC_MESH_SOLAR" }, { 109, "T_ECHO_LITE" },
	{ 110, "HELTEC_V4" }, { 111, "M5STACK_C6L" }, { 112, "M5STACK_CARDPUTER_ADV" },
	{ 113, "HELTEC_WIRELESS_TRACKER_V2" }, { 114, "T_WATCH_ULTRA" },
	{ 115, "THINKNODE_M3" }, { 116, "WISMESH_TAP_V2" }, { 117, "RAK3401" },
	{ 118, "RAK6421" }, { 119, "THINKNODE_M4" }, { 120, "THINKNODE_M6" },
	{ 121, "MESHSTICK_1262" }, { 122, "TBEAM_1_WATT" }, { 123, "T5_S3_EPAPER_PRO" },
	{ 124, "TBEAM_BPF" }, { 125, "MINI_EPAPER_S3" }, { 126, "TDISPLAY_S3_PRO" },
	{ 127, "HELTEC_MESH_NODE_T096" }, { 128, "TRACKER_T1000_E_PRO" },
	{ 129, "THINKNODE_M7" }, { 130, "THINKNODE_M8" }, { 131, "THINKNODE_M9" },
	{ 132, "HELTEC_V4_R8" }, { 133, "HELTEC_MESH_NODE_T1" }, { 134, "STATION_G3" },
	{ 135, "T_IMPULSE_PLUS" }, { 136, "T_ECHO_CARD" }, { 137, "SEEED_WIO_TRACKER_L2" },
	{ 138, "CROWPANEL_P4" }, { 139, "HELTEC_MESH_TOWER_V2" },
	{ 140, "MESHNOLOGY_W10" }, { 255, "PRIVATE_HW" }, { 0, NULL },
};

const struct protobuf_word mt_words_input_event_char[] = {
	{ 0, "NONE" }, { 10, "SELECT" }, { 17, "UP" }, { 18, "DOWN" }, { 19, "LEFT" },
	{ 20, "RIGHT" }, { 24, "CANCEL" }, { 27, "BACK" }, { 0, NULL },
};

const struct protobuf_word mt_words_key_verification_step[] = {
	{ 0, "INITIATE_VERIFICATION" }, { 1, "PROVIDE_SECURITY_NUMBER" },
	{ 2, "DO_VERIFY" }, { 3, "DO_NOT_VERIFY" }, { 0, NULL },
};

const struct protobuf_word mt_words_loc_source[] = {
	{ 0, "LOC_UNSET" }, { 1, "LOC_MANUAL" }, { 2, "LOC_INTERNAL" },
	{ 3, "LOC_EXTERNAL" }, { 0, NULL },
};

const struct protobuf_word mt_words_lockdown_state[] = {
	{ 0, "STATE_UNSPECIFIED" }, { 1, "NEEDS_PROVISION" }, { 2, "LOCKED" },
	{ 3, "UNLOCKED" }, { 4, "UNLOCK_FAILED" }, { 0, NULL },
};

const struct protobuf_word mt_words_log_level[] = {
	{ 0, "UNSET" }, { 5, "TRACE" }, { 10, "DEBUG" }, { 20, "INFO" }, { 30, "WARNING" },
	{ 40, "ERROR" }, { 50, "CRITICAL" }, { 0, NULL },
};

const struct protobuf_word mt_words_modem_preset[] = {
	{ 0, "LONG_FAST" }, { 1, "LONG_SLOW" }, { 2, "VERY_LONG_SLOW" },
	{ 3, "MEDIUM_SLOW" }, { 4, "MEDIUM_FAST" }, { 5, "SHORT_SLOW" },
	{ 6, "SHORT_FAST" }, { 7, "LONG_MODERATE" }, { 8, "SHORT_TURBO" },
	{ 9, "LONG_TURBO" }, { 10, "LITE_FAST" }, { 11, "LITE_SLOW" },
	{ 12, "NARROW_FAST" }, { 13, "NARROW_SLOW" }, { 14, "TINY_FAST" },
	{ 15, "TINY_SLOW" }, { 16, "MEDIUM_TURBO" }, { 0, NULL },
};

const struct protobuf_word mt_words_module_config_type[] = {
	{ 0, "MQTT_CONFIG" }, { 1, "SERIAL_CONFIG" }, { 2, "EXTNOTIF_CONFIG" },
	{ 3, "STOREFORWARD_CONFIG" }, { 4, "RANGETEST_CONFIG" }, { 5, "TELEMETRY_CONFIG" },
	{ 6, "CANNEDMSG_CONFIG" }, { 7, "AUDIO_CONFIG" }, { 8, "REMOTEHARDWARE_CONFIG" },
	{ 9, "NEIGHBORINFO_CONFIG" }, { 10, "AMBIENTLIGHTING_CONFIG" },
	{ 11, "DETECTIONSENSOR_CONFIG" }, { 12, "PAXCOUNTER_CONFIG" },
	{ 13, "STATUSMESSAGE_CONFIG" }, { 14, "TRAFFICMANAGEMENT_CONFIG" },
	{ 15, "TAK_CONFIG" }, { 0, NULL },
};

const struct protobuf_word mt_words_oled_type[] = {
	{ 0, "OLED_AUTO" }, { 1, "OLED_SSD1306" }, { 2, "OLED_SH1106" },
	{ 3, "OLED_SH1107" }, { 4, "OLED_SH1107_128_128" }, { 5, "OLED_SH1107_ROTATED" },
	{ 0, NULL },
};

const struct protobuf_word mt_words_ota_mode[] = {
	{ 0, "NO_REBOOT_OTA" }, { 1, "OTA_BLE" }, { 2, "OTA_WIFI" }, { 0, NULL },
};

const struct protobuf_word mt_words_pairing_mode[] = {
	{ 0, "RANDOM_PIN" }, { 1, "FIXED_PIN" }, { 2, "NO_PIN" }, { 0, NULL },
};

const struct protobuf_word mt_words_ports[] = {
	{ 0, "UNKNOWN_APP" }, { 1, "TEXT_MESSAGE_APP" }, { 2, "REMOTE_HARDWARE_APP" },
	{ 3, "POSITION_APP" }, { 4, "NODEINFO_APP" }, { 5, "ROUTING_APP" },
	{ 6, "ADMIN_APP" }, { 7, "TEXT_MESSAGE_COMPRESSED_APP" }, { 8, "WAYPOINT_APP" },
	{ 9, "AUDIO_APP" }, { 10, "DETECTION_SENSOR_APP" }, { 11, "ALERT_APP" },
	{ 12, "KEY_VERIFICATION_APP" }, { 13, "REMOTE_SHELL_APP" }, { 32, "REPLY_APP" },
	{ 33, "IP_TUNNEL_APP" }, { 34, "PAXCOUNTER_APP" },
	{ 35, "STORE_FORWARD_PLUSPLUS_APP" }, { 36, "NODE_STATUS_APP" },
	{ 37, "MESH_BEACON_APP" }, { 64, "SERIAL_APP" }, { 65, "STORE_FORWARD_APP" },
	{ 66, "RANGE_TEST_APP" }, { 67, "TELEMETRY_APP" }, { 68, "ZPS_APP" },
	{ 69, "SIMULATOR_APP" }, { 70, "TRACEROUTE_APP" }, { 71, "NEIGHBORINFO_APP" },
	{ 72, "ATAK_PLUGIN" }, { 73, "MAP_REPORT_APP" }, { 74, "POWERSTRESS_APP" },
	{ 75, "LORAWAN_BRIDGE" }, { 76, "RETICULUM_TUNNEL_APP" }, { 77, "CAYENNE_APP" },
	{ 78, "ATAK_PLUGIN_V2" }, { 79, "LORA_OTA_APP" }, { 112, "GROUPALARM_APP" },
	{ 256, "PRIVATE_APP" }, { 257, "ATAK_FORWARDER" }, { 511, "MAX" }, { 0, NULL },
};

const struct protobuf_word mt_words_priority[] = {
	{ 0, "UNSET" }, { 1, "MIN" }, { 10, "BACKGROUND" }, { 64, "DEFAULT" },
	{ 70, "RELIABLE" }, { 80, "RESPONSE" }, { 100, "HIGH" }, { 110, "ALERT" },
	{ 120, "ACK" }, { 127, "MAX" }, { 0, NULL },
};

const struct protobuf_word mt_words_rebroadcast_mode[] = {
	{ 0, "ALL" }, { 1, "ALL_SKIP_DECODING" }, { 2, "LOCAL_ONLY" }, { 3, "KNOWN_ONLY" },
	{ 4, "NONE" }, { 5, "CORE_PORTNUMS_ONLY" }, { 0, NULL },
};

const struct protobuf_word mt_words_region_code[] = {
	{ 0, "UNSET" }, { 1, "US" }, { 2, "EU_433" }, { 3, "EU_868" }, { 4, "CN" },
	{ 5, "JP" }, { 6, "ANZ" }, { 7, "KR" }, { 8, "TW" }, { 9, "RU" }, { 10, "IN" },
	{ 11, "NZ_865" }, { 12, "TH" }, { 13, "LORA_24" }, { 14, "UA_433" },
	{ 15, "UA_868" }, { 16, "MY_433" }, { 17, "MY_919" }, { 18, "SG_923" },
	{ 19, "PH_433" }, { 20, "PH_868" }, { 21, "PH_915" }, { 22, "ANZ_433" },
	{ 23, "KZ_433" }, { 24, "KZ_863" }, { 25, "NP_865" }, { 26, "BR_902" },
	{ 27, "ITU1_2M" }, { 28, "ITU2_2M" }, { 29, "EU_866" }, { 30, "EU_874" },
	{ 31, "EU_917" }, { 32, "EU_N_868" }, { 33, "ITU3_2M" }, { 0, NULL },
};

const struct protobuf_word mt_words_remote_hardware_pin_type[] = {
	{ 0, "UNKNOWN" }, { 1, "DIGITAL_READ" }, { 2, "DIGITAL_WRITE" }, { 0, NULL },
};

const struct protobuf_word mt_words_role[] = {
	{ 0, "CLIENT" }, { 1, "CLIENT_MUTE" }, { 2, "ROUTER" }, { 3, "ROUTER_CLIENT" },
	{ 4, "REPEATER" }, { 5, "TRACKER" }, { 6, "SENSOR" }, { 7, "TAK" },
	{ 8, "CLIENT_HIDDEN" }, { 9, "LOST_AND_FOUND" }, { 10, "TAK_TRACKER" },
	{ 11, "ROUTER_LATE" }, { 12, "CLIENT_BASE" }, { 0, NULL },
};

const struct protobuf_word mt_words_routing_error[] = {
	{ 0, "NONE" }, { 1, "NO_ROUTE" }, { 2, "GOT_NAK" }, { 3, "TIMEOUT" },
	{ 4, "NO_INTERFACE" }, { 5, "MAX_RETRANSMIT" }, { 6, "NO_CHANNEL" },
	{ 7, "TOO_LARGE" }, { 8, "NO_RESPONSE" }, { 9, "DUTY_CYCLE_LIMIT" },
	{ 32, "BAD_REQUEST" }, { 33, "NOT_AUTHORIZED" }, { 34, "PKI_FAILED" },
	{ 35, "PKI_UNKNOWN_PUBKEY" }, { 36, "ADMIN_BAD_SESSION_KEY" },
	{ 37, "ADMIN_PUBLIC_KEY_UNAUTHORIZED" }, { 38, "RATE_LIMIT_EXCEEDED" },
	{ 39, "PKI_SEND_FAIL_PUBLIC_KEY" }, { 0, NULL },
};

const struct protobuf_word mt_words_serial_baud[] = {
	{ 0, "BAUD_DEFAULT" }, { 1, "BAUD_110" }, { 2, "BAUD_300" }, { 3, "BAUD_600" },
	{ 4, "BAUD_1200" }, { 5, "BAUD_2400" }, { 6, "BAUD_4800" }, { 7, "BAUD_9600" },
	{ 8, "BAUD_19200" }, { 9, "BAUD_38400" }, { 10, "BAUD_57600" },
	{ 11, "BAUD_115200" }, { 12, "BAUD_230400" }, { 13, "BAUD_460800" },
	{ 14, "BAUD_576000" }, { 15, "BAUD_921600" }, { 0, NULL },
};

const struct protobuf_word mt_words_serial_mode[] = {
	{ 0, "DEFAULT" }, { 1, "SIMPLE" }, { 2, "PROTO" }, { 3, "TEXTMSG" }, { 4, "NMEA" },
	{ 5, "CALTOPO" }, { 6, "WS85" }, { 7, "VE_DIRECT" }, { 8, "MS_CONFIG" },
	{ 9, "LOG" }, { 10, "LOGTEXT" }, { 0, NULL },
};

const struct protobuf_word mt_words_signature_policy[] = {
	{ 0, "COMPATIBLE" }, { 1, "BALANCED" }, { 2, "STRICT" }, { 0, NULL },
};

const struct protobuf_word mt_words_store_forward_rr[] = {
	{ 0, "UNSET" }, { 1, "ROUTER_ERROR" }, { 2, "ROUTER_HEARTBEAT" },
	{ 3, "ROUTER_PING" }, { 4, "ROUTER_PONG" }, { 5, "ROUTER_BUSY" },
	{ 6, "ROUTER_HISTORY" }, { 7, "ROUTER_STATS" }, { 8, "ROUTER_TEXT_DIRECT" },
	{ 9, "ROUTER_TEXT_BROADCAST" }, { 64, "CLIENT_ERROR" }, { 65, "CLIENT_HISTORY" },
	{ 66, "CLIENT_STATS" }, { 67, "CLIENT_PING" }, { 68, "CLIENT_PONG" },
	{ 106, "CLIENT_ABORT" }, { 0, NULL },
};

const struct protobuf_word mt_words_tak_role[] = {
	{ 0, "Unspecifed" }, { 1, "TeamMember" }, { 2, "TeamLead" }, { 3, "HQ" },
	{ 4, "Sniper" }, { 5, "Medic" }, { 6, "ForwardObserver" }, { 7, "RTO" },
	{ 8, "K9" }, { 0, NULL },
};

const struct protobuf_word mt_words_tak_team[] = {
	{ 0, "Unspecifed_Color" }, { 1, "White" }, { 2, "Yellow" }, { 3, "Orange" },
	{ 4, "Magenta" }, { 5, "Red" }, { 6, "Maroon" }, { 7, "Purple" },
	{ 8, "Dark_Blue" }, { 9, "Blue" }, { 10, "Cyan" }, { 11, "Teal" }, { 12, "Green" },
	{ 13, "Dark_Green" }, { 14, "Brown" }, { 0, NULL },
};

const struct protobuf_word mt_words_transport_mechanism[] = {
	{ 0, "TRANSPORT_INTERNAL" }, { 1, "TRANSPORT_LORA" }, { 2, "TRANSPORT_LORA_ALT1" },
	{ 3, "TRANSPORT_LORA_ALT2" }, { 4, "TRANSPORT_LORA_ALT3" },
	{ 5, "TRANSPORT_MQTT" }, { 6, "TRANSPORT_MULTICAST_UDP" }, { 7, "TRANSPORT_API" },
	{ 8, "TRANSPORT_UNICAST_UDP" }, { 0, NULL },
};

const struct protobuf_word mt_words_trigger_type[] = {
	{ 0, "LOGIC_LOW" }, { 1, "LOGIC_HIGH" }, { 2, "FALLING_EDGE" },
	{ 3, "RISING_EDGE" }, { 4, "EITHER_EDGE_ACTIVE_LOW" },
	{ 5, "EITHER_EDGE_ACTIVE_HIGH" }, { 0, NULL },
};

const struct protobuf_word mt_words_ui_language[] = {
	{ 0, "ENGLISH" }, { 1, "FRENCH" }, { 2, "GERMAN" }, { 3, "ITALIAN" },
	{ 4, "PORTUGUESE" }, { 5, "SPANISH" }, { 6, "SWEDISH" }, { 7, "FINNISH" },
	{ 8, "POLISH" }, { 9, "TURKISH" }, { 10, "SERBIAN" }, { 11, "RUSSIAN" },
	{ 12, "DUTCH" }, { 13, "GREEK" }, { 14, "NORWEGIAN" }, { 15, "SLOVENIAN" },
	{ 16, "UKRAINIAN" }, { 17, "BULGARIAN" }, { 18, "CZECH" }, { 19, "DANISH" },
	{ 30, "SIMPLIFIED_CHINESE" }, { 31, "TRADITIONAL_CHINESE" }, { 0, NULL },
};

const struct protobuf_word mt_words_ui_theme[] = {
	{ 0, "DARK" }, { 1, "LIGHT" }, { 2, "RED" }, { 0, NULL },
};

const struct protobuf_word mt_words_xmodem_control[] = {
	{ 0, "NUL" }, { 1, "SOH" }, { 2, "STX" }, { 4, "EOT" }, { 6, "ACK" },
	{ 21, "NAK" }, { 24, "CAN" }, { 26, "CTRLZ" }, { 0, NULL },
};
/* clang-format on */
