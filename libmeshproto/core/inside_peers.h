/* inside_peers.h - who is a neighbour: met, called, found, watched, lost.  Floor 4.
 * Pure. */
#ifndef MESH_INSIDE_PEERS_H
#define MESH_INSIDE_PEERS_H
#include "inside_travel.h"

/* --- newcomers.c: who may come in --- */
/* Would it be admitted, who shows the network's key at that address (NULL: by a record
 * that others bring)?  May give the row of another to it. */
bool newcomers_would(
    struct mesh_site *s, const struct mesh_key *key, const struct mesh_path *from);
/* The same of the origin of a record, before anything of it is verified. */
bool newcomers_might(const struct mesh_site *s, const struct mesh_key *key);
bool newcomers_admit(
    struct mesh_site *s, const struct mesh_key *key, const struct mesh_path *from);

/* --- peering.c: who is met, lost, dead, called --- */
void peering_forget(struct mesh_site *s, struct handle evicted); /* its row is gone */
struct handle peering_row(struct mesh_site *s, const struct mesh_key *key);
void peering_known(struct mesh_site *s, struct handle peer); /* now it is met */
void peering_alive(struct mesh_site *s, struct handle peer);
/* It is alive, and said so `age_ms` ago. */
void peering_proof(struct mesh_site *s, struct handle peer, uint32_t age_ms);
void peering_dead(
    struct mesh_site *s, struct handle peer, enum mesh_peer_reason reason);
void peering_accuse(struct mesh_site *s, struct handle peer);
/* A handshake is done. */
void peering_met(struct mesh_site *s, const struct session_start *start);
/* Its certificate came, in a session that waited for it; that session now, generation
 * 0: gone. */
struct handle peering_certified(struct mesh_site *s, struct handle session);
void peering_part(struct mesh_site *s, struct neighbour *n); /* forget the session */
void peering_left(struct mesh_site *s, struct neighbour *n); /* CLOSE: stopping */
/* It is silent here, and heard elsewhere. */
void peering_quit(struct mesh_site *s, struct handle peer);
/* A witness spoke: row, or SUSPECT_SELF. */
void peering_suspect(struct mesh_site *s, struct handle peer, uint32_t witness);
void peering_back(struct mesh_site *s, struct neighbour *n); /* no longer silent */
/* Out, at once: nothing but its ACKs is heard.  What is queued for it, the word that
 * put it out, still goes, and again if it is lost; then the session ends. */
void peering_block(
    struct mesh_site *s, struct handle peer, enum mesh_peer_reason reason);
void peering_readmit(struct mesh_site *s, struct handle peer); /* no longer blocked */
/* Whoever measures found that it takes and does not give: another gets its slot. */
/* Names its list fewer than one chooses, and `but` more?  Or is there none of this
 * life? */
bool peering_is_poor(const struct mesh_site *s, struct handle peer, uint32_t but);
void peering_blame(struct mesh_site *s, struct handle peer);
/* A walk over the links found it that far away, or not at all. */
void peering_reached(struct mesh_site *s, uint32_t row, uint8_t hops);
/* Has the other shown that it has the keys?  Before, HS3 may be lost and what we say
 * would be for nobody. */
bool peering_is_open(const struct mesh_site *s, const struct neighbour *n);
bool peering_can(const struct mesh_site *s, const struct neighbour *n,
    enum inside_feature what); /* agreed in the handshake */
struct neighbour *peering_neighbour(const struct mesh_site *s, struct handle peer);
struct neighbour *peering_walk(const struct mesh_site *s, uint32_t *index);

/* --- surplus.c: sessions that neither side needs --- */
enum { SURPLUS_MS = 10 * 1000 }; /* between two looks */
void surplus_tick(struct mesh_site *s);
mesh_time_ms surplus_deadline(const struct mesh_site *s);

/* --- calling.c: who is to be called, and when --- */
void calling_dial(struct mesh_site *s, struct handle peer, mesh_time_ms start_ms);
/* A beacon of a new life. */
/* Would we call it, if it were time? */
bool calling_wants(const struct mesh_site *s, struct handle peer);
void calling_met(struct mesh_site *s, struct handle peer);
void calling_again(struct mesh_site *s, const struct session *session); /* new keys */
void calling_call(struct mesh_site *s, const struct handshake_target *target);
void calling_review(struct mesh_site *s); /* whom we choose, now */
void calling_tick(struct mesh_site *s);
void calling_ourselves(struct mesh_site *s, const struct mesh_path *path);

/* --- finding.c: addresses, as each site signs its own --- */
bool finding_is_addresses(const struct record *r); /* a PUT of mesh.addr */
void finding_learn(struct mesh_site *s, struct handle row, const struct record *r);
void finding_observed(struct mesh_site *s, const struct session *session);
void finding_anew(struct mesh_site *s);    /* our log has begun anew: say it again */
void finding_changed(struct mesh_site *s); /* maybe: mesh.addr is to be written */
void finding_tick(struct mesh_site *s);
/* Another address of it is known: to be persisted, not at once. */
void finding_moved(struct mesh_site *s, struct peer *p);
void finding_keep(struct mesh_site *s); /* now: we stop */
/* Our addresses are to be written soon; write them now, with what is being written. */
bool finding_is_near(const struct mesh_site *s);
void finding_along(struct mesh_site *s);

/* --- leads.c: addresses that a neighbour vouches for; PEERS and PUNCH --- */
/* It sent us so much: that pays for calls. */
void leads_heard(struct mesh_site *s, struct neighbour *n, size_t bytes);
void leads_part(struct mesh_site *s, struct neighbour *n); /* what it told is void */
/* Tell a new neighbour of others.  False: no slot, later. */
bool leads_tell(struct mesh_site *s, struct neighbour *n);
/* The address of one who may show a certificate. */
void leads_candidate(
    struct mesh_site *s, const struct mesh_path *path, const struct mesh_key *key);
void leads_ask(struct mesh_site *s, struct handle peer); /* for a PUNCH */
enum apply_verdict leads_peers(struct mesh_site *s, const struct apply_input *in);
enum apply_verdict leads_punch(struct mesh_site *s, const struct apply_input *in);

/* --- hail.c: beacons --- */
bool hail_make(struct mesh_site *s, struct bytes_out *datagram);
uint32_t hail_known(const struct mesh_site *s, uint16_t iface); /* O(peers) */
void hail_receive(
    struct mesh_site *s, const struct envelope *env, const struct mesh_path *from);

/* --- receive.c --- */
void receive_stranger(struct mesh_site *s, const struct mesh_path *from);
/* One who has the network's key and is not admitted: counted, listed, no more. */
void receive_candidate(
    struct mesh_site *s, const struct mesh_path *from, const struct mesh_key *key);

/* --- watch.c: is everybody still there, are we --- */
void watch_begin(struct mesh_site *s, struct neighbour *n);
void watch_tick(struct mesh_site *s, mesh_time_ms late);
void watch_heard(struct mesh_site *s, struct neighbour *n); /* a session datagram */
void watch_used(struct mesh_site *s, struct neighbour *n);  /* by PING or PONG */
enum apply_verdict watch_probe(struct mesh_site *s, const struct apply_input *in);
enum apply_verdict watch_probed(struct mesh_site *s, const struct apply_input *in);
mesh_time_ms watch_deadline(const struct mesh_site *s);
#endif
