/* mt_air.h - what the radio's configuration says about the air it sends on.
 *
 * Modem presets and the regions' duty cycles are tables; a preset that is not in them
 * counts as the slowest, a region as one without a limit.  Source: the firmware's
 * MeshRadio and RadioInterface.  Floor 3.  Pure. */
#ifndef RADIO_MT_AIR_H
#define RADIO_MT_AIR_H
#include "mt_radio.h"

/* After a handshake: from Config.lora.  No such configuration: `known` is false. */
void mt_air_learn(struct radio *r);
/* Of our own node's telemetry. */
void mt_air_hear(struct radio *r, const struct mt_packet *p);
#endif
