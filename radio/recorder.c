#include "recorder.h"
#include "bytes.h"
#include "mt_redact.h"
#include "stream.h"
#include <stdlib.h>

enum {
	INPUT_BYTES = 16384, /* four reads of the port */
	SKIPPED_SHOWN = 512, /* zero bytes before a frame, at most */
	LINES = 4096
};
struct kept { /* one line */
	uint64_t t_ms;
	size_t len;
	bool from_client, eof;
};
struct recorder {
	mesh_time_ms start_ms;
	uint64_t lost;
	struct stream streams[2]; /* of the radio, of the client */
	struct kept lines[LINES];
	size_t first, count; /* lines, oldest first */
	size_t head, tail;   /* their bytes */
	uint8_t blocks[2][INPUT_BYTES];
	uint8_t bytes[RECORDER_BYTES];
};

struct recorder *
recorder_new(mesh_time_ms now)
{
	struct recorder *r = calloc(1, sizeof *r);
	if (r == NULL)
		return NULL;
	r->start_ms = now;
	for (size_t i = 0; i < LENGTH(r->streams); i++)
		r->streams[i] = stream_init(r->blocks[i], sizeof r->blocks[i]);
	return r;
}

void
recorder_free(struct recorder *r)
{
	free(r);
}

/* Room for one line, or NULL. */
static uint8_t *
keep(struct recorder *r, struct kept line)
{
	if (r->count == 0)
		r->head = r->tail = 0;
	if (r->head > 0 && line.len > sizeof r->bytes - r->tail) {
		memmove(r->bytes, r->bytes + r->head, r->tail - r->head);
		r->tail -= r->head;
		r->head = 0;
	}
	if (r->count == LINES || line.len > sizeof r->bytes - r->tail) {
		r->lost++;
		return NULL;
	}
	r->lines[(r->first + r->count++) % LINES] = line;
	r->tail += line.len;
	return r->bytes + r->tail - line.len;
}

static void
keep_frame(struct recorder *r, bool from_client, const struct stream_frame *frame,
    mesh_time_ms now)
{
	size_t skipped = frame->skipped < SKIPPED_SHOWN ? frame->skipped
							: SKIPPED_SHOWN;
	struct kept line = { now - r->start_ms, skipped + frame->whole.len, from_client,
		false };
	uint8_t *to = keep(r, line);
	if (to == NULL)
		return;
	memset(to, 0, skipped);
	memcpy(to + skipped, frame->whole.ptr, frame->whole.len);
	mt_redact(from_client ? MT_TO_RADIO : MT_FROM_RADIO,
	    to + skipped + STREAM_HEADER, frame->whole.len - STREAM_HEADER);
}

void
recorder_take(
    struct recorder *r, bool from_client, struct bytes_view bytes, mesh_time_ms now)
{
	struct stream *s = &r->streams[from_client];
	struct stream_frame frame;
	while (bytes.len > 0) {
		size_t taken = stream_put(s, bytes);
		bytes = bytes_view(bytes.ptr + taken, bytes.len - taken);
		while (stream_next(s, &frame))
			keep_frame(r, from_client, &frame, now);
	}
}

void
recorder_end(struct recorder *r, mesh_time_ms now)
{
	(void)keep(r, (struct kept){ now - r->start_ms, 0, false, true });
	for (size_t i = 0; i < LENGTH(r->streams); i++)
		stream_reset(&r->streams[i]); /* what was half said is forgotten */
}

bool
recorder_next(struct recorder *r, struct recorder_line *out)
{
	if (r->count == 0)
		return false;
	struct kept line = r->lines[r->first];
	*out = (struct recorder_line){ line.t_ms, line.from_client, line.eof,
		bytes_view(r->bytes + r->head, line.len) };
	r->first = (r->first + 1) % LINES;
	r->count--;
	r->head += line.len;
	return true;
}

uint64_t
recorder_lost(const struct recorder *r)
{
	return r->lost;
}
