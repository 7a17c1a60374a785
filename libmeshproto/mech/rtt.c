#include "rtt.h"

enum {
	LOSS_ONE = 65536,
	LOSS_SHARE = 32,
	RETRY_MIN_MS = 60,
	WAIT_MIN_MS = 300,
	PROBE_MAX_MS = 150,
	BURST_MS = 900,
	PROBES_MIN = 3,
	PROBES_MAX = 12,
	RTT_MAX_US = 60 * 1000 * 1000
};

void
rtt_init(struct rtt *r)
{
	*r = (struct rtt){ 0 };
}

static void
note_loss(struct rtt *r, bool lost)
{
	uint32_t target = lost ? LOSS_ONE : 0;
	r->loss = r->loss - r->loss / LOSS_SHARE + target / LOSS_SHARE;
}

static uint32_t
distance(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

void
rtt_measured(struct rtt *r, uint32_t us)
{
	if (us == 0)
		us = 1; /* 0 means "nothing measured" */
	if (us > RTT_MAX_US)
		us = RTT_MAX_US;
	note_loss(r, false);
	if (r->best_us == 0 || us < r->best_us)
		r->best_us = us;
	if (r->srtt_us == 0) {
		r->srtt_us = us;
		r->var_us = us / 2;
		return;
	}
	r->var_us = r->var_us - r->var_us / 4 + distance(r->srtt_us, us) / 4;
	r->srtt_us = r->srtt_us - r->srtt_us / 8 + us / 8;
	if (r->srtt_us == 0)
		r->srtt_us = 1;
}

void
rtt_lost(struct rtt *r)
{
	note_loss(r, true);
}

static uint32_t
at_least(uint32_t ms, uint32_t floor)
{
	return ms > floor ? ms : floor;
}

uint32_t
rtt_retry_ms(const struct rtt *r, unsigned attempt)
{
	static const uint8_t halves[RTT_TRIES] = { 2, 2, 3, 3, 5, 5, 8, 8 };
	uint32_t base = at_least(2 * (r->srtt_us / 1000), RETRY_MIN_MS);
	return base * halves[attempt < RTT_TRIES ? attempt : RTT_TRIES - 1] / 2;
}

uint32_t
rtt_wait_ms(const struct rtt *r)
{
	return at_least(4 * (r->srtt_us / 1000), WAIT_MIN_MS);
}

float
rtt_loss(const struct rtt *r)
{
	return (float)r->loss / (float)LOSS_ONE;
}

unsigned
rtt_probes(const struct rtt *r)
{
	/* The smallest n with loss^n <= 0.001: the same as the quotient of logarithms.
	 */
	double all_lost = 1.0, loss = (double)r->loss / LOSS_ONE;
	unsigned n = 0;
	while (all_lost > 0.001 && n < PROBES_MAX) {
		all_lost *= loss;
		n++;
	}
	return n < PROBES_MIN ? PROBES_MIN : n;
}

uint32_t
rtt_probe_ms(const struct rtt *r)
{
	uint32_t each = BURST_MS / rtt_probes(r);
	if (each > PROBE_MAX_MS)
		each = PROBE_MAX_MS;
	return at_least(r->srtt_us / 1000, each);
}
