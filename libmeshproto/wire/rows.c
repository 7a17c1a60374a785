#include "rows.h"
#include "envelope.h"
#include "pack.h"
#include "record.h"

enum { ROWS_ELEMENTS = 4, ROW_ELEMENTS = 3, MARK_ELEMENTS = 3 };

static bool
next_row(struct rows *r)
{
	if (r->rows == 0)
		return false;
	r->rows--;
	size_t elements = pack_read_array(&r->in);
	r->at.oid = pack_read_bin(&r->in);
	r->at.epoch = pack_read_uint(&r->in, UINT64_MAX);
	size_t numbers = pack_read_array(&r->in);
	r->marks = numbers / MARK_ELEMENTS;
	r->at.lane = LANE_LIVE;
	if (elements != ROW_ELEMENTS || numbers % MARK_ELEMENTS != 0 ||
	    r->at.oid.len != MESSAGE_OID)
		r->in.failed = true;
	return !r->in.failed;
}

bool
rows_next(struct rows *r, struct rows_mark *out)
{
	while (r->marks == 0)
		if (!next_row(r))
			return false;
	r->marks--;
	*out = r->at;
	out->lane = (enum mesh_lane)pack_read_uint(&r->in, LANE_COUNT - 1);
	out->held.first = pack_read_uint(&r->in, RECORD_SEQ_MAX);
	out->held.last = pack_read_uint(&r->in, RECORD_SEQ_MAX);
	if (out->lane <= r->at.lane || out->held.last == 0)
		r->in.failed = true; /* each lane once: every mark is looked up */
	r->at.lane = out->lane;
	return !r->in.failed;
}

/* All rows are looked at before any is believed; `last` stands behind them. */
enum mesh_err
rows_read(struct bytes_view frame, struct rows *out)
{
	struct rows_mark mark;
	*out = (struct rows){ .in = bytes_in(frame) };
	if (frame.len > ENVELOPE_PLAIN_MAX) /* as its sender has no room */
		return MESH_MALFORMED;
	if (pack_read_array(&out->in) < ROWS_ELEMENTS ||
	    pack_read_uint(&out->in, UINT8_MAX) != FRAME_ROWS)
		return MESH_MALFORMED;
	out->mask = pack_read_uint(&out->in, UINT64_MAX);
	out->rows = pack_read_array(&out->in);
	struct rows scan = *out;
	while (rows_next(&scan, &mark))
		continue;
	struct bytes_view last = pack_read_any(&scan.in);
	if (scan.in.failed || last.len != 1)
		return MESH_MALFORMED;
	enum { TRUE = 0xc3, FALSE = 0xc2 };
	out->last = last.ptr[0] == TRUE;
	return out->last || last.ptr[0] == FALSE ? MESH_OK : MESH_MALFORMED;
}

bool
rows_put(struct bytes_out *out, const uint8_t oid[static MESSAGE_OID], uint64_t epoch,
    const struct mesh_run held[static LANE_COUNT - 1])
{
	struct bytes_out before = *out;
	size_t count = 0;
	for (size_t i = 0; i < LANE_COUNT - 1; i++)
		count += held[i].last > 0;
	if (count == 0)
		return false;
	pack_array(out, ROW_ELEMENTS);
	pack_bin(out, bytes_view(oid, MESSAGE_OID));
	pack_uint(out, epoch);
	pack_array(out, MARK_ELEMENTS * count);
	for (size_t i = 0; i < LANE_COUNT - 1; i++) {
		if (held[i].last == 0)
			continue;
		pack_uint(out, LANE_CONTROL + i);
		pack_uint(out, held[i].first);
		pack_uint(out, held[i].last);
	}
	if (!out->failed)
		return true;
	*out = before;
	return false;
}

enum mesh_err
rows_write(
    const struct rows *r, size_t count, struct bytes_view rows, struct bytes_out *out)
{
	struct bytes_out before = *out;
	pack_array(out, ROWS_ELEMENTS);
	pack_uint(out, FRAME_ROWS);
	pack_uint(out, r->mask);
	pack_array(out, count);
	bytes_put_view(out, rows);
	pack_bool(out, r->last);
	if (!out->failed)
		return MESH_OK;
	*out = before;
	return MESH_FULL;
}
