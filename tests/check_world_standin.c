#include "bytes.h"
#include "check_mesh.h"
#include "seal.h"
#include "standin.h"
#include "world.h"

/* The cheap cryptography of large runs: it refuses what the real one refuses, and a run
 * with it is the same run. */

enum { TEXT = 40 };
static uint8_t key[SEAL_KEY], nonce[SEAL_XNONCE], ad[9], text[TEXT];

static void
setup(void)
{
	standin_use(true);
	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)(i * 7 + 1);
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)i;
}

static bool
opens(const uint8_t *sealed)
{
	uint8_t out[TEXT];
	return seal_open(key, nonce, bytes_view(ad, sizeof ad),
	    bytes_view(sealed, TEXT + SEAL_TAG), out);
}
/* Every single bit of `bytes`, flipped, fails; put back, it opens again. */
static void
each_bit_counts(uint8_t *bytes, size_t len, const uint8_t *sealed)
{
	for (size_t bit = 0; bit < 8 * len; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_msg(!opens(sealed), "bit %zu", bit);
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	ck_assert(opens(sealed));
}

START_TEST(a_flipped_bit_anywhere_keeps_it_shut)
{
	uint8_t sealed[TEXT + SEAL_TAG];
	seal_close(
	    key, nonce, bytes_view(ad, sizeof ad), bytes_view(text, TEXT), sealed);
	each_bit_counts(sealed, sizeof sealed, sealed);
	each_bit_counts(key, sizeof key, sealed);
	each_bit_counts(nonce, SEAL_NONCE, sealed);
	each_bit_counts(ad, sizeof ad, sealed);
}
START_TEST(a_flipped_bit_of_text_or_signature_is_no_signature)
{
	uint8_t seed[SEAL_KEY] = { 3 }, public_key[SEAL_KEY], signature[SEAL_SIGNATURE];
	seal_public_of(seed, public_key);
	seal_sign(seed, public_key, bytes_view(text, TEXT), signature);
	ck_assert(seal_verify(public_key, bytes_view(text, TEXT), signature));
	for (size_t i = 0; i < TEXT; i++) {
		text[i] ^= 1;
		ck_assert(!seal_verify(public_key, bytes_view(text, TEXT), signature));
		text[i] ^= 1;
	}
	for (size_t i = 0; i < SEAL_SIGNATURE; i++) {
		signature[i] ^= 0x80;
		ck_assert(!seal_verify(public_key, bytes_view(text, TEXT), signature));
		signature[i] ^= 0x80;
	}
	public_key[31] ^= 1;
	ck_assert(!seal_verify(public_key, bytes_view(text, TEXT), signature));
}
START_TEST(both_ends_make_the_same_secret_and_nobody_else)
{
	uint8_t seed[2][SEAL_KEY] = { { 1 }, { 2 } }, zero[SEAL_KEY] = { 0 };
	uint8_t identity[2][SEAL_KEY], link[2][SEAL_KEY], secret[2][SEAL_KEY],
	    shared[3][SEAL_KEY];
	for (size_t i = 0; i < 2; i++) {
		seal_public_of(seed[i], identity[i]);
		ck_assert(seal_link_public(identity[i], link[i]));
		seal_link_secret(seed[i], secret[i]);
		seal_exchange_public(secret[i], shared[i]);
		ck_assert_mem_eq(shared[i], link[i], SEAL_KEY);
	}
	ck_assert(seal_exchange(secret[0], link[1], shared[0]));
	ck_assert(seal_exchange(secret[1], link[0], shared[1]));
	ck_assert_mem_eq(shared[0], shared[1], SEAL_KEY);
	link[1][5] ^= 1;
	ck_assert(seal_exchange(secret[0], link[1], shared[2]));
	ck_assert_mem_ne(shared[0], shared[2], SEAL_KEY);
	ck_assert(!seal_exchange(secret[0], zero, shared[2]));
	ck_assert(!seal_is_sound(zero));
}

/* --- the same run --- */

enum { SITES = 100, RUN_MS = 700 };

static struct world *
run_with(bool standin)
{
	struct world_params p = { .sites = SITES,
		.seed = check_seed(),
		.loss = 0.1,
		.delay_min_ms = 1,
		.delay_max_ms = 4,
		.store_ms = 2,
		.standin = standin };
	struct world *w = world_new(&p);
	world_join_all(w);
	world_start_all(w);
	world_run(w, w->now + RUN_MS / 2);
	ck_assert_int_eq(world_append(w, 0, LANE_ALERT, 1, 100), MESH_OK);
	world_kill(w, 1);
	world_run(w, w->now + RUN_MS / 2);
	return w;
}
static uint64_t
counter(const struct world *w, uint32_t site, size_t i)
{
	return w->sites[site].site != NULL ? mesh_site_counter(w->sites[site].site, i)
					   : 0;
}

START_TEST(a_run_takes_the_same_turns_with_real_cryptography)
{
	struct world *real = run_with(false), *cheap = run_with(true);
	ck_assert_uint_eq(real->violation_count + cheap->violation_count, 0);
	for (uint32_t site = 0; site < SITES; site++) {
		const struct world_site *a = &real->sites[site];
		const struct world_site *b = &cheap->sites[site];
		for (size_t i = 0; i < mesh_counters.count; i++)
			ck_assert_msg(counter(real, site, i) == counter(cheap, site, i),
			    "site %u: %s", (unsigned)site, mesh_counters.rows[i].name);
		ck_assert_uint_eq(a->sent, b->sent);
		ck_assert_uint_eq(a->sent_bytes, b->sent_bytes);
		ck_assert_uint_eq(a->record_count, b->record_count);
		ck_assert_uint_eq(a->change_count, b->change_count);
	}
	ck_assert_uint_gt(real->known_pairs, SITES * SITES / 2);
	world_free(real);
	world_free(cheap);
}

CHECK_MODULE(world_standin, setup, a_flipped_bit_anywhere_keeps_it_shut,
    a_flipped_bit_of_text_or_signature_is_no_signature,
    both_ends_make_the_same_secret_and_nobody_else,
    a_run_takes_the_same_turns_with_real_cryptography)
