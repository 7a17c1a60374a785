/* confine.h - what this process gives up at its start.
 *
 * Its memory holds the site's seed and the network's key: it leaves no image of itself
 * when it crashes, neither a file nor through a handler of the system, and no other
 * process of its user may look into it.  Floor 6.  Edge.
 */
#ifndef HOST_CONFINE_H
#define HOST_CONFINE_H

void confine_memory(void);
#endif
