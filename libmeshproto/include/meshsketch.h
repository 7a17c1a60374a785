/* meshsketch.h - what differs between two sets of records, told in as many bytes as the
 * difference needs.
 *
 * A rateless sketch (Yang et al., SIGCOMM 2024; wire.md 9): every record is an item of
 * 16 bytes, every item lies in cell 0 and in a row of further cells that its keyed
 * check chooses, ever further apart.  Cells of two sets are subtracted; a cell that one
 * item alone is left in names it, the item is taken out of its other cells, and so on.
 * 1.35 cells per difference, whatever the sets' size.  The core holds no records, so
 * whoever does (the daemon's store, the simulator's disk) makes and reads the cells;
 * they are his memory.  Nothing a stranger sends costs more than MESH_SKETCH_CELLS
 * cells and as many differences.  Floor 1.  Pure.  Source: PROTOCOL.md 9. */
#ifndef MESHSKETCH_H
#define MESHSKETCH_H
#include "bytes.h"
#include "meshproto.h"

enum {
	MESH_SKETCH_CELLS = 4096, /* at most; beyond it all is pulled anew */
	MESH_SKETCH_FIRST = 16,   /* of a new comparison */
	MESH_SKETCH_CELL = 28,    /* bytes of one on the wire */
	MESH_SKETCH_ITEM = 16,
	MESH_SKETCH_LEAF = 9, /* of the record's leaf hash */
	MESH_SKETCH_SCOPES = 64
};
#define MESH_SKETCH_SEQ_MAX ((UINT64_C(1) << 48) - 1) /* numbers above are not told */

struct mesh_sketch_item { /* one live record */
	uint8_t scope;    /* which of the logs that are compared at once */
	uint64_t seq;
	uint8_t leaf[MESH_SKETCH_LEAF]; /* its first bytes */
};
struct mesh_sketch_cell {
	uint64_t item[2]; /* xor of the items, as two big-endian halves */
	uint64_t check;   /* xor of their checks */
	uint32_t count;   /* items, mod 2^32 */
	uint16_t next;    /* while it waits to be looked at */
	bool waits;
};
struct mesh_sketch {
	uint8_t netid[16];
	struct mesh_sketch_cell *cells; /* borrowed */
	uint32_t count;                 /* of cells; at most MESH_SKETCH_CELLS */
};
struct mesh_sketch_difference {
	struct mesh_sketch_item item;
	bool added; /* in the set that was put; else in the one that was subtracted */
};

/* Empty; `cells` is zeroed. */
void mesh_sketch_init(struct mesh_sketch *s, const uint8_t netid[static 16],
    struct mesh_sketch_cell *cells, uint32_t count);
void mesh_sketch_put(struct mesh_sketch *s, const struct mesh_sketch_item *item);
/* Append cells first .. first + count - 1 as CELLS carries them.  MESH_MALFORMED: there
 * are not so many; MESH_FULL. */
MESH_MUST_CHECK enum mesh_err mesh_sketch_write(
    const struct mesh_sketch *s, uint32_t first, uint32_t count, struct bytes_out *out);
/* Take the other set's cells, from `first` on, out of ours.  MESH_MALFORMED: no whole
 * number of them, or beyond our last. */
MESH_MUST_CHECK enum mesh_err mesh_sketch_subtract(
    struct mesh_sketch *s, uint32_t first, struct bytes_view cells);
/* The differences, at most s->count; the cells are used up.  MESH_TRUNCATED: more cells
 * would tell; `*found` are sure.  MESH_MALFORMED: no two sets have these cells. */
MESH_MUST_CHECK enum mesh_err mesh_sketch_peel(
    struct mesh_sketch *s, struct mesh_sketch_difference *out, uint32_t *found);

/* One log of ours against a neighbour's: what MESH_CELLS brings is put in until it says
 * how they differ.  400 kB, for as long as that takes. */
struct mesh_comparison {
	struct mesh_sketch sketch; /* ours; theirs are taken out as they come */
	bool came[MESH_SKETCH_CELLS];
	uint32_t prefix; /* all cells below have come */
	uint32_t found;
	struct mesh_sketch_difference differences[MESH_SKETCH_CELLS];
	struct mesh_sketch_cell cells[MESH_SKETCH_CELLS], peeled[MESH_SKETCH_CELLS];
};
/* Then mesh_sketch_put of each of our live records into `sketch`. */
void mesh_comparison_init(struct mesh_comparison *c, const uint8_t netid[static 16]);
/* What came; twice is once.  `want`: how many cells were asked for in all.  MORE:
 * `*more` are to be asked for, 0: some are still under way.  SAME; MENDED: `found`
 * differences; TOO_MANY; WRONG: as mesh_site_sketched wants to hear it. */
enum mesh_sketched mesh_comparison_take(struct mesh_comparison *c, uint32_t first,
    struct bytes_view cells, uint32_t want, uint32_t *more);
#endif
