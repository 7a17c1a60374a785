/* Attacks 16 and 17: relays that lie about the way, or give nothing on. */
#include "attack.h"
#include "check_world.h"

/* 0 - 1 - 3 and 0 - 2 - 3: two ways; 1 lies. */
enum { ORIGIN = 0, LIAR = 1, HONEST = 2, VICTIM = 3 };

static struct {
	uint8_t bytes[ENVELOPE_MAX];
	size_t len;
} kept;

/* What the liar sends on to the victim does not arrive as it was. */
static enum world_fate
take_from_liar(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	bool ours = d->from == ORIGIN && d->to == LIAR;
	if (ours && find_push(frames_of(d, plain), LANE_ALERT, &frame, &hop, &r)) {
		memcpy(kept.bytes, hop.bundle.ptr, hop.bundle.len);
		kept.len = hop.bundle.len;
	}
	bool on = d->from == LIAR && d->to == VICTIM &&
	    find_push(frames_of(d, plain), LANE_ALERT, &frame, &hop, &r);
	return on || (d->from == HONEST && d->to == VICTIM) ? WORLD_DROP
							    : WORLD_DELIVER;
}
static void
a_diamond(void)
{
	begin(4, 0);
	world_join(w, ORIGIN, LIAR);
	world_join(w, ORIGIN, HONEST);
	world_join(w, LIAR, VICTIM);
	world_join(w, HONEST, VICTIM);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(VICTIM, LIAR) && is_direct(VICTIM, HONEST));
	kept.len = 0;
}
static struct bytes_view
with_trail(const uint8_t *trail, size_t tags)
{
	static uint8_t room[ENVELOPE_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct envelope_hop hop = { .hops = 1,
		.trail = bytes_view(trail, tags * FLOOD_TAG),
		.bundle = bytes_view(kept.bytes, kept.len) };
	ck_assert_int_eq(envelope_put_push(&out, &hop), MESH_OK);
	return bytes_written(&out);
}
static void
an_alert_is_under_way(uint64_t number)
{
	w->tap = take_from_liar;
	ck_assert_int_eq(world_append(w, ORIGIN, LANE_ALERT, number, 50), MESH_OK);
	run(20);
	ck_assert_uint_gt(kept.len, 0);
	ck_assert_uint_eq(world_told(w, VICTIM, ORIGIN, LANE_ALERT, number), 0);
}

/* Only that copy is lost. */
START_TEST(our_own_tag_in_a_trail_loses_that_copy_alone)
{
	uint8_t trail[2 * FLOOD_TAG];
	a_diamond();
	mesh_tag(&w->sites[ORIGIN].identity.key, trail);
	mesh_tag(&w->sites[VICTIM].identity.key, trail + FLOOD_TAG);
	an_alert_is_under_way(5);
	world_flush(w, VICTIM);
	attack_starts(w);
	liar_sends(w, LIAR, VICTIM, with_trail(trail, 2));
	attack_moves(VICTIM, "rx.taken", 1);
	attack_moves(VICTIM, "record.trail", 1);
	attack_ends(w, "our own tag");
	w->tap = NULL; /* the honest way is only slow */
	run(2000);
	ck_assert_uint_eq(world_told(w, VICTIM, ORIGIN, LANE_ALERT, 5), 1);
	done();
}
START_TEST(trails_cut_stretched_and_shuffled_deliver_once)
{
	enum { MOST = FLOOD_TRAIL_MAX / FLOOD_TAG };
	for (size_t tags = 0; tags <= MOST; tags += 4) {
		uint8_t trail[FLOOD_TRAIL_MAX];
		a_diamond();
		an_alert_is_under_way(tags);
		rng_bytes(trail, sizeof trail);
		liar_sends(w, LIAR, VICTIM, with_trail(trail, tags));
		w->tap = NULL;
		run(2000);
		for (uint32_t at = 0; at < 4; at++)
			ck_assert_uint_eq(
			    world_told(w, at, ORIGIN, LANE_ALERT, tags), 1);
		done();
	}
}
START_TEST(a_trail_that_is_too_long_or_no_tags_is_no_frame)
{
	uint8_t trail[FLOOD_TRAIL_MAX + 64] = { 9 };
	static const size_t lengths[] = { FLOOD_TRAIL_MAX + 4, FLOOD_TRAIL_MAX + 1,
		FLOOD_TRAIL_MAX + 64 };
	a_diamond();
	an_alert_is_under_way(6);
	for (size_t i = 0; i < LENGTH(lengths); i++) {
		static uint8_t room[ENVELOPE_MAX];
		struct bytes_out out = bytes_out(room, sizeof room);
		struct envelope_hop hop = { .hops = 1,
			.trail = bytes_view(trail, lengths[i]),
			.bundle = bytes_view(kept.bytes, kept.len) };
		if (envelope_put_push(&out, &hop) != MESH_OK)
			continue; /* our own encoder refuses it: nothing to send */
		world_flush(w, VICTIM);
		attack_starts(w);
		liar_sends(w, LIAR, VICTIM, bytes_written(&out));
		attack_moves(VICTIM, "rx.shape", 1);
		attack_ends(w, "too long a trail");
	}
	done();
}
/* It acknowledges, and gives nothing on. */
START_TEST(a_black_hole_on_one_way_loses_nothing)
{
	a_diamond();
	w->tap = take_from_liar;
	for (uint64_t n = 100; n < 120; n++) {
		w->tap = NULL;
		world_cut(w, LIAR, ORIGIN); /* what it would have swallowed */
		ck_assert_int_eq(world_append(w, ORIGIN, LANE_ALERT, n, 50), MESH_OK);
		run(300);
		world_join(w, LIAR, ORIGIN);
		ck_assert_uint_eq(world_told(w, VICTIM, ORIGIN, LANE_ALERT, n), 1);
	}
	done();
}

CHECK_MODULE(attack_path, NULL, our_own_tag_in_a_trail_loses_that_copy_alone,
    trails_cut_stretched_and_shuffled_deliver_once,
    a_trail_that_is_too_long_or_no_tags_is_no_frame,
    a_black_hole_on_one_way_loses_nothing)
