#include "stream.h"
#include <assert.h>

struct stream
stream_init(void *block, size_t cap)
{
	assert(cap >= STREAM_FRAME_MAX);
	return (struct stream){ .ptr = block, .cap = cap };
}

static size_t
skip(struct stream *s, size_t count)
{
	s->head += count;
	s->skipped += count;
	s->skipped_ever += count;
	return count;
}

static bool
header_is_possible(const uint8_t *p, size_t len)
{
	if (len >= 2 && p[1] != STREAM_START2)
		return false;
	return len < STREAM_HEADER || (p[2] << 8 | p[3]) <= STREAM_PAYLOAD_MAX;
}

/* Move head to the next byte that may begin a frame. */
static void
hunt(struct stream *s)
{
	while (s->head < s->tail) {
		size_t left = s->tail - s->head;
		const uint8_t *at = memchr(s->ptr + s->head, STREAM_START1, left);
		if (at == NULL) {
			skip(s, left);
			return;
		}
		skip(s, (size_t)(at - s->ptr) - s->head);
		if (header_is_possible(at, s->tail - s->head))
			return;
		skip(s, 1);
	}
}

static void
compact(struct stream *s)
{
	memmove(s->ptr, s->ptr + s->head, s->tail - s->head);
	s->tail -= s->head;
	s->head = 0;
}

size_t
stream_put(struct stream *s, struct bytes_view bytes)
{
	size_t taken = 0;
	while (taken < bytes.len) {
		hunt(s); /* so that only what may be a frame takes room */
		compact(s);
		size_t chunk = bytes.len - taken, room = s->cap - s->tail;
		if (room == 0)
			break;
		if (chunk > room)
			chunk = room;
		memcpy(s->ptr + s->tail, bytes.ptr + taken, chunk);
		s->tail += chunk;
		taken += chunk;
	}
	return taken;
}

bool
stream_next(struct stream *s, struct stream_frame *out)
{
	hunt(s);
	const uint8_t *p = s->ptr + s->head;
	size_t left = s->tail - s->head;
	if (left < STREAM_HEADER)
		return false;
	size_t len = (size_t)(p[2] << 8 | p[3]);
	if (left < STREAM_HEADER + len)
		return false;
	*out = (struct stream_frame){ bytes_view(p, STREAM_HEADER + len),
		bytes_view(p + STREAM_HEADER, len), s->skipped };
	s->skipped = 0;
	s->head += STREAM_HEADER + len;
	return true;
}

void
stream_refuse(struct stream *s, const struct stream_frame *frame)
{
	size_t back = frame->whole.len;
	assert(frame->whole.ptr + back == s->ptr + s->head && s->skipped == 0);
	s->head -= back;
	skip(s, 1);
}

void
stream_reset(struct stream *s)
{
	s->head = s->tail = s->skipped = 0;
}

void
stream_write(struct bytes_out *out, struct bytes_view payload)
{
	if (payload.len > STREAM_PAYLOAD_MAX) {
		out->failed = true;
		return;
	}
	bytes_put_u8(out, STREAM_START1);
	bytes_put_u8(out, STREAM_START2);
	bytes_put_u16(out, (uint16_t)payload.len);
	bytes_put_view(out, payload);
}
