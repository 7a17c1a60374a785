/* known_radio.h - what others were told of one of our radios, and what of it is worth
 * telling.
 *
 * Floor 7.  Pure. */
#ifndef KNOWN_RADIO_H
#define KNOWN_RADIO_H
#include "status.h"

enum { KNOWN_RADIO_NAME = 64 };
struct known_radio {
	char name[KNOWN_RADIO_NAME];
	uint8_t len;
	bool due, used;
	bool again;    /* a newcomer has to be told, changed or not */
	uint64_t seen; /* known_radio_summary when it was written */
	mesh_time_ms written_ms;
	bool written;
};
/* The part of a radio's status that is worth a record; counters are not. */
struct radio_status known_radio_lasting(const struct radio_status *status);
/* A number that is another one when something has changed for others: not while the
 * radio goes from waiting to connecting and back. */
uint64_t known_radio_summary(const struct radio_status *status);
#endif
