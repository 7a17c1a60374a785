#include "bench.h"
#include "meshsketch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two sites with equal have-sets and rows that one of them lost: what it takes to name
 * them.  PROTOCOL.md 9. */

enum {
	ENTRIES = 1000 * 1000,
	DIFFERENCES = 1000,
	AROUND = 9 + 16 + 28 + 12, /* of 40 cells: envelope, IP and UDP, frame */
	EACH = 40
};

struct sync {
	struct mesh_comparison compared;
	struct mesh_sketch theirs;
	struct mesh_sketch_cell cells[MESH_SKETCH_CELLS];
	uint8_t wire[MESH_SKETCH_CELLS * MESH_SKETCH_CELL];
};

/* Leaves are hashes: any even bytes do. */
static void
make_item(uint64_t seq, struct mesh_sketch_item *out)
{
	uint64_t x = seq * UINT64_C(0x9e3779b97f4a7c15);
	out->scope = 0;
	out->seq = seq;
	x ^= x >> 31;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	memcpy(out->leaf, &x, sizeof x);
	out->leaf[8] = (uint8_t)(x >> 13);
}

/* Every (entries / differences)th row is lost. */
static void
fill(struct sync *s, size_t entries, size_t differences, struct bench_report *r)
{
	static const uint8_t netid[16] = { 1, 2, 3 };
	size_t step = differences > 0 ? entries / differences : entries + 1, lost = 0;
	mesh_comparison_init(&s->compared, netid);
	mesh_sketch_init(&s->theirs, netid, s->cells, MESH_SKETCH_CELLS);
	double began = bench_worked();
	for (uint64_t seq = 1; seq <= entries; seq++) {
		struct mesh_sketch_item item;
		make_item(seq, &item);
		mesh_sketch_put(&s->theirs, &item);
		if (seq % step == 0 && lost++ < differences)
			continue;
		mesh_sketch_put(&s->compared.sketch, &item);
	}
	double seconds = bench_worked() - began;
	bench_add(r, "entries_per_s", seconds > 0 ? 2 * (double)entries / seconds : 0);
}

int
bench_sync(const struct bench_options *o, struct bench_report *r)
{
	size_t entries = o->entries > 0 ? o->entries : ENTRIES;
	size_t differences = o->differences > 0 ? o->differences : DIFFERENCES;
	struct sync *s = calloc(1, sizeof *s);
	uint32_t first = 0, want = MESH_SKETCH_FIRST, more = 0, trips = 0;
	enum mesh_sketched how = SKETCHED_MORE;
	if (s == NULL)
		return 1;
	r->unit = "bytes of cells that name what is lost (less is better)";
	fill(s, entries, differences, r);
	double began = bench_worked();
	while (how == SKETCHED_MORE) {
		struct bytes_out out = bytes_out(s->wire, sizeof s->wire);
		if (mesh_sketch_write(&s->theirs, first, want - first, &out) != MESH_OK)
			break;
		how = mesh_comparison_take(
		    &s->compared, first, bytes_written(&out), want, &more);
		trips++;
		first = want;
		want = more;
	}
	bench_add(r, "decode_ms", (bench_worked() - began) * 1000);
	r->value = (double)first * MESH_SKETCH_CELL;
	size_t datagrams = (first + EACH - 1) / EACH + trips;
	bench_add(r, "bytes", r->value + (double)datagrams * AROUND);
	bench_add(r, "round_trips", trips);
	bench_add(r, "found", s->compared.found);
	bench_add(r, "cells_per_difference", (double)first / (double)differences);
	bool right = s->compared.found == differences;
	free(s);
	if (!right)
		fprintf(stderr, "meshbench: the sketch did not tell\n");
	return right ? 0 : 1;
}
