/* json_out.h - streaming JSON: no tree, no allocation, commas by itself.
 *
 * Used by describe.c and by the doors' envelopes and by nobody else (ARCHITECTURE.md).
 * All text is escaped; bytes that are not UTF-8 become U+FFFD; NaN and infinities
 * become null. Output is one line.  Errors are sticky in the bytes_out.  Floor 0. Pure.
 */
#ifndef MESH_JSON_OUT_H
#define MESH_JSON_OUT_H
#include "bytes.h"

enum { JSON_DEPTH = 24 };
struct json_out {
	struct bytes_out *out; /* borrowed */
	uint32_t has_items;    /* bit per depth: a comma is due */
	uint8_t depth;
	bool after_key;
};
struct json_out json_out(struct bytes_out *out);
void json_open_object(struct json_out *j);
void json_shut_object(struct json_out *j);
void json_open_array(struct json_out *j);
void json_shut_array(struct json_out *j);
void json_key(struct json_out *j, const char *key);
void json_key_view(struct json_out *j, struct text_view key);
void json_put_null(struct json_out *j);
void json_put_bool(struct json_out *j, bool b);
void json_put_i64(struct json_out *j, int64_t n);
void json_put_u64(struct json_out *j, uint64_t n);
void json_put_f64(struct json_out *j, double n);
void json_put_f32(struct json_out *j, float n);
void json_put_text(struct json_out *j, struct text_view v);
void json_put_string(struct json_out *j, const char *terminated);
void json_put_hex(struct json_out *j, struct bytes_view v);
void json_put_raw(
    struct json_out *j, struct text_view json); /* already JSON: one value */
#endif
