#include "bytes.h"
#include "check_mesh.h"
#include "roam.h"

static struct roam r;
static const struct mesh_path here = { .addr = { 1 } }, there = { .addr = { 2 } };
static const uint8_t token[ROAM_TOKEN] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static void
setup(void)
{
	r = (struct roam){ 0 };
}

START_TEST(a_session_moves_when_the_new_address_answers_the_challenge)
{
	ck_assert(roam_seen(&r, &there, token, 1000));
	ck_assert_mem_eq(r.token, token, ROAM_TOKEN);
	ck_assert(roam_proved(&r, &there, bytes_view(token, ROAM_TOKEN)));
	ck_assert_msg(!roam_proved(&r, &there, bytes_view(token, ROAM_TOKEN)), "once");
}
START_TEST(an_answer_from_elsewhere_or_with_another_token_moves_nothing)
{
	uint8_t other[ROAM_TOKEN] = { 1, 2, 3, 4, 5, 6, 7, 9 };

	ck_assert(!roam_proved(&r, &there, bytes_view(r.token, ROAM_TOKEN)));
	ck_assert(roam_seen(&r, &there, token, 1000));
	ck_assert(!roam_proved(&r, &here, bytes_view(token, ROAM_TOKEN)));
	ck_assert(!roam_proved(&r, &there, bytes_view(other, ROAM_TOKEN)));
	ck_assert(!roam_proved(&r, &there, bytes_view(token, ROAM_TOKEN - 1)));
	ck_assert(roam_proved(&r, &there, bytes_view(token, ROAM_TOKEN)));
}
START_TEST(challenges_go_out_once_a_second)
{
	ck_assert(roam_seen(&r, &there, token, 1000));
	ck_assert(!roam_seen(&r, &here, token, 1999));
	ck_assert(roam_seen(&r, &here, token, 2000));
}
CHECK_MODULE(roam, setup, a_session_moves_when_the_new_address_answers_the_challenge,
    an_answer_from_elsewhere_or_with_another_token_moves_nothing,
    challenges_go_out_once_a_second)
