#include "check_mesh.h"
#include "radio_taken.h"
#include <arpa/inet.h>

static void
nothing(void)
{
}

/* As Linux prints them, on a little-endian machine. */
static const char v4[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
    "uid\n"
    "   0: 0100007F:1133 00000000:0000 0A 00000000:00000000 00:00000000 00000000   104 "
    "       0 21001 1 0\n"
    "   1: 0100007F:9C40 0100007F:1133 01 00000000:00000000 00:00000000 00000000  1000 "
    "       0 21002 1 0\n"
    "   2: 0A00004D:9C41 0700000A:1133 02 00000000:00000000 00:00000000 00000000  1001 "
    "       0 21003 1 0\n"
    "   3: 0A00004D:9C42 0800000A:1133 06 00000000:00000000 00:00000000 00000000     0 "
    "       0 0 3 0\n";
static const char v6[] =
    "   0: 0000000000000000FFFF00000900000A:9C40 0000000000000000FFFF00000900000A:1133 "
    "01 00000000:00000000 00:00000000 00000000  1002        0 21004 1 0\n"
    "   1: 000080FE00000000000000000100000000000000:9C40 broken\n"
    "   2: 000080FE000000000000000001000000:9C40 000080FE000000000000000002000000:1134 "
    "01 00000000:00000000 00:00000000 00000000  1003        0 21005 1 0";

START_TEST(who_is_connected_is_read_from_the_systems_list)
{
	/* clang-format off */
	static const struct { const char *table, *host; uint16_t port; int uid; const char *why; } row[] = {
		{ v4, "127.0.0.1", 4403, 1000, "connected, and not the one that listens" },
		{ v4, "127.0.0.1", 4404, -1, "another port" },
		{ v4, "10.0.0.7", 4403, 1001, "about to be" },
		{ v4, "10.0.0.8", 4403, -1, "closed: waits out its time" },
		{ v4, "10.0.0.9", 4403, -1, "nobody" },
		{ v6, "10.0.0.9", 4403, 1002, "IPv4 mapped in IPv6" },
		{ v6, "::ffff:10.0.0.9", 4403, 1002, "the same, spelled so" },
		{ v6, "fe80::2", 4404, 1003, "IPv6, the last line without an end" },
		{ v6, "fe80::2", 4403, -1, "IPv6, another port" },
		{ v4, "roof.local", 4403, -1, "a name is no address" },
		{ "", "127.0.0.1", 4403, -1, "no list" },
		{ "\n\nx\n: : : : : : : :\n", "127.0.0.1", 4403, -1, "no such lines" },
	}; /* clang-format on */
	if (htonl(1) == 1)
		return; /* there the words are the other way round */
	for (size_t i = 0; i < LENGTH(row); i++) {
		unsigned uid = 0;
		bool taken = radio_taken_in(
		    row[i].table, row[i].host, row[i].port, &uid);
		ck_assert_msg(taken == (row[i].uid >= 0) &&
			(!taken || uid == (unsigned)row[i].uid),
		    "%s: %d %u", row[i].why, taken, uid);
	}
}
CHECK_MODULE(radio_taken, nothing, who_is_connected_is_read_from_the_systems_list)
