/* belonging.h - who belongs to the network, as the doors show it: invitations, what
 * operators decide, keys.
 *
 * Made from meshtrust.h by the operations.  Secrets are in `invite_made` alone, which
 * only the answer to a POST carries.  Floor 5.  Pure. */
#ifndef MODEL_BELONGING_H
#define MODEL_BELONGING_H
#include "meshproto.h"
#include "meshtrust.h"
#include "status.h"

enum invite_state { INVITE_OPEN, INVITE_USED, INVITE_EXPIRED, INVITE_WITHDRAWN };
extern const char *const invite_state_words[];
enum { INVITE_ID_TEXT = 16 };
struct address_text { /* bare */
	struct text_view addr;
};
struct invite_made { /* `meshd.invite/1` */
	struct text_view token;
	unix_ms expires_ms;
	uint32_t uses;
	struct text_view id;
	struct list_view addresses; /* struct address_text */
};
struct invite_item { /* `meshd.invites/1` */
	struct text_view id, by;
	struct mesh_key key; /* of `by` */
	uint32_t uses, used;
	unix_ms expires_ms;
	uint8_t state; /* enum invite_state */
};

enum decision_scope { SCOPE_NETWORK, SCOPE_SITE };
extern const char *const decision_scope_words[];
struct decision { /* `meshd.decision/1` */
	struct text_view name;
	struct mesh_key key;
	struct text_view decided; /* allowed, blocked, ... */
	uint8_t scope;            /* enum decision_scope */
};

enum { KEY_ROW_NEXT = 7, KEY_ROW_CERTIFIED = 10 };
struct key_status { /* `meshd.key/1` */
	uint64_t has;
	struct text_view name;
	struct mesh_key key, founder;
	struct text_view network, network_key;
	bool admin;
	uint8_t admission;
	unix_ms next_ms;
	bool waiting, blocked;
	unix_ms certified_ms;
};
struct rotation { /* `meshd.rotation/1` */
	unix_ms use_after_ms;
	struct text_view network_key;
};

struct move_status { /* `meshd.move/1` */
	struct text_view network;
	struct mesh_key founder;
	struct list_view addresses; /* struct address_text */
	unix_ms expires_ms;
	bool demo, moves;
};
extern const struct field_table address_text_table, invite_made_table,
    invite_item_table, decision_table, key_status_table, rotation_table,
    move_status_table;
#endif
