/* vectors.h - embeddings apart from the records that bear them, many to a block.
 *
 * A vector of 2 KB in a row of its own would leave half of each page empty and lie
 * between what is small and often read.  So vectors of one dtype and dim share blocks
 * of about 64 KiB, slot by slot as SQLite's incremental I/O writes them; a search reads
 * a block at once.  `vector_block` has the bytes, as they were given; `vector_room`
 * says what they are and which slots are taken.  A freed slot is taken again as soon as
 * a sixteenth of its block is free, an empty block goes.  Long rows of f32 stand in two
 * halves: the upper two bytes of all numbers of a block, then the lower two, so that a
 * search reads half of it.  A ref is block * 65536 + slot, at least 65536; it stays
 * until it is freed.  Source: PROTOCOL.md 9.  Floor 6.
 *
 * All calls inside the caller's transaction; errors are the statements'. */
#ifndef VECTORS_H
#define VECTORS_H
#include "dot.h"
#include "statements.h"

/* Four overflow pages of 16 KiB and a fair share of a leaf. */
enum {
	VECTORS_BLOCK = 4 * 16380 + 4000,
	VECTORS_SLOTS = 2048,
	VECTORS_ROOMS = 8,
	VECTORS_SPLIT = 128 /* numbers of f32 from which rows stand in halves */
};
struct vectors_room {  /* what a block holds */
	int64_t block; /* 0: none */
	enum dot_dtype dtype;
	size_t dim;
	size_t count; /* slots taken */
	uint8_t used[VECTORS_SLOTS / 8];
	bool open;  /* takes vectors */
	bool dirty; /* differs from its row */
	uint64_t touched;
};
struct vectors { /* zero plus vectors_init is valid */
	struct statements *s;
	bool writes;
	sqlite3_blob *blob; /* owned: on `block` */
	int64_t block;
	sqlite3_stmt *walk; /* borrowed from `s`: while a walk goes on */
	struct vectors_room rooms[VECTORS_ROOMS]; /* the last ones used */
	uint64_t touches;
};
void vectors_init(struct vectors *v, struct statements *s, enum statements_mode mode);
/* `row`, dim values of dtype, is safe with the transaction.  Its ref; 0: no such dtype
 * or dim, not of that length, or the disk failed. */
int64_t vectors_put(
    struct vectors *v, enum dot_dtype dtype, size_t dim, struct bytes_view row);
/* Append its bytes.  False: there is no such vector, or the disk failed. */
bool vectors_read(struct vectors *v, int64_t ref, struct bytes_out *out);
/* The same, and what its numbers are. */
bool vectors_read_typed(
    struct vectors *v, int64_t ref, enum dot_dtype *dtype, struct bytes_out *out);
void vectors_free(struct vectors *v, int64_t ref); /* of nothing: nothing */
/* Before COMMIT: write the rooms that changed, let go of the block. */
void vectors_flush(struct vectors *v);
/* After ROLLBACK, or before others may have written: nothing is known any more. */
void vectors_forget(struct vectors *v);

/* A walk over the rooms of `dim` values behind block `after`, in order; one at a time,
 * and ended before the transaction is.  A room's slots in one read, for a quick pass,
 * and `dtype` says as what (DOT_HIGH: the upper halves); `to` has VECTORS_BLOCK bytes.
 * False: none, or the disk failed. */
void vectors_walk(struct vectors *v, size_t dim, int64_t after);
bool vectors_next_room(struct vectors *v, struct vectors_room *out);
void vectors_walk_end(struct vectors *v);
bool vectors_read_block(struct vectors *v, const struct vectors_room *room, uint8_t *to,
    enum dot_dtype *dtype);
size_t vectors_slots(const struct vectors_room *room); /* how many a block has */
bool vectors_has(const struct vectors_room *room, size_t slot);
int64_t vectors_ref(const struct vectors_room *room, size_t slot);
#endif
