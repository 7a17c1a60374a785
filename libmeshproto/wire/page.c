#include "page.h"
#include "pack.h"
#include "record.h"

enum { PAGE_ELEMENTS = 8 };

enum mesh_err
page_read(struct bytes_view frame, struct page *out)
{
	struct bytes_in in = bytes_in(frame);
	*out = (struct page){ .ticket = 0 };
	if (pack_read_array(&in) < PAGE_ELEMENTS ||
	    pack_read_uint(&in, UINT8_MAX) != FRAME_PAGE)
		return MESH_MALFORMED;
	out->ticket = (uint16_t)pack_read_uint(&in, UINT16_MAX);
	out->oid = pack_read_bin(&in);
	out->epoch = pack_read_uint(&in, UINT64_MAX);
	out->lane = (enum mesh_lane)pack_read_uint(&in, LANE_COUNT - 1);
	out->from = pack_read_uint(&in, RECORD_SEQ_MAX);
	out->to = pack_read_uint(&in, RECORD_SEQ_MAX);
	out->count = pack_read_array(&in);
	out->bundles = in;
	bool sound = !in.failed && out->oid.len == MESSAGE_OID &&
	    out->lane > LANE_LIVE && out->from > 0 && out->from <= out->to;
	return sound ? MESH_OK : MESH_MALFORMED;
}

bool
page_next(struct page *p, struct bytes_view *bundle)
{
	if (p->count == 0)
		return false;
	p->count--;
	*bundle = pack_read_any(&p->bundles);
	return !p->bundles.failed;
}

enum mesh_err
page_write(const struct page *p, struct bytes_view bundles, struct bytes_out *out)
{
	struct bytes_out before = *out;
	pack_array(out, PAGE_ELEMENTS);
	pack_uint(out, FRAME_PAGE);
	pack_uint(out, p->ticket);
	pack_bin(out, p->oid);
	pack_uint(out, p->epoch);
	pack_uint(out, p->lane);
	pack_uint(out, p->from);
	pack_uint(out, p->to);
	pack_array(out, p->count);
	bytes_put_view(out, bundles);
	if (!out->failed)
		return MESH_OK;
	*out = before;
	return MESH_FULL;
}
