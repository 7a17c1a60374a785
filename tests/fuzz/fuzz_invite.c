/* fuzz_invite.c - a token's body with the right check behind it: refused, or read,
 * written and read again to the same invitation. */
#include "bytes.h"
#include "meshproto.h"
#include "meshtrust.h"
#include "text.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 400, CHECK = 4 };
static const char prefix[] = "meshd1.";

static void
insist(bool truth)
{
	if (!truth)
		abort();
}

/* What nobody but a fuzzer that knows the hash gets past. */
static struct text_view
token_of(const uint8_t *data, size_t size, struct bytes_out *text_room)
{
	uint8_t room[sizeof prefix + BODY_MAX + CHECK], hash[32];
	size_t skip = sizeof prefix - 1;
	memcpy(room, prefix, skip);
	if (size > 0)
		memcpy(room + skip, data, size);
	mesh_hash(room, skip + size, hash);
	memcpy(room + skip + size, hash, CHECK);
	text_put(text_room, prefix);
	text_put_base64url(text_room, bytes_view(room + skip, size + CHECK));
	return text_written(text_room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char room[2 * BODY_MAX], rooms[2][MESH_INVITE_TEXT_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct bytes_out again = bytes_out(rooms[0], sizeof rooms[0]);
	struct bytes_out third = bytes_out(rooms[1], sizeof rooms[1]);
	struct mesh_invite first, second;
	if (size > BODY_MAX)
		return 0;
	if (mesh_invite_read(token_of(data, size, &out), &first) != MESH_OK)
		return 0;
	mesh_invite_write(&first, &again);
	insist(!again.failed);
	insist(mesh_invite_read(text_written(&again), &second) == MESH_OK);
	mesh_invite_write(&second, &third);
	insist(text_equal(text_written(&again), text_written(&third)));
	return 0;
}
