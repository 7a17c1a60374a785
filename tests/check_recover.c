#include "check_world.h"
#include "id.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "world_disk.h"

enum { STEP_MOST = 8 }; /* how far above a former life a boot may be taken */

/* Our own log after a crash, from a backup, without a database: PROTOCOL.md 10. */

static uint64_t
high_of(uint32_t at, uint32_t origin, enum mesh_lane lane, uint64_t *epoch)
{
	uint64_t high;
	return mesh_site_high(w->sites[at].site, &w->sites[origin].identity.key, lane,
		   epoch, &high)
	    ? high
	    : 0;
}
static void
two_met(void)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(4000);
}
static void
say(uint32_t site, uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n < to; n++) {
		append(site, n);
		run(10);
	}
	run(200);
}
static void
replace_disk(uint32_t site, struct world_disk *by)
{
	disk_free(w->sites[site].disk);
	w->sites[site].disk = by;
}
static void
all_there_once(uint32_t at, uint32_t origin, uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n < to; n++)
		ck_assert_msg(world_told(w, at, origin, LANE_PACKET, n) == 1,
		    "record %llu", (unsigned long long)n);
}
static void
same_ends(void)
{
	uint64_t e0, e1;
	for (enum mesh_lane lane = LANE_CONTROL; lane < LANE_COUNT; lane++) {
		uint64_t ours = high_of(0, 0, lane, &e0),
			 theirs = high_of(1, 0, lane, &e1);
		ck_assert_uint_eq(ours, theirs);
		if (ours > 0)
			ck_assert_uint_eq(e0, e1);
	}
}

START_TEST(a_restored_backup_gets_its_own_records_back_and_goes_on_above)
{
	uint64_t epoch, before, after;
	two_met();
	say(0, 0, 5);
	struct world_disk *backup = disk_copy(w->sites[0].disk);
	say(0, 5, 1500);
	run(30000); /* beyond its share they are pulled */
	before = high_of(1, 0, LANE_PACKET, &epoch);
	world_kill(w, 0);
	replace_disk(0, backup);
	world_start(w, 0);
	run(8000);
	ck_assert_uint_ge(counter(0, "own.recovered"), 1495);
	say(0, 1500, 1510);
	after = high_of(1, 0, LANE_PACKET, &epoch);
	ck_assert_uint_gt(after, before + OWN_LEAP);
	run(5000);
	same_ends();
	all_there_once(1, 0, 0, 1510);
	ck_assert_uint_eq(counter(1, "peer.fork"), 0);
	done();
}
START_TEST(without_its_database_a_site_goes_on_in_its_old_epoch)
{
	uint64_t epoch, old;
	two_met();
	say(0, 0, 20);
	(void)high_of(1, 0, LANE_PACKET, &old);
	world_kill(w, 0);
	run(2000);
	replace_disk(0, disk_new(w->shelf));
	world_start(w, 0);
	run(8000);
	say(0, 20, 30);
	ck_assert_uint_gt(high_of(1, 0, LANE_PACKET, &epoch), OWN_LEAP);
	ck_assert_uint_eq(epoch, old);
	run(5000);
	same_ends();
	all_there_once(1, 0, 0, 30);
	done();
}
/* Its neighbour came late and holds nothing from before: what it holds is told all the
 * same, and what nobody has is not waited for. */
START_TEST(who_came_late_still_knows_what_was_said)
{
	static struct never never = { 1, 4, true };
	uint64_t epoch, old;
	two_met();
	w->tap = drop_numbers;
	w->tap_ctx = &never;
	for (uint64_t n = 1; n < 10; n++) {
		append(0, n);
		run(n == 4 ? 5000 : 50); /* they are given up */
	}
	ck_assert_uint_eq(high_of(0, 0, LANE_PACKET, &old), 9);
	ck_assert_uint_eq(high_of(1, 0, LANE_PACKET, &epoch), 0);
	world_kill(w, 0);
	w->tap = NULL;
	replace_disk(0, disk_new(w->shelf));
	world_start(w, 0);
	run(30000);
	ck_assert_uint_eq(w->sites[0].site->own.epoch, old);
	ck_assert_uint_ge(counter(0, "own.recovered"), 5);
	ck_assert_int_eq(w->sites[0].site->own.phase, OWN_READY);
	ck_assert_uint_gt(w->sites[0].site->own.lane[LANE_PACKET].used, OWN_LEAP);
	say(0, 10, 12);
	all_there_once(1, 0, 5, 12);
	done();
}
START_TEST(without_a_database_and_with_nobody_who_knows_a_new_epoch_begins)
{
	begin(2, 0);
	world_start(w, 0);
	run(2000);
	say(0, 0, 3);
	world_kill(w, 0);
	replace_disk(0, disk_new(w->shelf));
	world_start(w, 0);
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 3, 10), MESH_FULL);
	run(OWN_HOLD_MS + 100);
	ck_assert_uint_eq(counter(0, "own.epoch_new"), 1);
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 3, 10), MESH_OK);
	done();
}
START_TEST(a_neighbour_that_only_claims_our_log_is_not_believed)
{
	/* Its row says more than it can show: nothing verifies, the hold ends. */
	two_met();
	say(0, 0, 3);
	struct mesh_position far = { .origin = w->sites[0].identity.key,
		.lane = LANE_PACKET,
		.epoch = w->sites[0].site->own.epoch,
		.seq = 5000 };
	ck_assert_int_eq(
	    holdings_put(&w->sites[1].site->holdings, &far, 4990, 1), MESH_OK);
	world_kill(w, 0);
	world_start(w, 0);
	run(OWN_HOLD_MS + 1000);
	ck_assert_int_eq(w->sites[0].site->own.phase, OWN_READY);
	ck_assert_uint_lt(w->sites[0].site->own.lane[LANE_PACKET].used, 5000);
	done();
}
START_TEST(after_kill_nine_numbers_go_on_and_nothing_is_recovered)
{
	two_met();
	for (int i = 0; i < 10; i++) {
		say(0, (uint64_t)i * 3, (uint64_t)i * 3 + 3);
		world_kill(w, 0);
		run(50);
		world_start(w, 0);
		run(4000);
	}
	ck_assert_uint_eq(counter(0, "own.recovered"), 0);
	same_ends();
	all_there_once(1, 0, 0, 30);
	done();
}
/* The world is strict: it reports two cores under one number, ever. */
START_TEST(power_cuts_lose_nothing_that_was_answered_and_make_nobody_contradict_himself)
{
	struct world_params p = { .sites = 3,
		.seed = check_seed(),
		.delay_min_ms = 1,
		.delay_max_ms = 3,
		.store_ms = 4,
		.strict = true };
	w = world_new(&p);
	for (uint32_t i = 0; i < 3; i++)
		disk_may_lose(w->sites[i].disk);
	world_join_all(w);
	world_start_all(w);
	run(5000);
	uint64_t answered[120];
	uint32_t by[120];
	size_t count = 0;
	for (uint64_t n = 0; n < 120; n++) {
		uint32_t site = rng_u32() % 3;
		enum mesh_lane lane = n % 2 == 0 ? LANE_ALERT : LANE_PACKET;
		if (w->sites[site].site != NULL &&
		    world_append(w, site, lane, n, 50) == MESH_OK) {
			answered[count] = n;
			by[count++] = site;
		}
		run(40 + rng_u32() % 60);
		uint32_t victim = rng_u32() % 3;
		if (rng_u32() % 6 == 0 && w->sites[victim].site != NULL) {
			world_power_cut(w, victim);
			run(rng_u32() % 500);
			world_start(w, victim);
			run(rng_u32() % 2000);
		}
	}
	run(60000);
	ck_assert_uint_gt(count, 60);
	for (size_t i = 0; i < count; i++)
		for (uint32_t at = 0; at < 3; at++) {
			enum mesh_lane lane = answered[i] % 2 == 0 ? LANE_ALERT
								   : LANE_PACKET;
			ck_assert_msg(world_told(w, at, by[i], lane, answered[i]) >= 1,
			    "record %llu of site %u is lost at site %u",
			    (unsigned long long)answered[i], (unsigned)by[i],
			    (unsigned)at);
		}
	done();
}
/* The boot went with the database, and the clock is behind it. */
static void
start_below_the_last_boot(void)
{
	begin(3, 0);
	world_join_all(w);
	w->sites[2].boot = 4000000100;
	world_start_all(w);
	run(4000);
	append(2, 1);
	run(1000);
	world_kill(w, 2);
	run(1000);
	w->sites[2].boot = 4000000000;
	world_start(w, 2);
}
START_TEST(a_life_with_a_lower_boot_steps_past_the_former_one)
{
	start_below_the_last_boot();
	run(20000);
	ck_assert(is_direct(2, 0) && is_direct(0, 2));
	ck_assert_uint_gt(w->sites[2].site->boot, 4000000100);
	ck_assert_uint_eq(counter(2, "own.former"), 1);
	run(70000);
	ck_assert_int_eq(mesh_site_writing(w->sites[2].site), WRITING_YES);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_eq(w->sites[i].notices[NOTICE_CLONE], 0);
	append(2, 2);
	run(1000);
	ck_assert_uint_eq(world_told(w, 0, 2, LANE_PACKET, 2), 1);
	done();
}
/* What the former life said to all, and to its neighbours. */
static struct world_datagram said_before[256];
static size_t said_count;

static enum world_fate
keep_words(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	if (d->from == 2 && said_count < LENGTH(said_before))
		said_before[said_count++] = *d;
	return WORLD_DELIVER;
}
/* Whoever plays our former lives back to us gets us past them once, and no further. */
START_TEST(what_a_former_life_said_pushes_a_boot_no_further)
{
	begin(3, 0);
	world_join_all(w);
	w->sites[2].boot = 4000000100;
	said_count = 0;
	w->tap = keep_words;
	world_start_all(w);
	run(8000);
	w->tap = NULL;
	ck_assert_uint_gt(said_count, 20);
	uint64_t last = w->sites[2].site->boot;
	world_kill(w, 2);
	w->sites[2].boot = 4000000000;
	world_start(w, 2);
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < said_count; i++) {
			const struct world_datagram *d = &said_before[i];
			world_inject(w, 2, &d->source, bytes_view(d->bytes, d->len));
			run(20);
		}
		run(4000);
	}
	uint64_t taken = w->sites[2].site->boot;
	ck_assert(taken > last && taken <= last + STEP_MOST);
	ck_assert_uint_eq(counter(2, "own.former"), 1);
	run(70000);
	ck_assert_int_eq(mesh_site_writing(w->sites[2].site), WRITING_YES);
	ck_assert_uint_eq(w->sites[2].notices[NOTICE_CLONE], 0);
	ck_assert(is_direct(2, 0) && is_direct(0, 2));
	done();
}
/* So many lives are dead.  Whoever recorded their beacons, or knew only one of them
 * each, shows them to the next life one by one, the oldest first. */
static void
shown_former_lives(size_t lives, uint64_t apart)
{
	size_t end[8];
	begin(3, 0);
	world_join_all(w);
	world_start(w, 0);
	world_start(w, 1);
	said_count = 0;
	w->tap = keep_words;
	for (size_t i = 0; i < lives; i++) {
		w->sites[2].boot = 4000000100 + apart * i;
		world_start(w, 2);
		size_t before = said_count;
		for (int k = 0; k < 40 && said_count < before + 8; k++)
			run(100);
		world_kill(w, 2);
		end[i] = said_count;
	}
	w->tap = NULL;
	world_kill(w, 0);
	world_kill(w, 1);
	w->sites[2].boot = 4000000000;
	world_start(w, 2);
	for (size_t i = 0, at = 0; i < lives; i++) {
		for (; at < end[i]; at++) {
			const struct world_datagram *d = &said_before[at];
			world_inject(w, 2, &d->source, bytes_view(d->bytes, d->len));
			run(5);
		}
		run(2000);
	}
	world_start(w, 0);
	world_start(w, 1);
}
START_TEST(several_former_lives_are_stepped_past)
{
	for (size_t lives = 2; lives <= 8; lives += 2) {
		shown_former_lives(lives, 100);
		ck_assert_uint_eq(counter(2, "own.former"), lives);
		run(55000); /* the last of them is doubted as long as the first */
		ck_assert_int_ne(mesh_site_writing(w->sites[2].site), WRITING_YES);
		run(15000);
		ck_assert_int_eq(mesh_site_writing(w->sites[2].site), WRITING_YES);
		ck_assert_uint_eq(w->sites[2].notices[NOTICE_CLONE], 0);
		ck_assert(is_direct(2, 0) && is_direct(0, 2));
		done();
	}
}
/* A life without a clock begins one above the last: whoever steps by chance is above
 * several of them at once, and few are left that look like an answer. */
START_TEST(so_are_those_that_began_one_above_the_other)
{
	shown_former_lives(8, 1);
	uint64_t taken = counter(2, "own.former");
	ck_assert(taken >= 1 && taken < 4);
	run(70000);
	ck_assert_int_eq(mesh_site_writing(w->sites[2].site), WRITING_YES);
	ck_assert_uint_eq(w->sites[2].notices[NOTICE_CLONE], 0);
	done();
}
/* A proof that is above the boot we have by so much, until it is a clone or 100. */
static uint64_t
stepped_past(uint64_t above)
{
	begin(3, 0);
	world_join_all(w);
	world_start_all(w);
	run(2000);
	struct mesh_site *s = w->sites[2].site;
	uint64_t before = s->boot, steps;
	recover_clone(s, s->boot + 1000, &w->sites[0].identity.key, NULL);
	ck_assert(s->boot > before + 1000 && s->boot <= before + 1000 + STEP_MOST);
	for (steps = 1; steps < 100; steps++) {
		run(500);
		recover_clone(s, s->boot + above, &w->sites[0].identity.key, NULL);
		if (mesh_site_writing(s) == WRITING_CLONED)
			break;
	}
	ck_assert_uint_eq(counter(2, "own.former"), steps);
	ck_assert_msg(s->boot > before + 1000 + above, "the last word is above");
	done();
	return steps;
}
/* What goes on answering us lives; and whoever has our key and answers nothing cannot
 * keep us in doubt for ever. */
START_TEST(who_answers_each_step_is_taken_for_a_second_body)
{
	/* clang-format off */
	static const struct { uint64_t above, steps; const char *why; } rows[] = {
		{ 0, 4, "the same boot, and another body" },
		{ 1, 4, "a former version's answer" },
		{ STEP_MOST, 4, "the largest step that it can take" },
		{ STEP_MOST + 1, 32, "nobody answers so" },
		{ 100000, 32, "nor so" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		uint64_t steps = stepped_past(rows[i].above);
		ck_assert_msg(
		    steps == rows[i].steps, "%s: %u", rows[i].why, (unsigned)steps);
	}
}
/* REFUTEs of site 2, each once. */
static uint64_t refutes, last_refute;

static enum world_fate
count_refutes(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	if (d->from == 2 && w->sites[d->to].site != NULL &&
	    find_push(frames_of(d, plain), LANE_LIVE, &frame, &hop, &r) &&
	    r.type == LIVE_REFUTE && r.at.seq > last_refute) {
		last_refute = r.at.seq;
		refutes++;
	}
	return WORLD_DELIVER;
}
static uint64_t
refutes_after_a_flap(void)
{
	struct mesh_site *s = w->sites[2].site;
	for (uint32_t at = 0; at < 2; at++) {
		struct mesh_site *other = w->sites[at].site;
		struct handle it = peers_find(&s->peers, &w->sites[at].identity.key),
			      us = peers_find(&other->peers, &s->identity.key);
		peering_part(s, peering_neighbour(s, it));
		peering_part(other, peering_neighbour(other, us));
	}
	refutes = 0;
	for (int i = 0; i < 50 && !(is_direct(2, 0) && is_direct(2, 1)); i++)
		run(100);
	ck_assert(is_direct(2, 0) && is_direct(2, 1));
	run(1500);
	return refutes;
}
/* Nor does a neighbour that hangs up and greets again set the pace. */
START_TEST(a_former_life_is_refuted_while_it_is_doubted_and_no_longer)
{
	start_below_the_last_boot();
	w->tap = count_refutes;
	last_refute = 0;
	run(20000);
	ck_assert(w->now < w->sites[2].site->doubt_ms - 10000);
	uint64_t said = refutes_after_a_flap();
	ck_assert_uint_ge(said, 1);
	ck_assert_uint_le(said, 2);
	refutes = 0;
	for (int i = 0; i < 100; i++) { /* who greets 100 times a second */
		w->sites[2].site->refute_due = true;
		run(10);
	}
	ck_assert_uint_ge(refutes, 4);
	ck_assert_uint_le(refutes, 6);
	run(60000);
	ck_assert_int_eq(mesh_site_writing(w->sites[2].site), WRITING_YES);
	ck_assert_uint_eq(refutes_after_a_flap(), 0);
	done();
}
START_TEST(nothing_is_numbered_until_a_second_body_had_time_to_answer)
{
	start_below_the_last_boot();
	for (int i = 0; i < 100 && !w->sites[2].site->former; i++)
		run(100);
	ck_assert(w->sites[2].site->former);
	run(59000);
	ck_assert_int_ne(mesh_site_writing(w->sites[2].site), WRITING_YES);
	run(3000);
	ck_assert_int_eq(mesh_site_writing(w->sites[2].site), WRITING_YES);
	done();
}
static void
clone_after(mesh_time_ms ms)
{
	begin(3, 0);
	world_join_all(w);
	world_start(w, 0);
	world_start(w, 1);
	run(ms);
	/* The third is a copy of the first. */
	w->sites[2].identity = w->sites[0].identity;
	w->sites[2].boot = w->sites[0].boot + 5;
	world_start(w, 2);
	run(30000);
	ck_assert_uint_gt(w->sites[0].notices[NOTICE_CLONE], 0);
	ck_assert_uint_gt(w->sites[2].notices[NOTICE_CLONE], 0);
	for (uint32_t i = 0; i <= 2; i += 2)
		ck_assert_mem_eq(w->sites[i].clone.addr.addr, w->sites[2 - i].path.addr,
		    ADDRESS_BYTES);
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 1, 10), MESH_DENIED);
	ck_assert_int_eq(world_append(w, 2, LANE_PACKET, 1, 10), MESH_DENIED);
	world_free(w);
}
START_TEST(of_two_that_run_with_one_key_both_fall_silent)
{
	clone_after(4000); /* either of them may be a later life of the other */
	clone_after(90000);
}
static bool
both_clones_know(const struct world *world, void *ctx)
{
	(void)ctx;
	return world->sites[0].notices[NOTICE_CLONE] > 0 &&
	    world->sites[2].notices[NOTICE_CLONE] > 0;
}
/* They never hear each other: whoever stands between them tells. */
START_TEST(two_clones_at_the_ends_of_a_line_learn_of_each_other)
{
	static const uint64_t boots[][2] = { { 4000000000, 4000000005 },
		{ 4000000005, 4000000000 }, { 4000000000, 4000000000 } };
	for (size_t i = 0; i < LENGTH(boots); i++) {
		begin(3, 0);
		for (uint32_t end = 0; end <= 2; end += 2) {
			world_join(w, end, 1);
			world_join(w, 1, end);
		}
		w->sites[0].boot = boots[i][0];
		world_start(w, 0);
		world_start(w, 1);
		run(4000);
		w->sites[2].identity = w->sites[0].identity;
		w->sites[2].boot = boots[i][1];
		world_start(w, 2);
		mesh_time_ms met = w->now;
		/* As DECISIONS/0490 says: 40 s to 108 s. */
		ck_assert(world_wait(w, both_clones_know, NULL, w->now + 120000));
		for (uint32_t end = 0; end <= 2; end += 2) { /* by whom, not where */
			ck_assert(!address_is_set(w->sites[end].clone.addr.addr));
			ck_assert(key_equal(
			    &w->sites[end].clone.site, &w->sites[1].identity.key));
		}
		printf("# clones in a line: both know after %lld ms\n",
		    (long long)(w->now - met));
		ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 1, 10), MESH_DENIED);
		ck_assert_int_eq(world_append(w, 2, LANE_PACKET, 1, 10), MESH_DENIED);
		ck_assert_int_eq(mesh_site_writing(w->sites[0].site), WRITING_CLONED);
		ck_assert_int_eq(mesh_site_writing(w->sites[1].site), WRITING_YES);
		ck_assert_uint_eq(w->sites[1].notices[NOTICE_CLONE], 0);
		world_free(w);
	}
}
CHECK_MODULE(recover, NULL,
    a_restored_backup_gets_its_own_records_back_and_goes_on_above,
    without_its_database_a_site_goes_on_in_its_old_epoch,
    who_came_late_still_knows_what_was_said,
    without_a_database_and_with_nobody_who_knows_a_new_epoch_begins,
    a_neighbour_that_only_claims_our_log_is_not_believed,
    after_kill_nine_numbers_go_on_and_nothing_is_recovered,
    power_cuts_lose_nothing_that_was_answered_and_make_nobody_contradict_himself,
    a_life_with_a_lower_boot_steps_past_the_former_one,
    what_a_former_life_said_pushes_a_boot_no_further,
    several_former_lives_are_stepped_past, so_are_those_that_began_one_above_the_other,
    who_answers_each_step_is_taken_for_a_second_body,
    a_former_life_is_refuted_while_it_is_doubted_and_no_longer,
    nothing_is_numbered_until_a_second_body_had_time_to_answer,
    of_two_that_run_with_one_key_both_fall_silent,
    two_clones_at_the_ends_of_a_line_learn_of_each_other)
