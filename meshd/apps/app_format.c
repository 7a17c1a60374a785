#include "app_format.h"
#include "describe.h"
#include "json_in.h"
#include "meshproto.h"
#include "text.h"

/* msgpack is read and written by the rooms that know how, as an array of one tree. */
enum { ARRAY_OF_ONE = 0x91, MAP_16 = 0xde, MAP_32 = 0xdf };
struct said {
	struct tree_view tree;
};
static const struct field rows[] = {
	FIELD(struct said, tree, UNIT_NONE, 0, 0, 0, "what is said"),
};
static const struct field_table table = { "said", rows, LENGTH(rows),
	sizeof(struct said), FIELD_NO_HAS, false };

bool
app_format_is_packed(struct bytes_view d)
{
	return d.len > 0 &&
	    (d.ptr[0] >> 4 == 8 || d.ptr[0] == MAP_16 || d.ptr[0] == MAP_32);
}

enum mesh_err
app_format_unpack(
    struct bytes_view packed, struct arena *scratch, struct bytes_out *json)
{
	struct said said;
	struct json_out j = json_out(json);
	struct bytes_out whole = bytes_out(
	    arena_take(scratch, packed.len + 1, 1), packed.len + 1);
	if (whole.ptr == NULL)
		return MESH_FULL;
	bytes_put_u8(&whole, ARRAY_OF_ONE);
	bytes_put_view(&whole, packed);
	enum mesh_err err = mesh_body_decode(
	    &table, bytes_written(&whole), &said, scratch);
	if (err != MESH_OK)
		return err == MESH_FULL ? MESH_FULL : MESH_MALFORMED;
	if (said.tree.count == 0)
		text_put(json, "{}");
	else
		describe_tree(said.tree, &j);
	return json->failed ? MESH_FULL : MESH_OK;
}

enum mesh_err
app_format_pack(struct text_view json, struct arena *scratch, struct bytes_out *packed)
{
	struct said said;
	struct json_error why;
	enum mesh_err err = json_in_tree(json, scratch, &said.tree, &why);
	size_t most = 3 * json.len + 16; /* "0.5," becomes nine bytes */
	struct bytes_out whole = bytes_out(arena_take(scratch, most, 1), most);
	if (err != MESH_OK || whole.ptr == NULL)
		return err != MESH_OK ? err : MESH_FULL;
	err = mesh_body_encode(&table, &said, &whole);
	if (err != MESH_OK)
		return err;
	bytes_put_view(packed, bytes_view(whole.ptr + 1, whole.len - 1));
	return packed->failed ? MESH_FULL : MESH_OK;
}
