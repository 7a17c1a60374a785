#include "bytes.h"
#include "check_mesh.h"
#include "meshtrust.h"

/* Certificates: an authority's word, and nobody else's. */

static struct mesh_identity authority, other, site;
static struct mesh_certificate cert;
static uint8_t room[MESH_CERTIFICATE_MAX];
static struct bytes_out out;

static void
setup(void)
{
	static const uint8_t seeds[3][32] = { { 1 }, { 2 }, { 3 } };
	mesh_identity_of(seeds[0], &authority);
	mesh_identity_of(seeds[1], &other);
	mesh_identity_of(seeds[2], &site);
	cert = (struct mesh_certificate){ .netid = { 7 },
		.site = site.key,
		.name = "berg",
		.name_len = 4,
		.roles = 15,
		.from_s = 1000,
		.until_s = 2000,
		.serial = 9 };
	out = bytes_out(room, sizeof room);
}
static void
sign(void)
{
	out = bytes_out(room, sizeof room);
	ck_assert_int_eq(mesh_certificate_sign(&cert, &authority, &out), MESH_OK);
}
static enum mesh_err
check(const struct mesh_identity *by, const uint8_t netid[static 16])
{
	struct mesh_certificate got;
	return mesh_certificate_check(bytes_written(&out), &by->key, netid, &got);
}

START_TEST(what_was_signed_is_read_again)
{
	struct mesh_certificate got;
	sign();
	ck_assert_int_eq(mesh_certificate_check(
			     bytes_written(&out), &authority.key, cert.netid, &got),
	    MESH_OK);
	ck_assert_mem_eq(&got.site, &site.key, sizeof got.site);
	ck_assert_mem_eq(got.netid, cert.netid, sizeof got.netid);
	ck_assert_uint_eq(got.name_len, 4);
	ck_assert_mem_eq(got.name, "berg", 4);
	ck_assert_uint_eq(got.roles, 15);
	ck_assert_uint_eq(got.from_s, 1000);
	ck_assert_uint_eq(got.until_s, 2000);
	ck_assert_uint_eq(got.serial, 9);
}
START_TEST(the_longest_one_fits)
{
	memset(cert.name, 'n', sizeof cert.name);
	cert.name_len = sizeof cert.name;
	cert.roles = 255;
	cert.until_s = cert.from_s = UINT32_MAX;
	cert.serial = UINT64_MAX;
	sign();
	ck_assert_uint_le(out.len, MESH_CERTIFICATE_MAX);
	ck_assert_int_eq(check(&authority, cert.netid), MESH_OK);
}
START_TEST(another_authoritys_or_networks_is_refused)
{
	static const uint8_t elsewhere[16] = { 8 };
	sign();
	ck_assert_int_eq(check(&authority, cert.netid), MESH_OK);
	ck_assert_int_eq(check(&other, cert.netid), MESH_DENIED);
	ck_assert_int_eq(check(&authority, elsewhere), MESH_DENIED);
}
START_TEST(no_bit_of_it_can_be_changed)
{
	sign();
	for (size_t i = 0; i < out.len * 8; i++) {
		room[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_int_ne(check(&authority, cert.netid), MESH_OK);
		room[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ck_assert_int_eq(check(&authority, cert.netid), MESH_OK);
	for (size_t len = 0; len < out.len; len++) {
		struct mesh_certificate got;
		ck_assert_int_ne(mesh_certificate_check(bytes_view(room, len),
				     &authority.key, cert.netid, &got),
		    MESH_OK);
	}
}
START_TEST(what_ends_before_it_begins_is_not_signed)
{
	cert.until_s = 999;
	ck_assert_int_eq(
	    mesh_certificate_sign(&cert, &authority, &out), MESH_MALFORMED);
}
START_TEST(a_file_is_one_line_of_hex)
{
	char line[2 * MESH_CERTIFICATE_MAX + 2];
	uint8_t back[MESH_CERTIFICATE_MAX];
	struct bytes_out bytes = bytes_out(back, sizeof back);
	sign();
	for (size_t i = 0; i < out.len; i++)
		snprintf(line + 2 * i, 3, "%02x", room[i]);
	snprintf(line + 2 * out.len, 2, "\n");
	struct text_view file = { line, 2 * out.len + 1 };
	ck_assert_int_eq(mesh_certificate_of_text(file, &bytes), MESH_OK);
	ck_assert_uint_eq(bytes.len, out.len);
	ck_assert_mem_eq(back, room, out.len);
	line[0] = 'x';
	bytes = bytes_out(back, sizeof back);
	ck_assert_int_eq(mesh_certificate_of_text(file, &bytes), MESH_MALFORMED);
}
CHECK_MODULE(cert, setup, what_was_signed_is_read_again, the_longest_one_fits,
    another_authoritys_or_networks_is_refused, no_bit_of_it_can_be_changed,
    what_ends_before_it_begins_is_not_signed, a_file_is_one_line_of_hex)
