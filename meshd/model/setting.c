#include "setting.h"

/* clang-format off */
static const struct field setting_rows[] = {
	FIELD(struct radio_setting, section, UNIT_NONE, 0, 0, 32, "Its name: owner, lora, mqtt, channel_0."),
	FIELD(struct radio_setting, group, UNIT_NONE, 0, 0, 16, "What it belongs to: owner, config, modules, channels, texts, place."),
	FIELD(struct radio_setting, told, UNIT_NONE, 0, 0, 0, "The radio has told it; what it told holds only what is not its default."),
	FIELD(struct radio_setting, values, UNIT_NONE, 0, 0, 0, "By the official names; null: a secret that is there."),
};
const struct field_table radio_setting_table = { "radio setting", setting_rows,
	LENGTH(setting_rows), sizeof(struct radio_setting), FIELD_NO_HAS, false };

static const struct field channel_rows[] = {
	FIELD(struct radio_channel, index, UNIT_NONE, 0, 0, 0, "Its place in the radio's list: --channel of msg send."),
	FIELD(struct radio_channel, role, UNIT_NONE, 0, 0, 16, "PRIMARY or SECONDARY."),
	FIELD(struct radio_channel, name, UNIT_NONE, 0, 0, 32, "Its name, or that of the modem's preset if it has none."),
	FIELD(struct radio_channel, key, UNIT_NONE, 0, 0, 16, "none, primary (that of the first), public (one that everybody knows), aes128 or aes256."),
	FIELD(struct radio_channel, hash, UNIT_NONE, 0, 0, 0, "How packets on it name it on the air."),
	FIELD(struct radio_channel, uplink, UNIT_NONE, 0, 0, 0, "The radio hands what it hears there to MQTT."),
	FIELD(struct radio_channel, downlink, UNIT_NONE, 0, 0, 0, "It transmits there what comes from MQTT."),
	FIELD(struct radio_channel, muted, UNIT_NONE, 0, 0, 0, "It makes no noise for texts there."),
	FIELD(struct radio_channel, precision, UNIT_NONE, 0, 0, 32, "Bits of its position that it tells there; 0: none, 32: all."),
};
const struct field_table radio_channel_table = { "radio channel", channel_rows,
	LENGTH(channel_rows), sizeof(struct radio_channel), offsetof(struct radio_channel, has), false };

static const struct field difference_rows[] = {
	FIELD(struct radio_difference, section, UNIT_NONE, 0, 0, 32, "The section."),
	FIELD(struct radio_difference, name, UNIT_NONE, 0, 0, 128, "The setting in it, inner ones with dots."),
	FIELD(struct radio_difference, from, UNIT_NONE, 0, 0, 0, "What the radio has; absent: its default."),
	FIELD(struct radio_difference, to, UNIT_NONE, 0, 0, 0, "What is wanted; absent: its default."),
};
const struct field_table radio_difference_table = { "radio difference", difference_rows,
	LENGTH(difference_rows), sizeof(struct radio_difference), FIELD_NO_HAS, false };
/* clang-format on */
