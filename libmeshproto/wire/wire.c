#include "wire.h"
#include "arena.h"
#include "id.h"
#include "pack.h"
#include "shape.h"
#include "tree_pack.h"
#include <assert.h>
#include <string.h>

enum { NO_NUMBER = -1 };

/* --- objects to msgpack --- */

static void
encode_id(const struct id *id, struct bytes_out *out)
{
	uint8_t joined[1 + sizeof id->bytes] = { id->kind };
	memcpy(joined + 1, id->bytes, id->len);
	pack_bin(out, bytes_view(joined, 1U + id->len));
}

static void encode_value(const struct field *f, const void *at, struct bytes_out *out);

static void
encode_row(
    const struct field_table *t, size_t row, const void *object, struct bytes_out *out)
{
	const struct field *f = &t->rows[row];
	if (field_is_present(t, row, object))
		encode_value(f, (const uint8_t *)object + f->offset, out);
	else
		pack_nil(out);
}

static void
encode_object(
    const struct field_table *t, int number, const void *object, struct bytes_out *out)
{
	pack_array(out, t->count + (number != NO_NUMBER));
	if (number != NO_NUMBER)
		pack_uint(out, (uint64_t)number);
	for (size_t i = 0; i < t->count; i++)
		encode_row(t, i, object, out);
}

static void
encode_list(
    const struct field_table *sub, const struct list_view *list, struct bytes_out *out)
{
	pack_array(out, list->count);
	for (size_t i = 0; i < list->count; i++) {
		const uint8_t *item = (const uint8_t *)list->items +
		    i * sub->object_bytes;
		if (sub->bare)
			encode_row(sub, 0, item, out);
		else
			encode_object(sub, NO_NUMBER, item, out);
	}
}

static void
encode_value(const struct field *f, const void *at, struct bytes_out *out)
{
	switch (f->kind) {
	case FIELD_BOOL:
		pack_bool(out, *(const bool *)at);
		break;
	case FIELD_U8:
		pack_uint(out, *(const uint8_t *)at);
		break;
	case FIELD_U16:
		pack_uint(out, *(const uint16_t *)at);
		break;
	case FIELD_U32:
		pack_uint(out, *(const uint32_t *)at);
		break;
	case FIELD_U64:
		pack_uint(out, *(const uint64_t *)at);
		break;
	case FIELD_I32:
		pack_int(out, *(const int32_t *)at);
		break;
	case FIELD_I64:
		pack_int(out, *(const int64_t *)at);
		break;
	case FIELD_F32:
		pack_f32(out, *(const float *)at);
		break;
	case FIELD_F64:
		pack_f64(out, *(const double *)at);
		break;
	case FIELD_KEY:
		pack_bin(out, bytes_view(at, sizeof(struct mesh_key)));
		break;
	case FIELD_ID:
		encode_id(at, out);
		break;
	case FIELD_TEXT:
		pack_text(out, *(const struct text_view *)at);
		break;
	case FIELD_BYTES:
		pack_bin(out, *(const struct bytes_view *)at);
		break;
	case FIELD_LIST:
		encode_list(f->sub, at, out);
		break;
	case FIELD_TREE:
		tree_pack(*(const struct tree_view *)at, out);
		break;
	case FIELD_STRUCT:
		encode_object(f->sub, NO_NUMBER, at, out);
		break;
	}
}

static enum mesh_err
encode(
    const struct field_table *t, int number, const void *object, struct bytes_out *out)
{
	const struct field *bad;
	struct bytes_out before = *out;
	if (fields_check(t, object, &bad) != MESH_OK)
		return MESH_MALFORMED;
	encode_object(t, number, object, out);
	enum mesh_err err = MESH_OK;
	if (out->failed)
		err = MESH_FULL;
	else /* too deep, not UTF-8: what others would refuse is not sent */
		err = shape_check(
		    bytes_view(out->ptr + before.len, out->len - before.len), NULL);
	if (err != MESH_OK)
		*out = before;
	return err;
}

enum mesh_err
wire_encode(const struct field_table *t, const void *object, struct bytes_out *out)
{
	return encode(t, NO_NUMBER, object, out);
}

enum mesh_err
wire_encode_numbered(const struct field_table *t, uint8_t number, const void *object,
    struct bytes_out *out)
{
	return encode(t, number, object, out);
}

/* --- msgpack to objects --- */

static enum mesh_err
decode_unsigned(const msgpack_object *o, uint64_t max, uint64_t *n)
{
	*n = o->via.u64;
	bool fits = o->type == MSGPACK_OBJECT_POSITIVE_INTEGER && o->via.u64 <= max;
	return fits ? MESH_OK : MESH_MALFORMED;
}

static enum mesh_err
decode_signed(const msgpack_object *o, int64_t min, int64_t max, int64_t *n)
{
	*n = o->via.i64;
	if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
		return o->via.u64 <= (uint64_t)max ? MESH_OK : MESH_MALFORMED;
	bool fits = o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER && o->via.i64 >= min;
	return fits ? MESH_OK : MESH_MALFORMED;
}

static enum mesh_err
decode_number(const struct field *f, const msgpack_object *o, void *at)
{
	uint64_t u = 0;
	int64_t i = 0;
	enum mesh_err err = MESH_MALFORMED;
	if (f->kind == FIELD_U8 && (err = decode_unsigned(o, UINT8_MAX, &u)) == MESH_OK)
		*(uint8_t *)at = (uint8_t)u;
	else if (f->kind == FIELD_U16 &&
	    (err = decode_unsigned(o, UINT16_MAX, &u)) == MESH_OK)
		*(uint16_t *)at = (uint16_t)u;
	else if (f->kind == FIELD_U32 &&
	    (err = decode_unsigned(o, UINT32_MAX, &u)) == MESH_OK)
		*(uint32_t *)at = (uint32_t)u;
	else if (f->kind == FIELD_U64 &&
	    (err = decode_unsigned(o, UINT64_MAX, &u)) == MESH_OK)
		*(uint64_t *)at = u;
	else if (f->kind == FIELD_I32 &&
	    (err = decode_signed(o, INT32_MIN, INT32_MAX, &i)) == MESH_OK)
		*(int32_t *)at = (int32_t)i;
	else if (f->kind == FIELD_I64 &&
	    (err = decode_signed(o, INT64_MIN, INT64_MAX, &i)) == MESH_OK)
		*(int64_t *)at = i;
	return err;
}

static enum mesh_err
decode_id(const msgpack_object *o, struct id *id)
{
	if (o->type != MSGPACK_OBJECT_BIN || o->via.bin.size < 2 ||
	    o->via.bin.size > 1 + sizeof id->bytes || o->via.bin.ptr[0] == ID_NONE)
		return MESH_MALFORMED;
	id->kind = (uint8_t)o->via.bin.ptr[0];
	id->len = (uint8_t)(o->via.bin.size - 1);
	memcpy(id->bytes, o->via.bin.ptr + 1, id->len);
	return MESH_OK;
}

static enum mesh_err
decode_key(const msgpack_object *o, struct mesh_key *key)
{
	if (o->type != MSGPACK_OBJECT_BIN || o->via.bin.size != sizeof key->bytes)
		return MESH_MALFORMED;
	memcpy(key->bytes, o->via.bin.ptr, sizeof key->bytes);
	return MESH_OK;
}

static enum mesh_err decode_value(
    const struct field *f, const msgpack_object *o, void *at, struct arena *lists);

/* Row i of `object` from `o`; NULL or nil: absent. */
static enum mesh_err
decode_row(const struct field_table *t, size_t i, const msgpack_object *o, void *object,
    struct arena *lists)
{
	const struct field *f = &t->rows[i];
	if (o == NULL || o->type == MSGPACK_OBJECT_NIL)
		return f->flags & FIELD_REQUIRED ? MESH_MALFORMED : MESH_OK;
	field_mark(t, i, object, true);
	return decode_value(f, o, (uint8_t *)object + f->offset, lists);
}

static enum mesh_err
decode_object(const struct field_table *t, size_t skip, const msgpack_object *o,
    void *object, struct arena *lists)
{
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size < skip)
		return MESH_MALFORMED;
	size_t given = o->via.array.size - skip;
	for (size_t i = 0; i < t->count; i++) {
		const msgpack_object *value = i < given ? &o->via.array.ptr[skip + i]
							: NULL;
		enum mesh_err err = decode_row(t, i, value, object, lists);
		if (err != MESH_OK)
			return err;
	}
	return MESH_OK;
}

static enum mesh_err
decode_list(const struct field *f, const msgpack_object *o, struct list_view *list,
    struct arena *lists)
{
	if (o->type != MSGPACK_OBJECT_ARRAY)
		return MESH_MALFORMED;
	size_t count = o->via.array.size;
	if (f->hi > 0 && count > (uint64_t)f->hi) /* before any memory is taken */
		return MESH_MALFORMED;
	/* An empty list is not an absent one: it has an address. */
	uint8_t *items = lists != NULL
	    ? arena_take(lists, count > 0 ? count : 1, f->sub->object_bytes)
	    : NULL;
	if (items == NULL)
		return MESH_FULL;
	*list = (struct list_view){ items, count };
	enum mesh_err err = MESH_OK;
	for (size_t i = 0; i < count && err == MESH_OK; i++) {
		void *item = items + i * f->sub->object_bytes;
		const msgpack_object *value = &o->via.array.ptr[i];
		err = f->sub->bare ? decode_row(f->sub, 0, value, item, lists)
				   : decode_object(f->sub, 0, value, item, lists);
	}
	return err;
}

static enum mesh_err
decode_view(const struct field *f, const msgpack_object *o, void *at)
{
	if (f->kind == FIELD_TEXT && o->type == MSGPACK_OBJECT_STR)
		*(struct text_view *)at = pack_text_of(o);
	else if (f->kind == FIELD_BYTES && o->type == MSGPACK_OBJECT_BIN)
		*(struct bytes_view *)at = pack_bytes_of(o);
	else
		return MESH_MALFORMED;
	return MESH_OK;
}

static enum mesh_err
decode_float(const struct field *f, const msgpack_object *o, void *at)
{
	if (f->kind == FIELD_F32 && o->type == MSGPACK_OBJECT_FLOAT32)
		*(float *)at = (float)o->via.f64;
	else if (f->kind == FIELD_F64 && o->type == MSGPACK_OBJECT_FLOAT64)
		*(double *)at = o->via.f64;
	else
		return MESH_MALFORMED;
	return MESH_OK;
}

static enum mesh_err
decode_value(
    const struct field *f, const msgpack_object *o, void *at, struct arena *lists)
{
	switch (f->kind) {
	case FIELD_BOOL:
		if (o->type != MSGPACK_OBJECT_BOOLEAN)
			return MESH_MALFORMED;
		*(bool *)at = o->via.boolean;
		return MESH_OK;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_I32:
	case FIELD_I64:
		return decode_number(f, o, at);
	case FIELD_F32:
	case FIELD_F64:
		return decode_float(f, o, at);
	case FIELD_KEY:
		return decode_key(o, at);
	case FIELD_ID:
		return decode_id(o, at);
	case FIELD_TEXT:
	case FIELD_BYTES:
		return decode_view(f, o, at);
	case FIELD_LIST:
		return decode_list(f, o, at, lists);
	case FIELD_TREE:
		return tree_pack_read(o, at, lists);
	case FIELD_STRUCT:
		return decode_object(f->sub, 0, o, at, lists);
	}
	return MESH_MALFORMED;
}

static enum mesh_err
decode(const struct field_table *t, size_t skip, struct bytes_view in, void *object,
    struct arena *lists)
{
	struct pack pack;
	const struct field *bad;
	memset(object, 0, t->object_bytes);
	enum mesh_err err = pack_unpack(&pack, in, lists);
	if (err == MESH_OK)
		err = decode_object(t, skip, &pack.top, object, lists);
	pack_done(&pack);
	if (err == MESH_OK)
		err = fields_check(t, object, &bad);
	if (err != MESH_OK)
		memset(object, 0, t->object_bytes);
	return err;
}

enum mesh_err
wire_decode(const struct field_table *t, struct bytes_view in, void *object,
    struct arena *lists)
{
	return decode(t, 0, in, object, lists);
}

enum mesh_err
wire_decode_numbered(const struct field_table *t, struct bytes_view in, void *object,
    struct arena *lists)
{
	return decode(t, 1, in, object, lists);
}
