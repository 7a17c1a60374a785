#include "arena.h"
#include "model_world.h"
#include "text.h"

static struct site_name slots[4];
static struct sites sites;
static char room[SITE_SHOWN_MAX];

static void
setup(void)
{
	sites = sites_init(slots, LENGTH(slots));
}

static void
put(uint8_t site, uint64_t seq, const char *name)
{
	struct mesh_position at = world_at(site, LANE_STATE, seq);
	sites_put(&sites, &at, text(name));
}

static void
shows(uint8_t site, const char *wanted)
{
	struct mesh_key key = world_key(site);
	struct text_view name = sites_name(&sites, &key, room);
	ck_assert_msg(text_is(name, wanted), "site %u: %.*s, not %s", site,
	    (int)name.len, name.ptr, wanted);
}

START_TEST(a_site_without_a_name_is_its_key)
{
	shows(7, "07070707");
	put(7, 1, "");
	shows(7, "07070707");
}
START_TEST(a_name_stands_alone_until_another_site_bears_it)
{
	put(1, 1, "roof");
	shows(1, "roof");
	put(2, 1, "roof");
	shows(1, "roof-01010101");
	shows(2, "roof-02020202");
	put(2, 2, "barn");
	shows(1, "roof");
	shows(2, "barn");
}
START_TEST(an_older_record_does_not_rename)
{
	put(1, 5, "new");
	put(1, 4, "old");
	shows(1, "new");
}
START_TEST(names_are_cleaned_and_cut)
{
	put(1, 1,
	    "a\x1b[31m\xe2\x80\xae"
	    "b");
	shows(1, "a[31mb");
	put(1, 2, "0123456789012345678901234567890123456789");
	shows(1, "01234567890123456789012345678901");
}
START_TEST(a_full_table_leaves_keys)
{
	for (uint8_t i = 1; i <= 5; i++)
		put(i, 1, "x");
	shows(5, "05050505");
	shows(4, "x-04040404");
}
START_TEST(sites_are_found_by_name_and_by_digits)
{
	bool ambiguous;
	put(1, 1, "roof");
	put(2, 1, "barn");
	const struct mesh_key *key = sites_find(&sites, text("barn"), &ambiguous);
	ck_assert(key != NULL && key->bytes[0] == 2);
	key = sites_find(&sites, text("0101010101"), &ambiguous);
	ck_assert(key != NULL && key->bytes[0] == 1);
	ck_assert(
	    sites_find(&sites, text("0101010"), &ambiguous) == NULL && !ambiguous);
	put(3, 1, "roof");
	ck_assert(sites_find(&sites, text("roof"), &ambiguous) == NULL && ambiguous);
	key = sites_find(&sites, text("roof-03030303"), &ambiguous);
	ck_assert(key != NULL && key->bytes[0] == 3);
}
START_TEST(any_order_of_records_ends_in_the_same_names)
{
	static const struct {
		uint8_t site;
		uint64_t seq;
		const char *name;
	} said[] = {
		{ 1, 1, "a" },
		{ 1, 2, "b" },
		{ 2, 1, "a" },
		{ 2, 3, "b" },
		{ 3, 1, "c" },
	};
	for (int round = 0; round < 200; round++) {
		size_t order[LENGTH(said)];
		setup();
		world_shuffle(order, LENGTH(order));
		for (size_t i = 0; i < 2 * LENGTH(order); i++) {
			size_t k = order[i % LENGTH(order)];
			put(said[k].site, said[k].seq, said[k].name);
		}
		shows(1, "b-01010101");
		shows(2, "b-02020202");
		shows(3, "c");
	}
}
START_TEST(a_peer_bears_its_beacons_name_until_its_record_comes)
{
	struct mesh_peer peer = { .key = world_key(7), .name = text("barn") };
	ck_assert(text_is(sites_peer_name(&sites, &peer, room), "barn"));
	peer.name = (struct text_view){ "", 0 };
	ck_assert(text_is(sites_peer_name(&sites, &peer, room), "07070707"));
	peer.name = text("barn");
	put(7, 1, "roof"); /* the record wins, whatever the beacon says */
	ck_assert(text_is(sites_peer_name(&sites, &peer, room), "roof"));
}
CHECK_MODULE(sites, setup, a_peer_bears_its_beacons_name_until_its_record_comes,
    a_site_without_a_name_is_its_key, a_name_stands_alone_until_another_site_bears_it,
    an_older_record_does_not_rename, names_are_cleaned_and_cut,
    a_full_table_leaves_keys, sites_are_found_by_name_and_by_digits,
    any_order_of_records_ends_in_the_same_names)
