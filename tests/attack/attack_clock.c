/* Attack 6: wall clocks that are ten years ahead or behind, or before 1970.
 *
 * Time is told in records and shown to people; nothing is accepted, dropped, told or
 * declared dead for it.  So each run is made with right clocks and with wrong ones, and
 * both must end alike. */
#include "attack.h"
#include "check_world.h"

/* A ring: each record reaches the third site twice. */
enum { SENDER = 0, RECEIVER = 1, BETWEEN = 2, SITES = 3, JUMPS = 4 };
static const int64_t year_ms = 365LL * 24 * 3600 * 1000;
static const char *const jump_words[] = { "ten years ahead", "ten years behind",
	"in 1970", "before 1970" };
static const char *const where_words[] = { "at the sender", "at the receiver",
	"at both" };

static int64_t
jump(unsigned kind)
{
	int64_t now = world_now(w).unix_ms;
	const int64_t by[JUMPS] = { 10 * year_ms, -10 * year_ms, 60 * 1000 - now,
		-24 * 3600 * 1000 - now };
	return by[kind];
}
static void
a_ring(void)
{
	begin(SITES, 0);
	w->params.strict = true;
	world_join_ring(w);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(SENDER, RECEIVER) && is_direct(RECEIVER, BETWEEN));
}
/* Bit 0 of where: the sender's is wrong; bit 1: the receiver's. */
static void
clocks_jump(unsigned kind, unsigned where)
{
	int64_t by = jump(kind);
	if (where & 1)
		w->sites[SENDER].clock_ms = by;
	if (where & 2)
		w->sites[RECEIVER].clock_ms = by;
}
static void
told_once(uint64_t number, const char *when, const char *where)
{
	static const enum mesh_lane lanes[] = { LANE_ALERT, LANE_PACKET, LANE_METRIC };
	for (size_t i = 0; i < LENGTH(lanes); i++)
		ck_assert_int_eq(
		    world_append(w, SENDER, lanes[i], number, 40), MESH_OK);
	ck_assert_int_eq(world_append(w, RECEIVER, LANE_ALERT, number, 40), MESH_OK);
	run(3000);
	for (uint32_t at = 0; at < SITES; at++)
		for (size_t i = 0; i < LENGTH(lanes); i++) {
			size_t n = world_told(w, at, SENDER, lanes[i], number);
			ck_assert_msg(n == 1, "%s %s: lane %u told %zu times at %u",
			    when, where, lanes[i], n, at);
		}
	ck_assert_uint_eq(world_told(w, SENDER, RECEIVER, LANE_ALERT, number), 1);
}

START_TEST(records_of_a_wrong_clock_are_told_once)
{
	for (unsigned kind = 0; kind < JUMPS; kind++)
		for (unsigned where = 1; where <= 3; where++) {
			a_ring();
			told_once(1, "before it", where_words[where - 1]);
			clocks_jump(kind, where);
			told_once(2, jump_words[kind], where_words[where - 1]);
			w->sites[SENDER].clock_ms = w->sites[RECEIVER].clock_ms = 0;
			told_once(3, "right again", where_words[where - 1]);
			done();
		}
}
/* What was written before the jump reaches who was away, and nothing comes twice. */
START_TEST(repair_does_not_ask_for_the_time)
{
	for (unsigned kind = 0; kind < JUMPS; kind++) {
		a_ring();
		world_kill(w, RECEIVER);
		run(500);
		append(SENDER, 1);
		run(500);
		clocks_jump(kind, 1);
		append(SENDER, 2);
		clocks_jump(kind, 2);
		world_start(w, RECEIVER);
		run(20000);
		for (uint64_t n = 1; n <= 2; n++)
			ck_assert_msg(
			    world_told(w, RECEIVER, SENDER, LANE_PACKET, n) == 1,
			    "%s: %llu", jump_words[kind], (unsigned long long)n);
		done();
	}
}
/* Started with that clock, with nothing on its disk. */
START_TEST(a_first_start_with_a_wrong_clock_is_a_start)
{
	for (unsigned kind = 0; kind < JUMPS; kind++) {
		begin(SITES, 0);
		w->params.strict = true;
		world_join_ring(w);
		clocks_jump(kind, 1);
		world_start_all(w);
		run(8000);
		told_once(1, jump_words[kind], "from the start");
		w->sites[SENDER].clock_ms = 0;
		told_once(2, jump_words[kind], "and then right");
		world_kill(w, SENDER);
		run(100);
		world_start(w, SENDER);
		run(8000);
		told_once(3, jump_words[kind], "and once more");
		done();
	}
}
static mesh_time_ms
dead_after(unsigned kind, unsigned where)
{
	a_ring();
	if (where != 0)
		clocks_jump(kind, where);
	run(5000);
	for (uint32_t at = 0; at < SITES; at++)
		for (uint32_t of = 0; of < SITES; of++)
			ck_assert(at == of || peer(at, of).state == PEER_ALIVE);
	world_kill(w, SENDER);
	mesh_time_ms from = w->now;
	while (peer(RECEIVER, SENDER).state != PEER_DEAD && w->now < from + 60000)
		run(50);
	mesh_time_ms took = w->now - from;
	done();
	return took;
}
START_TEST(the_dead_are_found_as_soon_and_nobody_else)
{
	mesh_time_ms right = dead_after(0, 0);
	ck_assert_uint_lt(right, 10000);
	for (unsigned kind = 0; kind < JUMPS; kind++)
		for (unsigned where = 1; where <= 3; where++) {
			mesh_time_ms took = dead_after(kind, where);
			ck_assert_msg(took <= right + 1000, "%s %s: %llu ms, not %llu",
			    jump_words[kind], where_words[where - 1],
			    (unsigned long long)took, (unsigned long long)right);
		}
}

CHECK_MODULE(attack_clock, NULL, records_of_a_wrong_clock_are_told_once,
    repair_does_not_ask_for_the_time, a_first_start_with_a_wrong_clock_is_a_start,
    the_dead_are_found_as_soon_and_nobody_else)
