/* What local programs say as msgpack: what is understood is JSON that packs to a map of
 * the same meaning. */
#include "app_format.h"
#include "app_leases.h"
#include "fake_world.h"
#include "json_in.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t block[1024 * 1024], packed_room[512 * 1024];
static char first[256 * 1024], second[256 * 1024];

static void
insist(bool holds)
{
	if (!holds)
		__builtin_trap();
}

/* Empty: it is refused. */
static struct text_view
unpack(struct bytes_view packed, char *room, size_t cap)
{
	struct arena arena = arena_init(block, sizeof block);
	struct bytes_out json = bytes_out(room, cap);
	if (!app_format_is_packed(packed) ||
	    app_format_unpack(packed, &arena, &json) != MESH_OK)
		return (struct text_view){ "", 0 };
	insist(json.len > 0);
	return text_written(&json);
}

/* JSON cannot say it to most readers, ours included. */
static bool
has_nul_name(struct text_view json)
{
	struct arena arena = arena_init(block, sizeof block);
	struct json_error why;
	struct tree_view tree;
	return json_in_tree(json, &arena, &tree, &why) != MESH_OK &&
	    strstr(why.text, "a name with a NUL") != NULL;
}

static void
request(struct text_view json)
{
	static struct app_leases *leases;
	uint8_t room[APP_DATAGRAM];
	struct bytes_out reply = bytes_out(room, sizeof room);
	struct app_addr from = { .bytes = { 1 }, .len = 1, .packed = true };
	if (leases == NULL) {
		fake_start();
		leases = app_leases_new(fake.feed, 1);
	}
	app_leases_request(leases, &from, bytes_view(json.ptr, json.len), 1000, &reply);
	insist(!reply.failed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text_view json = unpack(bytes_view(data, size), first, sizeof first);
	if (json.len == 0)
		return 0;
	struct arena arena = arena_init(block, sizeof block);
	struct bytes_out packed = bytes_out(packed_room, sizeof packed_room);
	request(json);
	if (json.len > JSON_IN_BYTES)
		return 0;
	if (app_format_pack(json, &arena, &packed) != MESH_OK) {
		insist(has_nul_name(json)); /* told by an error: apps.c, pack */
		return 0;
	}
	struct text_view again = unpack(bytes_written(&packed), second, sizeof second);
	insist(again.len > 0);
	return 0;
}
