#include "share.h"

void
share_init(struct share *s, struct share_row *rows, uint32_t cap, uint32_t per_s)
{
	*s = (struct share){ rows, cap, per_s };
}

enum share_kind
share_kind_of(enum mesh_lane lane)
{
	static const enum share_kind kinds[LANE_COUNT] = {
		[LANE_LIVE] = SHARE_FREE, /* a kind of its own at each sender */
		[LANE_CONTROL] = SHARE_ALERT,
		[LANE_ALERT] = SHARE_ALERT,
		[LANE_STATE] = SHARE_NEWS,
		[LANE_PACKET] = SHARE_NEWS,
		[LANE_METRIC] = SHARE_NEWS,
		[LANE_REGISTRY] = SHARE_REGISTRY,
	};
	return kinds[lane];
}

static struct rate_size
size_of(const struct share *s, enum share_kind kind)
{
	switch (kind) {
	case SHARE_ALERT:
		return (struct rate_size){ s->per_s, 10 * s->per_s };
	case SHARE_REGISTRY:
		return (struct rate_size){ s->per_s / 10, 1 + s->per_s / 10 };
	case SHARE_NEWS:
	case SHARE_KINDS:
	case SHARE_FREE:
		break;
	}
	return (struct rate_size){ s->per_s, 5 * s->per_s };
}

bool
share_has(const struct share *s, uint32_t row, enum share_kind kind, uint32_t n,
    mesh_time_ms now)
{
	if (kind >= SHARE_KINDS || row >= s->cap)
		return kind >= SHARE_KINDS || n <= size_of(s, kind).burst;
	return rate_cell_has(&s->rows[row].cell[kind], size_of(s, kind), n, now);
}

bool
share_take(
    struct share *s, uint32_t row, enum share_kind kind, uint32_t n, mesh_time_ms now)
{
	if (kind >= SHARE_KINDS || row >= s->cap)
		return share_has(s, row, kind, n, now);
	return rate_cell_take(&s->rows[row].cell[kind], size_of(s, kind), n, now);
}

void
share_forget(struct share *s, uint32_t row)
{
	if (row < s->cap)
		s->rows[row] = (struct share_row){ { { 0, 0 } } };
}
