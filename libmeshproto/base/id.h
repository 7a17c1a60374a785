/* id.h - everything an operator can name, in one tagged value.
 *
 * Text forms (ARCHITECTURE.md): Meshtastic node `!a1b2c3d4`; MeshCore node `mcn:` and
 * 12 to 64 hex digits; simulated node `~a1b2c3d4`; site: 64 hex digits of its key;
 * packet `mt:a1b2c3d4:0badcafe`, `mc:HASH16`, `sim:a1b2c3d4:0badcafe`; record
 * `KEY8/lane/epoch/seq` is not an id; alert 32 hex digits, entry `hash:HEX`, radio
 * `radio:NAME`.  Zero is "no id" (ID_NONE).  Floor 0.  Pure. */
#ifndef MESH_ID_H
#define MESH_ID_H
#include "bytes.h"

enum id_kind {
	ID_NONE,
	ID_SITE,       /* 32 bytes, Ed25519 key */
	ID_MT_NODE,    /* 4 bytes, big-endian node number */
	ID_MC_NODE,    /* 32 bytes, or a prefix of 6 or more */
	ID_SIM_NODE,   /* 4 bytes */
	ID_MT_PACKET,  /* 8 bytes: from, id, big-endian */
	ID_MC_PACKET,  /* 8 bytes: packet hash */
	ID_SIM_PACKET, /* 8 bytes: from, id */
	ID_HASH,       /* 4..32 bytes: registry entry */
	ID_ALERT,      /* 16 bytes: hash of kind, subject, rule */
	ID_RADIO,      /* 1..32 bytes of text: a radio's name */
};
enum { ID_TEXT_MAX = 80 };

struct id id_make(enum id_kind kind, const void *bytes, size_t len);
struct id id_of_node(enum id_kind kind, uint32_t number);
struct id id_of_packet(enum id_kind kind, uint32_t from, uint32_t packet);
struct id id_of_key(const struct mesh_key *key);
uint32_t id_number(const struct id *id); /* first four bytes, big-endian */
bool id_is(const struct id *id);         /* kind is not ID_NONE */

/* House.md 5: these four and no others turn ids to text and back. */
MESH_MUST_CHECK enum mesh_err id_parse(struct text_view text, struct id *out);
void id_print(const struct id *id, struct bytes_out *out);
bool id_equal(const struct id *a, const struct id *b);
/* Keyed by the caller, so that strangers cannot crowd a table. */
uint64_t id_hash(const struct id *id, uint64_t key);

bool key_equal(const struct mesh_key *a, const struct mesh_key *b);
int key_compare(const struct mesh_key *a, const struct mesh_key *b);
void key_print_short(const struct mesh_key *key, struct bytes_out *out); /* 8 hex */
#endif
