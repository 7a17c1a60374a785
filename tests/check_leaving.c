/* What leaves the site, and how exactly. */
#include "check_mesh.h"
#include "id.h"
#include "leaving.h"
#include "live.h"
#include "model_world.h"
#include "text.h"

static uint64_t block[4096], filter_block[4096];
static struct id self;
static struct live *live;

static void
setup(void)
{
	self = id_of_node(ID_MT_NODE, 0x22);
	live_free(live);
	live = live_new(8);
}

static struct reception
position(int32_t lat, int32_t lon)
{
	/* MeshPacket { decoded { portnum 3, payload { latitude_i, longitude_i } } } */
	static uint8_t raw[] = { 0x22, 14, 0x08, 3, 0x12, 10, 0x0d, 0, 0, 0, 0, 0x15, 0,
		0, 0, 0 };
	struct reception r = world_reception(0x11, 7, 1700000000000);
	for (unsigned i = 0; i < 4; i++) {
		raw[7 + i] = (uint8_t)((uint32_t)lat >> 8 * i);
		raw[12 + i] = (uint8_t)((uint32_t)lon >> 8 * i);
	}
	r.type = 3;
	r.has |= 1 << RECEPTION_TYPE;
	r.raw = bytes_view(raw, sizeof raw);
	return r;
}

static enum meshd_counter
leave(
    const struct leaving_rules *rules, const struct reception *r, struct reception *out)
{
	struct arena arena = arena_init(block, sizeof block);
	return leaving_packet(rules, r, &self, live_sites(live), &arena, out);
}

START_TEST(the_filter_says_what_leaves)
{
	static const struct {
		const char *filter;
		enum meshd_counter what;
	} rows[] = { { "", COUNT_PUBLISH_TAKEN },
		{ "not type=POSITION_APP", COUNT_PUBLISH_FILTERED },
		{ "type=POSITION_APP", COUNT_PUBLISH_TAKEN },
		{ "payload.position.lat>52", COUNT_PUBLISH_TAKEN },
		{ "payload.position.lat<52", COUNT_PUBLISH_FILTERED },
		{ "not receptions.radio=roof", COUNT_PUBLISH_TAKEN } };
	struct reception r = position(525200123, 134050987), out;
	r.radio = text("attic");
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct leaving_rules rules = { .precision = LEAVING_EXACT };
		struct arena arena = arena_init(filter_block, sizeof filter_block);
		struct filter_error why;
		ck_assert_int_eq(filter_parse(&packet_table, text(rows[i].filter),
				     &arena, &rules.publish, &why),
		    MESH_OK);
		ck_assert_msg(
		    leave(&rules, &r, &out) == rows[i].what, "%s", rows[i].filter);
	}
	ck_assert(leaving_stays(COUNT_PUBLISH_FILTERED));
	ck_assert(!leaving_teaches(COUNT_PUBLISH_FILTERED));
}
START_TEST(a_place_is_cut_in_a_copy)
{
	struct leaving_rules rules = { .precision = 16 };
	struct reception r = position(525200123, 134050987), out;
	ck_assert_int_eq(leave(&rules, &r, &out), COUNT_PUBLISH_CUT);
	ck_assert(!bytes_equal(r.raw, out.raw));
	ck_assert_uint_eq(out.raw.len, r.raw.len);
	ck_assert_uint_eq(r.raw.ptr[7], 525200123 & 0xff);
	ck_assert_uint_eq(out.raw.ptr[7], 0);
	ck_assert_uint_eq(out.raw.ptr[8], 0x80);
}
START_TEST(what_cannot_be_cut_stays)
{
	struct leaving_rules rules = { .precision = 16 };
	struct reception r = position(1, 2), out;
	uint8_t raw[] = { 0x22, 4, 0x08, 72, 0x12, 0 };
	r.raw = bytes_view(raw, sizeof raw);
	ck_assert_int_eq(leave(&rules, &r, &out), COUNT_PUBLISH_PLACE);
	ck_assert(leaving_stays(COUNT_PUBLISH_PLACE));
	rules.precision = LEAVING_EXACT;
	ck_assert_int_eq(leave(&rules, &r, &out), COUNT_PUBLISH_TAKEN);
}
START_TEST(what_a_network_told_leaves_with_its_senders_consent)
{
	/* MeshPacket { decoded { portnum 1, payload "a", bitfield } } */
	static const struct {
		const char *raw;
		uint32_t via;
		enum meshd_counter what;
	} rows[] = { { "220708011201614800", VIA_UDP | VIA_DECRYPTED,
			 COUNT_PUBLISH_PRIVATE },
		{ "220708011201614801", VIA_UDP | VIA_DECRYPTED, COUNT_PUBLISH_TAKEN },
		{ "22050801120161", VIA_UDP | VIA_DECRYPTED, COUNT_PUBLISH_PRIVATE },
		{ "220708011201614800", VIA_UDP, COUNT_PUBLISH_TAKEN },
		{ "220708011201614800", VIA_PROXY, COUNT_PUBLISH_PRIVATE },
		{ "220708011201614801", VIA_PROXY, COUNT_PUBLISH_TAKEN },
		{ "2a0161", VIA_PROXY, COUNT_PUBLISH_TAKEN }, /* sealed */
		{ "220708011201614800", 0, COUNT_PUBLISH_TAKEN } };
	struct leaving_rules rules = { .precision = LEAVING_EXACT };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct reception r = position(1, 2), out;
		r.raw = hex(rows[i].raw);
		r.via = rows[i].via;
		ck_assert_msg(leave(&rules, &r, &out) == rows[i].what, "row %zu", i);
	}
	ck_assert(leaving_stays(COUNT_PUBLISH_PRIVATE));
	ck_assert(!leaving_teaches(COUNT_PUBLISH_PRIVATE));
}
START_TEST(nodes_and_the_site_are_cut_within_the_globe)
{
	struct leaving_rules rules = { .precision = 13 };
	struct node_facts facts = { .has = 1 << FACTS_POSITION };
	struct site_value site = { .latitude = 52.5200123, .longitude = -13.4 };
	facts.position.lat = 52.5200123;
	facts.position.lon = 179.99999;
	leaving_node(&rules, &facts);
	ck_assert(facts.position.lat != 52.5200123);
	ck_assert(facts.position.lat > 52.4 && facts.position.lat < 52.6);
	ck_assert(facts.position.lon <= 180);
	ck_assert_uint_eq(facts.position.precision, 13);
	leaving_site(&rules, &site);
	ck_assert(site.latitude != 52.5200123 && site.longitude != -13.4);
	rules.precision = 1;
	leaving_site(&rules, &site);
	ck_assert(site.latitude <= 90 && site.longitude >= -180);
}
CHECK_MODULE(leaving, setup, the_filter_says_what_leaves, a_place_is_cut_in_a_copy,
    what_cannot_be_cut_stays, what_a_network_told_leaves_with_its_senders_consent,
    nodes_and_the_site_are_cut_within_the_globe)
