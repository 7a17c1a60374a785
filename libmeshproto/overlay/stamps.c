#include "stamps.h"
#include "bytes.h"
#include <assert.h>

enum { SIGNED = MESSAGE_STAMP - SEAL_SIGNATURE };

void
stamps_begin(struct stamps_chain *c, const uint8_t netid[static STAMPS_NETID],
    struct bytes_view core)
{
	static const char label[] = "meshd1 hops";
	const struct bytes_view parts[] = { bytes_view(label, sizeof label - 1),
		bytes_view(netid, STAMPS_NETID), core };
	seal_hash_parts(parts, LENGTH(parts), c->hash);
}

static void
step(struct stamps_chain *c, const uint8_t stamp[static MESSAGE_STAMP])
{
	const struct bytes_view parts[] = { bytes_view(c->hash, sizeof c->hash),
		bytes_view(stamp, MESSAGE_STAMP) };
	seal_hash_parts(parts, LENGTH(parts), c->hash);
}

void
stamps_follow(struct stamps_chain *c, struct bytes_view stamps)
{
	for (size_t i = 0; i < stamps_count(stamps); i++)
		step(c, stamps.ptr + i * MESSAGE_STAMP);
}

/* "meshd1 hop" || chain || all of the stamp but its signature. */
static struct bytes_view
message(const struct stamps_chain *c, const uint8_t stamp[static SIGNED],
    struct bytes_out *room)
{
	static const char label[] = "meshd1 hop";
	bytes_put(room, label, sizeof label - 1);
	bytes_put(room, c->hash, sizeof c->hash);
	bytes_put(room, stamp, SIGNED);
	assert(!room->failed);
	return bytes_written(room);
}

void
stamps_append(const struct stamps_chain *c, const struct stamps_signer *by,
    const struct stamp *ours, struct bytes_out *stamps)
{
	uint8_t room[64], signature[SEAL_SIGNATURE];
	struct bytes_out text = bytes_out(room, sizeof room);
	size_t before = stamps->len;
	bytes_put(stamps, ours->tag, STAMPS_TAG);
	bytes_put(stamps, ours->from, STAMPS_TAG);
	bytes_put_u64(stamps, ours->rx_us);
	bytes_put_u32(stamps, ours->held_us);
	if (stamps->failed)
		return;
	seal_sign(by->seed, by->key->bytes, message(c, stamps->ptr + before, &text),
	    signature);
	bytes_put(stamps, signature, sizeof signature);
}

size_t
stamps_count(struct bytes_view stamps)
{
	return stamps.len / MESSAGE_STAMP;
}

struct stamp
stamps_at(struct bytes_view stamps, size_t i)
{
	assert(i < stamps_count(stamps));
	struct bytes_in in = bytes_in(
	    bytes_view(stamps.ptr + i * MESSAGE_STAMP, MESSAGE_STAMP));
	struct stamp s = { .tag = bytes_take(&in, STAMPS_TAG).ptr };
	s.from = bytes_take(&in, STAMPS_TAG).ptr;
	s.rx_us = bytes_u64(&in);
	s.held_us = bytes_u32(&in);
	return s;
}

bool
stamps_next(struct stamps_chain *c, struct bytes_view stamps, size_t i,
    const struct mesh_key *key)
{
	uint8_t room[64];
	struct bytes_out text = bytes_out(room, sizeof room);
	const uint8_t *at = stamps.ptr + i * MESSAGE_STAMP;
	bool holds = key != NULL &&
	    seal_verify(key->bytes, message(c, at, &text), at + SIGNED);
	step(c, at);
	return holds;
}
