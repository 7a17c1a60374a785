/* inside_own.h - records of ours, from the draft to the signature.  Floor 4.  Pure. */
#ifndef MESH_INSIDE_OWN_H
#define MESH_INSIDE_OWN_H
#include "inside.h"

/* --- append.c: own records --- */
void append_tick(struct mesh_site *s);
mesh_time_ms append_deadline(const struct mesh_site *s);
/* A lane-0 record to everybody or, with `dst`, to one.  `chain` (may be NULL): where
 * its stamps begin. */
enum mesh_err append_draft(struct mesh_site *s, const struct mesh_draft *d,
    uint64_t *seq, struct stamps_chain *chain);
/* The same, if it fits one datagram: MESH_MALFORMED. */
MESH_MUST_CHECK enum mesh_err append_checked(struct mesh_site *s,
    const struct mesh_draft *d, uint64_t *seq, struct stamps_chain *chain);
/* A lane-0 record to everybody; `body` by its table. */
void append_live(struct mesh_site *s, enum live_type type, const struct field_table *t,
    const void *body);
/* A signed lane-0 bundle that is not flooded: beacons. */
MESH_MUST_CHECK enum mesh_err append_sign_live(struct mesh_site *s, enum live_type type,
    struct bytes_view body, struct bytes_out *bundle);

/* Any record of ours. */
MESH_MUST_CHECK enum mesh_err append_record(
    struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq);
void append_live_body(struct mesh_site *s, enum live_type type, struct bytes_view body);
/* As mesh_site_append, for what an earlier epoch of ours said. */
MESH_MUST_CHECK enum mesh_err append_again(
    struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq);
void append_links_changed(struct mesh_site *s);
/* A PUT of ours in the state lane. */
MESH_MUST_CHECK enum mesh_err append_state(struct mesh_site *s, struct bytes_view body);
struct bundle_signer append_signer(const struct mesh_site *s);
/* Number and sign a live draft, and tell nobody; `r` views into `bundle`. */
MESH_MUST_CHECK enum mesh_err append_signed(struct mesh_site *s,
    const struct mesh_draft *d, struct record *r, struct bytes_out *bundle);
/* The record that a draft becomes, without its number. */
struct record append_drafted(const struct mesh_site *s, const struct mesh_draft *d);
/* A parcel of our own bundle, whose first record is `first`. */
struct handle append_parcel(
    struct mesh_site *s, const struct bundle *b, const struct record *first);

/* --- batch.c: own records between number and signature, and until they are safe --- */
/* MESH_FULL: not now.  Afterwards batch_put of so many bytes succeeds. */
MESH_MUST_CHECK enum mesh_err batch_make_room(
    struct mesh_site *s, const struct mesh_draft *d, size_t core_bytes);
void batch_put(struct mesh_site *s, enum mesh_lane lane, struct bytes_view core);
/* Even a lane at rest waits a moment: more is about to be written. */
void batch_gather(struct mesh_site *s, enum mesh_lane lane);
/* Sign what gathered: something else is numbered next.  MESH_FULL: not now. */
MESH_MUST_CHECK enum mesh_err batch_sign(struct mesh_site *s, enum mesh_lane lane);
void batch_tick(struct mesh_site *s);
void batch_close(struct mesh_site *s); /* sign what gathered: we stop */
mesh_time_ms batch_deadline(const struct mesh_site *s);
/* The store answered for a record of ours. */
void batch_stored(struct mesh_site *s, const struct flight *f, enum mesh_err err);

/* --- bulk.c: the same of records that need more than a datagram each --- */
/* Does one gather of that lane?  Then what is small may join. */
bool bulk_gathers(const struct mesh_site *s, enum mesh_lane lane);
/* MESH_FULL: not now.  Afterwards bulk_put of a core of at most so many bytes succeeds.
 */
MESH_MUST_CHECK enum mesh_err bulk_make_room(
    struct mesh_site *s, enum mesh_lane lane, size_t bytes);
void bulk_put(struct mesh_site *s, const struct record *r, struct bytes_view core);
void bulk_sign(struct mesh_site *s); /* what gathered */
void bulk_tick(struct mesh_site *s);
mesh_time_ms bulk_deadline(const struct mesh_site *s);
/* It is stored; `row`: as for spread_flood. */
void bulk_push(struct mesh_site *s, const struct flight *f, uint32_t row);
#endif
