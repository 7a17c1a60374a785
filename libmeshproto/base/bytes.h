/* bytes.h - a bounded reader and a bounded writer over bytes, with a sticky error.
 *
 * After the first failure every call is a no-op and reads give zero, so a decoder is a
 * straight line that looks at `failed` once, at its end.  Integers are big-endian
 * unless the name says `_le`.  The writer doubles as text writer: text.h.  Floor 0.
 * Pure. */
#ifndef MESH_BYTES_H
#define MESH_BYTES_H
#include "types.h"
#include <string.h>

struct bytes_in {
	const uint8_t *ptr; /* borrowed; the next byte */
	size_t left;
	bool failed;
};
struct bytes_out {
	uint8_t *ptr; /* borrowed */
	size_t cap, len;
	bool failed; /* something did not fit; `len` is what did */
};

static inline struct bytes_in
bytes_in(struct bytes_view v)
{
	return (struct bytes_in){ v.ptr, v.len, false };
}
static inline struct bytes_out
bytes_out(void *ptr, size_t cap)
{
	return (struct bytes_out){ ptr, cap, 0, false };
}
static inline struct bytes_view
bytes_view(const void *ptr, size_t len)
{
	return (struct bytes_view){ ptr, len };
}
static inline struct bytes_view
bytes_written(const struct bytes_out *o)
{
	return (struct bytes_view){ o->ptr, o->len };
}
static inline bool
bytes_equal(struct bytes_view a, struct bytes_view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Zero that no compiler leaves out: for what held a secret. */
static inline void
bytes_wipe(void *ptr, size_t len)
{
	volatile uint8_t *p = ptr;
	while (len-- > 0)
		*p++ = 0;
}

/* The next `len` bytes, or an empty view and `failed`. */
static inline struct bytes_view
bytes_take(struct bytes_in *in, size_t len)
{
	if (in->failed || len > in->left) {
		in->failed = true;
		in->left = 0;
		return (struct bytes_view){ NULL, 0 };
	}
	struct bytes_view v = { in->ptr, len };
	in->ptr += len;
	in->left -= len;
	return v;
}
static inline uint64_t
bytes_uint(struct bytes_in *in, size_t width)
{
	struct bytes_view v = bytes_take(in, width);
	uint64_t n = 0;
	for (size_t i = 0; i < v.len; i++)
		n = n << 8 | v.ptr[i];
	return n;
}
static inline uint8_t
bytes_u8(struct bytes_in *in)
{
	return (uint8_t)bytes_uint(in, 1);
}
static inline uint16_t
bytes_u16(struct bytes_in *in)
{
	return (uint16_t)bytes_uint(in, 2);
}
static inline uint32_t
bytes_u32(struct bytes_in *in)
{
	return (uint32_t)bytes_uint(in, 4);
}
static inline uint64_t
bytes_u64(struct bytes_in *in)
{
	return bytes_uint(in, 8);
}

static inline void
bytes_put(struct bytes_out *o, const void *ptr, size_t len)
{
	if (o->failed || len > o->cap - o->len) {
		o->failed = true;
		return;
	}
	if (len > 0)
		memcpy(o->ptr + o->len, ptr, len);
	o->len += len;
}
static inline void
bytes_put_view(struct bytes_out *o, struct bytes_view v)
{
	bytes_put(o, v.ptr, v.len);
}
static inline void
bytes_put_uint(struct bytes_out *o, uint64_t n, size_t width)
{
	uint8_t be[8];
	for (size_t i = 0; i < width; i++)
		be[i] = (uint8_t)(n >> 8 * (width - 1 - i));
	bytes_put(o, be, width);
}
static inline void
bytes_put_u8(struct bytes_out *o, uint8_t n)
{
	bytes_put(o, &n, 1);
}
static inline void
bytes_put_u16(struct bytes_out *o, uint16_t n)
{
	bytes_put_uint(o, n, 2);
}
static inline void
bytes_put_u32(struct bytes_out *o, uint32_t n)
{
	bytes_put_uint(o, n, 4);
}
static inline void
bytes_put_u64(struct bytes_out *o, uint64_t n)
{
	bytes_put_uint(o, n, 8);
}
/* Room for `len` bytes that the caller fills itself, or NULL and `failed`. */
static inline uint8_t *
bytes_room(struct bytes_out *o, size_t len)
{
	if (o->failed || len > o->cap - o->len) {
		o->failed = true;
		return NULL;
	}
	uint8_t *room = o->ptr + o->len;
	o->len += len;
	return room;
}
#endif
