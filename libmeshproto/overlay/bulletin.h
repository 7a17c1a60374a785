/* bulletin.h - the newest statements of the control lane, for new neighbours.
 *
 * Records are pushed once; whoever was away must still learn at once who is out.  Until
 * repair brings them (docs/DECISIONS/0070) the core keeps the last few, proof included,
 * and tells each new session.  A newer word about the same thing takes the older one's
 * place; a full one loses its oldest.  Floor 3.  Pure. */
#ifndef MESH_BULLETIN_H
#define MESH_BULLETIN_H
#include "record.h"

enum { BULLETIN_SLOTS = 16, BULLETIN_BYTES = 288 };
struct bulletin {
	struct bulletin_slot {
		struct mesh_key author;
		uint8_t key[64];
		uint8_t key_len;
		uint16_t len; /* 0: free */
		uint64_t seq, epoch;
		uint8_t bytes[BULLETIN_BYTES]; /* the bundle */
	} slots[BULLETIN_SLOTS];
	uint32_t next; /* where the next new one goes */
};
/* `bundle` holds `r` alone, a PUT of the control lane. */
void bulletin_put(struct bulletin *s, const struct record *r, struct bytes_view bundle);
/* Slot `index`; empty: nothing there. */
struct bytes_view bulletin_at(const struct bulletin *s, uint32_t index);
#endif
