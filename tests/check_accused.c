#include "accused.h"
#include "check_mesh.h"

static struct accused a;

static void
setup(void)
{
	a = (struct accused){ .next = 0 };
}
static bool
pass(uint32_t witness, uint32_t target, mesh_time_ms now)
{
	bool may = accused_may(&a, witness, target, now);
	if (may)
		accused_note(&a, witness, target, now);
	return may;
}

START_TEST(one_suspicion_of_a_target_passes_in_five_seconds)
{
	ck_assert(pass(1, 2, 1000));
	ck_assert(!pass(1, 2, 1001) && !pass(1, 2, 5999));
	ck_assert(pass(1, 2, 6000));
	ck_assert(pass(3, 2, 6001)); /* another witness */
	ck_assert(pass(1, 4, 6001)); /* another target */
}
START_TEST(who_accuses_everybody_passes_a_few_times_only)
{
	uint32_t passed = 0;
	for (uint32_t target = 0; target < 1000; target++)
		passed += pass(7, target, 1000 + target);
	ck_assert_uint_eq(passed, ACCUSED_EACH);
	ck_assert(pass(8, 5, 2000)); /* others are not concerned */
	ck_assert(pass(7, 5000, 1000 + ACCUSED_GAP_MS));
}
CHECK_MODULE(accused, setup, one_suspicion_of_a_target_passes_in_five_seconds,
    who_accuses_everybody_passes_a_few_times_only)
