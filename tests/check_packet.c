#include "arena.h"
#include "id.h"
#include "model_world.h"
#include "text.h"

static uint8_t block[64 * 1024];
static struct sites sites;

static void
setup(void)
{
	sites = world_sites(40);
}

struct heard {
	uint8_t site;
	uint64_t seq;
	struct reception r;
};

static struct packet
view(const struct heard *heard, const size_t *order, size_t count)
{
	static struct packet_fold fold;
	struct arena arena = arena_init(block, sizeof block);
	struct packet packet;
	fold = packet_fold();
	for (size_t i = 0; i < count; i++) {
		const struct heard *h = &heard[order != NULL ? order[i] : i];
		struct mesh_position at = world_at(h->site, LANE_PACKET, h->seq);
		packet_fold_add(&fold, &at, &h->r);
	}
	ck_assert_int_eq(packet_fold_view(&fold, &sites, &arena, &packet), MESH_OK);
	return packet;
}

START_TEST(one_packet_at_two_sites_is_one_packet_with_two_receptions)
{
	struct heard heard[] = { { 1, 7, world_reception(0xa1b2c3d4, 9, 2000) },
		{ 2, 3, world_reception(0xa1b2c3d4, 9, 1500) } };
	heard[0].r.via = VIA_MQTT;
	struct packet p = view(heard, NULL, 2);
	ck_assert_str_eq(world_json(&packet_table, &p),
	    "{\"network\":\"meshtastic\",\"id\":\"mt:a1b2c3d4:00000009\","
	    "\"from\":\"!a1b2c3d4\",\"channel\":{\"index\":0},"
	    "\"type\":\"TEXT_MESSAGE_APP\",\"time_ms\":1500,\"payload\":{\"text\":"
	    "\"hi\"},"
	    "\"raw\":\"2206080112026869\",\"receptions\":["
	    "{\"site\":\"s2\",\"radio\":\"roof\",\"time_ms\":1500,\"rssi\":-90,"
	    "\"snr\":6.25,\"hop_limit\":3,\"hop_start\":3},"
	    "{\"site\":\"s1\",\"radio\":\"roof\",\"time_ms\":2000,\"rssi\":-90,"
	    "\"snr\":6.25,\"hop_limit\":3,\"hop_start\":3,\"via\":[\"mqtt\"]}]}");
}
START_TEST(the_same_radio_twice_counts_once_and_the_earliest_stands)
{
	struct heard heard[] = { { 1, 7, world_reception(1, 9, 2000) },
		{ 1, 8, world_reception(1, 9, 1900) },
		{ 1, 9, world_reception(1, 9, 2100) } };
	struct packet p = view(heard, NULL, 3);
	const struct packet_reception *r = p.receptions.items;
	ck_assert_uint_eq(p.receptions.count, 1);
	ck_assert_int_eq(r->time_ms, 1900);
	heard[1].r.radio = text("barn");
	ck_assert_uint_eq(view(heard, NULL, 3).receptions.count, 2);
}
START_TEST(an_open_reception_shows_more_than_a_sealed_one)
{
	struct heard heard[] = { { 1, 1, world_reception(1, 9, 2000) },
		{ 2, 1, world_reception(1, 9, 2001) } };
	heard[0].r.has &= ~(1ULL << RECEPTION_TYPE);
	heard[0].r.channel = 0x5a;
	heard[0].r.raw = hex("2a021234"); /* MeshPacket.encrypted */
	struct packet p = view(heard, NULL, 2);
	ck_assert(text_is(p.type, "TEXT_MESSAGE_APP"));
	ck_assert_str_eq(
	    world_json(&packet_table,
		&(struct packet){ .has = 1 << PACKET_CHANNEL, .channel = p.channel }),
	    "{\"channel\":{\"index\":0}}");
	p = view(heard, NULL, 1);
	ck_assert_uint_eq(p.has >> PACKET_TYPE & 1, 0);
	ck_assert_str_eq(
	    world_json(&packet_table,
		&(struct packet){ .has = 1 << PACKET_CHANNEL, .channel = p.channel }),
	    "{\"channel\":{\"hash\":90}}");
	/* Opened by a key at its site: in no radio's list, so its hash names it still.
	 */
	heard[1].r.channel = 0x5a;
	heard[1].r.via = VIA_DECRYPTED;
	p = view(heard + 1, NULL, 1);
	ck_assert(text_is(p.type, "TEXT_MESSAGE_APP"));
	ck_assert_str_eq(
	    world_json(&packet_table,
		&(struct packet){ .has = 1 << PACKET_CHANNEL, .channel = p.channel }),
	    "{\"channel\":{\"hash\":90}}");
}
START_TEST(simulated_packets_say_so)
{
	struct heard heard = { 1, 1, world_reception(1, 9, 2000) };
	ck_assert_uint_eq(view(&heard, NULL, 1).has >> PACKET_SIMULATED & 1, 0);
	heard.r.via = VIA_SIMULATED;
	ck_assert(view(&heard, NULL, 1).simulated);
}
START_TEST(hops_are_known_only_when_the_sender_says_where_it_began)
{
	static const struct {
		uint8_t limit, start;
		bool known;
		uint8_t hops;
		const char *why;
	} rows[] = {
		{ 3, 3, true, 0, "direct" },
		{ 1, 3, true, 2, "two relays" },
		{ 3, 0, false, 0, "old firmware does not say" },
		{ 4, 3, false, 0, "nonsense" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		uint8_t hops = 0;
		struct reception r = world_reception(1, 2, 3);
		r.hop_limit = rows[i].limit;
		r.hop_start = rows[i].start;
		ck_assert_msg(
		    reception_hops(&r, &hops) == rows[i].known && hops == rows[i].hops,
		    "%s", rows[i].why);
	}
}
START_TEST(any_order_and_repetition_gives_the_same_bytes) /* more sites than fit, too */
{
	enum { HEARD = 60, ROUNDS = 60 };
	static struct heard heard[HEARD];
	static size_t order[2 * HEARD];
	static char first[64 * 1024];
	static const char *const radios[] = { "roof", "barn" };
	for (size_t i = 0; i < HEARD; i++) {
		heard[i] = (struct heard){ (uint8_t)(1 + i % 40), 1 + i / 40,
			world_reception(1, 9, 1000 + (unix_ms)(rng_u32() % 30)) };
		heard[i].r.radio = text(radios[rng_u32() % 2]);
		heard[i].r.rssi = -(int32_t)(rng_u32() % 120);
		heard[i].r.via = rng_u32() % 64;
		if (rng_u32() % 3 == 0)
			heard[i].r.has &= ~(1ULL << RECEPTION_TYPE);
	}
	for (int round = 0; round < ROUNDS; round++) {
		world_shuffle(order, HEARD);
		world_shuffle(order + HEARD, HEARD);
		size_t count = round % 2 ? 2 * HEARD : HEARD;
		struct packet p = view(heard, order, count);
		const char *json = world_json(&packet_table, &p);
		ck_assert_uint_eq(p.receptions.count, PACKET_HEARD_MAX);
		if (round == 0)
			memcpy(first, json, strlen(json) + 1);
		ck_assert_str_eq(json, first);
	}
}
START_TEST(a_small_arena_is_an_error_not_a_smaller_view)
{
	struct heard heard = { 1, 1, world_reception(1, 9, 2000) };
	struct mesh_position at = world_at(1, LANE_PACKET, 1);
	struct packet_fold fold = packet_fold();
	struct packet p;
	struct arena none = arena_init(block, 16);
	ck_assert_int_eq(packet_fold_view(&fold, &sites, &none, &p), MESH_NOT_FOUND);
	packet_fold_add(&fold, &at, &heard.r);
	ck_assert_int_eq(packet_fold_view(&fold, &sites, &none, &p), MESH_FULL);
}
CHECK_MODULE(packet, setup, one_packet_at_two_sites_is_one_packet_with_two_receptions,
    the_same_radio_twice_counts_once_and_the_earliest_stands,
    an_open_reception_shows_more_than_a_sealed_one, simulated_packets_say_so,
    hops_are_known_only_when_the_sender_says_where_it_began,
    any_order_and_repetition_gives_the_same_bytes,
    a_small_arena_is_an_error_not_a_smaller_view)
