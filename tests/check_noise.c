/* The published vectors of XX and XXpsk3 (MESHD_NOISE_VECTORS=DIR), and what the
 * framework itself promises.  XXpsk0: clients/noise_psk0.py. */
#include "check_mesh.h"
#include "noise.h"
#include "seal.h"
#include <jansson.h>

enum { SKIPPED = 77 };

static struct bytes_view
hex_of(const json_t *object, const char *key)
{
	return hex(json_string_value(json_object_get(object, key)));
}

static const struct noise_pattern *
pattern_of(const json_t *vector)
{
	const char *name = json_string_value(json_object_get(vector, "protocol_name"));
	static const struct noise_pattern *const known[] = { &noise_xx, &noise_xxpsk0,
		&noise_xxpsk3 };

	for (size_t i = 0; i < LENGTH(known); i++)
		if (strcmp(known[i]->name, name) == 0)
			return known[i];
	ck_abort_msg("a vector of %s", name);
	return NULL;
}

static void
start_side(struct noise *n, const json_t *vector, enum noise_role role)
{
	static const char *const keys[2][4] = {
		{ "init_prologue", "init_static", "init_ephemeral", "init_psks" },
		{ "resp_prologue", "resp_static", "resp_ephemeral", "resp_psks" },
	};
	const json_t *psks = json_object_get(vector, keys[role][3]);
	const uint8_t *psk = NULL;

	if (psks != NULL)
		psk = hex(json_string_value(json_array_get(psks, 0))).ptr;
	noise_init(n,
	    &(struct noise_start){ .pattern = pattern_of(vector),
		.role = role,
		.prologue = hex_of(vector, keys[role][0]),
		.s = hex_of(vector, keys[role][1]).ptr,
		.e = hex_of(vector, keys[role][2]).ptr,
		.psk = psk });
}

static void
check_handshake_message(struct noise side[2], size_t i, const json_t *message)
{
	struct bytes_view payload = hex_of(message, "payload");
	struct bytes_view expected = hex_of(message, "ciphertext");
	uint8_t buf[512], plain[512];
	struct bytes_out out = bytes_out(buf, sizeof buf);
	struct bytes_out got = bytes_out(plain, sizeof plain);

	ck_assert_int_eq(noise_write(&side[i % 2], payload, &out), MESH_OK);
	ck_assert_msg(
	    bytes_equal(bytes_written(&out), expected), "ciphertext of %zu", i);
	ck_assert_int_eq(noise_read(&side[1 - i % 2], expected, &got), MESH_OK);
	ck_assert_msg(bytes_equal(bytes_written(&got), payload), "payload of %zu", i);
}

static void
check_transport_message(const uint8_t key[static 32], uint64_t n, const json_t *message)
{
	struct bytes_view payload = hex_of(message, "payload");
	struct bytes_view expected = hex_of(message, "ciphertext");
	uint8_t nonce[SEAL_NONCE], sealed[512];

	seal_nonce(n, nonce);
	seal_close(key, nonce, bytes_view(NULL, 0), payload, sealed);
	ck_assert(bytes_equal(bytes_view(sealed, payload.len + SEAL_TAG), expected));
}

static void
check_vector(const json_t *vector)
{
	struct noise side[2];
	uint8_t send[2][32], receive[2][32];
	const json_t *messages = json_object_get(vector, "messages");

	start_side(&side[0], vector, NOISE_INITIATOR);
	start_side(&side[1], vector, NOISE_RESPONDER);
	for (size_t i = 0; i < 3; i++)
		check_handshake_message(side, i, json_array_get(messages, i));
	struct bytes_view hash = hex_of(vector, "handshake_hash");
	for (size_t r = 0; r < 2; r++) {
		ck_assert(noise_is_done(&side[r]));
		ck_assert(bytes_equal(bytes_view(side[r].h, NOISE_HASH), hash));
		noise_split(&side[r], send[r], receive[r]);
	}
	ck_assert_mem_eq(send[0], receive[1], 32);
	ck_assert_mem_eq(send[1], receive[0], 32);
	for (size_t i = 3; i < json_array_size(messages); i++)
		check_transport_message(
		    send[i % 2], (i - 3) / 2, json_array_get(messages, i));
}

START_TEST(published_vectors_come_out_byte_for_byte)
{
	const char *folder = getenv("MESHD_NOISE_VECTORS");
	char path[4096];

	if (folder == NULL)
		return; /* main() says so */
	snprintf(path, sizeof path, "%s/vectors.json", folder);
	json_t *file = json_load_file(path, 0, NULL);
	ck_assert_msg(file != NULL, "%s: cannot be read", path);
	json_t *vectors = json_object_get(file, "vectors");
	ck_assert_uint_ge(json_array_size(vectors), 2);
	for (size_t i = 0; i < json_array_size(vectors); i++)
		check_vector(json_array_get(vectors, i));
	json_decref(file);
}

/* --- without vectors --- */

static struct noise a, b;

static void
start_pair(const struct noise_pattern *pattern, uint8_t psk_of_b)
{
	uint8_t secret[4][32], psk[32] = { 1 }, other[32] = { psk_of_b };

	rng_bytes(secret, sizeof secret);
	struct noise_start start = { .pattern = pattern,
		.role = NOISE_INITIATOR,
		.prologue = bytes_view("meshd1", 6),
		.s = secret[0],
		.e = secret[1],
		.psk = pattern->uses_psk ? psk : NULL };
	noise_init(&a, &start);
	start.role = NOISE_RESPONDER;
	start.s = secret[2];
	start.e = secret[3];
	start.psk = pattern->uses_psk ? other : NULL;
	noise_init(&b, &start);
}

static enum mesh_err
pass(struct noise *from, struct noise *to, size_t flip_bit)
{
	uint8_t buf[256], plain[256];
	struct bytes_out out = bytes_out(buf, sizeof buf);
	struct bytes_out got = bytes_out(plain, sizeof plain);

	ck_assert_int_eq(noise_write(from, bytes_view("payload", 7), &out), MESH_OK);
	if (flip_bit < 8 * out.len)
		buf[flip_bit / 8] ^= (uint8_t)(1u << flip_bit % 8);
	return noise_read(to, bytes_written(&out), &got);
}

START_TEST(both_sides_end_with_the_same_keys_and_know_each_other)
{
	static const struct noise_pattern *const patterns[] = { &noise_xx,
		&noise_xxpsk0, &noise_xxpsk3 };
	uint8_t keys[4][32];

	for (size_t i = 0; i < LENGTH(patterns); i++) {
		start_pair(patterns[i], 1);
		ck_assert_int_eq(pass(&a, &b, SIZE_MAX), MESH_OK);
		ck_assert_int_eq(pass(&b, &a, SIZE_MAX), MESH_OK);
		ck_assert_int_eq(pass(&a, &b, SIZE_MAX), MESH_OK);
		noise_split(&a, keys[0], keys[1]);
		noise_split(&b, keys[2], keys[3]);
		ck_assert_mem_eq(keys[0], keys[3], 32);
		ck_assert_mem_eq(keys[1], keys[2], 32);
		ck_assert_mem_ne(keys[0], keys[1], 32);
		ck_assert_mem_eq(a.rs, b.s_public, 32);
		ck_assert_mem_eq(b.rs, a.s_public, 32);
	}
}
START_TEST(psk0_refuses_a_stranger_in_the_first_message)
{
	start_pair(&noise_xxpsk0, 2);
	ck_assert_int_eq(pass(&a, &b, SIZE_MAX), MESH_DENIED);
}
START_TEST(psk3_refuses_a_stranger_in_the_last_message)
{
	start_pair(&noise_xxpsk3, 2);
	ck_assert_int_eq(pass(&a, &b, SIZE_MAX), MESH_OK);
	ck_assert_int_eq(pass(&b, &a, SIZE_MAX), MESH_OK);
	ck_assert_int_eq(pass(&a, &b, SIZE_MAX), MESH_DENIED);
}
START_TEST(any_flipped_bit_of_any_message_is_refused)
{
	static const size_t bytes[] = { 32 + 7 + 16, 32 + 48 + 7 + 16, 48 + 7 + 16 };

	for (size_t message = 0; message < 3; message++)
		for (size_t bit = 0; bit < 8 * bytes[message]; bit++) {
			start_pair(&noise_xxpsk0, 1);
			if (message > 0)
				ck_assert_int_eq(pass(&a, &b, SIZE_MAX), MESH_OK);
			if (message > 1)
				ck_assert_int_eq(pass(&b, &a, SIZE_MAX), MESH_OK);
			bool by_a = message % 2 == 0;
			enum mesh_err err = pass(by_a ? &a : &b, by_a ? &b : &a, bit);
			ck_assert_msg(
			    err != MESH_OK, "message %zu bit %zu", message, bit);
		}
}
START_TEST(every_truncation_is_refused)
{
	uint8_t buf[256], plain[256];
	struct bytes_out out = bytes_out(buf, sizeof buf);

	start_pair(&noise_xxpsk0, 1);
	ck_assert_int_eq(noise_write(&a, bytes_view("payload", 7), &out), MESH_OK);
	for (size_t len = 0; len < out.len; len++) {
		uint8_t *exact = malloc(
		    len > 0 ? len : 1); /* ASan sees one byte too far */
		struct noise copy = b;
		struct bytes_out got = bytes_out(plain, sizeof plain);
		memcpy(exact, buf, len);
		ck_assert_int_ne(
		    noise_read(&copy, bytes_view(exact, len), &got), MESH_OK);
		free(exact);
	}
}
START_TEST(a_point_that_makes_the_shared_secret_zero_is_refused)
{
	/* The points of small order: RFC 7748, 6.1 and its references. */
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	uint8_t buf[256], plain[256];

	for (size_t i = 0; i < LENGTH(points); i++) {
		struct bytes_out out = bytes_out(buf, sizeof buf);
		start_pair(&noise_xx, 1);
		ck_assert_int_eq(noise_write(&a, bytes_view(NULL, 0), &out), MESH_OK);
		memcpy(buf, hex(points[i]).ptr, 32); /* the initiator is evil */
		struct bytes_out got = bytes_out(plain, sizeof plain);
		ck_assert_int_eq(noise_read(&b, bytes_written(&out), &got), MESH_OK);
		out = bytes_out(buf, sizeof buf);
		ck_assert_int_eq(
		    noise_write(&b, bytes_view(NULL, 0), &out), MESH_DENIED);

		start_pair(&noise_xx, 1);
		ck_assert_int_eq(pass(&a, &b, SIZE_MAX), MESH_OK);
		out = bytes_out(buf, sizeof buf);
		ck_assert_int_eq(noise_write(&b, bytes_view(NULL, 0), &out), MESH_OK);
		memcpy(buf, hex(points[i]).ptr, 32); /* the responder is evil */
		got = bytes_out(plain, sizeof plain);
		ck_assert_int_eq(
		    noise_read(&a, bytes_written(&out), &got), MESH_DENIED);
	}
}
START_TEST(what_does_not_fit_is_said)
{
	uint8_t buf[40];
	struct bytes_out out = bytes_out(buf, sizeof buf);

	start_pair(&noise_xxpsk0, 1);
	ck_assert_int_eq(noise_write(&a, bytes_view("payload", 7), &out), MESH_FULL);
}

int
main(void)
{
	const TTest *const tests[] = { published_vectors_come_out_byte_for_byte,
		both_sides_end_with_the_same_keys_and_know_each_other,
		psk0_refuses_a_stranger_in_the_first_message,
		psk3_refuses_a_stranger_in_the_last_message,
		any_flipped_bit_of_any_message_is_refused, every_truncation_is_refused,
		a_point_that_makes_the_shared_secret_zero_is_refused,
		what_does_not_fit_is_said };
	int failed = check_run("noise", NULL, tests, LENGTH(tests));

	if (failed || getenv("MESHD_NOISE_VECTORS") != NULL)
		return failed;
	fprintf(stderr, "published vectors: skipped, MESHD_NOISE_VECTORS is not set\n");
	return getenv("MESHD_REQUIRE_ALL") != NULL ? 1 : SKIPPED;
}
