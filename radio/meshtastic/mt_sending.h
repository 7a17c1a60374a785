/* mt_sending.h - requests as the packets that a Meshtastic radio takes.
 *
 * Every packet has a number before it leaves, so that the same request twice is the
 * same packet twice, which the mesh takes once.  Floor 3.  Pure. */
#ifndef RADIO_MT_SENDING_H
#define RADIO_MT_SENDING_H
#include "mt_radio.h"

enum mesh_err mt_sending_submit(struct radio *r, const struct radio_request *q);
size_t mt_sending_text_max(const struct radio_request *q);
uint32_t mt_sending_airtime(const struct radio *r, const struct radio_request *q);
#endif
