/* cert.c - certificates: an authority's word that a key belongs, for how long.
 *
 * The functions mesh_certificate_* of meshtrust.h.  A certificate is a statement that
 * anybody may carry: it is checked against the authority's key, wherever it came from.
 * Floor 3.  Pure.  Source: PROTOCOL.md 12. */
#include "bodies.h"
#include "bytes.h"
#include "id.h"
#include "meshtrust.h"
#include "seal.h"
#include "text.h"
#include "wire.h"

enum { VERSION = 1, SIGNED_MAX = MESSAGE_CERT_MAX + 16 };
static const char label[] = "meshd1 cert";

static struct bytes_view
of(const uint8_t *bytes, size_t len)
{
	return bytes_view(bytes, len);
}

/* What the signature is over. */
static bool
put_signed(const struct certificate *c, struct bytes_out *out)
{
	bytes_put(out, label, sizeof label - 1);
	return wire_encode(&certified_table, c, out) == MESH_OK;
}

enum mesh_err
mesh_certificate_sign(const struct mesh_certificate *c,
    const struct mesh_identity *authority, struct bytes_out *out)
{
	uint8_t room[SIGNED_MAX], sig[SEAL_SIGNATURE];
	struct bytes_out what = bytes_out(room, sizeof room);
	struct certificate body = { .version = VERSION,
		.netid = of(c->netid, sizeof c->netid),
		.site = c->site,
		.roles = c->roles,
		.from_s = c->from_s,
		.until_s = c->until_s,
		.serial = c->serial };
	if (c->name_len > 0)
		body.name = (struct text_view){ c->name, c->name_len };
	if (c->from_s > c->until_s || !put_signed(&body, &what))
		return MESH_MALFORMED;
	seal_sign(authority->seed, authority->key.bytes, bytes_written(&what), sig);
	body.sig = of(sig, sizeof sig);
	return wire_encode(&certificate_table, &body, out);
}

static void
copy(const struct certificate *body, struct mesh_certificate *out)
{
	*out = (struct mesh_certificate){ .site = body->site,
		.roles = body->roles,
		.from_s = body->from_s,
		.until_s = body->until_s,
		.serial = body->serial };
	memcpy(out->netid, body->netid.ptr, sizeof out->netid);
	out->name_len = (uint8_t)(body->name.len < sizeof out->name ? body->name.len
								    : sizeof out->name);
	if (out->name_len > 0)
		memcpy(out->name, body->name.ptr, out->name_len);
}

static enum mesh_err
read_body(struct bytes_view bytes, struct certificate *body)
{
	enum mesh_err err = wire_decode(&certificate_table, bytes, body, NULL);
	return err == MESH_OK && body->from_s <= body->until_s &&
		seal_is_sound(body->site.bytes)
	    ? MESH_OK
	    : MESH_MALFORMED;
}

enum mesh_err
mesh_certificate_read(struct bytes_view bytes, struct mesh_certificate *out)
{
	struct certificate body;
	enum mesh_err err = read_body(bytes, &body);
	if (err == MESH_OK)
		copy(&body, out);
	return err;
}

enum mesh_err
mesh_certificate_check(struct bytes_view bytes, const struct mesh_key *authority,
    const uint8_t netid[static 16], struct mesh_certificate *out)
{
	uint8_t room[SIGNED_MAX];
	struct bytes_out what = bytes_out(room, sizeof room);
	struct certificate body;
	if (read_body(bytes, &body) != MESH_OK || !put_signed(&body, &what))
		return MESH_MALFORMED;
	if (memcmp(body.netid.ptr, netid, 16) != 0 ||
	    !seal_verify(authority->bytes, bytes_written(&what), body.sig.ptr))
		return MESH_DENIED;
	copy(&body, out);
	return MESH_OK;
}

enum mesh_err
mesh_certificate_of_text(struct text_view file, struct bytes_out *bytes)
{
	struct text_view line = file;
	while (line.len > 0 && strchr(" \t\r\n", line.ptr[line.len - 1]) != NULL)
		line.len--;
	enum mesh_err err = text_hex_decode(line, bytes);
	struct mesh_certificate ignored;
	return err == MESH_OK ? mesh_certificate_read(bytes_written(bytes), &ignored)
			      : MESH_MALFORMED;
}
