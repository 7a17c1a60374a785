/* fuzz_shape.c - what the shape check lets through, msgpack-c unpacks in exactly the
 * room that was counted, says one thing, and packs again to the same bytes. */
#include "bytes.h"
#include "pack.h"
#include "shape.h"
#include <math.h>
#include <msgpack.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
insist(bool truth)
{
	if (!truth)
		abort();
}

static bool
same_name(const msgpack_object *a, const msgpack_object *b)
{
	return bytes_equal(bytes_view(a->via.str.ptr, a->via.str.size),
	    bytes_view(b->via.str.ptr, b->via.str.size));
}

/* One writing for one value: numbers that are numbers, names that are different (of the
 * first few: this looks at each pair of them). */
static void
says_one_thing(const msgpack_object *o)
{
	enum { FEW = 200 };
	if (o->type == MSGPACK_OBJECT_FLOAT32 || o->type == MSGPACK_OBJECT_FLOAT64)
		insist(isfinite(o->via.f64));
	for (uint32_t i = 0; o->type == MSGPACK_OBJECT_ARRAY && i < o->via.array.size;
	     i++)
		says_one_thing(&o->via.array.ptr[i]);
	for (uint32_t i = 0; o->type == MSGPACK_OBJECT_MAP && i < o->via.map.size;
	     i++) {
		for (uint32_t k = 0; k < i && i < FEW; k++)
			insist(
			    !same_name(&o->via.map.ptr[i].key, &o->via.map.ptr[k].key));
		says_one_thing(&o->via.map.ptr[i].val);
	}
}

static void
packs_to_the_same(const msgpack_object *top, struct bytes_view value)
{
	msgpack_sbuffer buffer;
	msgpack_packer packer;
	msgpack_sbuffer_init(&buffer);
	msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
	insist(msgpack_pack_object(&packer, *top) == 0);
	insist(bytes_equal(bytes_view(buffer.data, buffer.size), value));
	msgpack_sbuffer_destroy(&buffer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_in in = bytes_in(bytes_view(data, size));
	struct bytes_view value;
	size_t items;
	struct bytes_in alone = in;
	bool is_one = shape_next(&alone, &value, &items) == MESH_OK && alone.left == 0;
	insist((shape_check(bytes_view(data, size), NULL) == MESH_OK) == is_one);
	while (in.left > 0 && shape_next(&in, &value, &items) == MESH_OK) {
		struct pack p;
		void *room = malloc(PACK_SCRATCH(items));
		struct arena arena = arena_init(room, PACK_SCRATCH(items));
		insist(value.len > 0 && items <= value.len && items <= SHAPE_ITEMS);
		insist(pack_unpack(&p, value, &arena) == MESH_OK);
		says_one_thing(&p.top);
		packs_to_the_same(&p.top, value);
		pack_done(&p);
		insist(arena.cap == PACK_SCRATCH(items));
		free(room);
	}
	return 0;
}
