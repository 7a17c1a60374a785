#include "pack.h"
#include "shape.h"
#include <assert.h>
#include <msgpack/pack.h>
#include <msgpack/unpack.h>
#include <string.h>

static int
into_bytes(void *out, const char *data, size_t len)
{
	struct bytes_out *o = out;
	bytes_put(o, data, len);
	return o->failed ? -1 : 0;
}

static msgpack_packer
packer(struct bytes_out *o)
{
	return (msgpack_packer){ .data = o, .callback = into_bytes };
}

void
pack_nil(struct bytes_out *o)
{
	msgpack_packer p = packer(o);
	msgpack_pack_nil(&p);
}

void
pack_bool(struct bytes_out *o, bool b)
{
	msgpack_packer p = packer(o);
	if (b)
		msgpack_pack_true(&p);
	else
		msgpack_pack_false(&p);
}

void
pack_uint(struct bytes_out *o, uint64_t n)
{
	msgpack_packer p = packer(o);
	msgpack_pack_uint64(&p, n);
}

void
pack_int(struct bytes_out *o, int64_t n)
{
	msgpack_packer p = packer(o);
	msgpack_pack_int64(&p, n);
}

void
pack_f32(struct bytes_out *o, float f)
{
	msgpack_packer p = packer(o);
	msgpack_pack_float(&p, f);
}

void
pack_f64(struct bytes_out *o, double d)
{
	msgpack_packer p = packer(o);
	msgpack_pack_double(&p, d);
}

void
pack_bin(struct bytes_out *o, struct bytes_view v)
{
	pack_bin_head(o, v.len);
	bytes_put_view(o, v);
}

void
pack_bin_head(struct bytes_out *o, size_t len)
{
	msgpack_packer p = packer(o);
	msgpack_pack_bin(&p, len);
}

void
pack_text(struct bytes_out *o, struct text_view v)
{
	msgpack_packer p = packer(o);
	msgpack_pack_str(&p, v.len);
	bytes_put(o, v.ptr, v.len);
}

void
pack_array(struct bytes_out *o, size_t count)
{
	msgpack_packer p = packer(o);
	msgpack_pack_array(&p, count);
}

void
pack_map(struct bytes_out *o, size_t pairs)
{
	msgpack_packer p = packer(o);
	msgpack_pack_map(&p, pairs);
}

/* Tags of one family: a fixed form, then 8, 16 and 32 bits of length. */
struct family {
	uint8_t fixed, fixed_mask;  /* fixed_mask 0: no fixed form */
	uint8_t tag8, tag16, tag32; /* 0: no such form */
};

static size_t
read_length(struct bytes_in *in, const struct family *f)
{
	uint8_t tag = bytes_u8(in);
	if (f->fixed_mask != 0 && (tag & ~f->fixed_mask & 0xff) == f->fixed)
		return tag & f->fixed_mask;
	if (tag != 0 && tag == f->tag8)
		return bytes_u8(in);
	if (tag != 0 && tag == f->tag16)
		return bytes_u16(in);
	if (tag != 0 && tag == f->tag32)
		return bytes_u32(in);
	in->failed = true;
	in->left = 0;
	return 0;
}

size_t
pack_read_array(struct bytes_in *in)
{
	static const struct family arrays = { 0x90, 0x0f, 0, 0xdc, 0xdd };
	size_t count = read_length(in, &arrays);
	if (count > in->left)
		in->failed = true;
	return in->failed ? 0 : count;
}

uint64_t
pack_read_uint(struct bytes_in *in, uint64_t max)
{
	uint8_t tag = bytes_u8(in);
	uint64_t n = tag;
	if (tag >= 0xcc && tag <= 0xcf)
		n = bytes_uint(in, (size_t)1 << (tag - 0xcc));
	else if (tag > 0x7f)
		in->failed = true;
	if (n > max)
		in->failed = true;
	return in->failed ? 0 : n;
}

struct bytes_view
pack_read_bin(struct bytes_in *in)
{
	static const struct family bins = { 0, 0, 0xc4, 0xc5, 0xc6 };
	size_t len = read_length(in, &bins);
	return bytes_take(in, len);
}

struct text_view
pack_read_text(struct bytes_in *in)
{
	static const struct family texts = { 0xa0, 0x1f, 0xd9, 0xda, 0xdb };
	size_t len = read_length(in, &texts);
	struct bytes_view v = bytes_take(in, len);
	return (struct text_view){ (const char *)v.ptr, v.len };
}

bool
pack_read_nil(struct bytes_in *in)
{
	bool is_nil = !in->failed && in->left > 0 && in->ptr[0] == 0xc0;
	if (is_nil)
		bytes_u8(in);
	return is_nil;
}

struct bytes_view
pack_read_any(struct bytes_in *in)
{
	struct bytes_view v = { NULL, 0 };
	if (in->failed || shape_next(in, &v, NULL) != MESH_OK)
		in->failed = true;
	return v;
}

struct bytes_view
pack_element(struct bytes_view array, size_t index)
{
	struct bytes_in in = bytes_in(array);
	struct bytes_view v = { NULL, 0 };
	size_t count = pack_read_array(&in);
	for (size_t i = 0; i <= index && i < count; i++)
		v = pack_read_any(&in);
	return index < count && !in.failed ? v : (struct bytes_view){ NULL, 0 };
}

/* Lend the far end of the arena: what is carved meanwhile comes from its near end. */
static void *
lend(struct pack *p, struct arena *a, size_t bytes)
{
	if (a == NULL || a->cap - a->used < bytes)
		return NULL;
	uintptr_t end = (uintptr_t)(a->ptr + a->cap),
		  start = (end - bytes) & ~(uintptr_t)15;
	if (start < (uintptr_t)(a->ptr + a->used))
		return NULL;
	p->lent = a;
	p->lent_cap = a->cap;
	a->cap = (size_t)(start - (uintptr_t)a->ptr);
	return a->ptr + a->cap;
}

enum mesh_err
pack_unpack(struct pack *p, struct bytes_view value, struct arena *scratch)
{
	size_t items = 0, at = 0;
	p->lent = NULL;
	enum mesh_err err = shape_check(value, &items);
	if (err != MESH_OK)
		return err;
	size_t need = items * sizeof(msgpack_object);
	void *room = items <= PACK_SMALL ? p->small
					 : lend(p, scratch, PACK_SCRATCH(items));
	if (room == NULL)
		return MESH_FULL;
	/* A zone whose only chunk is ours and large enough: msgpack-c asks for no
	 * other. Every container takes count * 24 bytes (a pair 48), and each value is
	 * counted. */
	msgpack_zone zone = { .chunk_list = { .free = need, .ptr = room },
		.chunk_size = 1 };
	msgpack_unpack_return got = msgpack_unpack(
	    (const char *)value.ptr, value.len, &at, &zone, &p->top);
	assert(zone.chunk_list.head == NULL);
	return got == MSGPACK_UNPACK_SUCCESS ? MESH_OK : MESH_MALFORMED;
}

void
pack_done(struct pack *p)
{
	if (p->lent != NULL)
		p->lent->cap = p->lent_cap;
	p->lent = NULL;
}

struct text_view
pack_text_of(const msgpack_object *o)
{
	uint32_t len = o->via.str.size;
	return (struct text_view){ len > 0 ? o->via.str.ptr : "", len };
}

struct bytes_view
pack_bytes_of(const msgpack_object *o)
{
	uint32_t len = o->via.bin.size;
	return bytes_view(len > 0 ? o->via.bin.ptr : "", len);
}
