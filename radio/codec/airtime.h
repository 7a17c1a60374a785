/* airtime.h - how long a LoRa frame is on the air.
 *
 * Explicit header, checksum, a preamble of 16 symbols, low-data-rate optimisation for
 * symbols above 16 ms.  Source: the SX126x data sheet, 6.1.4; both networks send so.
 * Floor 1.  Pure. */
#ifndef RADIO_AIRTIME_H
#define RADIO_AIRTIME_H
#include "radio.h"

/* Of `bytes` behind the preamble, in ms, rounded up.  0: that is no modem. */
uint32_t airtime_ms(const struct radio_modem *modem, size_t bytes);
#endif
