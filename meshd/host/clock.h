/* clock.h - both clocks, read in one place and nowhere else.
 *
 * The monotonic one includes suspend (CLOCK_BOOTTIME), so that a laptop that slept
 * knows that its sessions are old.  Floor 6.  Edge. */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H
#include "types.h"

struct mesh_now clock_now(void);
#endif
