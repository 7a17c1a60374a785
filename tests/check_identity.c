#include "bytes.h"
#include "check_mesh.h"
#include "meshtrust.h"
#include "text.h"

/* RFC 8032, 7.1, test 1. */
#define SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define OID  "7849ac3049680be1"
#define KEY  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

START_TEST(a_seed_has_the_key_of_rfc_8032)
{
	struct mesh_identity identity;

	mesh_identity_of(hex(SEED).ptr, &identity);
	ck_assert_mem_eq(identity.key.bytes, hex(KEY).ptr, 32);
}
START_TEST(the_file_is_one_hex_line_and_reads_back)
{
	char file[128];
	struct bytes_out out = bytes_out(file, sizeof file);
	struct mesh_identity identity, again;

	mesh_identity_of(hex(SEED).ptr, &identity);
	mesh_identity_write(&identity, &out);
	ck_assert_str_eq(text_end(&out), SEED "\n");
	ck_assert_int_eq(mesh_identity_read(text(SEED "\n"), &again), MESH_OK);
	ck_assert_mem_eq(&again, &identity, sizeof identity);
	ck_assert_int_eq(mesh_identity_read(text("  " SEED "\r\n"), &again), MESH_OK);
}
START_TEST(a_damaged_file_is_refused_and_leaves_the_identity_alone)
{
	static const char *const files[] = { "", "\n", "9d61b19d", SEED "00",
		SEED " " SEED, "x" SEED,
		"zz61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60" };
	struct mesh_identity identity, before;

	mesh_identity_of(hex(SEED).ptr, &identity);
	before = identity;
	for (size_t i = 0; i < LENGTH(files); i++)
		ck_assert_msg(
		    mesh_identity_read(text(files[i]), &identity) == MESH_MALFORMED,
		    "file %zu", i);
	ck_assert_mem_eq(&identity, &before, sizeof identity);
	mesh_identity_wipe(&identity);
	ck_assert(identity.seed[0] == 0 && identity.key.bytes[0] == 0);
}
START_TEST(oid_and_tag_are_the_beginning_of_the_keys_hash)
{
	uint8_t oid[8], tag[4];
	struct mesh_key key;

	memcpy(key.bytes, hex(KEY).ptr, 32);
	mesh_oid(&key, oid);
	mesh_tag(&key, tag);
	/* python: hashlib.blake2b(bytes.fromhex(KEY), digest_size=32).hexdigest()[:16]
	 */
	ck_assert_mem_eq(oid, hex(OID).ptr, 8);
	ck_assert_mem_eq(tag, oid, 4);
}
CHECK_MODULE(identity, NULL, a_seed_has_the_key_of_rfc_8032,
    the_file_is_one_hex_line_and_reads_back,
    a_damaged_file_is_refused_and_leaves_the_identity_alone,
    oid_and_tag_are_the_beginning_of_the_keys_hash)
