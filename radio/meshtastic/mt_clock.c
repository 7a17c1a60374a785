#include "mt_clock.h"
#include "protobuf.h"

enum { GET_METADATA = 12, SET_TIME = 43 };

void
mt_clock_begin(struct mt_clock *c)
{
	c->step = c->wanted ? MT_CLOCK_LOOK : MT_CLOCK_REST;
}

void
mt_clock_stop(struct mt_clock *c)
{
	c->step = MT_CLOCK_REST;
}

/* What it is asked for does not matter: every answer says when it was made. */
bool
mt_clock_message(const struct mt_clock *c, unix_ms now, struct bytes_out *out)
{
	if (c->step == MT_CLOCK_REST)
		return false;
	if (c->step != MT_CLOCK_SET) {
		protobuf_put_key(out, GET_METADATA, WIRE_VARINT);
		protobuf_put_varint(out, 1);
		return true;
	}
	uint32_t s = (uint32_t)(now / 1000);
	protobuf_put_key(out, SET_TIME, WIRE_I32);
	for (unsigned shift = 0; shift < 32; shift += 8)
		bytes_put_u8(out, (uint8_t)(s >> shift));
	return true;
}

static bool
is_right(uint32_t rx_time, unix_ms now)
{
	unix_ms off = (unix_ms)rx_time * 1000 - now;
	return rx_time != 0 && off <= MT_CLOCK_OFF_MS && off >= -MT_CLOCK_OFF_MS;
}

enum mt_clock_news
mt_clock_answered(struct mt_clock *c, uint32_t rx_time, unix_ms now)
{
	enum mt_clock_step step = c->step;
	bool right = is_right(rx_time, now);
	bool knows = now / 1000 >= (unix_ms)MT_CLOCK_KNOWN_S;
	c->step = MT_CLOCK_REST;
	if (step == MT_CLOCK_SET)
		c->step = MT_CLOCK_LOOK_AGAIN;
	else if (step == MT_CLOCK_LOOK && !right && knows)
		c->step = MT_CLOCK_SET;
	else if (step == MT_CLOCK_LOOK)
		return right ? MT_CLOCK_RIGHT : MT_CLOCK_NOTHING;
	else if (step == MT_CLOCK_LOOK_AGAIN)
		return right ? MT_CLOCK_WAS_SET : MT_CLOCK_KEPT;
	return MT_CLOCK_NOTHING;
}
