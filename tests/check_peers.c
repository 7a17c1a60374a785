#include "check_mesh.h"
#include "peers.h"

enum { CAP = 4 };
static struct peers p;
static void *block;

static void
setup(void)
{
	static const uint8_t secret[TABLE_SECRET];
	free(block);
	block = calloc(1, peers_bytes(CAP));
	ck_assert(block != NULL);
	peers_init(&p, block, CAP, secret);
}
static struct mesh_key
key(uint8_t n)
{
	struct mesh_key k;
	memset(k.bytes, n, sizeof k.bytes);
	return k;
}
static struct handle
add(uint8_t n, mesh_time_ms heard, enum mesh_peer_state state)
{
	struct mesh_key k = key(n);
	struct handle evicted, h = peers_add(&p, &k, heard, &evicted);
	if (h.generation != 0) {
		peers_at(&p, h)->heard_ms = heard;
		(void)peers_become(peers_at(&p, h), state, REASON_NONE, heard);
	}
	return h;
}

START_TEST(the_dead_longest_silent_makes_room_and_the_living_never)
{
	(void)add(1, 50, PEER_DEAD);
	struct handle oldest = add(2, 10, PEER_LEFT);
	(void)add(3, 5, PEER_ALIVE);
	(void)add(4, 1, PEER_SUSPECT);
	struct mesh_key k = key(5);
	struct handle evicted, h = peers_add(&p, &k, 60, &evicted);
	ck_assert_uint_ne(h.generation, 0);
	ck_assert(
	    evicted.index == oldest.index && evicted.generation == oldest.generation);
	k = key(2);
	ck_assert_uint_eq(peers_find(&p, &k).generation, 0);
	ck_assert_ptr_null(peers_at(&p, oldest));
	ck_assert_uint_ne(add(6, 70, PEER_ALIVE).generation, 0); /* for key 1 */
	ck_assert_uint_eq(add(7, 80, PEER_ALIVE).generation, 0); /* all alive */
}
START_TEST(lane_zero_takes_each_number_once_in_any_order)
{
	struct peer one = { .boot = 1 };
	bool seen[200] = { false };
	uint64_t top = 0;
	for (int i = 0; i < 2000; i++) {
		uint64_t seq = 1 + (top + rng_u32() % 20) % 199;
		bool too_old = top >= PEERS_WINDOW && seq <= top - PEERS_WINDOW;
		ck_assert(peers_live_is_new(&one, seq) == (!seen[seq] && !too_old));
		if (!peers_live_is_new(&one, seq))
			continue;
		peers_live_note(&one, seq);
		seen[seq] = true;
		top = seq > top ? seq : top;
	}
	peers_live_note(&one, top + 1000);
	ck_assert(!peers_live_is_new(&one, top));
	ck_assert(peers_live_is_new(&one, top + 999));
}
START_TEST(behind_the_window_some_are_stragglers_and_the_rest_is_old)
{
	struct peer one = { .boot = 1 };
	peers_live_note(&one, 5000);
	struct {
		uint64_t seq;
		bool straggler;
		const char *why;
	} cases[] = {
		{ 5001, false, "it is new" },
		{ 5000, false, "the highest" },
		{ 5001 - PEERS_WINDOW, false, "the last one in the window" },
		{ 5000 - PEERS_WINDOW, true, "the first one behind it" },
		{ 5001 - PEERS_STRAGGLERS, true, "as far behind as may be" },
		{ 5001 - PEERS_STRAGGLERS - 1, false, "too far" },
		{ 1, false, "from long ago" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++)
		ck_assert_msg(
		    peers_live_is_straggler(&one, cases[i].seq) == cases[i].straggler,
		    "%s", cases[i].why);
	uint64_t before = one.live_bits;
	peers_live_note(&one, 5000 - PEERS_WINDOW);
	ck_assert_uint_eq(one.live_bits, before);
	ck_assert_uint_eq(one.live_next, 5001);
}
START_TEST(a_higher_boot_starts_afresh_and_a_lower_one_is_refused)
{
	struct peer one = { .boot = 5, .beacon_seq = 9 };
	peers_live_note(&one, 30);
	ck_assert(!peers_boot(&one, 4));
	ck_assert(peers_boot(&one, 5) && !one.unkept);
	ck_assert(!peers_live_is_new(&one, 30));
	ck_assert(peers_boot(&one, 6) && one.unkept && one.changed);
	ck_assert(peers_live_is_new(&one, 1) && one.beacon_seq == 0);
}
START_TEST(after_four_new_epochs_in_a_day_the_next_is_not_heard_for_a_day)
{
	enum { HOUR = 3600 * 1000, DAY = 24 * HOUR };
	struct peer one = { .name_len = 0 };
	ck_assert(peers_may_renew(&one, 7, 0));
	ck_assert(peers_epoch(&one, 7, 0) && one.unkept); /* the first we hear of */
	for (uint64_t i = 1; i <= PEERS_EPOCHS; i++) {
		ck_assert(peers_may_renew(&one, 7 + i, i * HOUR));
		ck_assert(peers_epoch(&one, 7 + i, i * HOUR));
		ck_assert(!peers_epoch(&one, 7 + i, i * HOUR)); /* known by now */
	}
	mesh_time_ms last = PEERS_EPOCHS * HOUR;
	ck_assert(peers_may_renew(&one, 11, last + 1)); /* the one that is known */
	ck_assert(!peers_may_renew(&one, 12, last + 1));
	ck_assert(!peers_may_renew(&one, 12, last + DAY - 1000));
	ck_assert(peers_may_renew(&one, 12, last + DAY));
	for (uint64_t i = 0; i < 20; i++) { /* one a day, for ever */
		mesh_time_ms now = last + (1 + i) * DAY;
		ck_assert(peers_may_renew(&one, 12 + i, now));
		ck_assert(peers_epoch(&one, 12 + i, now));
	}
}
START_TEST(strangers_are_remembered_by_address_and_bounded)
{
	struct mesh_path path = { .iface = 1 };
	for (unsigned i = 0; i < 200; i++) {
		path.addr[3] = (uint8_t)i;
		ck_assert(peers_stranger(&p, &path, i));
		ck_assert(!peers_stranger(&p, &path, i)); /* known by now */
	}
	ck_assert(peers_stranger(&p, &path, 200 + 61 * 1000)); /* long ago */
}
START_TEST(names_are_bounded_and_news_only_when_they_change)
{
	struct peer one = { .name_len = 0 };
	const char *name = "a name that is far too long for the row it goes to";
	peers_rename(&one, (struct text_view){ name, 3 });
	ck_assert(one.changed && one.name_len == 3);
	one.changed = false;
	peers_rename(&one, (struct text_view){ name, 3 });
	peers_rename(&one, (struct text_view){ NULL, 0 });
	ck_assert(!one.changed && one.name_len == 3);
	peers_rename(&one, (struct text_view){ name, strlen(name) });
	ck_assert_uint_eq(one.name_len, PEERS_NAME);
}
CHECK_MODULE(peers, setup, the_dead_longest_silent_makes_room_and_the_living_never,
    lane_zero_takes_each_number_once_in_any_order,
    behind_the_window_some_are_stragglers_and_the_rest_is_old,
    a_higher_boot_starts_afresh_and_a_lower_one_is_refused,
    after_four_new_epochs_in_a_day_the_next_is_not_heard_for_a_day,
    strangers_are_remembered_by_address_and_bounded,
    names_are_bounded_and_news_only_when_they_change)
