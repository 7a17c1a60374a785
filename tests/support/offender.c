/* offender.c - what check_symbols must refuse: a clock and a writable global. */
#include <time.h>

int offender_count;
long offender_now(void);

long
offender_now(void)
{
	offender_count++;
	return (long)time(NULL);
}
