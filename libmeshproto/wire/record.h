/* record.h - core bytes: what is signed and stored, for ever exactly as it was.
 *
 * `[origin, lane, epoch, seq, back, type, time_ms, hop_max, dst|nil, body]`.  Reading
 * checks shape, ranges and the `back` rules; trailing elements are kept because the
 * bytes are.  Floor 2.  Pure.  Source: PROTOCOL.md 2. */
#ifndef MESH_RECORD_H
#define MESH_RECORD_H
#include "bytes.h"
#include "mesh_words.h"

enum { RECORD_MAX = 64 * 1024, RECORD_HOP_MAX = 32, RECORD_KEY_MAX = 64 };
#define RECORD_SEQ_MAX (1ULL << 62)

struct record {
	struct mesh_position at;
	uint64_t back;
	uint16_t type;
	unix_ms time_ms;
	uint8_t hop_max; /* 0: never relayed */
	bool has_dst;    /* lane 0 only */
	struct mesh_key dst;
	struct bytes_view core; /* filled by record_read */
	struct bytes_view body; /* one msgpack array; inside core after record_read */
};

/* MESH_MALFORMED also when a rule of PROTOCOL.md 2 is broken. */
MESH_MUST_CHECK enum mesh_err record_read(struct bytes_view core, struct record *out);
/* Which record that is, of a core that record_read has taken before: its shape is not
 * looked at again.  False: it has not. */
bool record_position(struct bytes_view core, struct mesh_position *at);
/* All of a core that stands before its body. */
void record_write_head(const struct record *r, struct bytes_out *out);
/* Append the core of `r`.  Same rules; MESH_FULL leaves `out` as it was. */
MESH_MUST_CHECK enum mesh_err record_write(
    const struct record *r, struct bytes_out *out);
bool record_lane_is_keyed(enum mesh_lane lane);
/* The key of a PUT in a keyed lane; false for anything else. */
bool record_key(const struct record *r, struct bytes_view *key);
/* The public form; `proof` is the bundle it came in. */
struct mesh_record record_public(const struct record *r, struct bytes_view proof);
#endif
