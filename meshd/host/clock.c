#include "clock.h"
#include <time.h>

static struct timespec
read_clock(clockid_t clock)
{
	struct timespec t = { 0, 0 };
	(void)clock_gettime(clock, &t); /* cannot fail for these two */
	return t;
}

static int64_t
ms_of(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct mesh_now
clock_now(void)
{
	struct timespec t = read_clock(CLOCK_BOOTTIME);
	return (struct mesh_now){ .ms = (mesh_time_ms)ms_of(t),
		.unix_ms = ms_of(read_clock(CLOCK_REALTIME)),
		.us = (uint16_t)(t.tv_nsec / 1000 % 1000) };
}
