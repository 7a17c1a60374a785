#include "mt_odd.h"
#include "text.h"

enum { TEXT_MAX = 256, DAY_S = 24 * 3600, YEAR_2020_S = 1577836800 };

#define BIT(odd) (1U << (odd))

/* --- contents --- */

static bool
is_word(const struct protobuf_word *words, uint64_t value)
{
	while (words->name != NULL && (uint64_t)(int64_t)words->value != value)
		words++;
	return words->name != NULL;
}

static bool
is_clean(struct bytes_view text)
{
	char room[TEXT_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	if (text.len > sizeof room)
		return text_is_utf8(text);
	text_put_clean(&out, text, sizeof room);
	return bytes_equal(bytes_written(&out), text);
}

static unsigned
odd_item(const struct protobuf_field *row, const struct protobuf_item *item)
{
	bool list = row->rule == PROTOBUF_REPEATED && item->wire == WIRE_LEN;
	if (item->wire != protobuf_wire_of(row->kind))
		return list ? 0 : BIT(MT_ODD_CONTENTS);
	if (row->kind == PROTOBUF_ENUM && !is_word(row->words, item->value))
		return BIT(MT_ODD_WORD);
	if (row->kind == PROTOBUF_TEXT && !is_clean(item->bytes))
		return BIT(MT_ODD_TEXT);
	return 0;
}

static unsigned
odd_inside(const struct protobuf_table *t, struct bytes_view message)
{
	struct bytes_in in = bytes_in(message);
	struct protobuf_item item;
	unsigned odd = 0;
	while (protobuf_next(&in, &item)) {
		const struct protobuf_field *row = protobuf_row(t, item.number);
		odd |= row != NULL ? odd_item(row, &item) : 0;
	}
	return odd | (in.failed ? BIT(MT_ODD_CONTENTS) : 0);
}

static unsigned
odd_message(const struct protobuf_table *t, struct bytes_view message)
{
	struct bytes_in in = bytes_in(message);
	struct protobuf_item item;
	unsigned odd = odd_inside(t, message);
	while (protobuf_next(&in, &item)) {
		const struct protobuf_field *row = protobuf_row(t, item.number);
		if (row != NULL && row->kind == PROTOBUF_SUB && item.wire == WIRE_LEN)
			odd |= odd_inside(row->sub, item.bytes);
	}
	return odd;
}

static unsigned
odd_contents(const struct mt_packet *p)
{
	const struct protobuf_table *t = mt_payload_table(p->port);
	if ((p->has & MT_HAS_DECODED) == 0)
		return 0;
	if (mt_port_name(p->port) == NULL)
		return BIT(MT_ODD_PORT);
	if (mt_port_is_text(p->port))
		return text_is_utf8(p->payload) ? 0 : BIT(MT_ODD_CONTENTS);
	return t != NULL ? odd_message(t, p->payload) : 0;
}

/* --- around them --- */

/* Where our own clock is not set, nobody is ahead of it. */
static bool
is_odd_clock(const struct mt_packet *p, unix_ms now)
{
	bool ours = now / 1000 >= YEAR_2020_S;
	bool ahead = (unix_ms)p->rx_time > now / 1000 + DAY_S;
	return p->rx_time != 0 && (p->rx_time < YEAR_2020_S || (ours && ahead));
}

static bool
are_odd_hops(const struct mt_packet *p)
{
	enum { HOPS_MAX = 7 };
	return p->hop_start > HOPS_MAX || p->hop_limit > HOPS_MAX ||
	    (p->hop_start > 0 && p->hop_limit > p->hop_start);
}

/* NaN fails both comparisons. */
static bool
is_odd_signal(const struct mt_packet *p)
{
	const float snr_max = 64.0F;
	const int32_t rssi_min = -200, rssi_max = 50;
	bool level = (p->has & MT_HAS_RSSI) == 0 ||
	    (p->rssi >= rssi_min && p->rssi <= rssi_max);
	return !level || !(p->snr >= -snr_max && p->snr <= snr_max);
}

unsigned
mt_odd(const struct mt_packet *p, unix_ms now)
{
	unsigned odd = odd_contents(p);
	odd |= is_odd_clock(p, now) ? BIT(MT_ODD_CLOCK) : 0;
	odd |= are_odd_hops(p) ? BIT(MT_ODD_HOPS) : 0;
	return odd | (is_odd_signal(p) ? BIT(MT_ODD_SIGNAL) : 0);
}
