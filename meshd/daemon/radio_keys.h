/* radio_keys.h - the keys file of a radio, read whenever the radio is put into use.
 *
 * A file that is not what it should be is told with its line, and the radio works
 * without it: what it hears must not depend on a slip in there.  Floor 10.  Edge. */
#ifndef RADIO_KEYS_H
#define RADIO_KEYS_H
#include "daemon_inside.h"
#include "ports.h"

enum { RADIO_KEYS_BYTES = 4096 };
/* Into `section->keys`, which then lies in `room`; empty if there are none.  Wipe the
 * room when the radio has them. */
void radio_keys_read(struct daemon *d, const char *radio, struct radio_section *section,
    char room[static RADIO_KEYS_BYTES]);
#endif
