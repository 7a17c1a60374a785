#include "arrival.h"
#include "inside_travel.h"

uint64_t
arrival_bit(size_t i)
{
	return 1ULL << i;
}

bool
arrival_is_fresh(const struct arrival *a, size_t i)
{
	return (a->fresh >> i & 1) != 0;
}

size_t
arrival_fresh(const struct arrival *a)
{
	size_t count = 0;
	for (uint64_t left = a->fresh; left != 0; left &= left - 1)
		count++;
	return count;
}

bool
arrival_is_large(const struct arrival *a)
{
	const struct record *r = &a->core[0].record;
	return a->bundle.count == 1 &&
	    !spread_fits(r->at.lane, r->type, a->bundle.raw.len);
}

uint64_t
arrival_claims(const struct arrival *a, size_t i)
{
	const struct record *r = &a->core[i].record;
	bool alone = a->page && record_lane_is_keyed(r->at.lane);
	return alone && r->at.seq - a->after > r->back ? r->at.seq - a->after : r->back;
}
