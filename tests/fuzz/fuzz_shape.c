/* fuzz_shape.c - what the shape check lets through, msgpack-c unpacks in exactly the
 * room that was counted, and packs again to the same bytes. */
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

/* A float32 goes through a double inside msgpack-c, which may quieten a NaN. */
static bool
has_nan(const msgpack_object *o)
{
	bool found = false;
	if (o->type == MSGPACK_OBJECT_FLOAT32 || o->type == MSGPACK_OBJECT_FLOAT64)
		return isnan(o->via.f64);
	if (o->type == MSGPACK_OBJECT_ARRAY) {
		for (uint32_t i = 0; i < o->via.array.size; i++)
			found |= has_nan(&o->via.array.ptr[i]);
	} else if (o->type == MSGPACK_OBJECT_MAP) {
		for (uint32_t i = 0; i < o->via.map.size; i++)
			found |= has_nan(&o->via.map.ptr[i].val);
	}
	return found;
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
	while (in.left > 0 && shape_next(&in, &value, &items) == MESH_OK) {
		struct pack p;
		void *room = malloc(PACK_SCRATCH(items));
		struct arena arena = arena_init(room, PACK_SCRATCH(items));
		insist(value.len > 0 && items <= value.len && items <= SHAPE_ITEMS);
		insist(pack_unpack(&p, value, &arena) == MESH_OK);
		if (!has_nan(&p.top))
			packs_to_the_same(&p.top, value);
		pack_done(&p);
		insist(arena.cap == PACK_SCRATCH(items));
		free(room);
	}
	return 0;
}
