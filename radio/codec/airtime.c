#include "airtime.h"

enum {
	SPREAD_MIN = 5,
	SPREAD_MAX = 12,
	RATE_MIN = 5,
	RATE_MAX = 8,
	BYTES_MAX = 255,
	HEAD_QUARTERS = 4 * 16 + 17, /* preamble and start, in quarters of a symbol */
	LONG_SYMBOL_US = 16000
};

static uint64_t
divide_up(uint64_t a, uint64_t b)
{
	return (a + b - 1) / b;
}

uint32_t
airtime_ms(const struct radio_modem *m, size_t bytes)
{
	const uint64_t us_per_s = 1000000, us_per_ms = 1000;
	if (m->spread < SPREAD_MIN || m->spread > SPREAD_MAX || m->rate < RATE_MIN ||
	    m->rate > RATE_MAX || m->bandwidth_hz == 0)
		return 0;
	uint64_t len = bytes < BYTES_MAX ? bytes : BYTES_MAX;
	bool slow = (us_per_s << m->spread) >
	    (uint64_t)LONG_SYMBOL_US * m->bandwidth_hz;
	int64_t bits = 8 * (int64_t)len - (int64_t)4 * m->spread + 44;
	uint64_t per_block = 4 * (uint64_t)(m->spread - (slow ? 2 : 0));
	uint64_t blocks = bits > 0 ? divide_up((uint64_t)bits, per_block) : 0;
	uint64_t quarters = HEAD_QUARTERS + 4 * (8 + blocks * m->rate);
	uint64_t us = divide_up(
	    (quarters * us_per_s) << m->spread, 4 * (uint64_t)m->bandwidth_hz);
	return (uint32_t)divide_up(us, us_per_ms);
}
