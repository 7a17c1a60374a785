/* mt_crypto.h - packets that the real firmware encrypted, with their keys, for tests.
 */
#ifndef MT_CRYPTO_H
#define MT_CRYPTO_H
#include "arena.h"
#include "mt_recording.h"

/* An array of crypto.json: "packets", "channels".  Lives until the end. */
json_t *mt_crypto(const char *list);
bool mt_crypto_is_direct(json_t *packet);
struct bytes_view mt_crypto_bytes(json_t *o, const char *key, struct arena *into);
uint32_t mt_crypto_number(json_t *o, const char *key);
#endif
