/* aes.h - AES as radios use it: counter mode, and CCM with a tag of 8 bytes.
 *
 * The cipher is nettle's.  Keys are 16 or 32 bytes (counter mode), 32 (CCM).  Source:
 * FIPS 197, SP 800-38A and -38C.  Floor 1.  Pure. */
#ifndef RADIO_AES_H
#define RADIO_AES_H
#include "bytes.h"

enum { AES_BLOCK_BYTES = 16, AES_TAG_BYTES = 8, AES_NONCE_BYTES = 13 };

/* `in` to `out`, which may be the same bytes; both ways alike.  `counter` is the first
 * block's, counted big-endian.  Another length of key: `out` is zeroed. */
void aes_ctr(struct bytes_view key, const uint8_t counter[AES_BLOCK_BYTES],
    struct bytes_view in, uint8_t *out);
/* in.len + AES_TAG_BYTES are written. */
void aes_ccm_seal(const uint8_t key[32], const uint8_t nonce[AES_NONCE_BYTES],
    struct bytes_view in, uint8_t *out);
/* in.len - AES_TAG_BYTES are written.  False: shorter than a tag, or not sealed by that
 * key with that nonce; `out` is worth nothing then. */
MESH_MUST_CHECK bool aes_ccm_open(const uint8_t key[32],
    const uint8_t nonce[AES_NONCE_BYTES], struct bytes_view in, uint8_t *out);
#endif
