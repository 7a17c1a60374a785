#include "fields.h"
#include "world.h"
#include "world_disk.h"
#include <stdlib.h>

enum { KEY_MAX = 64 };
struct plain_body {
	uint64_t number;
	struct bytes_view filler;
};
struct put_body {
	struct bytes_view key;
	uint64_t number;
};
/* clang-format off */
static const struct field plain_rows[] = {
	FIELD(struct plain_body, number, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Its number."),
	FIELD(struct plain_body, filler, UNIT_NONE, 0, 0, 0, "As long as a packet."),
};
static const struct field put_rows[] = {
	FIELD(struct put_body, key, UNIT_NONE, FIELD_REQUIRED, 1, KEY_MAX, "The state key."),
	FIELD(struct put_body, number, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Its value."),
}; /* clang-format on */
static const struct field_table plain_table = { .name = "plain",
	.rows = plain_rows,
	.count = LENGTH(plain_rows),
	.object_bytes = sizeof(struct plain_body),
	.has_offset = FIELD_NO_HAS };
static const struct field_table put_table = { .name = "put",
	.rows = put_rows,
	.count = LENGTH(put_rows),
	.object_bytes = sizeof(struct put_body),
	.has_offset = FIELD_NO_HAS };

void
disk_body(struct bytes_out *out, const char *key, uint64_t number, size_t filler)
{
	static const uint8_t zeros[WORLD_BODY];
	struct plain_body plain = { number, bytes_view(zeros, filler) };
	enum mesh_err err;
	if (key != NULL) {
		struct put_body put = { bytes_view(key, strlen(key)), number };
		err = mesh_body_encode(&put_table, &put, out);
	} else {
		err = mesh_body_encode(&plain_table, &plain, out);
	}
	if (err != MESH_OK)
		abort();
}

uint64_t
disk_number_of(const struct mesh_record *r)
{
	struct plain_body plain;
	struct put_body put;
	struct bytes_view key;
	if (mesh_record_key(r, &key))
		return mesh_body_decode(&put_table, r->body, &put, NULL) == MESH_OK
		    ? put.number
		    : UINT64_MAX;
	return mesh_body_decode(&plain_table, r->body, &plain, NULL) == MESH_OK
	    ? plain.number
	    : UINT64_MAX;
}
