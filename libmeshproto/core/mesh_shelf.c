#include "bytes.h"
#include "meshshelf.h"

static bool
read_row(const struct mesh_shelf_row *row, struct mesh_record *out)
{
	return mesh_record_read(bytes_view(row->bundle, row->len), out) == MESH_OK;
}

static void
take_out(struct mesh_shelf *shelf, size_t i)
{
	shelf->count--;
	memmove(&shelf->rows[i], &shelf->rows[i + 1],
	    (shelf->count - i) * sizeof shelf->rows[0]);
}

static void
take_out_key(struct mesh_shelf *shelf, enum mesh_lane lane, struct bytes_view key)
{
	struct mesh_record kept;
	struct bytes_view its;
	for (size_t i = 0; i < shelf->count; i++) {
		if (shelf->rows[i].lane == lane && read_row(&shelf->rows[i], &kept) &&
		    mesh_record_key(&kept, &its) && bytes_equal(its, key)) {
			take_out(shelf, i);
			return;
		}
	}
}

static void
keep(struct mesh_shelf *shelf, const struct mesh_record *r)
{
	struct bytes_view key;
	if (mesh_record_key(r, &key))
		take_out_key(shelf, r->at.lane, key);
	if (r->proof.len > MESH_SHELF_BYTES) { /* several datagrams long */
		shelf->forgot = true;
		return;
	}
	if (shelf->count == MESH_SHELF_ROWS) {
		shelf->forgot = true;
		take_out(shelf, 0);
	}
	struct mesh_shelf_row *row = &shelf->rows[shelf->count++];
	row->lane = r->at.lane;
	row->seq = r->at.seq;
	row->len = r->proof.len;
	memcpy(row->bundle, r->proof.ptr, r->proof.len);
}

/* All rows are of one origin, and of one epoch: a new one comes with a PURGE. */
static bool
is_ours(const struct mesh_shelf *shelf, const struct mesh_position *at)
{
	struct mesh_record r;
	return shelf->count > 0 && read_row(&shelf->rows[0], &r) &&
	    memcmp(&r.at.origin, &at->origin, sizeof at->origin) == 0 &&
	    r.at.epoch == at->epoch;
}

static void
supply(struct mesh_shelf *shelf, struct mesh_site *site, const struct mesh_event *want,
    struct mesh_now now)
{
	const struct mesh_position *at = &want->record.at;
	struct mesh_record r;
	bool ours = is_ours(shelf, at);
	for (size_t i = 0; ours && i < shelf->count; i++) {
		const struct mesh_shelf_row *row = &shelf->rows[i];
		if (row->lane == at->lane && row->seq >= at->seq &&
		    row->seq <= want->to && read_row(row, &r))
			mesh_site_supply(site, want->ticket, &r, 1, now);
	}
	uint64_t upto = ours && !shelf->forgot ? UINT64_MAX : 0;
	mesh_site_supply_end(site, want->ticket, upto, now);
}

void
mesh_shelf_event(struct mesh_shelf *shelf, struct mesh_site *site,
    const struct mesh_event *e, struct mesh_now now)
{
	switch (e->kind) {
	case MESH_RECORD:
		if (e->own)
			keep(shelf, &e->record);
		mesh_site_stored(site, e->ticket, MESH_OK, NULL, now);
		break;
	case MESH_PURGE:
		if (e->own)
			shelf->count = 0;
		mesh_site_stored(site, e->ticket, MESH_OK, NULL, now);
		break;
	case MESH_KEEP:
	case MESH_SETTLE:
		mesh_site_stored(site, e->ticket, MESH_OK, NULL, now);
		break;
	case MESH_WANT:
		supply(shelf, site, e, now);
		break;
	case MESH_SKETCH: /* of what others say there is nothing here */
		mesh_site_cells(site, e->ticket, bytes_view(NULL, 0), now);
		break;
	case MESH_CELLS: /* never asked for: it compares nothing */
	case MESH_REFETCH:
	case MESH_PEER:
	case MESH_NOTICE:
	case MESH_QUESTION:
	case MESH_TOLD:
	case MESH_ANSWER:
	case MESH_ANSWERED:
	case MESH_JOIN:
		break;
	}
}
