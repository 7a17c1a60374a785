/* Attacks 3 and 4: words in another's name, and bits that change on the way. */
#include "attack.h"
#include "check_world.h"
#include "pack.h"

/* 0 - 1 - 2; 2 is admitted and lies to 1. */
enum { HONEST = 0, VICTIM = 1, LIAR = 2 };

static void
a_line_of_three(void)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(VICTIM, HONEST) && is_direct(VICTIM, LIAR));
}

START_TEST(a_beacon_in_anothers_name_is_refused)
{
	a_line_of_three();
	struct mesh_identity mask = w->sites[LIAR].identity;
	mask.key = w->sites[HONEST].identity.key;
	struct bytes_view beacon = liar_beacon(
	    w, &mask, w->sites[HONEST].boot + 1000, 1);
	world_flush(w, VICTIM);
	attack_starts(w);
	world_inject(w, VICTIM, &w->sites[LIAR].path, beacon);
	attack_moves(VICTIM, "record.bad_sig", 1);
	attack_ends(w, "a beacon in another's name");
	run(12000);
	ck_assert(is_direct(VICTIM, HONEST)); /* its real boot is none of the past */
	done();
}

/* --- records --- */

static struct {
	uint8_t bytes[ENVELOPE_MAX];
	size_t len;
} real; /* the bundle of a record of site 0 that never reached 1 */

static enum world_fate
hold_back(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	if (d->from != HONEST || d->to != VICTIM ||
	    !find_push(frames_of(d, plain), LANE_ALERT, &frame, &hop, &r))
		return WORLD_DELIVER;
	memcpy(real.bytes, hop.bundle.ptr, hop.bundle.len);
	real.len = hop.bundle.len;
	return WORLD_DROP;
}
static void
an_alert_is_held_back(uint64_t number)
{
	real.len = 0;
	w->tap = hold_back;
	ck_assert_int_eq(world_append(w, HONEST, LANE_ALERT, number, 60), MESH_OK);
	run(30);
	ck_assert_uint_gt(real.len, 0);
}
static void
lie(struct bytes_view bundle, const char *counter, const char *why)
{
	struct bytes_view push = liar_push(w, LIAR, bundle);
	world_flush(w, VICTIM);
	attack_starts(w);
	liar_sends(w, LIAR, VICTIM, push);
	attack_moves(VICTIM, "rx.taken", 1);
	attack_moves(VICTIM, counter, 1);
	attack_ends(w, why);
}

/* The core is the real one, so caches by core or by number would be poisoned. */
START_TEST(a_forged_record_does_not_keep_the_real_one_out)
{
	enum { IN_SIGNATURE = 20 };
	a_line_of_three();
	an_alert_is_held_back(5);
	struct bytes_view bundle = bytes_view(real.bytes, real.len);
	real.bytes[IN_SIGNATURE] ^= 1;
	lie(bundle, "record.bad_sig", "a forged signature");
	lie(bundle, "record.bad_cached", "the same forgery");
	real.bytes[IN_SIGNATURE] ^= 2;
	lie(bundle, "record.bad_sig", "another forgery");
	real.bytes[IN_SIGNATURE] ^= 1 ^ 2;
	real.bytes[real.len - 1] ^= 1;
	lie(bundle, "record.bad_sig", "another body");
	real.bytes[real.len - 1] ^= 1;
	liar_sends(w, LIAR, VICTIM, liar_push(w, LIAR, bundle));
	ck_assert_uint_eq(world_told(w, VICTIM, HONEST, LANE_ALERT, 5), 1);
	w->tap = NULL;
	run(500);
	ck_assert_uint_eq(world_told(w, VICTIM, HONEST, LANE_ALERT, 5), 1);
	ck_assert_uint_eq(counter(LIAR, "record.bad_sig"), 0); /* it went no further */
	done();
}
START_TEST(a_record_of_another_network_is_refused)
{
	a_line_of_three();
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	uint8_t ours[16];
	memcpy(ours, w->network.id, sizeof ours);
	w->network.id[3] ^= 1;
	struct bytes_view bundle = liar_signs(w, LIAR, &r);
	memcpy(w->network.id, ours, sizeof ours);
	lie(bundle, "record.bad_sig", "another network");
	lie(bundle, "record.bad_cached", "another network, again");
	liar_sends(w, LIAR, VICTIM, liar_push(w, LIAR, liar_signs(w, LIAR, &r)));
	run(100);
	ck_assert_uint_eq(
	    w->sites[HONEST].records[w->sites[HONEST].record_count - 1].at.lane,
	    LANE_METRIC); /* the same under the right network is fine */
	done();
}

/* A batch of two by the liar, of which the first travels with `fill`. */
static struct bytes_view
half_a_batch(uint8_t n, size_t fill_len)
{
	static uint8_t room[ENVELOPE_MAX];
	uint8_t cores[2][256], whole[ENVELOPE_MAX];
	struct bytes_view core[2];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct bytes_out signed_out = bytes_out(whole, sizeof whole);
	struct bundle_signer by = { w->sites[LIAR].identity.seed,
		&w->sites[LIAR].identity.key, w->network.id };
	struct bundle b;
	for (uint64_t i = 0; i < 2; i++) {
		struct record r = liar_record(w, LIAR, LANE_METRIC, 1 + i);
		struct bytes_out o = bytes_out(cores[i], sizeof cores[i]);
		ck_assert_int_eq(record_write(&r, &o), MESH_OK);
		core[i] = bytes_written(&o);
	}
	ck_assert_int_eq(bundle_sign(&by, core, 2, &signed_out), MESH_OK);
	ck_assert_int_eq(bundle_read(bytes_written(&signed_out), &b), MESH_OK);
	uint8_t fill[3 * MERKLE_HASH] = { 0 };
	struct merkle_hash leaf = merkle_leaf(core[1]);
	memcpy(fill, leaf.bytes, sizeof leaf.bytes);
	pack_array(&out, 5);
	pack_bin(&out, bytes_view(b.sig, BUNDLE_SIG));
	pack_uint(&out, n);
	pack_uint(&out, 1);
	pack_bin(&out, bytes_view(fill, fill_len));
	pack_array(&out, 1);
	pack_bin(&out, core[0]);
	return bytes_written(&out);
}

START_TEST(a_proof_must_come_out_even)
{
	a_line_of_three();
	lie(half_a_batch(2, 0), "record.bad_proof", "a hash too few");
	lie(half_a_batch(2, 64), "record.bad_proof", "a hash too many");
	lie(half_a_batch(2, 96), "record.bad_proof", "two hashes too many");
	liar_sends(w, LIAR, VICTIM, liar_push(w, LIAR, half_a_batch(2, 32)));
	run(100);
	ck_assert_uint_eq(
	    w->sites[VICTIM].records[w->sites[VICTIM].record_count - 1].at.lane,
	    LANE_METRIC); /* with the right proof it stands */
	done();
}
/* The root of a batch of two is a node, and a node could pass for a leaf of another
 * tree if its kind and the size were not signed: of three, 1 | 2 with one hash each. */
START_TEST(a_batch_is_what_was_signed)
{
	a_line_of_three();
	uint8_t core[256], room[ENVELOPE_MAX], fill[MERKLE_HASH] = { 7 };
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	struct bytes_out core_out = bytes_out(core, sizeof core);
	ck_assert_int_eq(record_write(&r, &core_out), MESH_OK);
	/* Signed as two whose second leaf is `fill`; shown as three whose last two
	 * together have that hash.  The root is the same. */
	struct merkle_hash leaves[2] = { merkle_leaf(bytes_written(&core_out)) };
	memcpy(leaves[1].bytes, fill, sizeof fill);
	struct merkle_hash root = merkle_root(leaves, 2);
	uint8_t message[10 + 16 + 1 + MERKLE_HASH], sig[BUNDLE_SIG];
	memcpy(message, "meshd1 rec", 10);
	memcpy(message + 10, w->network.id, 16);
	message[26] = 1; /* what a signer who leaves out n would sign */
	memcpy(message + 27, root.bytes, MERKLE_HASH);
	const struct mesh_identity *id = &w->sites[LIAR].identity;
	seal_sign(id->seed, id->key.bytes, bytes_view(message, sizeof message), sig);
	struct bytes_out out = bytes_out(room, sizeof room);
	pack_array(&out, 5);
	pack_bin(&out, bytes_view(sig, sizeof sig));
	pack_uint(&out, 2);
	pack_uint(&out, 1);
	pack_bin(&out, bytes_view(fill, sizeof fill));
	pack_array(&out, 1);
	pack_bin(&out, bytes_written(&core_out));
	lie(bytes_written(&out), "record.bad_sig", "n is not what was signed");
	done();
}
START_TEST(a_key_of_small_order_is_nobody)
{
	static const uint8_t small[][32] = { { 0 }, { 1 },
		{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f } };
	a_line_of_three();
	for (size_t i = 0; i < LENGTH(small); i++) {
		struct mesh_identity mine = w->sites[LIAR].identity;
		struct record r = liar_record(w, LIAR, LANE_ALERT, 1);
		memcpy(r.at.origin.bytes, small[i], 32);
		memcpy(w->sites[LIAR].identity.key.bytes, small[i], 32);
		struct bytes_view bundle = liar_signs(w, LIAR, &r);
		w->sites[LIAR].identity = mine;
		lie(bundle, "record.not_admitted", "a key of small order");
	}
	done();
}

/* --- bits --- */

static struct flips {
	enum envelope_kind first, last;
	uint64_t datagrams, bits;
} flips;

/* Each bit of the first three of a kind, at the moment they would arrive. */
static enum world_fate
flip_each_bit(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	enum envelope_kind kind = (enum envelope_kind)d->bytes[0];
	if (kind < flips.first || kind > flips.last || flips.datagrams >= 6 ||
	    w->sites[d->to].site == NULL)
		return WORLD_DELIVER;
	flips.datagrams++;
	world_drain(w, d->to); /* what came before it in this millisecond */
	struct world_datagram bad = *d;
	for (size_t bit = 0; bit < 8 * d->len; bit++, flips.bits++) {
		bad.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		struct rate *hears = &w->sites[d->to].site->handshake.doorstep.answers;
		rate_init(
		    hears, DOORSTEP_ANSWERS_PER_S, DOORSTEP_ANSWERS_PER_S, w->now);
		attack_starts(w);
		strike(w, &bad);
		attack_moves(d->to, NULL, 1);
		attack_ends(w, "a flipped bit");
		bad.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	return WORLD_DELIVER;
}
static void
flip_all(enum envelope_kind first, enum envelope_kind last)
{
	flips = (struct flips){ first, last, 0, 0 };
	begin(2, 0);
	world_join_all(w);
	w->tap = flip_each_bit;
	world_start_all(w);
	run(3000);
	append(0, 5);
	run(500);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 5), 1);
	ck_assert_uint_ge(flips.datagrams, 2);
	done();
}
START_TEST(no_bit_of_a_beacon_can_be_flipped)
{
	flip_all(ENVELOPE_BEACON, ENVELOPE_BEACON);
}
/* A downgrade is one of them: versions and features stand in the sealed INFO. */
START_TEST(no_bit_of_a_handshake_can_be_flipped)
{
	flip_all(ENVELOPE_HS1, ENVELOPE_HS3);
}
START_TEST(no_bit_of_session_data_can_be_flipped)
{
	flip_all(ENVELOPE_DATA, ENVELOPE_DATA);
}

/* What an admitted relay may change is taken for what it is. */
START_TEST(hop_fields_decide_about_their_own_copy_only)
{
	/* clang-format off */
	static const struct { uint8_t hops; uint32_t age; const char *counter; const char *why; } row[] = {
		{ 32,  0,          "record.hops", "one hop too far" },
		{ 255, 0,          "record.hops", "much too far" },
		{ 255, UINT32_MAX, "record.hops", "much too far and old" },
		{ 31,  UINT32_MAX, NULL,          "as far and as old as can be" },
	}; /* clang-format on */
	a_line_of_three();
	an_alert_is_held_back(9);
	for (size_t i = 0; i < LENGTH(row); i++) {
		uint8_t room[ENVELOPE_MAX];
		struct bytes_out out = bytes_out(room, sizeof room);
		struct envelope_hop hop = { .hops = row[i].hops,
			.age_ms = row[i].age,
			.bundle = bytes_view(real.bytes, real.len) };
		ck_assert_int_eq(envelope_put_push(&out, &hop), MESH_OK);
		world_flush(w, VICTIM);
		attack_starts(w);
		liar_sends(w, LIAR, VICTIM, bytes_written(&out));
		if (row[i].counter == NULL)
			break;
		attack_moves(VICTIM, "rx.taken", 1);
		attack_moves(VICTIM, row[i].counter, 1);
		attack_ends(w, row[i].why);
	}
	ck_assert_uint_eq(world_told(w, VICTIM, HONEST, LANE_ALERT, 9), 1);
	done();
}

CHECK_MODULE(attack_forge, NULL, a_beacon_in_anothers_name_is_refused,
    a_forged_record_does_not_keep_the_real_one_out,
    a_record_of_another_network_is_refused, a_proof_must_come_out_even,
    a_batch_is_what_was_signed, a_key_of_small_order_is_nobody,
    no_bit_of_a_beacon_can_be_flipped, no_bit_of_a_handshake_can_be_flipped,
    no_bit_of_session_data_can_be_flipped, hop_fields_decide_about_their_own_copy_only)
