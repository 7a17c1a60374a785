#include "arena.h"
#include "model_world.h"
#include "text.h"

static struct site_name slots[4];
static struct sites sites;
static char room[SITE_SHOWN_MAX];
static mesh_time_ms now_ms;

static void
setup(void)
{
	sites = sites_init(slots, LENGTH(slots));
	now_ms = 1000;
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
static bool
is_news(uint8_t site, enum sites_news what)
{
	const struct site_name *one = sites_next_news(&sites, now_ms);
	struct mesh_key key = world_key(site);
	bool is = one != NULL && key_equal(&one->key, &key) && one->news == what;
	if (one != NULL)
		sites_told(&sites, &key, now_ms);
	return is;
}
START_TEST(a_name_stays_with_the_first_that_bore_it)
{
	put(1, 1, "roof");
	ck_assert(is_news(1, SITES_KEEP));
	put(2, 1, "roof");
	ck_assert(is_news(2, SITES_TAKEN));
	shows(1, "roof");
	shows(2, "roof-02020202");
	put(2, 2, "roof"); /* said again: no news */
	ck_assert_ptr_null(sites_next_news(&sites, now_ms));
	put(2, 3, "barn");
	now_ms += SITES_NEWS_MS;
	ck_assert(is_news(2, SITES_KEEP));
	shows(1, "roof");
	shows(2, "barn");
}
START_TEST(a_pin_from_before_the_start_holds_whoever_speaks_first)
{
	struct mesh_position first = world_at(1, LANE_STATE, 1);
	sites_pin(&sites, &first, text("roof"));
	ck_assert_ptr_null(sites_next_news(&sites, now_ms));
	put(2, 9, "roof");
	ck_assert(is_news(2, SITES_TAKEN));
	shows(2, "roof-02020202");
	put(1, 1, "roof");
	ck_assert_ptr_null(sites_next_news(&sites, now_ms));
	shows(1, "roof");
}
START_TEST(a_name_that_was_left_or_forgotten_is_free)
{
	struct mesh_key first = world_key(1);
	put(1, 1, "roof");
	put(1, 2, "barn");
	put(2, 1, "roof");
	shows(2, "roof");
	sites_forget(&sites, &first);
	shows(1, "01010101");
	put(3, 1, "barn");
	shows(3, "barn");
}
START_TEST(a_name_that_was_left_goes_to_the_next_that_bears_it)
{
	put(1, 1, "roof");
	put(2, 1, "roof");
	shows(2, "roof-02020202");
	put(1, 2, "barn");
	shows(1, "barn");
	shows(2, "roof");
}
START_TEST(what_a_forgotten_site_said_before_is_not_heard_again)
{
	struct mesh_position pinned = world_at(2, LANE_STATE, 5);
	struct mesh_key first = world_key(1);
	put(1, 5, "roof");
	sites_forget(&sites, &first);
	ck_assert(is_news(1, SITES_KEEP)); /* at once */
	put(1, 5, "roof");                 /* out of the store */
	sites_pin(&sites, &pinned, text(""));
	put(2, 5, "roof"); /* the same after a restart */
	put(3, 1, "roof");
	shows(1, "01010101");
	shows(2, "02020202");
	shows(3, "roof");
	put(1, 6, "roof"); /* it is there again */
	put(2, 6, "barn");
	shows(1, "roof-01010101");
	shows(2, "barn");
}
START_TEST(who_renames_itself_all_the_time_is_news_once_a_minute)
{
	char name[] = "a";
	int news = 0;
	for (uint64_t second = 1; second <= 300; second++, now_ms += 1000) {
		name[0] = (char)('a' + second % 26);
		put(1, second, name);
		news += is_news(1, SITES_KEEP);
	}
	ck_assert_int_eq(news, 5);
}
START_TEST(what_was_not_kept_is_news_again_later)
{
	put(1, 1, "roof");
	ck_assert(is_news(1, SITES_KEEP));
	sites_unkept(&sites, 0);
	sites_unkept(&sites, 4); /* no such slot */
	ck_assert_ptr_null(sites_next_news(&sites, now_ms));
	now_ms += SITES_NEWS_MS;
	ck_assert(is_news(1, SITES_KEEP));
}
START_TEST(a_beacon_takes_no_known_name)
{
	struct mesh_peer peer = { .key = world_key(7), .name = text("barn") };
	put(1, 1, "barn");
	ck_assert(text_is(sites_peer_name(&sites, &peer, room), "barn-07070707"));
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
	key = sites_find(&sites, text("roof"), &ambiguous);
	ck_assert(key != NULL && key->bytes[0] == 1); /* it was first */
	key = sites_find(&sites, text("roof-03030303"), &ambiguous);
	ck_assert(key != NULL && key->bytes[0] == 3);
}
START_TEST(no_two_sites_ever_show_the_same_name)
{
	static const char *const names[] = { "a", "b", "" };
	static const char *const keys[] = { "01010101", "02020202", "03030303" };
	for (int round = 0; round < 2000; round++) {
		uint8_t site = (uint8_t)(1 + rng_u32() % LENGTH(keys));
		put(site, (uint64_t)round + 1, names[rng_u32() % LENGTH(names)]);
		char shown[LENGTH(keys)][SITE_SHOWN_MAX + 1] = { "" };
		for (uint8_t i = 0; i < LENGTH(keys); i++) {
			struct mesh_key key = world_key((uint8_t)(i + 1));
			struct text_view name = sites_name(&sites, &key, room);
			memcpy(shown[i], name.ptr, name.len);
			for (uint8_t k = 0; k < i; k++)
				ck_assert_str_ne(shown[i], shown[k]);
		}
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
    a_site_without_a_name_is_its_key, a_name_stays_with_the_first_that_bore_it,
    a_pin_from_before_the_start_holds_whoever_speaks_first,
    a_name_that_was_left_or_forgotten_is_free,
    a_name_that_was_left_goes_to_the_next_that_bears_it,
    what_a_forgotten_site_said_before_is_not_heard_again,
    who_renames_itself_all_the_time_is_news_once_a_minute,
    what_was_not_kept_is_news_again_later, a_beacon_takes_no_known_name,
    an_older_record_does_not_rename, names_are_cleaned_and_cut,
    a_full_table_leaves_keys, sites_are_found_by_name_and_by_digits,
    no_two_sites_ever_show_the_same_name)
