#include "roam.h"
#include "bytes.h"
#include "seal.h"

static bool
same_address(const struct mesh_path *a, const struct mesh_path *b)
{
	return memcmp(a->addr, b->addr, sizeof a->addr) == 0;
}

bool
roam_seen(struct roam *r, const struct mesh_path *from,
    const uint8_t random[static ROAM_TOKEN], mesh_time_ms now)
{
	if (now < r->next_ms)
		return false;
	r->candidate = *from;
	r->asked = true;
	r->next_ms = now + ROAM_GAP_MS;
	memcpy(r->token, random, sizeof r->token);
	return true;
}

bool
roam_proved(struct roam *r, const struct mesh_path *from, struct bytes_view token)
{
	if (!r->asked || !same_address(&r->candidate, from) ||
	    token.len != sizeof r->token ||
	    !seal_equal(r->token, token.ptr, sizeof r->token))
		return false;
	r->asked = false; /* a token moves a session once */
	return true;
}
