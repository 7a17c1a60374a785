#include "bench.h"
#include "bytes.h"
#include "seal.h"
#include <string.h>

struct crypto {
	uint8_t seed[SEAL_KEY], public_key[SEAL_KEY], signature[SEAL_SIGNATURE];
	uint8_t message[300], sealed[300 + SEAL_TAG], hash[SEAL_HASH],
	    nonce[SEAL_NONCE];
	bool good;
};

static void
step_sign(void *ctx)
{
	struct crypto *c = ctx;
	seal_sign(c->seed, c->public_key, bytes_view(c->message, sizeof c->message),
	    c->signature);
}
static void
step_verify(void *ctx)
{
	struct crypto *c = ctx;
	c->good = seal_verify(
	    c->public_key, bytes_view(c->message, sizeof c->message), c->signature);
}
static void
step_seal(void *ctx)
{
	struct crypto *c = ctx;
	seal_close(c->seed, c->nonce, bytes_view(NULL, 0),
	    bytes_view(c->message, sizeof c->message), c->sealed);
}
static void
step_open(void *ctx)
{
	struct crypto *c = ctx;
	uint8_t plain[300 + SEAL_TAG];
	c->good = seal_open(c->seed, c->nonce, bytes_view(NULL, 0),
	    bytes_view(c->sealed, sizeof c->sealed), plain);
}
static void
step_hash(void *ctx)
{
	struct crypto *c = ctx;
	seal_hash(bytes_view(c->message, sizeof c->message), c->hash);
}

int
bench_crypto(const struct bench_options *o, struct bench_report *r)
{
	static const struct {
		const char *name;
		void (*step)(void *ctx);
	} parts[] = { { "sign", step_sign }, { "verify", step_verify },
		{ "seal", step_seal }, { "open", step_open }, { "hash", step_hash } };
	struct crypto c = { .seed = { 1 } };
	seal_public_of(c.seed, c.public_key);
	r->unit = "verifications/s of 300 B";
	for (size_t i = 0; i < LENGTH(parts); i++) {
		double rate = bench_rate(o->seconds / 4, parts[i].step, &c);
		bench_add(r, parts[i].name, rate);
		if (parts[i].step == step_verify)
			r->value = rate;
	}
	return c.good ? 0 : 1;
}
