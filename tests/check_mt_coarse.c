/* Positions cut in the packet's own bytes. */
#include "check_mesh.h"
#include "mt_coarse.h"
#include "mt_codec.h"

enum { LAT = 525200123, LON = -134050987 };

static void
put_key(struct bytes_out *o, unsigned number, unsigned wire)
{
	unsigned key = number << 3 | wire;
	for (; key > 127; key >>= 7)
		bytes_put_u8(o, (uint8_t)(key | 128));
	bytes_put_u8(o, (uint8_t)key);
}
static void
put_fixed(struct bytes_out *o, unsigned number, int32_t value)
{
	put_key(o, number, 5);
	for (unsigned i = 0; i < 4; i++)
		bytes_put_u8(o, (uint8_t)((uint32_t)value >> 8 * i));
}
static void
put_bytes(struct bytes_out *o, unsigned number, struct bytes_view v)
{
	put_key(o, number, 2);
	bytes_put_u8(o, (uint8_t)v.len);
	bytes_put_view(o, v);
}

/* A packet of that port, whose payload has the coordinates under those numbers. */
static struct bytes_out
packet(uint8_t *room, unsigned port, unsigned lat, unsigned lon, unsigned precision)
{
	uint8_t a[96], b[112];
	struct bytes_out payload = bytes_out(a, sizeof a),
			 data = bytes_out(b, sizeof b);
	struct bytes_out out = bytes_out(room, 160);
	put_fixed(&payload, lat, LAT);
	put_fixed(&payload, lon, LON);
	if (precision != 0) {
		put_key(&payload, precision, 0);
		bytes_put_u8(&payload, 32);
	}
	put_key(&data, 1, 0);
	if (port > 127)
		bytes_put_u8(&data, (uint8_t)(port | 128));
	bytes_put_u8(&data, (uint8_t)(port > 127 ? port >> 7 : port));
	put_bytes(&data, 2, bytes_written(&payload));
	put_fixed(&out, 1, 0x11);
	put_bytes(&out, 4, bytes_written(&data));
	put_fixed(&out, 6, 0x77);
	ck_assert(!out.failed);
	return out;
}

static bool
holds(struct bytes_view bytes, int32_t value)
{
	uint8_t le[4];
	for (unsigned i = 0; i < 4; i++)
		le[i] = (uint8_t)((uint32_t)value >> 8 * i);
	for (size_t i = 0; i + 4 <= bytes.len; i++)
		if (memcmp(bytes.ptr + i, le, 4) == 0)
			return true;
	return false;
}

START_TEST(a_number_is_cut_as_the_firmware_does_it)
{
	static const struct {
		int32_t number;
		unsigned bits;
		int32_t cut;
	} rows[] = { { LAT, 32, LAT }, { LAT, 16, (LAT & ~0xffff) + 0x8000 },
		{ 0, 31, 1 },
		{ LON, 13, (int32_t)(((uint32_t)LON & 0xfff80000) + 0x40000) },
		{ -1, 1, (int32_t)0xc0000000 }, { 1, 1, 0x40000000 } };
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_int_eq(
		    mt_coarse_number(rows[i].number, rows[i].bits), rows[i].cut);
}
START_TEST(every_message_with_a_place_is_cut_and_keeps_its_length)
{
	static const struct {
		unsigned port, lat, lon, precision;
	} rows[] = { { MT_PORT_POSITION, 1, 2, 23 }, { MT_PORT_WAYPOINT, 2, 3, 0 },
		{ MT_PORT_MAP_REPORT, 9, 10, 12 } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		uint8_t room[160];
		struct bytes_out p = packet(
		    room, rows[i].port, rows[i].lat, rows[i].lon, rows[i].precision);
		struct mt_packet read;
		ck_assert(holds(bytes_written(&p), LAT));
		ck_assert_int_eq(mt_coarse(room, p.len, 16), MT_COARSE_CUT);
		ck_assert(!holds(bytes_written(&p), LAT));
		ck_assert(!holds(bytes_written(&p), LON));
		ck_assert(holds(bytes_written(&p), mt_coarse_number(LAT, 16)));
		ck_assert(holds(bytes_written(&p), mt_coarse_number(LON, 16)));
		ck_assert(mt_packet_read(bytes_written(&p), &read));
		ck_assert_uint_eq(read.id, 0x77);
	}
}
START_TEST(both_copies_of_a_position_are_cut)
{
	uint8_t one[160], two[320];
	struct bytes_out p = packet(one, MT_PORT_POSITION, 1, 2, 0);
	struct bytes_out both = bytes_out(two, sizeof two);
	bytes_put_view(&both, bytes_written(&p));
	bytes_put_view(&both, bytes_written(&p));
	ck_assert_int_eq(mt_coarse(two, both.len, 16), MT_COARSE_CUT);
	ck_assert(!holds(bytes_written(&both), LAT));
}
START_TEST(what_has_no_place_is_left_alone)
{
	uint8_t room[160], before[160];
	static const unsigned ports[] = { MT_PORT_TEXT, MT_PORT_NODEINFO,
		MT_PORT_ROUTING, MT_PORT_TELEMETRY, MT_PORT_TRACEROUTE,
		MT_PORT_NEIGHBORINFO, MT_PORT_RANGE_TEST };
	struct bytes_out p;
	for (size_t i = 0; i < LENGTH(ports); i++) {
		p = packet(room, ports[i], 1, 2, 0);
		memcpy(before, room, sizeof before);
		ck_assert_int_eq(mt_coarse(room, p.len, 10), MT_COARSE_NONE);
		ck_assert_mem_eq(before, room, p.len);
	}
	p = bytes_out(room, sizeof room);
	put_bytes(&p, 5, bytes_view("sealed", 6));
	ck_assert_int_eq(mt_coarse(room, p.len, 10), MT_COARSE_NONE);
}
START_TEST(what_cannot_be_cut_is_not_passed_on)
{
	uint8_t room[160];
	/* ATAK, packets inside packets, CAYENNE, ZPS, a serial port, private, unknown
	 */
	static const unsigned ports[] = { 72, 257, MT_PORT_SIMULATOR,
		MT_PORT_STORE_FORWARD, 35, 77, 68, 64, 256, 78, 112, 300, 0 };
	for (size_t i = 0; i < LENGTH(ports); i++) {
		struct bytes_out p = packet(room, ports[i], 1, 2, 0);
		ck_assert_int_eq(mt_coarse(room, p.len, 10), MT_COARSE_UNSURE);
	}
	struct bytes_out p = packet(room, MT_PORT_POSITION, 1, 2, 0);
	ck_assert_int_eq(mt_coarse(room, p.len - 7, 10), MT_COARSE_UNSURE);
	p = bytes_out(room, sizeof room); /* latitude as a varint */
	put_bytes(&p, 4, bytes_view("\x08\x03\x12\x02\x08\x05", 6));
	ck_assert_int_eq(mt_coarse(room, p.len, 10), MT_COARSE_UNSURE);
}
START_TEST(no_bytes_make_it_stumble)
{
	uint8_t room[96];
	for (unsigned n = 0; n < 20000; n++) {
		rng_bytes(room, sizeof room);
		room[0] = 4 << 3 | 2;
		(void)mt_coarse(room, rng_u32() % sizeof room, 1 + rng_u32() % 32);
	}
}
CHECK_MODULE(mt_coarse, NULL, a_number_is_cut_as_the_firmware_does_it,
    every_message_with_a_place_is_cut_and_keeps_its_length,
    both_copies_of_a_position_are_cut, what_has_no_place_is_left_alone,
    what_cannot_be_cut_is_not_passed_on, no_bytes_make_it_stumble)
