#include "meshd_counters.h"

static const struct counter_row rows[] = { MESHD_COUNTERS(COUNTER_ROW) };
const struct counter_list meshd_counters = { "meshd", rows, LENGTH(rows) };
