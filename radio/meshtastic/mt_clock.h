/* mt_clock.h - is the radio's clock right, and who sets it.
 *
 * A radio without GPS has no time until somebody tells it; its official clients do at
 * every connection.  Here it is looked at first: a packet that the radio makes says
 * when, or nothing where it does not know.  Only a clock that is missing or off by more
 * than MT_CLOCK_OFF_MS is set, once for each connection, and looked at again: a radio
 * that has the time from GPS keeps that.  A host that does not know the time itself
 * tells none.  Source: Meshtastic's admin messages.  Floor 2.  Pure. */
#ifndef RADIO_MT_CLOCK_H
#define RADIO_MT_CLOCK_H
#include "bytes.h"
#include "types.h"

enum { MT_CLOCK_OFF_MS = 60000 };
#define MT_CLOCK_KNOWN_S 1735689600U /* 2025: nobody's clock is right and below it */
enum mt_clock_step { MT_CLOCK_REST, MT_CLOCK_LOOK, MT_CLOCK_SET, MT_CLOCK_LOOK_AGAIN };
enum mt_clock_news {
	MT_CLOCK_NOTHING,
	MT_CLOCK_RIGHT,
	MT_CLOCK_WAS_SET,
	MT_CLOCK_KEPT /* it was told, and is as before */
};
struct mt_clock { /* zero: nobody asks */
	bool wanted;
	enum mt_clock_step step;
};

void mt_clock_begin(struct mt_clock *c); /* the radio is ready, if that is wanted */
void mt_clock_stop(struct mt_clock *c);  /* the link is gone, or it did not answer */
/* The AdminMessage of the present step; false: there is none to send. */
bool mt_clock_message(const struct mt_clock *c, unix_ms now, struct bytes_out *out);
/* It was answered, by a packet that the radio made at `rx_time` (s; 0: no clock). */
enum mt_clock_news mt_clock_answered(struct mt_clock *c, uint32_t rx_time, unix_ms now);
#endif
