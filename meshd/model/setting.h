/* setting.h - what a radio is set to, for the doors: radio.h's words as tables.
 * Floor 5.  Pure. */
#ifndef MODEL_SETTING_H
#define MODEL_SETTING_H
#include "radio.h"

/* `meshd.radio_config/1`, `meshd.channels/1`, `meshd.radio_changes/1` */
extern const struct field_table radio_setting_table, radio_channel_table,
    radio_difference_table;
#endif
