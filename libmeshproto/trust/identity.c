#include "bytes.h"
#include "meshtrust.h"
#include "seal.h"
#include "text.h"

void
mesh_identity_of(const uint8_t seed[static 32], struct mesh_identity *out)
{
	memcpy(out->seed, seed, sizeof out->seed);
	seal_public_of(seed, out->key.bytes);
}

void
mesh_wipe(void *secret, size_t bytes)
{
	seal_wipe(secret, bytes);
}

void
mesh_identity_wipe(struct mesh_identity *identity)
{
	seal_wipe(identity, sizeof *identity);
}

static struct text_view
trimmed(struct text_view v)
{
	while (v.len > 0 && strchr(" \t\r\n", v.ptr[v.len - 1]) != NULL)
		v.len--;
	while (v.len > 0 && strchr(" \t\r\n", v.ptr[0]) != NULL) {
		v.ptr++;
		v.len--;
	}
	return v;
}

enum mesh_err
mesh_identity_read(struct text_view file, struct mesh_identity *out)
{
	uint8_t seed[32];
	struct bytes_out o = bytes_out(seed, sizeof seed);
	enum mesh_err err = text_hex_decode(trimmed(file), &o);

	if (err == MESH_OK && o.len == sizeof seed)
		mesh_identity_of(seed, out);
	else
		err = MESH_MALFORMED;
	seal_wipe(seed, sizeof seed);
	return err;
}

void
mesh_identity_write(const struct mesh_identity *identity, struct bytes_out *out)
{
	text_put_hex(out, bytes_view(identity->seed, sizeof identity->seed));
	text_put(out, "\n");
}

void
mesh_oid(const struct mesh_key *key, uint8_t oid[static 8])
{
	uint8_t hash[SEAL_HASH];

	seal_hash(bytes_view(key->bytes, sizeof key->bytes), hash);
	memcpy(oid, hash, 8);
}

void
mesh_tag(const struct mesh_key *key, uint8_t tag[static 4])
{
	uint8_t oid[8];

	mesh_oid(key, oid);
	memcpy(tag, oid, 4);
}
