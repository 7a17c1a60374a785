/* mt_odd.h - what a packet says that it should not, though it is taken as it came.
 *
 * Damage, attack, or firmware newer than these tables: what cannot be is not passed on
 * (mt_codec, the doors' cleaning of texts), what cannot be read stays raw; here it gets
 * a name.  Looks at the contents and one message inside, without memory.  Floor 3.
 * Pure. */
#ifndef RADIO_MT_ODD_H
#define RADIO_MT_ODD_H
#include "mt_codec.h"

enum mt_oddity {
	MT_ODD_PORT,     /* nobody here knows what it is for */
	MT_ODD_CONTENTS, /* not what their port says */
	MT_ODD_WORD,     /* a number of an enumeration that has no word */
	MT_ODD_TEXT, /* of a name or the like: control characters, turns of direction */
	MT_ODD_CLOCK,  /* the radio's: before 2020, or a day and more ahead of ours */
	MT_ODD_HOPS,   /* more than seven, or more left than there were */
	MT_ODD_SIGNAL, /* SNR or RSSI that no radio measures */
	MT_ODDITIES
};
/* The set of them, a bit each. */
unsigned mt_odd(const struct mt_packet *p, unix_ms now);
#endif
