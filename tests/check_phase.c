#include "check_mesh.h"
#include "phase.h"

enum { PERIOD = 2450 };
static struct phase p;

static void
setup(void)
{
	p = (struct phase){ .period_ms = PERIOD };
}
static uint32_t
around(uint32_t a, uint32_t b)
{
	uint32_t d = a > b ? a - b : b - a;
	d %= PERIOD;
	return d < PERIOD - d ? d : PERIOD - d;
}

START_TEST(each_use_has_its_window)
{
	static const struct {
		enum phase_use use;
		uint32_t from, to;
	} row[] = {
		{ PHASE_FIRST, PERIOD / 2, PERIOD },
		{ PHASE_OURS, PERIOD * 9 / 10, PERIOD * 11 / 10 },
		{ PHASE_THEIRS, PERIOD * 11 / 10, PERIOD * 116 / 100 },
	};
	for (size_t i = 0; i < LENGTH(row); i++)
		for (int k = 0; k < 200; k++) {
			uint32_t at = phase_next(&p, row[i].use, rng_u32());
			ck_assert(at >= row[i].from && at <= row[i].to);
			phase_add(&p, rng_u32());
		}
}
START_TEST(the_first_time_is_far_from_all_others)
{
	phase_add(&p, 0);
	phase_add(&p, 100);
	phase_add(&p, 2 * PERIOD + 1300); /* far ahead counts where it falls */
	uint32_t at = phase_next(&p, PHASE_FIRST, rng_u32());
	ck_assert_uint_gt(around(at, 1300), 450);
	ck_assert_uint_gt(around(at, 0), 450);
}
/* All begin at once, as after a start; each in turn chooses its next time. */
START_TEST(who_begins_together_is_spread_over_the_period)
{
	enum { LINKS = 7, ROUNDS = 5 };
	uint32_t due[LINKS] = { 0 };
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < LINKS; i++) {
			setup();
			for (int k = 0; k < LINKS; k++)
				if (k != i)
					phase_add(&p, due[k] + PERIOD - due[i]);
			due[i] = (due[i] +
				     phase_next(&p,
					 round == 0 ? PHASE_FIRST : PHASE_OURS,
					 rng_u32())) %
			    PERIOD;
		}
	for (int i = 0; i < LINKS; i++) {
		uint32_t nearest = PERIOD;
		for (int k = 0; k < LINKS; k++)
			if (k != i && around(due[i], due[k]) < nearest)
				nearest = around(due[i], due[k]);
		ck_assert_uint_gt(nearest, PERIOD / LINKS / 3);
	}
}
START_TEST(more_links_than_there_is_room_for_are_not_heeded)
{
	for (int i = 0; i < PHASE_LINKS + 10; i++)
		phase_add(&p, rng_u32());
	ck_assert_uint_eq(p.count, PHASE_LINKS);
}
CHECK_MODULE(phase, setup, each_use_has_its_window,
    the_first_time_is_far_from_all_others,
    who_begins_together_is_spread_over_the_period,
    more_links_than_there_is_room_for_are_not_heeded)
