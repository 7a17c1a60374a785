/* Invitations as text: trust/invite.c. */
#include "check_mesh.h"
#include "meshtrust.h"
#include "text.h"

static struct mesh_invite made, back;
static char token[MESH_INVITE_TEXT_MAX + 1];
static struct bytes_out out;

static void
setup(void)
{
	uint8_t seed[32] = { 5 };
	struct mesh_identity founder;

	rng_restart(check_seed());
	mesh_identity_of(seed, &founder);
	made = (struct mesh_invite){
		.founder = founder.key, .expires_ms = 1765432109000, .address_count = 2
	};
	rng_bytes(made.salt, sizeof made.salt);
	rng_bytes(made.id, sizeof made.id);
	rng_bytes(made.secret, sizeof made.secret);
	made.addresses[0] = (struct mesh_path){
		.addr = { [10] = 0xff, 0xff, 192, 0, 2, 7, 0x11, 0x76 }
	};
	made.addresses[1] = (struct mesh_path){ .addr = { 0x20, 1, 0xd, 0xb8, [15] = 1,
						    0x11, 0x76 } };
	out = bytes_out(token, sizeof token);
	mesh_invite_write(&made, &out);
	text_end(&out);
}

START_TEST(a_token_is_one_word_and_reads_back)
{
	struct mesh_network network;
	uint8_t random48[48] = { 0 };

	ck_assert(!out.failed);
	ck_assert_uint_le(out.len, 260);
	ck_assert_ptr_null(strpbrk(token, " \t\n'\"$&"));
	ck_assert_int_eq(mesh_invite_read(text(token), &back), MESH_OK);
	ck_assert_mem_eq(&back.founder, &made.founder, sizeof back.founder);
	ck_assert_mem_eq(back.secret, made.secret, sizeof back.secret);
	ck_assert_mem_eq(back.id, made.id, sizeof back.id);
	ck_assert_uint_eq(back.address_count, 2);
	ck_assert_mem_eq(back.addresses, made.addresses, 2 * sizeof made.addresses[0]);
	ck_assert_int_eq(back.expires_ms, made.expires_ms);
	memcpy(random48, made.salt, sizeof made.salt);
	mesh_network_of(&made.founder, random48, false, &network);
	ck_assert_mem_eq(back.netid, network.id, sizeof network.id);
}
START_TEST(a_full_token_still_fits)
{
	made.address_count = MESH_INVITE_ADDRESSES;
	for (size_t i = 0; i < MESH_INVITE_ADDRESSES; i++)
		made.addresses[i] = made.addresses[1];
	out = bytes_out(token, sizeof token);
	mesh_invite_write(&made, &out);
	ck_assert(!out.failed);
	ck_assert_int_eq(mesh_invite_read(text_written(&out), &back), MESH_OK);
}
START_TEST(every_mistyped_letter_is_seen)
{
	size_t head = strlen("meshd1.");

	for (size_t i = head; i < out.len; i++) {
		char was = token[i];
		token[i] = was == 'A' ? 'B' : 'A';
		ck_assert_msg(
		    mesh_invite_read(text(token), &back) == MESH_DENIED, "at %zu", i);
		token[i] = was;
	}
	for (size_t len = head; len < out.len; len++)
		ck_assert_int_eq(
		    mesh_invite_read((struct text_view){ token, len }, &back),
		    MESH_DENIED);
}
START_TEST(what_is_no_token_is_told_from_a_damaged_one)
{
	static const char *const words[] = { "", "meshd1", "hello", "meshd2.AAAA",
		"MESHD1.AAAA" };

	for (size_t i = 0; i < LENGTH(words); i++)
		ck_assert_int_eq(
		    mesh_invite_read(text(words[i]), &back), MESH_MALFORMED);
}
START_TEST(the_verifier_depends_on_everything_that_names_the_invitation)
{
	uint8_t right[32], wrong[32];
	struct mesh_invite other;

	ck_assert_int_eq(mesh_invite_read(text(token), &back), MESH_OK);
	mesh_invite_verifier(&back, right);
	for (int i = 0; i < 3; i++) {
		other = back;
		(i == 0 ? other.id : i == 1 ? other.secret : other.netid)[3] ^= 1;
		mesh_invite_verifier(&other, wrong);
		ck_assert_mem_ne(right, wrong, sizeof right);
	}
}
CHECK_MODULE(invite, setup, a_token_is_one_word_and_reads_back, a_full_token_still_fits,
    every_mistyped_letter_is_seen, what_is_no_token_is_told_from_a_damaged_one,
    the_verifier_depends_on_everything_that_names_the_invitation)
