#include "mt_crypto.h"
#include "bytes.h"
#include "protobuf.h"
#include "text.h"

json_t *
mt_crypto(const char *list)
{
	static json_t *truth;
	if (truth == NULL)
		truth = json_load_file(TEST_VECTORS "/meshtastic/crypto.json", 0, NULL);
	ck_assert_ptr_nonnull(truth);
	return json_object_get(truth, list);
}

bool
mt_crypto_is_direct(json_t *packet)
{
	const char *method = json_string_value(json_object_get(packet, "method"));
	return strcmp(method, "pkc") == 0;
}

struct bytes_view
mt_crypto_bytes(json_t *o, const char *key, struct arena *into)
{
	size_t len;
	uint8_t *ptr = mt_hex(o, key, &len);
	struct bytes_view v = arena_bytes(into, bytes_view(ptr, len));
	free(ptr);
	return v;
}

uint32_t
mt_crypto_number(json_t *o, const char *key)
{
	return (uint32_t)json_integer_value(json_object_get(o, key));
}

/* Lines of a keys file: all channels of the recordings, and a secret if there is one.
 */
struct text_view
mt_crypto_lines(struct bytes_view secret)
{
	static char room[1024];
	uint8_t block[256];
	struct arena arena = arena_init(block, sizeof block);
	struct bytes_out out = bytes_out(room, sizeof room);
	size_t i;
	json_t *c;
	text_put(&out, "# what the recordings were made with\n\n");
	json_array_foreach(mt_crypto("channels"), i, c)
	{
		text_put(&out, "channel ");
		text_put(&out, json_string_value(json_object_get(c, "name")));
		text_put(&out, " ");
		text_put_base64url(&out, mt_crypto_bytes(c, "psk", &arena));
		text_put(&out, "\r\n");
	}
	if (secret.len > 0) {
		text_put(&out, "secret\t");
		text_put_base64url(&out, secret);
	}
	return text_written(&out);
}

void
mt_put_fixed(struct bytes_out *out, uint32_t field, uint32_t n)
{
	protobuf_put_key(out, field, WIRE_I32);
	for (unsigned i = 0; i < 4; i++)
		bytes_put_u8(out, (uint8_t)(n >> 8 * i));
}

void
mt_put_bytes(struct bytes_out *out, uint32_t field, struct bytes_view v)
{
	protobuf_put_key(out, field, WIRE_LEN);
	protobuf_put_varint(out, v.len);
	bytes_put_view(out, v);
}

void
mt_put_number(struct bytes_out *out, uint32_t field, uint32_t n)
{
	protobuf_put_key(out, field, WIRE_VARINT);
	protobuf_put_varint(out, n);
}

void
mt_put_packet(struct bytes_out *out, uint32_t from, uint32_t to, uint32_t id,
    uint32_t channel_hash, struct bytes_view sealed)
{
	mt_put_fixed(out, 1, from);
	mt_put_fixed(out, 2, to);
	mt_put_number(out, 3, channel_hash);
	mt_put_bytes(out, 5, sealed);
	mt_put_fixed(out, 6, id);
	mt_put_number(out, 9, 2);
}
