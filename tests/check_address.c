#include "address.h"
#include "check_mesh.h"
#include "text.h"
#include <arpa/inet.h>

static const char *
shown(const uint8_t *addr)
{
	static char room[ADDRESS_TEXT];
	struct bytes_out out = bytes_out(room, sizeof room);
	address_print(addr, &out);
	return text_end(&out);
}

START_TEST(addresses_are_written_as_rfc_5952_says)
{
	/* clang-format off */
	static const char *const row[] = { "::", "::1", "fe80::1", "1::", "2001:db8::1",
		"2001:db8:0:1:1:1:1:1", "2001:0:0:1::1", "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8",
		"ff12::6d65:7368", "0:1::", "::1:0:0:0", "1:0:0:2:3:4:5:6" }; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		uint8_t addr[ADDRESS_BYTES];
		ck_assert_int_eq(inet_pton(AF_INET6, row[i], addr), 1);
		if (strcmp(row[i], "::1:0:0:0") == 0)
			ck_assert_str_eq(shown(addr), "::1:0:0:0");
		else if (strcmp(row[i], "1:0:0:2:3:4:5:6") == 0)
			ck_assert_str_eq(shown(addr), "1::2:3:4:5:6");
		else
			ck_assert_str_eq(shown(addr), row[i]);
	}
}
START_TEST(any_address_reads_back)
{
	for (int i = 0; i < 20000; i++) {
		uint8_t addr[ADDRESS_BYTES], back[ADDRESS_BYTES];
		rng_bytes(addr, sizeof addr);
		for (size_t k = 0; k < 8; k++)
			if (rng_u32() % 2 == 0)
				addr[2 * k] = addr[2 * k + 1] = 0;
		if (address_is_v4(addr))
			continue;
		ck_assert_int_eq(inet_pton(AF_INET6, shown(addr), back), 1);
		ck_assert_mem_eq(addr, back, sizeof addr);
	}
}
START_TEST(a_path_is_short_on_the_wire_and_comes_back)
{
	uint8_t six[ADDRESS_BYTES] = { 0xfe, 0x80, [15] = 1 };
	struct mesh_path path[] = { address_path_v4(0x0a000007, 4470),
		address_path(six, 1) };
	static const size_t want[] = { 6, 18 };
	static const char *const text_of[] = { "10.0.0.7:4470", "[fe80::1]:1" };
	for (size_t i = 0; i < LENGTH(path); i++) {
		struct mesh_path back;
		char room[ADDRESS_TEXT];
		struct bytes_out out = bytes_out(room, sizeof room);
		struct bytes_view wire = address_wire(&path[i]);
		ck_assert_uint_eq(wire.len, want[i]);
		ck_assert(address_read_wire(wire, &back));
		ck_assert_mem_eq(back.addr, path[i].addr, sizeof back.addr);
		address_print_path(&path[i], &out);
		ck_assert_str_eq(text_end(&out), text_of[i]);
		wire.len--;
		ck_assert(!address_read_wire(wire, &back));
	}
	struct mesh_path none; /* IPv4 has one form: the short one */
	ck_assert(
	    !address_read_wire(bytes_view(path[0].addr, sizeof path[0].addr), &none));
	ck_assert_uint_eq(address_port(&path[0]), 4470);
	ck_assert_uint_eq(address_v4(path[0].addr), 0x0a000007);
	ck_assert(address_is_link_local(six) && !address_is_link_local(path[0].addr));
}
START_TEST(what_no_machine_answers_at_is_not_usable)
{
	/* clang-format off */
	static const struct { const char *addr; uint16_t port; bool usable; } row[] = {
		{ "10.0.0.1", 1, true }, { "10.0.0.1", 0, false }, { "0.0.0.0", 1, false },
		{ "224.0.0.1", 1, false }, { "255.255.255.255", 1, false }, { "::", 1, false },
		{ "fe80::1", 1, true }, { "ff02::1", 1, false }, { "2001:db8::1", 0, false },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		uint8_t addr[ADDRESS_BYTES];
		struct in_addr four;
		if (inet_pton(AF_INET, row[i].addr, &four) == 1)
			address_of_v4(ntohl(four.s_addr), addr);
		else
			ck_assert_int_eq(inet_pton(AF_INET6, row[i].addr, addr), 1);
		struct mesh_path path = address_path(addr, row[i].port);
		ck_assert_msg(address_is_usable(&path) == row[i].usable, "%s %u",
		    row[i].addr, row[i].port);
	}
}
CHECK_MODULE(address, NULL, addresses_are_written_as_rfc_5952_says,
    any_address_reads_back, a_path_is_short_on_the_wire_and_comes_back,
    what_no_machine_answers_at_is_not_usable)
