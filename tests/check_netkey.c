#include "bytes.h"
#include "check_mesh.h"
#include "netkey.h"
#include "text.h"

#define FOUNDER     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define SALT        "000102030405060708090a0b0c0d0e0f"
#define NETWORK_KEY "6465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80818283"
/* By Python's hashlib.blake2b, as PROTOCOL.md 1 says. */
#define NETID  "467d70e46955ed7e2430b5958ac1935f"
#define HINT   "87d9f2a5"
#define HS     "2e8d4313ac1cf7e4b728505635d3e6d17a0b1d766498ceebf258324cf91bba9e"
#define BEACON "1b46bdaeab3e66c421f3b4ea600d92e3b14f0bed2093f8c50ffc9493b067e7d2"
#define COOKIE "609f418698b5b67db5547ce2857ad8061fbe9b5fb313c99ecb1a393d4e0f64cc"

#define FILE_LINES                                                                     \
	"founder = " FOUNDER "\nsalt = " SALT "\nnetwork_key = " NETWORK_KEY "\n"

static struct mesh_network network;
static char complaint[256];

static enum mesh_err
read_file(const char *file)
{
	struct bytes_out out = bytes_out(complaint, sizeof complaint);
	enum mesh_err err = mesh_network_read(text(file), &network, &out);

	text_end(&out);
	return err;
}

START_TEST(names_and_keys_are_those_of_wire_md)
{
	struct netkey keys;

	ck_assert_int_eq(read_file(FILE_LINES), MESH_OK);
	ck_assert_str_eq(complaint, "");
	ck_assert_mem_eq(network.id, hex(NETID).ptr, 16);
	netkey_derive(network.key, &keys);
	ck_assert_mem_eq(keys.hint, hex(HINT).ptr, 4);
	ck_assert_mem_eq(keys.hs, hex(HS).ptr, 32);
	ck_assert_mem_eq(keys.beacon, hex(BEACON).ptr, 32);
	ck_assert_mem_eq(keys.cookie, hex(COOKIE).ptr, 32);
	netkey_wipe(&keys);
	ck_assert(keys.hint[0] == 0 && keys.cookie[31] == 0);
}
START_TEST(a_new_network_reads_back_as_it_was_written)
{
	static const bool demo[] = { false, true };
	struct mesh_network made;
	struct mesh_key founder;
	uint8_t random[48];
	char file[1024];

	memcpy(founder.bytes, hex(FOUNDER).ptr, 32);
	for (size_t i = 0; i < LENGTH(demo); i++) {
		struct bytes_out out = bytes_out(file, sizeof file);
		rng_bytes(random, sizeof random);
		mesh_network_of(&founder, random, demo[i], &made);
		ck_assert_mem_eq(made.salt, random, 16);
		ck_assert_mem_eq(made.key, random + 16, 32);
		mesh_network_write(&made, &out);
		ck_assert_int_eq(read_file(text_end(&out)), MESH_OK);
		ck_assert_mem_eq(&network, &made, sizeof made);
	}
}
START_TEST(what_is_wrong_with_a_file_is_said_with_its_line)
{
	/* clang-format off */
	static const struct { const char *file, *says; } rows[] = {
		{ "", "line 0: founder is missing" },
		{ "founder = " FOUNDER "\n", "line 1: salt is missing" },
		{ "founder = " FOUNDER "\nsalt = " SALT "\n", "line 2: network_key is missing" },
		{ "# c\n\nfounder = 12\n", "line 3: founder must be 64 hex digits" },
		{ "salt = " FOUNDER, "line 1: salt must be 32 hex digits" },
		{ "salt = zz", "line 1: salt must be 32 hex digits" },
		{ FILE_LINES "demo = maybe", "line 4: demo must be yes or no" },
		{ FILE_LINES "salt = " SALT, "line 4: salt stands there twice" },
		{ FILE_LINES "seed = 7f00", "line 4: seed must be 12 or 36 hex digits" },
		{ FILE_LINES "colour = red", "line 4: unknown key \"colour\"" },
		{ FILE_LINES "nonsense", "line 4: this is not `key = value`" },
		{ "founder = 00000000000000000000000000000000""00000000000000000000000000000000\n"
		  "salt = " SALT "\nnetwork_key = " NETWORK_KEY "\n", "line 3: founder is no public key" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct mesh_network before = network;
		ck_assert_int_eq(read_file(rows[i].file), MESH_MALFORMED);
		ck_assert_str_eq(complaint, rows[i].says);
		ck_assert_mem_eq(&before, &network, sizeof network);
	}
}
START_TEST(a_complaint_never_repeats_a_secret)
{
	read_file(FILE_LINES "network_key = " NETWORK_KEY "\n");
	ck_assert(strstr(complaint, NETWORK_KEY) == NULL);
	read_file("network_key = x" NETWORK_KEY "\n");
	ck_assert(strstr(complaint, "6465") == NULL);
}
START_TEST(comments_spaces_and_dos_lines_are_fine)
{
	ck_assert_int_eq(
	    read_file("; mine\r\n  founder=" FOUNDER "  \r\n\tsalt =" SALT
		      "\r\n\r\nnetwork_key= " NETWORK_KEY "\r\ndemo = yes"),
	    MESH_OK);
	ck_assert(network.demo);
}
START_TEST(any_cut_or_changed_file_is_refused_or_harmless)
{
	static const char good[] = FILE_LINES "demo = no\n";
	char file[sizeof good];

	for (size_t len = 0; len + 1 < sizeof FILE_LINES - 1; len++) {
		memcpy(file, good, len);
		file[len] = '\0';
		ck_assert_int_eq(read_file(file), MESH_MALFORMED);
	}
	for (size_t i = 0; i < 8 * (sizeof good - 1); i++) {
		memcpy(file, good, sizeof good);
		file[i / 8] = (char)(file[i / 8] ^ (1 << i % 8));
		if (read_file(file) != MESH_OK)
			ck_assert_int_eq(strncmp(complaint, "line ", 5), 0);
	}
}
CHECK_MODULE(netkey, NULL, names_and_keys_are_those_of_wire_md,
    a_new_network_reads_back_as_it_was_written,
    what_is_wrong_with_a_file_is_said_with_its_line, a_complaint_never_repeats_a_secret,
    comments_spaces_and_dos_lines_are_fine,
    any_cut_or_changed_file_is_refused_or_harmless)
