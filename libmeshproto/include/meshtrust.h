/* meshtrust.h - who we are and which network this is: for key files, ops and tools.
 *
 * Identities are Ed25519 seeds; a network is a founder's key, a salt and a shared key
 * (PROTOCOL.md 1).  Files are text, read and written here, opened by host/statedir.c.
 * Floor 4.  Pure. */
#ifndef MESHTRUST_H
#define MESHTRUST_H
#include "types.h"

struct mesh_identity { /* secret: wipe with mesh_identity_wipe, never print */
	uint8_t seed[32];
	struct mesh_key key; /* public */
};
struct mesh_network { /* secret: `key` */
	struct mesh_key founder;
	uint8_t salt[16];
	uint8_t key[32];
	uint8_t id[16]; /* netid, derived */
	bool demo;      /* simulated receptions may enter records only here */
};

/* The identity that belongs to a seed. */
void mesh_identity_of(const uint8_t seed[static 32], struct mesh_identity *out);
void mesh_identity_wipe(struct mesh_identity *identity);
/* "identity.key": the seed, 64 hex digits and a newline. */
MESH_MUST_CHECK enum mesh_err mesh_identity_read(
    struct text_view file, struct mesh_identity *out);
void mesh_identity_write(const struct mesh_identity *identity, struct bytes_out *out);

/* A new network founded by `founder`; `random48` is 16 bytes of salt and 32 of key. */
void mesh_network_of(const struct mesh_key *founder, const uint8_t random48[static 48],
    bool demo, struct mesh_network *out);
/* "network" file: INI lines founder, salt, network_key (hex), demo = yes|no.  On
 * MESH_MALFORMED `complaint` holds "line N: what". */
MESH_MUST_CHECK enum mesh_err mesh_network_read(
    struct text_view file, struct mesh_network *out, struct bytes_out *complaint);
void mesh_network_write(const struct mesh_network *network, struct bytes_out *out);
/* PROTOCOL.md 1: first 8 and first 4 bytes of H(pk). */
void mesh_oid(const struct mesh_key *key, uint8_t oid[static 8]);
void mesh_tag(const struct mesh_key *key, uint8_t tag[static 4]);
#endif
