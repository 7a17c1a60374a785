#include "player_recording.h"
#include "stream.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1 << 16, BLOCK_BYTES = 1 << 15, COMPLETES_MAX = 64 };

static void
die(const char *what, const char *which)
{
	fprintf(stderr, "player: %s: %s\n", which, what);
	exit(EXIT_FAILURE);
}

static struct bytes_view
unhex(const char *text)
{
	size_t len = strlen(text) / 2;
	uint8_t *block = malloc(len > 0 ? len : 1);
	if (block == NULL)
		die("no memory", "recording");
	for (size_t i = 0; i < len; i++) {
		char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };
		block[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return bytes_view(block, len);
}

static bool
read_line(const char *text, struct line *out)
{
	json_t *o = json_loads(text, 0, NULL);
	const char *from = json_string_value(json_object_get(o, "from"));
	const char *hex = json_string_value(json_object_get(o, "hex"));
	bool ours = from != NULL && strcmp(from, "ether") != 0;
	*out = (struct line){ 0 };
	if (ours) {
		out->side = strcmp(from, "client") == 0 ? SIDE_CLIENT : SIDE_RADIO;
		out->t_ms = json_integer_value(json_object_get(o, "t_ms"));
		out->eof = json_is_true(json_object_get(o, "eof"));
		if (hex != NULL)
			out->bytes = unhex(hex);
	}
	json_decref(o);
	return ours;
}

/* How many times each client line completes a want_config. */
static void
mark_wants(struct recording *r)
{
	static uint8_t block[BLOCK_BYTES];
	struct stream s = stream_init(block, sizeof block);
	struct stream_frame frame;
	struct protobuf_item item;
	for (size_t i = 0; i < r->count; i++) {
		if (r->lines[i].side != SIDE_CLIENT)
			continue;
		(void)stream_put(&s, r->lines[i].bytes);
		while (stream_next(&s, &frame)) {
			struct bytes_in in = bytes_in(frame.payload);
			if (protobuf_next(&in, &item) &&
			    item.number == MT_TO_WANT_CONFIG)
				r->lines[i].wants++;
		}
	}
}

static void
add_line(struct recording *r, struct line line)
{
	r->lines = realloc(r->lines, (r->count + 1) * sizeof *r->lines);
	if (r->lines == NULL)
		die("no memory", "recording");
	r->lines[r->count++] = line;
}

static bool
is_complete(struct bytes_view payload)
{
	struct bytes_in in = bytes_in(payload);
	struct protobuf_item item;
	return protobuf_next(&in, &item) && item.number == FROM_CONFIG_COMPLETE &&
	    item.wire == WIRE_VARINT && in.left == 0;
}

struct range { /* of a config_complete frame in the radio's whole stream */
	size_t start, end;
};

static size_t
find_completes(const struct line *lines, size_t count, struct range *out)
{
	static uint8_t block[BLOCK_BYTES];
	struct stream s = stream_init(block, sizeof block);
	struct stream_frame frame;
	size_t found = 0, at = 0;
	for (size_t i = 0; i < count; i++) {
		if (lines[i].side == SIDE_RADIO)
			(void)stream_put(&s, lines[i].bytes);
		while (stream_next(&s, &frame)) {
			at += frame.skipped + frame.whole.len;
			if (is_complete(frame.payload) && found < COMPLETES_MAX)
				out[found++] = (struct range){ at - frame.whole.len,
					at };
		}
	}
	return found;
}

static void
add_piece(struct recording *to, const struct line *l, struct range r, bool joined)
{
	struct line piece = *l;
	piece.bytes = bytes_view(l->bytes.ptr + r.start, r.end - r.start);
	piece.joined = joined;
	piece.eof = false;
	if (r.end > r.start)
		add_line(to, piece);
}

/* Lines become pieces: what goes out as it is, and the ends of the configuration, each
 * whole even if it came in two chunks. */
static void
add_radio_line(struct recording *r, const struct line *l, size_t start,
    const struct range *completes, size_t count)
{
	size_t at = start, end = start + l->bytes.len;
	for (size_t i = 0; i < count; i++) {
		if (completes[i].end <= at || completes[i].start >= end)
			continue;
		size_t from = completes[i].start > at ? completes[i].start : at;
		size_t to = completes[i].end < end ? completes[i].end : end;
		add_piece(r, l, (struct range){ at - start, from - start }, at > start);
		struct line complete = { .side = SIDE_RADIO,
			.t_ms = l->t_ms,
			.complete = true,
			.joined = from > start };
		if (completes[i].end <= end)
			add_line(r, complete);
		at = to;
	}
	add_piece(r, l, (struct range){ at - start, end - start }, at > start);
	if (l->eof)
		add_line(r, (struct line){ SIDE_RADIO, .t_ms = l->t_ms, .eof = true });
}

static size_t
read_lines(const char *path, struct line **out)
{
	static char text[LINE_BYTES];
	FILE *f = fopen(path, "r");
	size_t count = 0;
	if (f == NULL)
		die(strerror(errno), path);
	while (fgets(text, sizeof text, f) != NULL) {
		*out = realloc(*out, (count + 1) * sizeof **out);
		if (*out == NULL)
			die("no memory", path);
		count += read_line(text, &(*out)[count]);
	}
	fclose(f);
	return count;
}

void
recording_read(const char *path, struct recording *r)
{
	struct line *raw = NULL;
	struct range completes[COMPLETES_MAX];
	size_t count = read_lines(path, &raw), at = 0;
	size_t complete_count = find_completes(raw, count, completes);
	if (count == 0)
		die("no recorded session", path);
	for (size_t i = 0; i < count; i++) {
		if (raw[i].side == SIDE_CLIENT) {
			add_line(r, raw[i]);
			continue;
		}
		add_radio_line(r, &raw[i], at, completes, complete_count);
		at += raw[i].bytes.len;
	}
	free(raw);
	mark_wants(r);
}
