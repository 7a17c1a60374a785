/* mt_crypto.h - packets that the real firmware encrypted, with their keys, for tests.
 */
#ifndef MT_CRYPTO_H
#define MT_CRYPTO_H
#include "arena.h"
#include "bytes.h"
#include "mt_recording.h"

/* An array of crypto.json: "packets", "channels".  Lives until the end. */
json_t *mt_crypto(const char *list);
bool mt_crypto_is_direct(json_t *packet);
struct bytes_view mt_crypto_bytes(json_t *o, const char *key, struct arena *into);
uint32_t mt_crypto_number(json_t *o, const char *key);
/* Lines of a keys file: all channels of the recordings, and a secret if there is one.
 * Until the next call. */
struct text_view mt_crypto_lines(struct bytes_view secret);
/* Fields of a protobuf message, and a packet as it is on the air with 2 hops left. */
void mt_put_fixed(struct bytes_out *out, uint32_t field, uint32_t n);
void mt_put_bytes(struct bytes_out *out, uint32_t field, struct bytes_view v);
void mt_put_number(struct bytes_out *out, uint32_t field, uint32_t n);
void mt_put_packet(struct bytes_out *out, uint32_t from, uint32_t to, uint32_t id,
    uint32_t channel_hash, struct bytes_view sealed);
#endif
