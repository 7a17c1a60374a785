#include "mt_crypto.h"
#include "bytes.h"

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
