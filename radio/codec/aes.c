#include "aes.h"
#include <nettle/aes.h>
#include <nettle/ccm.h>
#include <nettle/ctr.h>

static void
ctr_128(const uint8_t *key, uint8_t *counter, struct bytes_view in, uint8_t *out)
{
	struct aes128_ctx aes;
	aes128_set_encrypt_key(&aes, key);
	ctr_crypt(&aes, (nettle_cipher_func *)aes128_encrypt, AES_BLOCK_BYTES, counter,
	    in.len, out, in.ptr);
}

static void
ctr_256(const uint8_t *key, uint8_t *counter, struct bytes_view in, uint8_t *out)
{
	struct aes256_ctx aes;
	aes256_set_encrypt_key(&aes, key);
	ctr_crypt(&aes, (nettle_cipher_func *)aes256_encrypt, AES_BLOCK_BYTES, counter,
	    in.len, out, in.ptr);
}

void
aes_ctr(struct bytes_view key, const uint8_t counter[AES_BLOCK_BYTES],
    struct bytes_view in, uint8_t *out)
{
	uint8_t block[AES_BLOCK_BYTES];
	memcpy(block, counter, sizeof block);
	if (key.len == AES128_KEY_SIZE)
		ctr_128(key.ptr, block, in, out);
	else if (key.len == AES256_KEY_SIZE)
		ctr_256(key.ptr, block, in, out);
	else
		memset(out, 0, in.len);
}

void
aes_ccm_seal(const uint8_t key[32], const uint8_t nonce[AES_NONCE_BYTES],
    struct bytes_view in, uint8_t *out)
{
	struct ccm_aes256_ctx ccm;
	ccm_aes256_set_key(&ccm, key);
	ccm_aes256_encrypt_message(&ccm, AES_NONCE_BYTES, nonce, 0, NULL, AES_TAG_BYTES,
	    in.len + AES_TAG_BYTES, out, in.ptr);
}

bool
aes_ccm_open(const uint8_t key[32], const uint8_t nonce[AES_NONCE_BYTES],
    struct bytes_view in, uint8_t *out)
{
	struct ccm_aes256_ctx ccm;
	if (in.len < AES_TAG_BYTES)
		return false;
	ccm_aes256_set_key(&ccm, key);
	return ccm_aes256_decrypt_message(&ccm, AES_NONCE_BYTES, nonce, 0, NULL,
		   AES_TAG_BYTES, in.len - AES_TAG_BYTES, out, in.ptr) == 1;
}
