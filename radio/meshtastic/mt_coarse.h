/* mt_coarse.h - less of a position: what a packet says about a place, cut to some bits.
 *
 * As the firmware does it (meshtastic.org, "Position precision"): of latitude and
 * longitude, 1e-7 degrees in 32 bits, the high bits stay, and the middle of what they
 * leave open is added.  In the packet's own bytes, which keep their length: both
 * numbers have four bytes, and the claimed precision, if it comes, one.  All copies
 * that a message holds are cut, not only the one that counts.  Altitude and speed stay.
 * Floor 3.  Pure. */
#ifndef RADIO_MT_COARSE_H
#define RADIO_MT_COARSE_H
#include "bytes.h"

enum mt_coarse {
	MT_COARSE_NONE, /* no position in it, or sealed: unchanged */
	MT_COARSE_CUT,
	MT_COARSE_UNSURE /* one may be in it where we cannot reach; `raw` is of no use
			  */
};
/* `bits`: 1 to 32 of each number. */
int32_t mt_coarse_number(int32_t degrees_1e7, unsigned bits);
/* `raw` is a MeshPacket. */
enum mt_coarse mt_coarse(uint8_t *raw, size_t len, unsigned bits);
#endif
