/* meshtrust.h - who we are and which network this is: for key files, ops and tools.
 *
 * Identities are Ed25519 seeds; a network is a founder's key, a salt and a shared key
 * (PROTOCOL.md 1).  Files are text, read and written here, opened by host/statedir.c.
 * Floor 4.  Pure. */
#ifndef MESHTRUST_H
#define MESHTRUST_H
#include "mesh_words.h"

struct mesh_identity { /* secret: wipe with mesh_identity_wipe, never print */
	uint8_t seed[32];
	struct mesh_key key; /* public */
};
enum { MESH_INVITE_ADDRESSES = 6, MESH_INVITE_TEXT_MAX = 400 };
struct mesh_network { /* secret: the keys */
	struct mesh_key founder;
	uint8_t salt[16];
	uint8_t key[32]; /* what this site sends with */
	uint8_t previous[32], next[32];
	uint64_t previous_until_ms, next_after_ms; /* unix_ms */
	bool has_previous, has_next;
	uint8_t id[16]; /* netid, derived */
	bool demo;      /* simulated receptions may enter records only here */
	/* Where the token that led here knocked: others of it are called there, too. */
	struct mesh_path seeds[MESH_INVITE_ADDRESSES];
	size_t seed_count;
};
/* What a token says: where to knock, and the secret that opens once. */
struct mesh_invite { /* secret */
	struct mesh_key founder;
	uint8_t salt[16];
	uint8_t id[8];
	uint8_t secret[16];
	struct mesh_path addresses[MESH_INVITE_ADDRESSES];
	size_t address_count;
	unix_ms expires_ms; /* what the inviter said; those who answer decide */
	bool demo;
	uint8_t netid[16]; /* derived */
};
/* What an operator decides about the network or one site of it; mesh_site_decree. */
enum mesh_decree_kind {
	DECREE_ALLOW = 1,
	DECREE_FORBID, /* takes ALLOW back */
	DECREE_BLOCK,
	DECREE_UNBLOCK,
	DECREE_ADMIN,
	DECREE_UNADMIN,
	DECREE_INVITE,
	DECREE_WITHDRAW, /* an invitation, by its id */
	DECREE_ROTATE,
	DECREE_FORGET /* a site that is not there: here alone, as if never met */
};
struct mesh_decree { /* secret: `key32` */
	enum mesh_decree_kind kind;
	struct mesh_key site; /* ALLOW .. UNADMIN, FORGET */
	uint8_t id[8];        /* INVITE, WITHDRAW */
	uint8_t key32[32];    /* INVITE: the verifier; ROTATE: the new key */
	uint64_t until_ms;    /* INVITE: expires; ROTATE: use after; unix_ms */
	uint16_t uses;        /* INVITE */
	bool purge;           /* BLOCK, admins only: all that it said goes, too */
};

/* An authority's word that a key belongs to a network, between two moments. */
enum { MESH_CERTIFICATE_MAX = 192, MESH_CERTIFICATE_NAME = 32 };
struct mesh_certificate {
	uint8_t netid[16];
	struct mesh_key site;
	char name[MESH_CERTIFICATE_NAME]; /* not yet cleaned, not terminated */
	uint8_t name_len;
	uint8_t roles;            /* told, not yet asked for */
	uint32_t from_s, until_s; /* Unix seconds, both inclusive */
	uint64_t serial;
};
/* Appended.  MESH_MALFORMED: it ends before it begins, or the name is no text. */
MESH_MUST_CHECK enum mesh_err mesh_certificate_sign(const struct mesh_certificate *c,
    const struct mesh_identity *authority, struct bytes_out *out);
/* What it says; who signed it is not looked at.  MESH_MALFORMED. */
MESH_MUST_CHECK enum mesh_err mesh_certificate_read(
    struct bytes_view bytes, struct mesh_certificate *out);
/* MESH_DENIED: of another authority, for another network, or changed. */
MESH_MUST_CHECK enum mesh_err mesh_certificate_check(struct bytes_view bytes,
    const struct mesh_key *authority, const uint8_t netid[static 16],
    struct mesh_certificate *out);
/* A file of it: one line of hex digits. */
MESH_MUST_CHECK enum mesh_err mesh_certificate_of_text(
    struct text_view file, struct bytes_out *bytes);

/* For what holds a secret and has no wipe of its own: a file's text, a decree, a
 * network. */
void mesh_wipe(void *secret, size_t bytes);
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
/* "network" file: INI lines founder, salt, network_key (hex), demo = yes|no, seed = the
 * address and port in hex as on the wire, and what a rotation adds.  On
 * MESH_MALFORMED `complaint` holds "line N: what". */
MESH_MUST_CHECK enum mesh_err mesh_network_read(
    struct text_view file, struct mesh_network *out, struct bytes_out *complaint);
void mesh_network_write(const struct mesh_network *network, struct bytes_out *out);
/* A next key, to be used for sending from then on (unix_ms).  False: nothing new. */
bool mesh_network_offer(
    struct mesh_network *n, const uint8_t key[static 32], uint64_t use_after_ms);
/* The next key becomes the one in use.  False: there is none. */
bool mesh_network_turn(struct mesh_network *n, unix_ms now);
/* Drop the previous key when its time is over.  True: something changed. */
bool mesh_network_forget(struct mesh_network *n, unix_ms now);

/* One line of text without spaces: `meshd1.` and base64url. */
void mesh_invite_write(const struct mesh_invite *invite, struct bytes_out *out);
/* MESH_MALFORMED: this is no token.  MESH_DENIED: it was one; a letter is wrong or
 * missing. */
MESH_MUST_CHECK enum mesh_err mesh_invite_read(
    struct text_view token, struct mesh_invite *out);
void mesh_invite_wipe(struct mesh_invite *invite);
/* What members hold of it: enough to answer, not enough to write the token again. */
void mesh_invite_verifier(const struct mesh_invite *invite, uint8_t out[static 32]);
/* The network that it leads to, once a member has told the key. */
void mesh_invite_network(const struct mesh_invite *invite, const uint8_t key[static 32],
    struct mesh_network *out);

/* PROTOCOL.md 1: first 8 and first 4 bytes of H(pk). */
void mesh_oid(const struct mesh_key *key, uint8_t oid[static 8]);
void mesh_tag(const struct mesh_key *key, uint8_t tag[static 4]);
#endif
