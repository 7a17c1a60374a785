/* Attacks 7 and 8: lengths and shapes that no honest encoder writes. */
#include "attack.h"
#include "check_world.h"
#include "shape.h"
#include <time.h>

enum { VICTIM = 1, LIAR = 0, NO_SUCH_TYPE = 60000 };

static void
a_pair(void)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
}

/* --- lengths, from anywhere --- */

START_TEST(no_length_but_the_right_one_is_looked_at)
{
	/* clang-format off */
	static const struct { uint8_t first; size_t least, most; } row[] = {
		{ ENVELOPE_BEACON, 45, 1200 }, { ENVELOPE_HS1, 256, 256 }, { ENVELOPE_HS2, 101, 256 },
		{ ENVELOPE_HS3, 69, 1200 }, { ENVELOPE_COOKIE, 37, 37 }, { ENVELOPE_DATA, 25, 1200 },
	}; /* clang-format on */
	enum { LONGEST = 65507 };
	a_pair();
	struct mesh_path from = stranger_path(1);
	for (size_t i = 0; i < LENGTH(row); i++) {
		uint64_t count = 0;
		attack_starts(w);
		for (size_t len = 0; len < LONGEST;
		     len += len < 1300 || len > LONGEST - 3 ? 1 : 1009) {
			if (len >= row[i].least && len <= row[i].most)
				continue;
			uint8_t *exact = calloc(1, len + 1); /* ASan sees one more */
			exact[0] = row[i].first;
			world_inject(w, VICTIM, &from, bytes_view(exact, len));
			free(exact);
			count++;
		}
		attack_moves(VICTIM, "rx.short", count);
		attack_ends(w, "wrong lengths");
	}
	done();
}
START_TEST(no_first_byte_but_six_is_looked_at)
{
	static uint8_t zeros[1200];
	a_pair();
	struct mesh_path from = stranger_path(1);
	for (unsigned first = 0; first < 256; first++) {
		if (first >= ENVELOPE_BEACON && first <= ENVELOPE_DATA)
			continue;
		zeros[0] = (uint8_t)first;
		attack_starts(w);
		world_inject(w, VICTIM, &from, bytes_view(zeros, 256));
		world_inject(w, VICTIM, &from, bytes_view(zeros, 1));
		world_inject(w, VICTIM, &from, bytes_view(zeros, sizeof zeros));
		attack_moves(VICTIM, "rx.kind", 3);
		attack_ends(w, "a first byte of nothing");
	}
	done();
}

/* --- shapes, by an admitted neighbour --- */

/* Memory that anybody takes while it is counted; the sanitizer calls us. */
static size_t taken_blocks;
static bool taking_counts;
#ifdef __SANITIZE_ADDRESS__
int __sanitizer_install_malloc_and_free_hooks(
    void (*taken)(const volatile void *, size_t), void (*given)(const volatile void *));
static void
on_taken(const volatile void *block, size_t len)
{
	(void)block;
	(void)len;
	taken_blocks += taking_counts;
}
static void
on_given(const volatile void *block)
{
	(void)block;
}
static void
count_memory(void)
{
	static bool installed;
	if (!installed)
		__sanitizer_install_malloc_and_free_hooks(on_taken, on_given);
	installed = true;
}
#else
static void
count_memory(void)
{
}
#endif

static struct bytes_view
repeated(const char *head, uint8_t byte, size_t count)
{
	static uint8_t room[ENVELOPE_PLAIN_MAX];
	struct bytes_view v = hex(head);
	memcpy(room, v.ptr, v.len);
	memset(room + v.len, byte, count);
	return bytes_view(room, v.len + count);
}

static const struct {
	const char *hex, *why;
	uint8_t fill;
	size_t count; /* of `fill` behind it */
} shapes[] = {
	/* clang-format off */
	{ "ddffffffff", "an array of 2^32 - 1", 0, 0 },
	{ "dd00ffffff", "an array of 2^24 - 1", 0, 0 },
	{ "dcffff", "an array of 2^16 - 1", 0, 0 },
	{ "dfffffffff", "a map of 2^32 - 1", 0, 0 },
	{ "deffff", "a map of 2^16 - 1", 0, 0 },
	{ "9302ddffffffff", "the same inside a frame", 0, 0 },
	{ "9302c6ffffffff", "bytes of 4 GiB", 0, 0 },
	{ "9302dbffffffff", "text of 4 GiB", 0, 0 },
	{ "9302c9ffffffff", "the same of unknown type, and nothing behind", 0, 0 },
	{ "9302deffff", "a map of 2^16 - 1 inside a frame", 0, 0 },
	{ "9302dfffffffff", "a map of 2^32 - 1 inside a frame", 0, 0 },
	{ "9302df80000000", "2^31 pairs: twice that is no 32-bit number", 0, 0 },
	{ "93ca7fc0000002c0", "NaN for the number of a frame", 0, 0 },
	{ "93cb7ff000000000000002c0", "infinity for the number of a frame", 0, 0 },
	{ "9302ca7fc00000c0", "NaN for a number", 0, 0 },
	{ "9302cbfff0000000000000c0", "minus infinity for a number", 0, 0 },
	{ "9302cb0000000000000001c0", "the least number above zero", 0, 0 },
	{ "9302c9ffffffff00", "an extension of 4 GiB", 0, 0 },
	{ "9302d40000", "an extension", 0, 0 },
	{ "92", "nested 1000 deep", 0x91, 1000 },
	{ "92", "nested as deep as a datagram is long", 0x91, ENVELOPE_PLAIN_MAX - 1 },
	{ "9363", "nested 9 deep, in a frame unknown", 0x91, 9 },
	{ "92639191919191919191c0", "nested 9 deep, and nothing else wrong", 0, 0 },
	{ "9302", "maps in maps", 0x81, 500 },
	{ "9302cc07c0", "seven in two bytes", 0, 0 },
	{ "9302cd0007c0", "seven in three bytes", 0, 0 },
	{ "9302cf0000000000000007c0", "seven in nine bytes", 0, 0 },
	{ "9302d007c0", "seven as a negative", 0, 0 },
	{ "dc00030207c0", "an array of three in three bytes", 0, 0 },
	{ "9363a1ff07", "text that is not UTF-8", 0, 0 },
	{ "9363a2c08007", "an overlong zero", 0, 0 },
	{ "9363a3eda08007", "half a surrogate", 0, 0 },
	{ "92638107c0", "a key that is a number", 0, 0 },
	{ "926382a16101a16102", "a name that stands twice in a map", 0, 0 },
	{ "92639181a16182a0c0a0c0", "the same, in a map in a map in a list", 0, 0 },
	{ "9263ca7fc00000", "a value that is no number", 0, 0 },
	{ "9263cb7ff0000000000000", "a value without end", 0, 0 },
	{ "9263c1", "the tag that is none", 0, 0 },
	{ "02", "a number for a frame", 0, 0 },
	{ "90", "an empty frame", 0, 0 },
	{ "92a0c0", "a frame by name", 0, 0 },
	{ "9302", "half a frame", 0, 0 },
}; /* clang-format on */

START_TEST(a_wrong_shape_moves_one_counter_and_takes_no_memory)
{
	a_pair();
	count_memory();
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		struct bytes_view frames = repeated(
		    shapes[i].hex, shapes[i].fill, shapes[i].count);
		world_flush(w, VICTIM);
		attack_starts(w);
		struct bytes_view datagram = liar_seals(w, LIAR, VICTIM, frames);
		taken_blocks = 0;
		taking_counts = true;
		world_inject(w, VICTIM, &w->sites[LIAR].path, datagram);
		taking_counts = false;
		ck_assert_msg(taken_blocks == 0, "%s: memory", shapes[i].why);
		attack_moves(VICTIM, "rx.shape", 1);
		attack_ends(w, shapes[i].why);
	}
	done();
}
/* A bound that an honest machine meets a hundred times over. */
START_TEST(a_wrong_shape_is_refused_in_microseconds)
{
	enum { TIMES = 2000, US_EACH = 100 };
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		struct bytes_view v = repeated(
		    shapes[i].hex, shapes[i].fill, shapes[i].count);
		clock_t start = clock();
		for (int k = 0; k < TIMES; k++) {
			struct bytes_in in = bytes_in(v);
			struct bytes_view one;
			enum mesh_err err = shape_next(&in, &one, NULL);
			(void)err;
		}
		double us = (double)(clock() - start) * 1e6 / CLOCKS_PER_SEC / TIMES;
		ck_assert_msg(us < US_EACH, "%s: %.1f us", shapes[i].why, us);
	}
}
START_TEST(a_record_of_a_wrong_shape_is_none)
{
	static const char *const bodies[] = { "91a1ff", "91cc07", "9181c0c0",
		"919191919191919191c0", "c0", "81a161c0", "9182a161c0a161c0",
		"91ca7fc00000", "91cbfff0000000000000" };
	a_pair();
	for (size_t i = 0; i < LENGTH(bodies); i++) {
		struct record r = liar_record(w, LIAR, LANE_METRIC, 1 + i);
		r.type = i % 2 == 0 ? r.type : NO_SUCH_TYPE;
		r.body = hex(bodies[i]);
		struct bytes_view bundle = liar_signs(w, LIAR, &r);
		struct bytes_view push = liar_push(w, LIAR, bundle);
		world_flush(w, VICTIM);
		attack_starts(w);
		liar_sends(w, LIAR, VICTIM, push);
		attack_moves(VICTIM, "rx.shape", 1);
		attack_ends(w, bodies[i]);
	}
	done();
}

CHECK_MODULE(attack_shape, NULL, no_length_but_the_right_one_is_looked_at,
    no_first_byte_but_six_is_looked_at,
    a_wrong_shape_moves_one_counter_and_takes_no_memory,
    a_wrong_shape_is_refused_in_microseconds, a_record_of_a_wrong_shape_is_none)
