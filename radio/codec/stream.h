/* stream.h - frames out of a byte stream that may begin, and break, anywhere.
 *
 * A frame is 94 C3, a big-endian length of at most 512, and that many bytes.  Whatever
 * is not the start of one is skipped byte by byte and counted: console text, wake-up
 * bytes, the rest of a damaged frame.  After 94 the next byte is tested again as a
 * start, and a length above 512 costs one byte, not the header, so a real start right
 * behind a false one is not lost.  Garbage is never stored.  The block is the caller's;
 * when it is full the newest bytes are refused.  Source: Meshtastic's stream API.
 * Floor 1.  Pure. */
#ifndef RADIO_STREAM_H
#define RADIO_STREAM_H
#include "bytes.h"

enum {
	STREAM_START1 = 0x94,
	STREAM_START2 = 0xC3,
	STREAM_HEADER = 4,
	STREAM_PAYLOAD_MAX = 512,
	STREAM_FRAME_MAX = STREAM_HEADER + STREAM_PAYLOAD_MAX
};

struct stream {
	uint8_t *ptr; /* borrowed */
	size_t cap, head, tail;
	size_t skipped;        /* since the last frame */
	uint64_t skipped_ever; /* not reset */
};
struct stream_frame { /* views die at the next stream_put */
	struct bytes_view whole, payload;
	size_t skipped; /* bytes dropped between the frame before and this one */
};

/* Requires: cap >= STREAM_FRAME_MAX. */
struct stream stream_init(void *block, size_t cap);
/* Take bytes from the link; the number taken, less than all only when frames that
 * nobody has fetched fill the block. */
size_t stream_put(struct stream *s, struct bytes_view bytes);
bool stream_next(struct stream *s, struct stream_frame *out);
/* The frame just fetched was none: look for a start inside it.  A lost byte makes a
 * frame swallow the head of the next, and this finds it again. */
void stream_refuse(struct stream *s, const struct stream_frame *frame);
/* Forget everything: the link is a new one. */
void stream_reset(struct stream *s);
/* Header and payload.  `out->failed` if the payload is over 512 bytes or has no room.
 */
void stream_write(struct bytes_out *out, struct bytes_view payload);
#endif
