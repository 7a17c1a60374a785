/* confine.h - what this process gives up at its start.
 *
 * Its memory holds the site's seed and the network's key: it leaves no image of itself
 * when it crashes, neither a file nor through a handler of the system, and no other
 * process of its user may look into it.  Floor 6.  Edge.
 */
#ifndef HOST_CONFINE_H
#define HOST_CONFINE_H
#include <stddef.h>

void confine_memory(void);
/* Pages with secrets in them, `len` bytes from `secret`, are never written to the swap;
 * those of them that nobody has touched yet take no memory for it.  0, or -errno where
 * the limit (RLIMIT_MEMLOCK) or the kernel refuses: then all works as before.  Locked
 * until this process ends. */
int confine_secret(const void *secret, size_t len);
#endif
