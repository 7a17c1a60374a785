#include "id.h"
#include "text.h"
#include <assert.h>

struct id
id_make(enum id_kind kind, const void *bytes, size_t len)
{
	struct id id = { .kind = (uint8_t)kind, .len = (uint8_t)len };
	assert(len <= sizeof id.bytes);
	memcpy(id.bytes, bytes, len);
	return id;
}

static void
put_be32(uint8_t to[static 4], uint32_t n)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(n >> (24 - 8 * i));
}

struct id
id_of_node(enum id_kind kind, uint32_t number)
{
	uint8_t be[4];
	put_be32(be, number);
	return id_make(kind, be, sizeof be);
}

struct id
id_of_packet(enum id_kind kind, uint32_t from, uint32_t packet)
{
	uint8_t be[8];
	put_be32(be, from);
	put_be32(be + 4, packet);
	return id_make(kind, be, sizeof be);
}

struct id
id_of_key(const struct mesh_key *key)
{
	return id_make(ID_SITE, key->bytes, sizeof key->bytes);
}

uint32_t
id_number(const struct id *id)
{
	return (uint32_t)id->bytes[0] << 24 | (uint32_t)id->bytes[1] << 16 |
	    (uint32_t)id->bytes[2] << 8 | id->bytes[3];
}

bool
id_is(const struct id *id)
{
	return id->kind != ID_NONE;
}

/* Text forms by their prefix.  `colon`: two four-byte halves with a colon between.
 * SITE, MC_NODE are both bare hex: 64 digits read as a site, fewer as a MeshCore
 * prefix. */
static const struct form {
	enum id_kind kind;
	const char *prefix;
	size_t least, most; /* bytes */
	bool colon;
} forms[] = {
	{ ID_MT_NODE, "!", 4, 4, false },
	{ ID_SIM_NODE, "~", 4, 4, false },
	{ ID_MT_PACKET, "mt:", 8, 8, true },
	{ ID_SIM_PACKET, "sim:", 8, 8, true },
	{ ID_MC_PACKET, "mc:", 8, 8, false },
	{ ID_HASH, "hash:", 4, 32, false },
	{ ID_ALERT, "", 16, 16, false },
	{ ID_SITE, "", 32, 32, false },
	{ ID_MC_NODE, "mcn:", 6, 32, false },
};

static const struct form *
form_of(uint8_t kind)
{
	for (size_t i = 0; i < LENGTH(forms); i++) {
		if (forms[i].kind == kind)
			return &forms[i];
	}
	return NULL;
}

static bool
parse_form(const struct form *f, struct text_view v, struct id *out)
{
	char digits[64];
	struct bytes_out hex = bytes_out(digits, sizeof digits);
	uint8_t bytes[32];
	struct bytes_out raw = bytes_out(bytes, sizeof bytes);
	if (!text_begins(v, f->prefix))
		return false;
	size_t skip = strlen(f->prefix);
	struct text_view rest = { v.ptr + skip, v.len - skip };
	if (f->colon) {
		if (rest.len != 17 || rest.ptr[8] != ':')
			return false;
		bytes_put(&hex, rest.ptr, 8);
		bytes_put(&hex, rest.ptr + 9, 8);
	} else {
		text_put_view(&hex, rest);
	}
	if (hex.failed || text_hex_decode(text_written(&hex), &raw) != MESH_OK)
		return false;
	if (raw.len < f->least || raw.len > f->most)
		return false;
	*out = id_make(f->kind, bytes, raw.len);
	return true;
}

/* As it is printed, or what is printed would be another one. */
static bool
parse_radio(struct text_view v, struct id *out)
{
	enum { PREFIX = sizeof "radio:" - 1, NAME = 32 };
	char clean[NAME * 4];
	struct bytes_out o = bytes_out(clean, sizeof clean);
	if (!text_begins(v, "radio:") || v.len == PREFIX || v.len > PREFIX + NAME)
		return false;
	struct bytes_view name = bytes_view(v.ptr + PREFIX, v.len - PREFIX);
	text_put_clean(&o, name, NAME);
	*out = id_make(ID_RADIO, name.ptr, name.len);
	return bytes_equal(bytes_written(&o), name);
}

enum mesh_err
id_parse(struct text_view v, struct id *out)
{
	if (parse_radio(v, out))
		return MESH_OK;
	for (size_t i = 0; i < LENGTH(forms); i++) {
		if (parse_form(&forms[i], v, out))
			return MESH_OK;
	}
	*out = (struct id){ 0 };
	return MESH_MALFORMED;
}

void
id_print(const struct id *id, struct bytes_out *out)
{
	const struct form *f = form_of(id->kind);
	if (id->kind == ID_RADIO) {
		text_put(out, "radio:");
		text_put_clean(out, bytes_view(id->bytes, id->len), 32);
		return;
	}
	if (f == NULL)
		return;
	text_put(out, f->prefix);
	if (f->colon) {
		text_put_hex(out, bytes_view(id->bytes, 4));
		text_put(out, ":");
		text_put_hex(out, bytes_view(id->bytes + 4, 4));
	} else {
		text_put_hex(out, bytes_view(id->bytes, id->len));
	}
}

bool
id_equal(const struct id *a, const struct id *b)
{
	return a->kind == b->kind && a->len == b->len &&
	    memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* FNV-1a with a secret start and a final mix; tables add SipHash where strangers
 * choose. */
uint64_t
id_hash(const struct id *id, uint64_t key)
{
	uint64_t h = 0xcbf29ce484222325U ^ key;
	h = (h ^ id->kind) * 0x100000001b3U;
	for (size_t i = 0; i < id->len; i++)
		h = (h ^ id->bytes[i]) * 0x100000001b3U;
	h = (h ^ h >> 32) * 0x9e3779b97f4a7c15U;
	return h ^ h >> 29;
}

bool
key_equal(const struct mesh_key *a, const struct mesh_key *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

int
key_compare(const struct mesh_key *a, const struct mesh_key *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

void
key_print_short(const struct mesh_key *key, struct bytes_out *out)
{
	text_put_hex(out, bytes_view(key->bytes, 4));
}
