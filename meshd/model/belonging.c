#include "belonging.h"

/* clang-format off */
const char *const invite_state_words[] = { "open", "used", "expired", "withdrawn", NULL };
const char *const decision_scope_words[] = { "network", "site", NULL };

static const struct field address_rows[] = {
	FIELD(struct address_text, addr, UNIT_NONE, 0, 0, 64, "An address and its port."),
};
const struct field_table address_text_table = { "address", address_rows, LENGTH(address_rows),
	sizeof(struct address_text), FIELD_NO_HAS, true };

static const struct field made_rows[] = {
	FIELD(struct invite_made, token, UNIT_NONE, 0, 0, MESH_INVITE_TEXT_MAX, "What the other site joins with; secret: whoever has it may join."),
	FIELD(struct invite_made, expires_ms, UNIT_UNIX_MS, 0, 0, 0, "Nobody joins with it after that."),
	FIELD(struct invite_made, uses, UNIT_COUNT, 0, 0, 0, "How many sites may join with it."),
	FIELD(struct invite_made, id, UNIT_NONE, 0, 0, INVITE_ID_TEXT, "Its name, which is no secret."),
	FIELD_SUB(struct invite_made, addresses, &address_text_table, 0, 0, MESH_INVITE_ADDRESSES, "Where it knocks."),
};
const struct field_table invite_made_table = { "invitation made", made_rows, LENGTH(made_rows),
	sizeof(struct invite_made), FIELD_NO_HAS, false };

static const struct field item_rows[] = {
	FIELD(struct invite_item, id, UNIT_NONE, 0, 0, INVITE_ID_TEXT, "Its name."),
	FIELD(struct invite_item, by, UNIT_NONE, 0, 0, 48, "The site that made it."),
	FIELD(struct invite_item, key, UNIT_NONE, 0, 0, 0, "That site's public key."),
	FIELD(struct invite_item, uses, UNIT_COUNT, 0, 0, 0, "How many sites may join with it."),
	FIELD(struct invite_item, used, UNIT_COUNT, 0, 0, 0, "How many did."),
	FIELD(struct invite_item, expires_ms, UNIT_UNIX_MS, 0, 0, 0, "Nobody joins with it after that."),
	FIELD_WORDS(struct invite_item, state, 0, invite_state_words, "Whether somebody can still join with it."),
};
const struct field_table invite_item_table = { "invitation", item_rows, LENGTH(item_rows),
	sizeof(struct invite_item), FIELD_NO_HAS, false };

static const struct field decision_rows[] = {
	FIELD(struct decision, name, UNIT_NONE, 0, 0, 48, "The site it is about."),
	FIELD(struct decision, key, UNIT_NONE, 0, 0, 0, "Its public key."),
	FIELD(struct decision, decided, UNIT_NONE, 0, 0, 16, "What holds now."),
	FIELD_WORDS(struct decision, scope, 0, decision_scope_words, "Where: an admin decides for the network, others for their own site."),
};
const struct field_table decision_table = { "decision", decision_rows, LENGTH(decision_rows),
	sizeof(struct decision), FIELD_NO_HAS, false };

static const struct field key_rows[] = {
	FIELD(struct key_status, name, UNIT_NONE, 0, 0, 48, "This site."),
	FIELD(struct key_status, key, UNIT_NONE, 0, 0, 0, "Its public key: what others call it by."),
	FIELD(struct key_status, founder, UNIT_NONE, 0, 0, 0, "The network's founder, its first admin."),
	FIELD(struct key_status, network, UNIT_NONE, 0, 0, 32, "The network's id."),
	FIELD(struct key_status, network_key, UNIT_NONE, 0, 0, 16, "The network's key in use, by its hash: the same at all sites."),
	FIELD(struct key_status, admin, UNIT_NONE, 0, 0, 0, "This site may decide for the network."),
	FIELD_WORDS(struct key_status, admission, 0, admission_words, "Who is let in here: [mesh] admission."),
	FIELD(struct key_status, next_ms, UNIT_UNIX_MS, 0, 0, 0, "From when the next key is used."),
	FIELD(struct key_status, waiting, UNIT_NONE, 0, 0, 0, "A next key is named, and has not come here yet."),
	FIELD(struct key_status, blocked, UNIT_NONE, 0, 0, 0, "An admin of the network has put this site out."),
	FIELD(struct key_status, certified_ms, UNIT_UNIX_MS, 0, 0, 0, "When this site's certificate ends."),
};
const struct field_table key_status_table = { "key", key_rows, LENGTH(key_rows),
	sizeof(struct key_status), offsetof(struct key_status, has), false };

static const struct field rotation_rows[] = {
	FIELD(struct rotation, use_after_ms, UNIT_UNIX_MS, 0, 0, 0, "From then on the new key is used; the old one is understood for a week more."),
	FIELD(struct rotation, network_key, UNIT_NONE, 0, 0, 16, "The new key's hash, as `key show` will have it."),
};
const struct field_table rotation_table = { "rotation", rotation_rows, LENGTH(rotation_rows),
	sizeof(struct rotation), FIELD_NO_HAS, false };

static const struct field move_rows[] = {
	FIELD(struct move_status, network, UNIT_NONE, 0, 0, 32, "The network that this site goes to, by its id."),
	FIELD(struct move_status, founder, UNIT_NONE, 0, 0, 0, "Who founded it."),
	FIELD_SUB(struct move_status, addresses, &address_text_table, 0, 0, MESH_INVITE_ADDRESSES, "Where the token knocks."),
	FIELD(struct move_status, expires_ms, UNIT_UNIX_MS, 0, 0, 0, "When the token ends; 0: it has no end."),
	FIELD(struct move_status, demo, UNIT_NONE, 0, 0, 0, "A demonstration's network."),
	FIELD(struct move_status, moves, UNIT_NONE, 0, 0, 0, "meshd restarts itself there now; false: nothing was done."),
};
const struct field_table move_status_table = { "move", move_rows, LENGTH(move_rows),
	sizeof(struct move_status), FIELD_NO_HAS, false };
/* clang-format on */
