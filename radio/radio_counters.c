#include "radio_counters.h"
#include "radio.h"

static const struct counter_row rows[] = { RADIO_COUNTERS(COUNTER_ROW) };

const struct counter_list radio_counters = { "radio", rows, LENGTH(rows) };
