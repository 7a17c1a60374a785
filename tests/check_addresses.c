#include "addresses.h"
#include "check_mesh.h"

static struct mesh_path
v4(uint32_t n)
{
	return address_path_v4(0x0a000000 + n, 4470);
}
static struct mesh_path
v6(uint8_t n)
{
	uint8_t addr[ADDRESS_BYTES] = { 0xfd, [15] = n };
	return address_path(addr, 4470);
}

START_TEST(three_of_ipv4_fit_and_come_back_in_order)
{
	struct addresses a = { .len = 0 };
	struct mesh_path out;
	for (uint32_t i = 1; i <= 5; i++) {
		struct mesh_path p = v4(i);
		addresses_add(&a, &p);
		addresses_add(&a, &p); /* once is enough */
	}
	ck_assert_uint_eq(addresses_count(&a), 3);
	for (uint32_t i = 0; i < 3; i++) {
		struct mesh_path want = v4(i + 1);
		ck_assert(addresses_at(&a, i, &out));
		ck_assert_mem_eq(out.addr, want.addr, sizeof out.addr);
		ck_assert(addresses_have(&a, &want));
	}
	ck_assert(!addresses_at(&a, 3, &out));
}
START_TEST(one_of_each_family_fits)
{
	struct addresses a = { .len = 0 };
	struct mesh_path p[] = { v6(1), v6(2), v4(1), v4(2) };
	for (size_t i = 0; i < LENGTH(p); i++)
		addresses_add(&a, &p[i]);
	ck_assert_uint_eq(addresses_count(&a), 2);
	ck_assert(addresses_have(&a, &p[0]) && addresses_have(&a, &p[2]));
}
START_TEST(what_names_no_machine_is_left_out)
{
	struct addresses a = { .len = 0 };
	struct mesh_path none = { .iface = 1 }, all = address_path_v4(0xffffffff, 4470),
			 zero = v4(1);
	zero.addr[16] = zero.addr[17] = 0;
	addresses_add(&a, &none);
	addresses_add(&a, &all);
	addresses_add(&a, &zero);
	ck_assert_uint_eq(addresses_count(&a), 0);
}
START_TEST(whatever_bytes_are_read_the_list_is_sound)
{
	for (int i = 0; i < 20000; i++) {
		struct addresses a, again;
		struct mesh_path out;
		uint8_t bytes[40];
		size_t len = rng_u32() % sizeof bytes, count = 0;
		rng_bytes(bytes, sizeof bytes);
		bytes[0] = rng_u32() % 2 == 0 ? 6 : 18;
		addresses_read(&a, bytes_view(bytes, len));
		while (addresses_at(&a, count, &out)) {
			ck_assert(address_is_usable(&out));
			count++;
		}
		ck_assert_uint_eq(count, addresses_count(&a));
		addresses_read(&again, bytes_view(a.bytes, a.len));
		ck_assert_uint_eq(again.len, a.len);
		ck_assert_mem_eq(again.bytes, a.bytes, a.len);
	}
}
CHECK_MODULE(addresses, NULL, three_of_ipv4_fit_and_come_back_in_order,
    one_of_each_family_fits, what_names_no_machine_is_left_out,
    whatever_bytes_are_read_the_list_is_sound)
