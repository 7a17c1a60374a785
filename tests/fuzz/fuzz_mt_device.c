/* fuzz_mt_device.c - bytes from a client, and packets from the air, to a simulated
 * radio.
 *
 * Pieces: one byte says what comes (client, air, its configuration, a fault, time) and
 * one how long it is.  Whatever comes out are whole frames, unless a fault was asked
 * for. */
#include "mt_codec.h"
#include "mt_device.h"
#include "stream.h"
#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
drain(struct mt_device *d, struct stream *s, bool well)
{
	struct bytes_view out;
	struct stream_frame frame;
	while (mt_device_next_bytes(d, &out)) {
		(void)stream_put(s, out);
		while (stream_next(s, &frame))
			assert(!well || frame.skipped == 0);
	}
	while (mt_device_next_sent(d, &out))
		assert(out.len > 0);
}

static void
give(struct mt_device *d, struct bytes_view piece, struct mesh_now now)
{
	uint8_t block[STREAM_FRAME_MAX];
	struct bytes_out frame = bytes_out(block, sizeof block);
	stream_write(&frame, piece);
	mt_device_receive(d, bytes_written(&frame), now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { KINDS = 6, STEP_MS = 500 };
	static uint8_t block[8192];
	struct stream stream = stream_init(block, sizeof block);
	struct bytes_in in = bytes_in(bytes_view(data, size));
	struct mesh_now now = { .ms = 1000, .unix_ms = 1700000000000 };
	struct mt_device *d = mt_device_new(&(struct mt_device_params){ .seed = 1,
	    .number = 16,
	    .nodes = 4,
	    .mesh = true,
	    .metrics_ms = 700,
	    .replays = true });
	bool well = true;
	assert(d != NULL);
	mt_device_link_up(d, now);
	while (in.left > 0) {
		uint8_t kind = bytes_u8(&in) % KINDS, len = bytes_u8(&in);
		struct bytes_view piece = bytes_take(
		    &in, len < in.left ? len : in.left);
		if (kind == 0)
			give(d, piece, now);
		else if (kind == 1)
			mt_device_hear(d, piece, now);
		else if (kind == 2)
			(void)mt_device_keep(d, piece);
		else if (kind == 3)
			mt_device_receive(d, piece, now);
		else if (kind == 4 && piece.len > 1) {
			mt_device_fault(
			    d, piece.ptr[0] % (MT_FAULT_DIES + 1), piece.ptr[1]);
			well = false;
		}
		now.ms += kind == 5 ? (mesh_time_ms)len * STEP_MS : 2;
		mt_device_tick(d, now);
		assert(mt_device_deadline(d) != 0);
		drain(d, &stream, well);
		if (mt_device_hangs_up(d)) {
			mt_device_link_down(d, now);
			mt_device_link_up(d, now);
			stream_reset(&stream);
		}
	}
	mt_device_free(d);
	return 0;
}
