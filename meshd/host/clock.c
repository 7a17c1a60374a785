#include "clock.h"
#include <time.h>

static int64_t
read_ms(clockid_t clock)
{
	struct timespec t = { 0, 0 };
	(void)clock_gettime(clock, &t); /* cannot fail for these two */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct mesh_now
clock_now(void)
{
	return (struct mesh_now){ (mesh_time_ms)read_ms(CLOCK_BOOTTIME),
		read_ms(CLOCK_REALTIME) };
}
