/* pace.h - what waits to be sent to one neighbour, and who goes first.
 *
 * Strict order of classes, fair by bytes over origins inside a class, so that one busy
 * origin cannot starve the others.  Bounded by entries, bytes and age: P1 news older
 * than 250 ms and P0 older than 5 s are dropped and left to repair (shed.queue_age); a
 * full queue drops the oldest of its lowest class (shed.queue_full), the newcomer
 * itself if it is of a lower one.  With a piece of something (frag.h) go all others of
 * it; those of P2 and P3 wait longer, because a slow line takes long for all of them.
 * Floor 3.  Pure.  Source: PROTOCOL.md 8 and 13. */
#ifndef MESH_PACE_H
#define MESH_PACE_H
#include "parcel.h"

enum {
	PACE_ENTRIES = 192,
	PACE_BYTES = 192 * 1024,
	PACE_P0_MS = 5000,
	PACE_P1_MS = 250,
	PACE_P2_MS = 5000,
	PACE_PIECE_MS = 30 * 1000 /* P2 and P3: as long as the other side waits */
};
struct pace_entry {
	struct handle parcel;
	uint32_t round;    /* the byte of its class at which its turn begins */
	uint32_t since_ms; /* low bits of the clock: nothing waits for 49 days */
	uint16_t len;
	uint16_t next; /* in its class or in the free list */
};
struct pace { /* one per neighbour, by value */
	struct pace_entry entries[PACE_ENTRIES];
	uint16_t head[PARCEL_CLASSES], free;
	uint32_t round[PARCEL_CLASSES]; /* of the last one taken out */
	uint32_t count, bytes;
	uint64_t *counters; /* borrowed: mesh_counters.h */
};

void pace_init(struct pace *q, uint64_t *counters);
void pace_clear(struct pace *q, struct parcels *ps); /* gives every reference back */
/* Queue it, or all pieces from it on; holds references of its own.  False: the newcomer
 * was shed. */
bool pace_put(
    struct pace *q, struct parcels *ps, struct handle parcel, mesh_time_ms now);
/* Take the next one out, if it is at most `room` bytes as a frame: the reference is now
 * the caller's.  generation 0: nothing, or the next does not fit.  Drops what is too
 * old on the way. */
struct handle pace_take(
    struct pace *q, struct parcels *ps, size_t room, mesh_time_ms now);
/* The same, but only PARCEL_LINK frames, for when the window is full. */
struct handle pace_take_link(
    struct pace *q, struct parcels *ps, size_t room, mesh_time_ms now);
/* The same for the first that is longer than `most`, whatever its class. */
struct handle pace_take_long(struct pace *q, struct parcels *ps, size_t most);
/* Drop copies of this record: the neighbour turned out to have it. */
void pace_drop(struct pace *q, struct parcels *ps, const struct dedup_mark *mark);
/* That parcel, or a piece of it. */
bool pace_has(const struct pace *q, const struct parcels *ps, struct handle parcel);
/* Would so much more find room without driving anything of that class out? */
bool pace_has_room(
    const struct pace *q, enum parcel_class class, size_t entries, size_t bytes);
bool pace_is_empty(const struct pace *q);
bool pace_fills(const struct pace *q, size_t entries, size_t bytes); /* one of them */
bool pace_has_link(const struct pace *q);
bool pace_has_urgent(const struct pace *q); /* PARCEL_P0 */
#endif
