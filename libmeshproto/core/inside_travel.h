/* inside_travel.h - records and frames on their way.  Floor 4.  Pure. */
#ifndef MESH_INSIDE_TRAVEL_H
#define MESH_INSIDE_TRAVEL_H
#include "inside.h"

/* --- apply.c: frames and live records, by table --- */
struct apply_input { /* one frame of an opened datagram */
	struct neighbour *n;
	struct handle session;
	const struct mesh_path *from;
	const struct envelope_frame *frame;
};
enum apply_verdict {
	APPLY_DONE,    /* decided, for good or bad */
	APPLY_PENDING, /* not decided: the other shall send it again */
	APPLY_BAD,     /* no well-formed message */
};
enum apply_verdict apply_frame(struct mesh_site *s, const struct apply_input *in);
struct apply_record {         /* a verified lane-0 record */
	struct handle origin; /* peer */
	const struct record *record;
	const struct envelope_hop *hop; /* as it came */
	const struct neighbour *from;
	struct handle parcel; /* the same record as we send it on */
};
void apply_live(struct mesh_site *s, const struct apply_record *in);

/* --- spread.c: records on their way to neighbours --- */
bool spread_has_room(const struct mesh_site *s); /* for one more parcel of records */
/* Does a bundle of so many bytes fit one datagram with the longest trail on its way? */
bool spread_fits(enum mesh_lane lane, uint16_t type, size_t bundle_bytes);
/* By what a core is known again.  A long one by its leaf: whoever verifies it needs
 * that in any case, and two passes over all of it cost more than one. */
enum { SPREAD_LONG = 512 };
struct dedup_mark spread_core_mark(const struct mesh_site *s, struct bytes_view core);
/* The same; from SPREAD_LONG bytes on it also says the leaf, else leaves it as it is.
 */
struct dedup_mark spread_leaf_mark(
    const struct mesh_site *s, struct bytes_view core, struct merkle_hash *leaf);
/* What tells whether a neighbour has this bundle: its one core, or all of them. */
struct dedup_mark spread_mark(const struct mesh_site *s, const struct bundle *b);
/* A parcel of the bundle as this site sends it on, by its first record; one reference.
 * Generation 0: no slot, or too large. */
struct handle spread_parcel(struct mesh_site *s, const struct record *r,
    const struct envelope_hop *hop, const struct dedup_mark *mark);
/* Empty: no such parcel. */
struct bytes_view spread_bundle(const struct mesh_site *s, struct handle parcel);
/* The chosen of the cores in a parcel, with their proof and the same hop fields:
 * another parcel, or one more reference if all are chosen.  Generation 0: no slot. */
struct handle spread_piece(struct mesh_site *s, struct handle parcel, uint64_t chosen);
/* A record of more than a datagram, with its hop fields as it goes on. */
struct spread_large {
	const struct record *record;
	struct envelope_hop hop;
	struct dedup_mark mark;
};
/* Its pieces for links of that limit: parcel_release_all.  Generation 0: no slots. */
struct handle spread_cut(
    struct mesh_site *s, const struct spread_large *large, size_t limit);
/* How long a frame to that neighbour may be (mtu.h), and the least of all. */
size_t spread_limit_of(const struct mesh_site *s, const struct neighbour *n);
size_t spread_limit(const struct mesh_site *s);
/* That limit as it is now; if it has become less, what waits is cut anew. */
size_t spread_width(struct mesh_site *s, struct neighbour *n);
/* Like spread_flood. */
void spread_large(struct mesh_site *s, const struct spread_large *large, uint32_t row,
    const struct neighbour *but);
/* The same of a record of ours, whose pieces were cut before. */
void spread_pieces(
    struct mesh_site *s, struct handle pieces, enum mesh_lane lane, uint32_t row);
/* Queue a parcel, in pieces if its way is that narrow, or all pieces from it on.
 * False: shed. */
bool spread_put(struct mesh_site *s, struct neighbour *n, struct handle parcel);
/* To all neighbours but one, and of P1 but those who get it from others; `row`: the
 * origin's (branch_row). */
void spread_flood(struct mesh_site *s, struct handle parcel, uint32_t row,
    const struct neighbour *but);
/* To one whose link came later than the record, unless it has it or is on its way. */
void spread_again(struct mesh_site *s, struct neighbour *n, struct handle parcel);
void spread_frame(struct mesh_site *s, struct neighbour *n, uint8_t number,
    const struct field_table *t, const void *frame);
/* Some of what a new neighbour has to know, if there is any left. */
void spread_news(struct mesh_site *s, struct neighbour *n);

/* --- recent.c: what was pushed a moment ago --- */
/* A parcel of records, the first of which is `r`. */
void recent_note(struct mesh_site *s, const struct record *r, struct handle parcel);
void recent_tell(struct mesh_site *s, struct neighbour *n); /* it was just started */
void recent_tick(struct mesh_site *s);

/* --- branch.c: along which links the records of an origin travel --- */
enum { BRANCH_NONE = UINT32_MAX }; /* no origin we know */
uint32_t branch_row(const struct mesh_site *s, const struct mesh_key *origin);
uint32_t branch_of(const struct mesh_site *s, const struct record *r); /* its tree */
/* Shall it have a copy of this origin's records? */
bool branch_wants(const struct mesh_site *s, uint32_t row, const struct neighbour *n);
/* PRUNE. */
void branch_told(
    struct mesh_site *s, const struct neighbour *n, struct bytes_view oid, bool spare);
/* It brought a record that is new, or one that we have. */
void branch_news(
    struct mesh_site *s, const struct neighbour *n, const struct record *r);
void branch_copy(struct mesh_site *s, struct neighbour *n,
    const struct mesh_position *at, uint32_t age_ms);
void branch_end(struct mesh_site *s, uint32_t row); /* everybody shall send again */
/* Our store begins to refuse: all that were asked to stop shall send again. */
void branch_distrust(struct mesh_site *s);
void branch_lost(struct mesh_site *s, const struct neighbour *n); /* silent or gone */

/* --- cargo.c: frames of more than one datagram --- */
enum apply_verdict cargo_on_frag(struct mesh_site *s, const struct apply_input *in);
/* A record of ours that needs more than a datagram.  MESH_FULL: not now.
 * MESH_MALFORMED: too long even so (tx.too_large), or a bad body. */
MESH_MUST_CHECK enum mesh_err cargo_append(
    struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq);
/* Is nothing read there, or is this bundle of the page that came with what is? */
bool cargo_takes(const struct mesh_site *s, struct bytes_view bundle);
/* A record that cargo_takes: its flight, to be told before all that was not yet, but
 * behind those of the same page. */
struct flight *cargo_flight(struct mesh_site *s, const struct record *r,
    struct bytes_view proof, const uint8_t leaf[static MERKLE_HASH]);
void cargo_return(struct mesh_site *s, struct flight *f); /* read */
/* The same of one that is kept in parcels, beside what is read already.  False: no
 * room until that is done. */
bool cargo_show(struct mesh_site *s, struct flight *f);
/* The record that this flight is to read there. */
bool cargo_record(
    const struct mesh_site *s, const struct flight *f, struct mesh_record *out);
/* A bundle that is kept in parcels, until the next input.  False: not now. */
bool cargo_read(struct mesh_site *s, struct handle stored, struct bytes_view *bundle);
/* Lying there, from now on if it did not before.  Empty: somebody reads there. */
struct bytes_view cargo_copy(struct mesh_site *s, struct bytes_view what);
/* The same for what is read at once.  False: it lies elsewhere. */
bool cargo_lend(struct mesh_site *s, struct bytes_view body);
void cargo_take_back(struct mesh_site *s);
/* A bundle of more than a datagram, kept in parcels: parcel_release_all.  Generation 0:
 * no slots. */
struct handle cargo_store(struct mesh_site *s, struct bytes_view bundle);
/* Copy it out; how long it is, at most `cap`. */
size_t cargo_load(
    const struct mesh_site *s, struct handle stored, uint8_t *out, size_t cap);
/* From now on its first piece is enough to know it. */
void cargo_note(struct mesh_site *s, const struct bundle *b, const struct record *r,
    const struct dedup_mark *mark);

/* --- routing.c: records for one site, from hop to hop --- */
void routing_init(struct mesh_site *s);
/* `from` NULL: ours. */
void routing_send(struct mesh_site *s, const struct mesh_key *to, struct handle parcel,
    const struct neighbour *from);
/* What is asked by `origin` came by `from`: that way its answers go back. */
void routing_came(
    struct mesh_site *s, struct handle origin, const struct neighbour *from);
/* A copy came back from `n`: perhaps because it has nobody to hand it to. */
void routing_returned(
    struct mesh_site *s, struct neighbour *n, const struct dedup_mark *mark);
void routing_tick(struct mesh_site *s);
mesh_time_ms routing_deadline(const struct mesh_site *s);
/* Our stamp on what goes on, if it wants one; `room` then holds all of them. */
void routing_stamp(struct mesh_site *s, const struct record *r,
    const struct neighbour *from, struct envelope_hop *next, struct bytes_out *room);

/* --- asking.c: questions and answers --- */
void asking_init(struct mesh_site *s, void *block);
void asking_take(struct mesh_site *s, const struct apply_record *in);
bool asking_next(struct mesh_site *s, struct mesh_event *out);
void asking_return(struct mesh_site *s); /* what was lent for reading */

/* --- echo.c: how far, which way, how long --- */
void echo_answer(struct mesh_site *s, const struct apply_record *in, uint64_t number);
/* What a reply says about the way. */
void echo_read(const struct mesh_site *s, const struct question *q,
    const struct apply_record *in, const struct live_echo_reply *reply,
    struct mesh_echo *out);

/* --- emit.c --- */
void emit_urgent(
    struct mesh_site *s, const struct mesh_path *to, struct bytes_view datagram);
void emit_close(struct mesh_site *s, struct handle session, enum close_reason reason);
void emit_path(struct mesh_site *s, struct handle session, enum frame_number frame,
    const struct mesh_path *to, struct bytes_view token);
mesh_time_ms emit_deadline(const struct mesh_site *s);
#endif
