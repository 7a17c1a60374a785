#include "arena.h"
#include "bench.h"
#include "describe.h"
#include "mt_tables.h"
#include "radio.h"
#include "radio_counters.h"
#include "stream.h"
#include "text.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct recording {      /* what one radio said, its chunks joined */
	uint8_t *bytes; /* owned */
	size_t len;
};

static int
add_chunk(struct recording *rec, const char *hex)
{
	size_t len = strlen(hex) / 2;
	uint8_t *bytes = realloc(rec->bytes, rec->len + len + 1);
	struct bytes_out out;
	if (bytes == NULL)
		return 1;
	rec->bytes = bytes;
	out = bytes_out(rec->bytes + rec->len, len);
	if (text_hex_decode(text(hex), &out) != MESH_OK)
		return 1;
	rec->len += len;
	return 0;
}

/* The radio's side of a .jsonl recording. */
static int
load(const char *path, struct recording *rec)
{
	char *line = NULL;
	size_t cap = 0;
	int failed = 0;
	FILE *f = fopen(path, "r");
	if (f == NULL) {
		perror(path);
		return 1;
	}
	while (getline(&line, &cap, f) >= 0 && !failed) {
		json_t *chunk = json_loads(line, 0, NULL);
		const char *from = json_string_value(json_object_get(chunk, "from"));
		const char *hex = json_string_value(json_object_get(chunk, "hex"));
		if (chunk == NULL)
			failed = fprintf(stderr, "%s: not a recording\n", path) > 0;
		else if (from != NULL && hex != NULL && strcmp(from, "radio") == 0)
			failed = add_chunk(rec, hex);
		json_decref(chunk);
	}
	free(line);
	fclose(f);
	return failed;
}

static void
print_frame(const struct stream_frame *frame)
{
	static uint8_t room[256 * 1024];
	static char line[64 * 1024];
	struct arena arena = arena_init(room, sizeof room);
	struct bytes_out out = bytes_out(line, sizeof line);
	struct json_out j = json_out(&out);
	struct tree_view tree;
	enum mesh_err err = protobuf_decode(
	    &mt_from_radio, frame->payload, &arena, &tree);
	json_open_object(&j);
	json_key(&j, "raw");
	json_put_hex(&j, frame->whole);
	if (frame->skipped > 0) {
		json_key(&j, "skipped_before");
		json_put_u64(&j, frame->skipped);
	}
	json_key(&j, err == MESH_OK ? "frame" : "error");
	if (err == MESH_OK)
		describe_tree(tree, &j);
	else
		json_put_string(&j, "not a FromRadio message");
	json_shut_object(&j);
	printf("%s\n", text_end(&out));
}

/* --decode: every frame of the stream as one JSON line. */
static void
decode_frames(const struct recording *rec)
{
	static uint8_t block[8192];
	struct stream stream = stream_init(block, sizeof block);
	struct stream_frame frame;
	for (size_t at = 0; at < rec->len;) {
		at += stream_put(&stream, bytes_view(rec->bytes + at, rec->len - at));
		while (stream_next(&stream, &frame))
			print_frame(&frame);
	}
}

static void
drain(const struct radio_ops *ops, struct radio *radio, uint64_t *events)
{
	struct bytes_view bytes;
	struct radio_event event;
	while (ops->next_bytes(radio, &bytes))
		continue;
	while (ops->next_event(radio, &event))
		++*events;
}

/* One pass of a recording through a driver, in reads of 512 bytes. */
static void
pass(const struct radio_ops *ops, struct radio *radio, const struct recording *rec,
    uint64_t *events)
{
	static struct mesh_now now = { .ms = 1000, .unix_ms = 1764000000000 };
	now.ms +=
	    60000; /* sooner, the same packets again would be one delivery twice */
	ops->link_up(radio, now);
	drain(ops, radio, events);
	for (size_t at = 0; at < rec->len; at += 512) {
		size_t len = rec->len - at < 512 ? rec->len - at : 512;
		ops->receive(radio, bytes_view(rec->bytes + at, len), now);
		drain(ops, radio, events);
	}
	ops->link_down(radio, now);
	drain(ops, radio, events);
}

static double
count_of(const struct radio_ops *ops, const struct radio *radio, const char *name)
{
	size_t i = counter_find(&radio_counters, text(name));
	return i == SIZE_MAX ? 0 : (double)ops->counter(radio, i);
}

/* Nothing can be faster than looking at every byte once. */
static double
limit_of(const struct recording *rec, double frames, double seconds)
{
	double begin = bench_now(), passes = 0;
	volatile uint64_t sum = 0;
	while (bench_now() - begin < seconds / 4) {
		for (size_t i = 0; i < rec->len; i++)
			sum += rec->bytes[i];
		passes++;
	}
	return passes * frames / (bench_now() - begin);
}

int
bench_replay(const struct bench_options *o, struct bench_report *r)
{
	struct recording rec = { 0 };
	for (size_t i = 0; i < o->file_count; i++) {
		if (load(o->files[i], &rec) != 0) {
			free(rec.bytes);
			return 1;
		}
	}
	if (rec.len == 0) {
		fprintf(
		    stderr, "meshbench: replay needs recorded sessions (*.jsonl)\n");
		free(rec.bytes);
		return 2;
	}
	if (o->decode) {
		decode_frames(&rec);
		free(rec.bytes);
		return 0;
	}
	const struct radio_ops *ops = radio_driver(text("meshtastic"));
	struct radio_params params = { .name = { "bench", 5 },
		.heartbeat_ms = 30000,
		.silence_ms = 90000,
		.seed = 1 };
	struct radio *radio = ops->create(&params);
	uint64_t events = 0, passes = 0;
	double begin = bench_now();
	while (bench_now() - begin < o->seconds) {
		pass(ops, radio, &rec, &events);
		passes++;
	}
	double took = bench_now() - begin,
	       frames = count_of(ops, radio, "port.frames.seen");
	r->value = frames / took;
	r->unit = "frames/s to normal form";
	r->limit = limit_of(&rec, frames / (double)passes, o->seconds);
	bench_add(r, "frames", frames / (double)passes);
	bench_add(r, "malformed",
	    count_of(ops, radio, "port.frames.malformed") / (double)passes);
	bench_add(r, "skipped_bytes",
	    count_of(ops, radio, "port.bytes.skipped") / (double)passes);
	bench_add(r, "events", (double)events / (double)passes);
	ops->destroy(radio);
	free(rec.bytes);
	return 0;
}
