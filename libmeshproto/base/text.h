/* text.h - text in and out: a bounded writer, hex, base64url, UTF-8, untrusted names.
 *
 * Text is written into a struct bytes_out: same buffer, same sticky error.  Nothing
 * here puts a terminator unless it says so.  Floor 0.  Pure. */
#ifndef MESH_TEXT_H
#define MESH_TEXT_H
#include "bytes.h"

struct text_view text(const char *terminated); /* NULL gives an empty view */
struct text_view text_written(const struct bytes_out *o);
bool text_equal(struct text_view a, struct text_view b);
bool text_is(struct text_view a, const char *terminated);
bool text_begins(struct text_view a, const char *terminated);

void text_put(struct bytes_out *o, const char *terminated);
void text_put_view(struct bytes_out *o, struct text_view v);
void text_put_u64(struct bytes_out *o, uint64_t n);
void text_put_i64(struct bytes_out *o, int64_t n);
/* Shortest decimal form that reads back to the same double (or float): 6.25, -3.75. */
void text_put_f64(struct bytes_out *o, double n);
void text_put_f32(struct bytes_out *o, float n);
void text_put_hex(struct bytes_out *o, struct bytes_view v); /* lower case */
void text_put_base64url(struct bytes_out *o, struct bytes_view v);
__attribute__((format(printf, 2, 3))) void text_printf(
    struct bytes_out *o, const char *format, ...);
/* Add a terminator (not counted in len) and return the text; "" if it did not fit. */
const char *text_end(struct bytes_out *o);

/* MESH_MALFORMED: not hex (either case), odd, or not exactly filling `out`'s room. */
MESH_MUST_CHECK enum mesh_err text_hex_decode(
    struct text_view hex, struct bytes_out *out);
MESH_MUST_CHECK enum mesh_err text_base64url_decode(
    struct text_view b64, struct bytes_out *out);
MESH_MUST_CHECK enum mesh_err text_parse_u64(struct text_view v, uint64_t *n);
MESH_MUST_CHECK enum mesh_err text_parse_i64(struct text_view v, int64_t *n);
MESH_MUST_CHECK enum mesh_err text_parse_f64(struct text_view v, double *n);

bool text_is_utf8(struct bytes_view v); /* shortest forms, no surrogates, <= U+10FFFF */
/* Bytes of the valid character that `v` begins with, and its number; 0: none. */
size_t text_character(struct bytes_view v, uint32_t *code);
/* What could move a cursor, ring a bell, or turn the line around. */
bool text_is_unsafe(uint32_t code);
/* Write `v` so that a terminal and a page can show it: invalid bytes become U+FFFD,
 * control characters (C0, C1, DEL) and bidi controls are left out, length is capped at
 * `max_bytes` on a character border.  Use on every name that came from the air. */
void text_put_clean(struct bytes_out *o, struct bytes_view v, size_t max_bytes);
#endif
