#include "bundle.h"
#include "bytes.h"
#include "check_mesh.h"
#include "envelope.h"
#include "golden.h"
#include "stamps.h"

/* A record that three relays passed on; what a liar among them could do with the
 * stamps. */

enum { RELAYS = 3 };
static const uint8_t netid[STAMPS_NETID] = { 7 };
static uint8_t seeds[RELAYS][SEAL_KEY], room[8 * MESSAGE_STAMP];
static struct mesh_key keys[RELAYS];
static uint8_t tags[RELAYS + 1][STAMPS_TAG]; /* the origin's first */
static struct bytes_view core, stamps;

static void
setup(void)
{
	struct bytes_out out = bytes_out(room, sizeof room);
	struct stamps_chain c;
	core = bytes_view("the core", 8);
	stamps_begin(&c, netid, core);
	memset(tags[0], 'o', STAMPS_TAG);
	for (uint8_t i = 0; i < RELAYS; i++) {
		size_t before = out.len;
		memset(seeds[i], i + 1, SEAL_KEY);
		memset(tags[i + 1], 'a' + i, STAMPS_TAG);
		seal_public_of(seeds[i], keys[i].bytes);
		struct stamps_signer by = { seeds[i], &keys[i] };
		struct stamp ours = { tags[i + 1], tags[i], 1000U * (i + 1), i };
		stamps_append(&c, &by, &ours, &out);
		stamps_follow(&c, bytes_view(room + before, MESSAGE_STAMP));
	}
	stamps = bytes_written(&out);
}
/* One letter a stamp: its relay's if the signature holds, else `-`. */
static const char *
verdicts(struct bytes_view of)
{
	static char said[16];
	struct stamps_chain c;
	size_t i;
	stamps_begin(&c, netid, core);
	for (i = 0; i < stamps_count(of); i++) {
		size_t who = (size_t)(stamps_at(of, i).tag[0] - 'a');
		const struct mesh_key *key = who < RELAYS ? &keys[who] : NULL;
		said[i] = stamps_next(&c, of, i, key) ? (char)('a' + who) : '-';
	}
	said[i] = '\0';
	return said;
}
/* The stamps in another order: "ac" leaves the second one out. */
static struct bytes_view
arranged(const char *order)
{
	static uint8_t other[8 * MESSAGE_STAMP];
	size_t n = strlen(order);
	for (size_t i = 0; i < n; i++)
		memcpy(other + i * MESSAGE_STAMP,
		    stamps.ptr + (size_t)(order[i] - 'a') * MESSAGE_STAMP,
		    MESSAGE_STAMP);
	return bytes_view(other, n * MESSAGE_STAMP);
}

START_TEST(honest_stamps_hold)
{
	ck_assert_uint_eq(stamps_count(stamps), RELAYS);
	ck_assert_str_eq(verdicts(stamps), "abc");
	struct stamp last = stamps_at(stamps, 2);
	ck_assert(last.rx_us == 3000 && last.held_us == 2);
	ck_assert_mem_eq(last.from, tags[2], STAMPS_TAG);
}
START_TEST(what_a_relay_does_to_the_others_stamps_shows)
{
	/* clang-format off */
	static const struct { const char *order, *verdicts, *why; } row[] = {
		{ "abc", "abc", "as they were made" },
		{ "ac", "a-", "one taken out: the next one fails" },
		{ "bc", "--", "the first taken out" },
		{ "acb", "a--", "two exchanged" },
		{ "bac", "---", "the first two exchanged" },
		{ "aabc", "a---", "one put in twice" },
		{ "ab", "ab", "the last left out: the next site's `from` tells" },
		{ "", "", "all left out: the trail tells" },
	};
	/* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_msg(
		    strcmp(verdicts(arranged(row[i].order)), row[i].verdicts) == 0,
		    "%s: %s", row[i].why, verdicts(arranged(row[i].order)));
}
START_TEST(a_stamp_cannot_be_invented_for_somebody_else)
{
	uint8_t forged[2 * MESSAGE_STAMP];
	struct bytes_out out = bytes_out(forged, sizeof forged);
	struct stamps_chain c;
	struct stamps_signer liar = { seeds[2], &keys[2] };
	struct stamp as_b = { tags[2], tags[1], 1, 0 };
	stamps_begin(&c, netid, core);
	bytes_put(&out, stamps.ptr, MESSAGE_STAMP);
	stamps_follow(&c, bytes_written(&out));
	stamps_append(&c, &liar, &as_b, &out);
	ck_assert_str_eq(verdicts(bytes_written(&out)), "a-");
}
START_TEST(any_flipped_bit_shows_in_its_stamp)
{
	for (size_t bit = 0; bit < 8 * (size_t)MESSAGE_STAMP; bit++) {
		room[MESSAGE_STAMP + bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_msg(verdicts(stamps)[1] == '-', "bit %zu", bit);
		room[MESSAGE_STAMP + bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}
START_TEST(stamps_are_good_for_one_record_and_one_network)
{
	struct stamps_chain c;
	uint8_t other_net[STAMPS_NETID] = { 8 };
	stamps_begin(&c, netid, bytes_view("another", 7));
	ck_assert(!stamps_next(&c, stamps, 0, &keys[0]));
	stamps_begin(&c, other_net, core);
	ck_assert(!stamps_next(&c, stamps, 0, &keys[0]));
	stamps_begin(&c, netid, core);
	ck_assert_msg(!stamps_next(&c, stamps, 0, NULL), "an unknown site");
}
START_TEST(a_stamp_that_does_not_fit_is_not_written)
{
	for (size_t cap = 0; cap < MESSAGE_STAMP; cap++) {
		uint8_t small[MESSAGE_STAMP];
		struct bytes_out out = bytes_out(small, cap);
		struct stamps_chain c;
		struct stamps_signer by = { seeds[0], &keys[0] };
		struct stamp ours = { tags[1], tags[0], 1, 1 };
		stamps_begin(&c, netid, core);
		stamps_append(&c, &by, &ours, &out);
		ck_assert(out.failed && stamps_count(bytes_written(&out)) == 0);
	}
}

/* The golden PUSH of an ECHO: its stamps were made by make.py. */
static bool golden_seen;
static void
check_line(const char *name, struct bytes_view bytes, const char *expected)
{
	uint8_t seed[SEAL_KEY], their_netid[STAMPS_NETID];
	struct mesh_key key;
	struct envelope_frame frame = { FRAME_PUSH, bytes, 0 };
	struct envelope_hop hop;
	struct bundle b;
	struct stamps_chain c;
	(void)expected;
	if (strcmp(name, "PUSH") != 0 || envelope_push(&frame, &hop) != MESH_OK ||
	    hop.stamps.len == 0)
		return;
	for (uint8_t i = 0; i < SEAL_KEY; i++)
		seed[i] = i;
	for (uint8_t i = 0; i < STAMPS_NETID; i++)
		their_netid[i] = (uint8_t)(0xa0 + i);
	seal_public_of(seed, key.bytes);
	ck_assert_int_eq(bundle_read(hop.bundle, &b), MESH_OK);
	stamps_begin(&c, their_netid, bundle_core(&b, 0));
	ck_assert(stamps_next(&c, hop.stamps, 0, &key));
	ck_assert(stamps_next(&c, hop.stamps, 1, &key));
	golden_seen = true;
}
START_TEST(another_implementations_stamps_hold)
{
	golden_each("wire/messages.txt", check_line);
	ck_assert(golden_seen);
}

CHECK_MODULE(stamps, setup, honest_stamps_hold,
    what_a_relay_does_to_the_others_stamps_shows,
    a_stamp_cannot_be_invented_for_somebody_else, any_flipped_bit_shows_in_its_stamp,
    stamps_are_good_for_one_record_and_one_network,
    a_stamp_that_does_not_fit_is_not_written, another_implementations_stamps_hold)
