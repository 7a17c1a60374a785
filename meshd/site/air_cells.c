#include "air_cells.h"

enum { CELL_BYTES = 8 + DUTY_BYTES };
static const char room[] = "air";

static struct air_cell *
find(struct air_cells *c, uint64_t number, mesh_time_ms now)
{
	struct air_cell *unused = NULL;
	for (struct air_cell *row = c->rows; row < c->rows + PORTS_MAX; row++) {
		if (row->cell == number)
			return row;
		if (row->cell == 0 || duty_spent(&row->duty, now) == 0)
			unused = row;
	}
	if (unused != NULL)
		*unused = (struct air_cell){ .cell = number };
	return unused;
}

struct duty *
air_cells_find(struct air_cells *c, uint64_t cell, mesh_time_ms now)
{
	struct air_cell *row = find(c, cell, now);
	return row != NULL ? &row->duty : NULL;
}

void
air_cells_spend(
    struct air_cells *c, uint64_t cell, uint32_t airtime_ms, mesh_time_ms now)
{
	struct air_cell *row = find(c, cell, now);
	if (row == NULL)
		return; /* nothing is sent where there is no place */
	duty_add(&row->duty, airtime_ms, now);
	row->changed = true;
}

/* --- over a restart --- */

static void
read_cell(struct air_cell *row, struct bytes_view kept, struct mesh_now now)
{
	struct bytes_in in = bytes_in(kept);
	struct air_cell read = { .cell = bytes_u64(&in) };
	if (read.cell != 0 && duty_read(&read.duty, &in, now))
		*row = read;
}

void
air_cells_load(struct air_cells *c, struct store *s, struct mesh_now now)
{
	uint8_t block[CELL_BYTES];
	for (size_t i = 0; i < PORTS_MAX; i++) {
		const uint8_t slot = (uint8_t)i;
		struct bytes_out kept = bytes_out(block, sizeof block);
		if (store_kept(s, (struct text_view){ room, sizeof room - 1 },
			bytes_view(&slot, 1), &kept) == MESH_OK)
			read_cell(&c->rows[i], bytes_written(&kept), now);
	}
}

static bool
keep(struct air_cell *row, uint8_t slot, struct store *s, struct mesh_now now)
{
	uint8_t block[CELL_BYTES];
	struct bytes_out body = bytes_out(block, sizeof block);
	bytes_put_u64(&body, row->cell);
	duty_write(&row->duty, now, &body);
	return store_keep(s, (struct text_view){ room, sizeof room - 1 },
		   bytes_view(&slot, 1), bytes_written(&body), SYNC_GROUP,
		   STORE_TOKEN(OWNER_AIR, slot)) == MESH_OK;
}

void
air_cells_keep(struct air_cells *c, struct store *s, struct meshd_counts *counts,
    struct mesh_now now)
{
	for (size_t i = 0; i < PORTS_MAX; i++) {
		struct air_cell *row = &c->rows[i];
		if (!row->changed)
			continue;
		if (keep(row, (uint8_t)i, s, now))
			row->changed = false;
		else
			count_one(counts, COUNT_AIR_UNKEPT);
	}
}
