/* inside_trust.h - who is let in, who is out, and who is two.  Floor 4.  Pure. */
#ifndef MESH_INSIDE_TRUST_H
#define MESH_INSIDE_TRUST_H
#include "inside_travel.h"

/* --- ruling.c: the control lane takes effect --- */
void ruling_load(struct mesh_site *s, struct bytes_view key, struct bytes_view body);
void ruling_start(struct mesh_site *s); /* all is loaded */
void ruling_sort(struct mesh_site *s);  /* who is out is so at once */
/* A record of the control lane holds from now on; `bundle` is its proof. */
void ruling_take(struct mesh_site *s, const struct record *r, struct bytes_view bundle);
/* By somebody who is out, and not from before. */
bool ruling_is_cut_off(const struct mesh_site *s, const struct record *r);
/* Our own word, as a record. */
MESH_MUST_CHECK enum mesh_err ruling_say(
    struct mesh_site *s, const struct clause *c, uint64_t *seq);
/* The next row to keep and its slot; and what became of it. */
bool ruling_next_keep(struct mesh_site *s, struct bytes_out *key,
    struct bytes_out *body, uint32_t *index);
void ruling_kept(struct mesh_site *s, uint32_t index, enum mesh_err err);

/* --- certs.c: an authority admits --- */
void certs_start(
    struct mesh_site *s, const struct mesh_params *p, struct introduce *told);
uint32_t certs_until_s(const struct mesh_site *s); /* ours; 0: none */
enum mesh_certified certs_standing(const struct mesh_site *s);
/* What was kept of a site: the authority, and its time. */
void certs_load(struct mesh_site *s, const struct mesh_key *key, struct bytes_view by,
    uint32_t from_s, uint32_t until_s);
/* A handshake with one whose certificate we do not have; it says that it has one. */
void certs_met(struct mesh_site *s, const struct session_start *start);
/* HS3 again: our CERT was lost. */
void certs_again(struct mesh_site *s, uint32_t sid_local);
/* Data in such a session.  True: it is a member's now, `got->session`, and its frames
 * are to be looked at. */
bool certs_data(
    struct mesh_site *s, struct session_opened *got, const struct mesh_path *from);
/* A site refuses ours: CLOSE with that reason. */
void certs_refused(struct mesh_site *s, const struct mesh_key *by, uint8_t reason);
void certs_show(struct mesh_site *s, struct neighbour *n); /* ours, to a new session */
enum apply_verdict certs_on_frame(struct mesh_site *s, const struct apply_input *in);
/* A beacon by one of whom we have no certificate, and who may have one. */
bool certs_would_look(const struct mesh_site *s, const struct mesh_key *key);
void certs_look(
    struct mesh_site *s, const struct mesh_path *from, const struct mesh_key *key);
/* Is it the certificate of its origin, and does it let it in? */
bool certs_is_shown(struct mesh_site *s, const struct record *r);
bool certs_take(struct mesh_site *s, const struct record *r); /* false: none */
/* Our log has begun anew: ours is to be written again. */
void certs_anew(struct mesh_site *s);
void certs_tick(struct mesh_site *s);
mesh_time_ms certs_deadline(const struct mesh_site *s);

/* --- rekey.c: the network's key is replaced --- */
void rekey_settle(struct mesh_site *s); /* the charter changed */
/* Our operator's next key: it is told, and goes to the file, once the record that names
 * it is stored; a cut before that leaves the old key alone. */
void rekey_draw(struct mesh_site *s, const uint8_t key[static 32]);
void rekey_heard(struct mesh_site *s, const uint8_t hint[static 4]);
enum apply_verdict rekey_on_ask(struct mesh_site *s, const struct apply_input *in);
enum apply_verdict rekey_on_key(struct mesh_site *s, const struct apply_input *in);
void rekey_tick(struct mesh_site *s);
mesh_time_ms rekey_deadline(const struct mesh_site *s);
bool rekey_next_file(struct mesh_site *s, struct bytes_out *file);
void rekey_file_kept(struct mesh_site *s, enum mesh_err err);

/* --- guests.c: invitations --- */
void guests_start(struct mesh_site *s);
void guests_member_door(
    const struct mesh_site *s, const struct netkey *keys, struct handshake_door *out);
/* The door that a hint names.  False: a stranger's. */
bool guests_door(const struct mesh_site *s, const uint8_t hint[static 4],
    struct handshake_door *out);
/* May the handshake be finished? */
bool guests_would(struct mesh_site *s, const struct session_start *start);
void guests_met(struct mesh_site *s, const struct session_start *start);
void guests_data(struct mesh_site *s, const struct session_opened *got);
void guests_tick(struct mesh_site *s);
mesh_time_ms guests_deadline(const struct mesh_site *s);
bool guests_next_join(struct mesh_site *s, struct mesh_event *out);

/* --- lives.c: two lives of one key --- */
void lives_note(struct mesh_site *s, const struct apply_record *in); /* a REFUTE */
/* Refused for its older boot: show it the newer life. */
void lives_show(struct mesh_site *s, const struct session_start *start);
/* Its last list of links is by another life with the same boot. */
bool lives_differ(const struct mesh_site *s, const struct neighbour *n);
void lives_say(struct mesh_site *s);    /* to all neighbours: this is our boot */
void lives_refute(struct mesh_site *s); /* the same, unless it was just said */
void lives_tick(struct mesh_site *s);

/* --- fork.c: two records under one number --- */
/* Its number is held, its bytes were never seen. */
void fork_suspect(
    struct mesh_site *s, const struct record *r, struct bytes_view bundle);
void fork_heard(struct mesh_site *s, const struct record *r); /* a verified LIVE_FORK */
void fork_load(struct mesh_site *s, const struct mesh_position *at);
void fork_supplied(struct mesh_site *s, struct want *w,
    const struct mesh_record *records, size_t count);
void fork_supply_end(struct mesh_site *s, struct want *w, uint64_t upto);
void fork_tick(struct mesh_site *s);
mesh_time_ms fork_deadline(const struct mesh_site *s);

/* --- proofs.c: known forks, for those who were away --- */
void proofs_keep(
    struct mesh_site *s, const struct mesh_position *at, struct bytes_view body);
struct bytes_view proofs_of(const struct mesh_site *s, const struct mesh_position *at);
/* To a neighbour of late.  False: no slot, later. */
bool proofs_tell(struct mesh_site *s, struct neighbour *n);
/* A neighbour told it to us alone: to the others. */
void proofs_pass_on(struct mesh_site *s, struct bytes_view body);
#endif
