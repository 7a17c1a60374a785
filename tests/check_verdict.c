#include "check_mesh.h"
#include "verdict.h"

/* '+' held, '-' lost, '0' reached and never ready, ' ' not reached at all. */
static struct held
way(char c)
{
	return (struct held){ .reached = c != ' ',
		.ready = c == '+' || c == '-',
		.losses = c == '-' ? 3 : 0,
		.bytes = 1000 };
}

START_TEST(three_ways_compared_say_what_to_do)
{
	static const struct {
		const char *ways, *word; /* raw, plain, kept by meshd */
	} rows[] = {
		{ "+++", "sound" },
		{ "   ", "unreachable" },
		{ "000", "no-radio" },
		{ "0 0", "no-radio" },
		{ "--+", "heartbeats" },
		{ "+-+", "options-spared" },
		{ "+--", "options" },
		{ "-++", "keepalive" },
		{ "++-", "supervision" },
		{ "++0", "supervision" },
		{ "---", "taken" },
		{ "-+-", "taken" },
		{ "- -", "taken" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct held raw = way(rows[i].ways[0]), plain = way(rows[i].ways[1]);
		struct held kept = way(rows[i].ways[2]);
		struct verdict v = verdict_of(&raw, &plain, &kept);
		ck_assert_msg(
		    strcmp(v.word, rows[i].word) == 0, "%s: %s", rows[i].ways, v.word);
		ck_assert_uint_gt(strlen(v.text), 20);
	}
}
START_TEST(bytes_outside_of_frames_are_spoken_of_when_they_are_many)
{
	struct held quiet = way('+'), noisy = way('+');
	ck_assert_ptr_null(verdict_noise(&quiet, &quiet, &quiet));
	noisy.skipped = 150;
	ck_assert_ptr_null(verdict_noise(&quiet, &quiet, &noisy));
	noisy.skipped = 151;
	ck_assert_ptr_nonnull(verdict_noise(&quiet, &quiet, &noisy));
	struct held none = way(' ');
	none.bytes = 0;
	ck_assert_ptr_null(verdict_noise(&none, &none, &none));
}
CHECK_MODULE(verdict, NULL, three_ways_compared_say_what_to_do,
    bytes_outside_of_frames_are_spoken_of_when_they_are_many)
