/* invite.c - invitations as text: mesh_invite_* of meshtrust.h.
 *
 * `meshd1.` and, in base64url, one msgpack array with the first four bytes of its hash
 * behind it, so that a mistyped letter is told from a token that nobody knows.  Source:
 * PROTOCOL.md 12. */
#include "arena.h"
#include "frames.h"
#include "netkey.h"
#include "seal.h"
#include "text.h"
#include "wire.h"

static const char prefix[] = "meshd1.";
enum { CHECK = 4, BYTES_MAX = MESH_INVITE_TEXT_MAX / 4 * 3 };

struct token {
	struct mesh_key founder;
	struct bytes_view salt, id, secret;
	struct list_view addresses; /* struct message_bytes */
	uint64_t expires_s;
	bool demo;
};
/* clang-format off */
static const struct field token_rows[] = {
	FIELD(struct token, founder, UNIT_NONE, FIELD_REQUIRED, 0, 0, "founder"),
	FIELD(struct token, salt, UNIT_NONE, FIELD_REQUIRED, 16, 16, "salt"),
	FIELD(struct token, id, UNIT_NONE, FIELD_REQUIRED, 8, 8, "id"),
	FIELD(struct token, secret, UNIT_NONE, FIELD_REQUIRED | FIELD_SECRET, 16, 16, "secret"),
	FIELD_SUB(struct token, addresses, &message_address_table, FIELD_REQUIRED, 0, MESH_INVITE_ADDRESSES, "where to knock"),
	FIELD(struct token, expires_s, UNIT_S, FIELD_REQUIRED, 0, 0, "expires"),
	FIELD(struct token, demo, UNIT_NONE, FIELD_REQUIRED, 0, 0, "a demonstration's network"),
};
/* clang-format on */
static const struct field_table token_table = { "token", token_rows, LENGTH(token_rows),
	sizeof(struct token), FIELD_NO_HAS, false };

static void
check_of(struct bytes_view body, uint8_t out[static CHECK])
{
	uint8_t hash[SEAL_HASH];
	const struct bytes_view parts[] = { bytes_view(prefix, sizeof prefix - 1),
		body };
	seal_hash_parts(parts, LENGTH(parts), hash);
	memcpy(out, hash, CHECK);
}

static void
name(struct mesh_invite *invite)
{
	struct mesh_network n = { .founder = invite->founder };
	memcpy(n.salt, invite->salt, sizeof n.salt);
	netkey_name_network(&n);
	memcpy(invite->netid, n.id, sizeof invite->netid);
}

/* --- addresses: 4+2 or 16+2 bytes --- */

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static struct bytes_view
address_view(const struct mesh_path *path)
{
	bool v4 = memcmp(path->addr, mapped, sizeof mapped) == 0;
	return v4 ? bytes_view(path->addr + sizeof mapped, 6)
		  : bytes_view(path->addr, sizeof path->addr);
}

static bool
read_address(struct bytes_view v, struct mesh_path *out)
{
	*out = (struct mesh_path){ .iface = 0 };
	memcpy(out->addr, mapped, sizeof mapped);
	if (v.len != 6 && v.len != sizeof out->addr)
		return false;
	memcpy(out->addr + sizeof out->addr - v.len, v.ptr, v.len);
	return true;
}

/* --- text --- */

void
mesh_invite_write(const struct mesh_invite *invite, struct bytes_out *out)
{
	struct message_bytes addresses[MESH_INVITE_ADDRESSES];
	uint8_t room[BYTES_MAX], check[CHECK];
	struct bytes_out bytes = bytes_out(room, sizeof room);
	for (size_t i = 0; i < invite->address_count; i++)
		addresses[i].bytes = address_view(&invite->addresses[i]);
	struct token token = { .founder = invite->founder,
		.salt = bytes_view(invite->salt, sizeof invite->salt),
		.id = bytes_view(invite->id, sizeof invite->id),
		.secret = bytes_view(invite->secret, sizeof invite->secret),
		.addresses = { addresses, invite->address_count },
		.expires_s = (uint64_t)invite->expires_ms / 1000,
		.demo = invite->demo };
	if (wire_encode(&token_table, &token, &bytes) != MESH_OK)
		out->failed = true;
	check_of(bytes_written(&bytes), check);
	bytes_put(&bytes, check, sizeof check);
	text_put(out, prefix);
	text_put_base64url(out, bytes_written(&bytes));
	seal_wipe(room, sizeof room);
}

static enum mesh_err
take(const struct token *token, struct mesh_invite *out)
{
	const struct message_bytes *addresses = token->addresses.items;
	*out = (struct mesh_invite){ .founder = token->founder,
		.expires_ms = (unix_ms)(token->expires_s * 1000),
		.demo = token->demo,
		.address_count = token->addresses.count };
	memcpy(out->salt, token->salt.ptr, sizeof out->salt);
	memcpy(out->id, token->id.ptr, sizeof out->id);
	memcpy(out->secret, token->secret.ptr, sizeof out->secret);
	for (size_t i = 0; i < out->address_count; i++)
		if (!read_address(addresses[i].bytes, &out->addresses[i]))
			return MESH_MALFORMED;
	name(out);
	return seal_is_sound(out->founder.bytes) && token->expires_s < UINT32_MAX * 8ULL
	    ? MESH_OK
	    : MESH_MALFORMED;
}

enum mesh_err
mesh_invite_read(struct text_view text, struct mesh_invite *out)
{
	uint8_t room[BYTES_MAX], check[CHECK];
	_Alignas(16) uint8_t lists[1024];
	struct arena arena = arena_init(lists, sizeof lists);
	struct bytes_out bytes = bytes_out(room, sizeof room);
	struct token token;
	size_t skip = sizeof prefix - 1;
	*out = (struct mesh_invite){ .address_count = 0 };
	if (!text_begins(text, prefix) || text.len > MESH_INVITE_TEXT_MAX)
		return MESH_MALFORMED;
	struct text_view letters = { text.ptr + skip, text.len - skip };
	if (text_base64url_decode(letters, &bytes) != MESH_OK || bytes.len <= CHECK)
		return MESH_DENIED;
	struct bytes_view body = bytes_view(room, bytes.len - CHECK);
	check_of(body, check);
	if (memcmp(check, room + body.len, CHECK) != 0)
		return MESH_DENIED;
	enum mesh_err err = wire_decode(&token_table, body, &token, &arena);
	err = err == MESH_OK ? take(&token, out) : MESH_MALFORMED;
	seal_wipe(room, sizeof room);
	return err;
}

void
mesh_invite_wipe(struct mesh_invite *invite)
{
	seal_wipe(invite, sizeof *invite);
}

void
mesh_invite_verifier(const struct mesh_invite *invite, uint8_t out[static 32])
{
	static const char label[] = "meshd1 invite";
	const struct bytes_view parts[] = {
		bytes_view(label, sizeof label - 1),
		bytes_view(invite->netid, sizeof invite->netid),
		bytes_view(invite->id, sizeof invite->id),
		bytes_view(invite->secret, sizeof invite->secret),
	};
	seal_hash_parts(parts, LENGTH(parts), out);
}

void
mesh_invite_network(const struct mesh_invite *invite, const uint8_t key[static 32],
    struct mesh_network *out)
{
	*out = (struct mesh_network){ .founder = invite->founder,
		.demo = invite->demo,
		.seed_count = invite->address_count };
	memcpy(out->seeds, invite->addresses, sizeof out->seeds);
	memcpy(out->salt, invite->salt, sizeof out->salt);
	memcpy(out->key, key, sizeof out->key);
	netkey_name_network(out);
}
