/* pack.h - msgpack: scalars out, a cursor in, and msgpack-c behind the shape check.
 *
 * Writing goes through msgpack-c's packer into a bytes_out: shortest forms, sticky
 * error, no memory.  The cursor reads values where they lie and needs no memory either:
 * for layouts that want raw spans (cores, bundles, frames).  pack_unpack hands
 * msgpack-c a zone made of the caller's arena, exactly as large as the shape check
 * said, so that the library never allocates.  Floor 2.  Pure.  Source: ARCHITECTURE.md.
 */
#ifndef MESH_PACK_H
#define MESH_PACK_H
#include "arena.h"
#include "bytes.h"
#include <msgpack/object.h>

void pack_nil(struct bytes_out *o);
void pack_bool(struct bytes_out *o, bool b);
void pack_uint(struct bytes_out *o, uint64_t n);
void pack_int(struct bytes_out *o, int64_t n);
void pack_f32(struct bytes_out *o, float f);
void pack_f64(struct bytes_out *o, double d);
void pack_bin(struct bytes_out *o, struct bytes_view v);
void pack_bin_head(struct bytes_out *o, size_t len); /* so many bytes follow */
void pack_text(struct bytes_out *o, struct text_view v);
void pack_array(struct bytes_out *o, size_t count); /* its elements follow */
void pack_map(
    struct bytes_out *o, size_t pairs); /* key, value, key, value ... follow */

/* Cursor over shape-checked bytes; a value of another kind sets `failed` and gives
 * zero. */
size_t pack_read_array(struct bytes_in *in);
uint64_t pack_read_uint(struct bytes_in *in, uint64_t max);
struct bytes_view pack_read_bin(struct bytes_in *in);
struct text_view pack_read_text(struct bytes_in *in);
bool pack_read_nil(struct bytes_in *in); /* true: it was nil and is behind us */
struct bytes_view pack_read_any(
    struct bytes_in *in); /* the raw value, whatever it is */
/* Element `index` of an array, raw; empty if it is not there. */
struct bytes_view pack_element(struct bytes_view array, size_t index);

/* Scratch that pack_unpack takes from the end of an arena for `items` values; up to
 * PACK_SMALL values take none. */
#define PACK_SCRATCH(items) ((items) * sizeof(msgpack_object) + 16)
enum { PACK_SMALL = 96 };
struct pack {
	msgpack_object top;
	struct arena *lent; /* whose end is lent until pack_done */
	size_t lent_cap;
	_Alignas(16) uint8_t small[PACK_SMALL * sizeof(msgpack_object)];
};
/* Check the shape of `value` and unpack it into p->top; texts and bins point into
 * `value`.  `scratch` may be NULL.  MESH_FULL: no room for the elements.  Whatever it
 * says, pack_done gives the scratch back. */
MESH_MUST_CHECK enum mesh_err pack_unpack(
    struct pack *p, struct bytes_view value, struct arena *scratch);
void pack_done(struct pack *p);
/* A text or bin that was unpacked.  Empty is not absent: the pointer is never NULL (for
 * an empty text msgpack-c's own is whatever came before). */
struct text_view pack_text_of(const msgpack_object *o);
struct bytes_view pack_bytes_of(const msgpack_object *o);
#endif
