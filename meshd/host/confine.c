#ifndef _GNU_SOURCE
#	define _GNU_SOURCE /* mlock2 */
#endif
#include "confine.h"
#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* The limit keeps the kernel from writing a file, and what we start from doing so; a
 * handler that core_pattern pipes to does not care for it and asks whether we are
 * dumpable.  core(5), prctl(2).  Neither call can fail with these arguments. */
void
confine_memory(void)
{
	const struct rlimit none = { 0, 0 };
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* mlock2(2).  The kernel rounds to whole pages. */
int
confine_secret(const void *secret, size_t len)
{
	return mlock2(secret, len, MLOCK_ONFAULT) == 0 ? 0 : -errno;
}
