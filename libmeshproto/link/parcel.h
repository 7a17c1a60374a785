/* parcel.h - one frame on its way to one or several neighbours.
 *
 * A record is flooded as one parcel that many queues hold: copied once, counted by
 * references, given back with the last.  A PUSH is kept as its parts, because its age
 * grows while it waits and on every retry.  When all slots are taken nothing is pushed
 * out here: pace.h decides who loses.  Floor 3.  Pure.  Source: PROTOCOL.md 7 and 13.
 */
#ifndef MESH_PARCEL_H
#define MESH_PARCEL_H
#include "dedup.h"
#include "envelope.h"
#include "messages.h"
#include "pool.h"

/* The longest frame: it must fit one datagram beside an ACK, however old it gets. */
enum { PARCEL_ACK_MAX = 16, PARCEL_MAX = ENVELOPE_PLAIN_MAX - PARCEL_ACK_MAX };

enum parcel_class {  /* strict order of sending: PROTOCOL.md 8 */
	PARCEL_LINK, /* PING, PONG, CLOSE, PATH ... */
	PARCEL_P0,
	PARCEL_P1,
	PARCEL_P2,
	PARCEL_P3,
	PARCEL_CLASSES
};
struct parcel {
	enum parcel_class class;
	bool acked; /* kept until the neighbour has acknowledged it */
	bool is_push;
	uint8_t hops;
	uint16_t trail_len, stamps_len;
	uint16_t len; /* of `bytes`, all of it */
	uint16_t refs;
	uint32_t age_ms; /* when `since_ms` was */
	mesh_time_ms since_ms;
	uint16_t message;            /* a piece of that one, by frag.h; 0: whole */
	struct handle next, whole;   /* a piece: the one after it; what was cut, if that
					is   a parcel.  No references */
	uint8_t origin[MESSAGE_OID]; /* fairness; all zero: our own link's business */
	struct dedup_mark mark;      /* PUSH, also a piece of one, of its records:
					hop_seen */
	/* trail || stamps || bundle, or the frame as it is */
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
};
struct parcels {
	struct pool pool; /* struct parcel */
};

size_t parcel_bytes(uint32_t cap);
/* `block`: aligned for any type, parcel_bytes long; stays the caller's. */
void parcel_init(struct parcels *ps, void *block, uint32_t cap);

struct parcel_push {
	enum parcel_class class;
	struct envelope_hop hop; /* with our own tag on its trail */
	uint8_t origin[MESSAGE_OID];
	struct dedup_mark mark;
};
/* A new parcel with one reference, the caller's: put it into queues, then release it.
 * generation 0: no slot, or longer than PARCEL_MAX. */
struct handle parcel_of_push(
    struct parcels *ps, const struct parcel_push *push, mesh_time_ms now);
/* The same hop fields, age and class around another bundle. */
struct handle parcel_like(struct parcels *ps, struct handle other,
    struct bytes_view bundle, const struct dedup_mark *mark);
/* A frame that is bytes already.  What is acknowledged waits for the window, so it is
 * never PARCEL_LINK: PRUNE and the like go as PARCEL_P0. */
enum parcel_keep { PARCEL_PLAIN, PARCEL_ACKED };
struct handle parcel_of_frame(struct parcels *ps, enum parcel_class class,
    enum parcel_keep keep, struct bytes_view frame, mesh_time_ms now);
struct parcel *parcel_at(const struct parcels *ps, struct handle h); /* NULL: stale */
/* A slot for bytes of the caller's own, with one reference.  Generation 0: none. */
struct handle parcel_of_nothing(struct parcels *ps);
/* Is it that one, or a piece of it? */
bool parcel_stands_for(const struct parcel *p, struct handle self, struct handle whole);
/* Is it a copy of that record?  False: stale, or another.  Inline: a duplicate asks for
 * all that is out to its sender. */
static inline bool
parcel_is_copy(const struct parcels *ps, struct handle h, const struct dedup_mark *mark)
{
	const struct parcel *p = pool_look(&ps->pool, h);
	return p != NULL && memcmp(&p->mark, mark, sizeof *mark) == 0 &&
	    (p->is_push || p->message != 0);
}
struct bytes_view parcel_bundle(const struct parcel *p); /* requires: is_push */
void parcel_hold(struct parcels *ps, struct handle h);
void parcel_release(struct parcels *ps, struct handle h);
/* A parcel alone, or all pieces from `h` on. */
void parcel_hold_all(struct parcels *ps, struct handle h);
void parcel_release_all(struct parcels *ps, struct handle h);
/* The bytes of all from `h` on. */
size_t parcel_total(const struct parcels *ps, struct handle h);
/* As a frame, at most: a PUSH counts with the longest age, so that what fitted one
 * datagram once fits again however long it took. */
size_t parcel_length(const struct parcel *p);
/* Append the frame as it is to be sent now.  MESH_FULL leaves `out` as it was. */
MESH_MUST_CHECK enum mesh_err parcel_write(
    const struct parcel *p, mesh_time_ms now, struct bytes_out *out);
#endif
