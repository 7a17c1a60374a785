#include "arena.h"
#include <stdalign.h>
#include <string.h>

struct arena
arena_init(void *block, size_t bytes)
{
	return (struct arena){ block, bytes, 0 };
}

void *
arena_take(struct arena *a, size_t count, size_t size)
{
	/* The block itself may start anywhere: align addresses, not offsets. */
	size_t over = ((uintptr_t)a->ptr + a->used) % alignof(max_align_t);
	size_t pad = over == 0 ? 0 : alignof(max_align_t) - over;
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	size_t bytes = count * size;
	if (a->ptr == NULL || pad > a->cap - a->used || bytes > a->cap - a->used - pad)
		return NULL;
	void *taken = a->ptr + a->used + pad;
	memset(taken, 0, bytes);
	a->used += pad + bytes;
	return taken;
}

struct bytes_view
arena_bytes(struct arena *a, struct bytes_view v)
{
	uint8_t *copy = arena_take(a, v.len > 0 ? v.len : 1, 1);
	if (copy == NULL)
		return (struct bytes_view){ NULL, 0 };
	if (v.len > 0)
		memcpy(copy, v.ptr, v.len);
	return (struct bytes_view){ copy, v.len };
}

struct text_view
arena_text(struct arena *a, struct text_view v)
{
	struct bytes_view copy = arena_bytes(
	    a, (struct bytes_view){ (const uint8_t *)v.ptr, v.len });
	return (struct text_view){ (const char *)copy.ptr, copy.len };
}

void
arena_reset(struct arena *a)
{
	a->used = 0;
}
