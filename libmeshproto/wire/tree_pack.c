#include "tree_pack.h"
#include "arena.h"
#include "pack.h"
#include "tree.h"

static size_t
children_of(const struct tree_item *items, size_t count)
{
	size_t children = 0;
	for (size_t i = 0; i < count; i += items[i].span)
		children++;
	return children;
}

static void
encode_item(const struct tree_item *item, struct bytes_out *out)
{
	if (item->name.ptr != NULL)
		pack_text(out, item->name);
	switch (item->kind) {
	case TREE_NULL:
		pack_nil(out);
		break;
	case TREE_BOOL:
		pack_bool(out, item->as.b);
		break;
	case TREE_I64:
		pack_int(out, item->as.i);
		break;
	case TREE_U64:
		pack_uint(out, item->as.u);
		break;
	case TREE_F32:
		pack_f32(out, item->as.f);
		break;
	case TREE_F64:
		pack_f64(out, item->as.d);
		break;
	case TREE_TEXT:
		pack_text(out, item->as.text);
		break;
	case TREE_BYTES:
		pack_bin(out, item->as.bytes);
		break;
	case TREE_MAP:
		pack_map(out, children_of(item + 1, item->span - 1));
		break;
	case TREE_LIST:
		pack_array(out, children_of(item + 1, item->span - 1));
		break;
	}
}

/* A tree lies in reading order, and so does msgpack. */
void
tree_pack(struct tree_view tree, struct bytes_out *out)
{
	bool bare = tree.count > 0 && tree.items[0].name.ptr == NULL;
	if (!bare)
		pack_map(out, children_of(tree.items, tree.count));
	for (size_t i = 0; i < tree.count; i++)
		encode_item(&tree.items[i], out);
}

static size_t
tree_items_in(const msgpack_object *o)
{
	size_t items = 1;
	if (o->type == MSGPACK_OBJECT_ARRAY) {
		for (uint32_t i = 0; i < o->via.array.size; i++)
			items += tree_items_in(&o->via.array.ptr[i]);
	} else if (o->type == MSGPACK_OBJECT_MAP) {
		for (uint32_t i = 0; i < o->via.map.size; i++)
			items += tree_items_in(&o->via.map.ptr[i].val);
	}
	return items;
}

static struct tree_item
tree_leaf(const msgpack_object *o)
{
	struct tree_item leaf = { .kind = TREE_NULL };
	if (o->type == MSGPACK_OBJECT_BOOLEAN) {
		leaf.kind = TREE_BOOL;
		leaf.as.b = o->via.boolean;
	} else if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER) {
		/* The sign is lost on the wire, so one kind for what both can say. */
		leaf.kind = o->via.u64 > INT64_MAX ? TREE_U64 : TREE_I64;
		leaf.as.u = o->via.u64;
	} else if (o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER) {
		leaf.kind = TREE_I64;
		leaf.as.i = o->via.i64;
	} else if (o->type == MSGPACK_OBJECT_FLOAT32) {
		leaf.kind = TREE_F32;
		leaf.as.f = (float)o->via.f64;
	} else if (o->type == MSGPACK_OBJECT_FLOAT64) {
		leaf.kind = TREE_F64;
		leaf.as.d = o->via.f64;
	} else if (o->type == MSGPACK_OBJECT_STR) {
		leaf.kind = TREE_TEXT;
		leaf.as.text = pack_text_of(o);
	} else if (o->type == MSGPACK_OBJECT_BIN) {
		leaf.kind = TREE_BYTES;
		leaf.as.bytes = pack_bytes_of(o);
	}
	return leaf;
}

static void tree_pairs(struct tree_out *out, const msgpack_object_map *map);

/* Recursion is as deep as the shape check lets nesting be. */
static void
tree_value(struct tree_out *out, struct text_view name, const msgpack_object *o)
{
	if (o->type == MSGPACK_OBJECT_ARRAY) {
		tree_open_list_named(out, name);
		for (uint32_t i = 0; i < o->via.array.size; i++)
			tree_value(
			    out, (struct text_view){ NULL, 0 }, &o->via.array.ptr[i]);
		tree_shut(out);
	} else if (o->type == MSGPACK_OBJECT_MAP) {
		tree_open_map_named(out, name);
		tree_pairs(out, &o->via.map);
		tree_shut(out);
	} else {
		tree_put_item(out, name, tree_leaf(o));
	}
}

static void
tree_pairs(struct tree_out *out, const msgpack_object_map *map)
{
	for (uint32_t i = 0; i < map->size; i++) /* keys are text: the shape says so */
		tree_value(out, pack_text_of(&map->ptr[i].key), &map->ptr[i].val);
}

enum mesh_err
tree_pack_read(const msgpack_object *o, struct tree_view *tree, struct arena *lists)
{
	size_t room = tree_items_in(o);
	if (room > TREE_ITEMS + 1)
		return MESH_MALFORMED;
	struct tree_item *items = lists != NULL ? arena_take(lists, room, sizeof *items)
						: NULL;
	if (items == NULL)
		return MESH_FULL;
	struct tree_out out = tree_out(items, room);
	if (o->type == MSGPACK_OBJECT_MAP)
		tree_pairs(&out, &o->via.map);
	else
		tree_value(&out, (struct text_view){ NULL, 0 }, o);
	*tree = tree_done(&out);
	return tree->items != NULL ? MESH_OK : MESH_MALFORMED;
}
