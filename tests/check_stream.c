#include "check_mesh.h"
#include "stream.h"

static uint8_t block[4096];
static struct stream stream;
static struct stream_frame frame;

static void
setup(void)
{
	stream = stream_init(block, sizeof block);
}

static void
put(const char *bytes)
{
	struct bytes_view v = hex(bytes);
	ck_assert_uint_eq(stream_put(&stream, v), v.len);
}

START_TEST(frames_are_found_between_junk)
{
	/* clang-format off */
	static const struct { const char *bytes, *payload; size_t skipped; const char *why; } rows[] = {
		{ "94c300021801",             "1801", 0, "nothing around it" },
		{ "c3c3c3c394c300021801",     "1801", 4, "behind wake-up bytes" },
		{ "9494c300021801",           "1801", 1, "the byte after 94 may be a start" },
		{ "949494c300021801",         "1801", 2, "and the one after that" },
		{ "94c394c300021801",         "1801", 2, "a length of 94c3 drops one byte, then C3" },
		{ "94c3020194c300021801",     "1801", 4, "length 513" },
		{ "94c3ffff94c300021801",     "1801", 4, "length 65535" },
		{ "626f6f740a94c300021801",   "1801", 5, "console text" },
		{ "94c30000",                 "",     0, "an empty message" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		put(rows[i].bytes);
		ck_assert_msg(stream_next(&stream, &frame), "%s", rows[i].why);
		ck_assert_msg(bytes_equal(frame.payload, hex(rows[i].payload)), "%s",
		    rows[i].why);
		ck_assert_msg(frame.skipped == rows[i].skipped, "%s: %zu", rows[i].why,
		    frame.skipped);
		ck_assert(!stream_next(&stream, &frame));
	}
}
START_TEST(the_longest_frame_passes)
{
	uint8_t whole[STREAM_FRAME_MAX + 1], payload[STREAM_PAYLOAD_MAX + 1] = { 0x94 };
	struct bytes_out out = bytes_out(whole, sizeof whole);
	stream_write(&out, bytes_view(payload, STREAM_PAYLOAD_MAX));
	ck_assert(!out.failed);
	(void)stream_put(&stream, bytes_written(&out));
	ck_assert(stream_next(&stream, &frame));
	ck_assert_uint_eq(frame.payload.len, STREAM_PAYLOAD_MAX);
	stream_write(&out, bytes_view(payload, STREAM_PAYLOAD_MAX + 1));
	ck_assert(out.failed);
}
START_TEST(a_refused_frame_is_searched_for_the_one_it_swallowed)
{
	/* A frame of five bytes lost one: its length reaches into the next. */
	put("94c3000501020304"
	    "94c300021801");
	ck_assert(stream_next(&stream, &frame));
	ck_assert_uint_eq(frame.payload.len, 5);
	stream_refuse(&stream, &frame);
	ck_assert(stream_next(&stream, &frame));
	ck_assert(bytes_equal(frame.payload, hex("1801")));
}
START_TEST(garbage_takes_no_room)
{
	static uint8_t garbage[65536];
	for (size_t i = 0; i < sizeof garbage; i++)
		garbage[i] = (uint8_t)(i * 7 % 0x94);
	for (int i = 0; i < 160; i++)
		ck_assert_uint_eq(
		    stream_put(&stream, bytes_view(garbage, sizeof garbage)),
		    sizeof garbage);
	ck_assert(!stream_next(&stream, &frame));
	ck_assert_uint_eq(stream.skipped_ever, 160 * sizeof garbage);
	put("94c300021801");
	ck_assert(stream_next(&stream, &frame));
}
START_TEST(full_of_frames_it_refuses_the_newest_bytes)
{
	size_t taken = 0, found = 0;
	for (int i = 0; i < 1000; i++)
		taken += stream_put(&stream, hex("94c300021801"));
	ck_assert_uint_eq(taken, sizeof block);
	while (stream_next(&stream, &frame))
		found++;
	ck_assert_uint_eq(found, sizeof block / 6);
}
START_TEST(a_new_link_forgets_half_a_frame)
{
	put("94c3000a0102");
	stream_reset(&stream);
	put("94c300021801");
	ck_assert(stream_next(&stream, &frame));
	ck_assert_uint_eq(frame.skipped, 0);
}
START_TEST(any_cut_of_any_mixture_gives_the_same_frames)
{
	for (int round = 0; round < 2000; round++) {
		uint8_t mix[256];
		struct bytes_out out = bytes_out(mix, sizeof mix);
		for (unsigned i = rng_u32() % 6; i > 0; i--) {
			uint8_t junk[8];
			static const uint8_t starts[] = { 0x94, 0xc3, 0x00, 0x02 };
			for (size_t k = 0; k < sizeof junk; k++)
				junk[k] = starts[rng_u32() % sizeof starts];
			bytes_put(&out, junk, rng_u32() % sizeof junk);
			stream_write(&out, bytes_view(junk, rng_u32() % sizeof junk));
		}
		size_t whole_count = 0, cut_count = 0, at = 0;
		setup();
		(void)stream_put(&stream, bytes_written(&out));
		while (stream_next(&stream, &frame))
			whole_count += 1 + frame.payload.len * 1000 + frame.skipped;
		setup();
		while (at < out.len) {
			size_t len = rng_u32() % 5 + 1;
			len = len > out.len - at ? out.len - at : len;
			(void)stream_put(&stream, bytes_view(mix + at, len));
			at += len;
			while (stream_next(&stream, &frame))
				cut_count += 1 + frame.payload.len * 1000 +
				    frame.skipped;
		}
		ck_assert_uint_eq(whole_count, cut_count);
	}
}
CHECK_MODULE(stream, setup, frames_are_found_between_junk, the_longest_frame_passes,
    a_refused_frame_is_searched_for_the_one_it_swallowed, garbage_takes_no_room,
    full_of_frames_it_refuses_the_newest_bytes, a_new_link_forgets_half_a_frame,
    any_cut_of_any_mixture_gives_the_same_frames)
