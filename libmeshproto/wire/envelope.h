/* envelope.h - what is around a record: datagram kinds, frames in a datagram, hop
 * fields.
 *
 * Headers are raw and big-endian (PROTOCOL.md 4); what is sealed is only pointed at.
 * Reading checks lengths and kind, nothing else.  Floor 2.  Pure.  Source: PROTOCOL.md.
 */
#ifndef MESH_ENVELOPE_H
#define MESH_ENVELOPE_H
#include "bytes.h"

enum envelope_kind {
	ENVELOPE_BEACON = 0x10,
	ENVELOPE_HS1,
	ENVELOPE_HS2,
	ENVELOPE_HS3,
	ENVELOPE_COOKIE,
	ENVELOPE_DATA
};
enum {
	ENVELOPE_MAX = 1200, /* UDP payload */
	ENVELOPE_TAG = 16,
	ENVELOPE_BEACON_HEAD = 1 + 4 + 24,
	ENVELOPE_HS1_HEAD = 1 + 4 + 4 + 16 + 32, /* the sealed 199 bytes follow */
	ENVELOPE_HS1_BYTES = 256,
	ENVELOPE_HS2_HEAD = 1 + 4 + 32,
	ENVELOPE_HS2_BYTES_MAX = 256,
	ENVELOPE_HS3_HEAD = 1 + 4,
	ENVELOPE_SEALED_KEY = 32 + ENVELOPE_TAG, /* AEAD(s) */
	ENVELOPE_COOKIE_BYTES = 37,
	ENVELOPE_DATA_HEAD = 1 + 4 + 4,
	ENVELOPE_PLAIN_MAX = ENVELOPE_MAX - ENVELOPE_DATA_HEAD - ENVELOPE_TAG,
};

/* What a datagram says in the clear; members its kind does not have are NULL or 0. */
struct envelope {
	enum envelope_kind kind;
	const uint8_t *hint;   /* 4: BEACON, HS1 */
	const uint8_t *nonce;  /* 24: BEACON */
	const uint8_t *cookie; /* 16: HS1, COOKIE */
	const uint8_t *tag;    /* 16: COOKIE */
	const uint8_t *e;      /* 32: HS1, HS2 */
	uint32_t sid;          /* HS1, HS2, COOKIE: sid_i.  HS3, DATA: the receiver's */
	uint32_t counter;      /* DATA */
	struct bytes_view
	    head; /* all before the sealed part; for BEACON only the AD, 5 bytes */
	struct bytes_view sealed_key; /* HS2, HS3: AEAD(s) */
	struct bytes_view sealed;     /* BEACON, HS1, DATA; HS2, HS3: AEAD(INFO) */
};
/* MESH_TRUNCATED: too short or, for a kind of fixed length, not that length (rx.short).
 * MESH_MALFORMED: no such kind (rx.kind).  MESH_FULL: longer than a datagram
 * (rx.short). */
MESH_MUST_CHECK enum mesh_err envelope_read(
    struct bytes_view datagram, struct envelope *out);

/* Heads, big-endian, exactly as long as the constants above say. */
void envelope_put_beacon(
    struct bytes_out *o, const uint8_t hint[static 4], const uint8_t nonce[static 24]);
void envelope_put_hs1(struct bytes_out *o, const uint8_t hint[static 4], uint32_t sid_i,
    const uint8_t cookie[static 16], const uint8_t e[static 32]);
void envelope_put_hs2(struct bytes_out *o, uint32_t sid_i, const uint8_t e[static 32]);
void envelope_put_hs3(struct bytes_out *o, uint32_t sid_r);
void envelope_put_cookie(struct bytes_out *o, uint32_t sid_i,
    const uint8_t cookie[static 16], const uint8_t tag[static 16]);
void envelope_put_data(struct bytes_out *o, uint32_t sid, uint32_t counter);

/* One frame of a session datagram's plaintext. */
struct envelope_frame {
	uint8_t number; /* enum frame_number; 0: larger than any known */
	struct bytes_view
	    bytes;    /* the whole array: wire_decode_numbered, envelope_push */
	size_t items; /* msgpack values in it */
};
/* The next frame, shape-checked.  False at the end; then *err is MESH_OK, or what was
 * wrong with the rest (rx.shape). */
bool envelope_next_frame(
    struct bytes_in *plain, struct envelope_frame *frame, enum mesh_err *err);

/* The hop fields of a PUSH, and its bundle as it came. */
struct envelope_hop {
	uint8_t hops;
	uint32_t age_ms;
	struct bytes_view trail; /* 4 bytes per tag; ptr NULL: none */
	struct bytes_view bundle;
	struct bytes_view stamps; /* MESSAGE_STAMP bytes each; ptr NULL: none */
};
MESH_MUST_CHECK enum mesh_err envelope_push(
    const struct envelope_frame *frame, struct envelope_hop *out);
/* MESH_FULL leaves `o` as it was. */
MESH_MUST_CHECK enum mesh_err envelope_put_push(
    struct bytes_out *o, const struct envelope_hop *hop);
/* The same in two parts, for bytes that lie elsewhere: what stands before the bundle
 * and what stands behind it. */
void envelope_put_around(
    const struct envelope_hop *hop, struct bytes_out *before, struct bytes_out *behind);
/* How long it will be.  Of the trail, the bundle and the stamps only the lengths are
 * looked at (and whether there are any): a caller may ask about rows that have yet to
 * grow. */
size_t envelope_push_bytes(const struct envelope_hop *hop);
bool envelope_trail_has(struct bytes_view trail, const uint8_t tag[static 4]);
#endif
