/* radio_taken.h - is somebody on this machine connected to that radio?
 *
 * Two users who ask different sites, or none, share no lock that a third could not
 * hold; the system's own list of connections everybody may read and nobody can forge
 * without a connection.  Sees this network namespace.  Floor 11. */
#ifndef MESHCTL_RADIO_TAKEN_H
#define MESHCTL_RADIO_TAKEN_H
#include "radio_try.h"

/* Lines of /proc/net/tcp or tcp6: true, and whose it is, if one of them is open, or
 * being opened, to that address. */
bool radio_taken_in(const char *table, const char *host, uint16_t port, unsigned *uid);
bool radio_taken(const struct radio_place *p, unsigned *uid); /* a device: never */
#endif
