/* inside_events.h - what the store and the host are told, and what they answer.
 * Floor 4.  Pure. */
#ifndef MESH_INSIDE_EVENTS_H
#define MESH_INSIDE_EVENTS_H
#include "inside.h"

/* --- events.c --- */
/* Queue the record that is core `index` of the parcel's.  Requires: a free slot. */
struct flight *events_flight(
    struct mesh_site *s, const struct record *r, struct handle parcel, size_t index);
/* The same, told before all others but `before` and those in front of it (index + 1; 0:
 * none): it is read in the cargo's buffer, which they may need. */
struct flight *events_flight_behind(
    struct mesh_site *s, uint32_t before, const struct record *r);
/* The same, not queued yet. */
struct flight *events_hold(
    struct mesh_site *s, const struct record *r, struct handle parcel, size_t index);
/* Numbers that a page of a keyed lane proved dead, the last of them at `at`. */
void events_settle(
    struct mesh_site *s, const struct mesh_position *at, uint64_t claims);
struct want *events_want(struct mesh_site *s, uint64_t ticket); /* NULL: stale */
/* What sketching_next gave; false: another kind of ticket. */
bool events_sketch(uint64_t ticket, struct handle *what);
void events_late(struct mesh_site *s, struct flight *f); /* it is history */
void events_return(struct mesh_site *s);                 /* what was lent for reading */
void events_queue(struct mesh_site *s, struct handle flight); /* to be told */
/* The last word on a record of ours; events_end_flight follows. */
void events_own_outcome(struct mesh_site *s, const struct flight *f, enum mesh_err err,
    const struct mesh_live *live);
void events_end_flight(struct mesh_site *s, struct handle flight);
void events_notice(
    struct mesh_site *s, enum mesh_notice code, const struct mesh_key *site);
void events_quota(struct mesh_site *s, const struct mesh_position *at);
void events_cloned(
    struct mesh_site *s, const struct mesh_key *by, const struct mesh_path *addr);

/* --- flying.c: what is on its way to the disk, by its number --- */
void flying_add(struct mesh_site *s, struct flight *f);
void flying_remove(struct mesh_site *s, const struct flight *f); /* it was added */
/* Verified, handed out, and its store has not answered yet. */
bool flying_has(const struct mesh_site *s, const struct mesh_position *at);

/* --- kept.c: rows of peers, on the disk and told --- */
#define KEPT_WORDS(peers) (((size_t)(peers) + 63) / 64)
void kept_load(struct mesh_site *s, struct bytes_view key, struct bytes_view body);
/* After a row has changed: it is told, or kept, if its flags say so. */
void kept_news(struct mesh_site *s, const struct peer *p);
void kept_all_news(struct mesh_site *s);
/* The next event but for its ticket; MESH_KEEP wants one of that row, or index. */
bool kept_next(struct mesh_site *s, struct mesh_event *out, uint32_t *row);
bool kept_next_forgotten(struct mesh_site *s, struct mesh_event *out, uint32_t *index);
void kept_outcome(struct mesh_site *s, struct handle row, enum mesh_err err);
void kept_forgotten_outcome(struct mesh_site *s, uint32_t index, enum mesh_err err);
/* Empty the row of a removed site.  False: those before are not kept yet. */
bool kept_forget(struct mesh_site *s, const struct mesh_key *key);
void kept_offer_forgotten(struct mesh_site *s); /* those that the disk refused */

/* --- refusals.c: what the store refused --- */
/* A record of ours: it waits until all that was given out is decided. */
void refusals_note(struct mesh_site *s, struct flight *f, enum mesh_err err);
void refusals_decide(struct mesh_site *s, enum mesh_lane lane); /* is it by now? */
void refusals_of_row(struct mesh_site *s); /* marked unkept again */
void refusals_tick(struct mesh_site *s);
mesh_time_ms refusals_deadline(const struct mesh_site *s);
#endif
