/* mt_words.h - what the numbers of Meshtastic's enums are called.
 *
 * Rows only.  A number without a word stays a number.  Floor 2.  Pure. */
#ifndef RADIO_MT_WORDS_H
#define RADIO_MT_WORDS_H
#include "protobuf.h"

/* clang-format off */
extern const struct protobuf_word
	mt_words_address_mode[],
	mt_words_alt_source[],
	mt_words_audio_baud[],
	mt_words_backup_location[],
	mt_words_buzzer_mode[],
	mt_words_channel_role[],
	mt_words_compass_mode[],
	mt_words_compass_orientation[],
	mt_words_config_type[],
	mt_words_delayed[],
	mt_words_deprecated_gps_format[],
	mt_words_display_mode[],
	mt_words_display_units[],
	mt_words_fem_lna_mode[],
	mt_words_firmware_edition[],
	mt_words_gps_coordinate_format[],
	mt_words_gps_mode[],
	mt_words_hardware_model[],
	mt_words_input_event_char[],
	mt_words_key_verification_step[],
	mt_words_loc_source[],
	mt_words_lockdown_state[],
	mt_words_log_level[],
	mt_words_modem_preset[],
	mt_words_module_config_type[],
	mt_words_oled_type[],
	mt_words_ota_mode[],
	mt_words_pairing_mode[],
	mt_words_ports[],
	mt_words_priority[],
	mt_words_rebroadcast_mode[],
	mt_words_region_code[],
	mt_words_remote_hardware_pin_type[],
	mt_words_role[],
	mt_words_routing_error[],
	mt_words_serial_baud[],
	mt_words_serial_mode[],
	mt_words_signature_policy[],
	mt_words_store_forward_rr[],
	mt_words_tak_role[],
	mt_words_tak_team[],
	mt_words_transport_mechanism[],
	mt_words_trigger_type[],
	mt_words_ui_language[],
	mt_words_ui_theme[],
	mt_words_xmodem_control[];
/* clang-format on */
#endif
