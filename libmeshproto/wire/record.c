#include "record.h"
#include "pack.h"
#include "quota.h"
#include "shape.h"
#include <string.h>

enum { CORE_ELEMENTS = 10 };

bool
record_lane_is_keyed(enum mesh_lane lane)
{
	return lane == LANE_CONTROL || lane == LANE_STATE || lane == LANE_REGISTRY;
}

/* PROTOCOL.md 2: what the numbers of a core may say about each other. */
static bool
obeys_rules(const struct record *r)
{
	bool live = r->at.lane == LANE_LIVE;
	bool back_fits = live ? r->back == 0 : r->back >= 1 && r->back <= r->at.seq;
	return r->at.lane < LANE_COUNT && r->at.seq >= 1 &&
	    r->at.seq <= RECORD_SEQ_MAX && back_fits && r->hop_max <= RECORD_HOP_MAX &&
	    r->time_ms >= 0 && (live || !r->has_dst);
}

/* A long record takes so many numbers as it counts for. */
static bool
has_its_numbers(const struct record *r)
{
	return r->at.lane == LANE_LIVE ||
	    r->back >= quota_weight(r->at.lane, r->core.len);
}

static void
read_key(struct bytes_in *in, struct mesh_key *key)
{
	struct bytes_view v = pack_read_bin(in);
	if (v.len == sizeof key->bytes)
		memcpy(key->bytes, v.ptr, v.len);
	else
		in->failed = true;
}

static void
read_position(struct bytes_in *in, struct mesh_position *at)
{
	read_key(in, &at->origin);
	at->lane = (enum mesh_lane)pack_read_uint(in, LANE_COUNT - 1);
	at->epoch = pack_read_uint(in, UINT64_MAX);
	at->seq = pack_read_uint(in, RECORD_SEQ_MAX);
}

bool
record_position(struct bytes_view core, struct mesh_position *at)
{
	struct bytes_in in = bytes_in(core);
	size_t elements = pack_read_array(&in);
	read_position(&in, at);
	return elements >= CORE_ELEMENTS && !in.failed;
}

static bool
is_array(struct bytes_view value)
{
	struct bytes_in in = bytes_in(value);
	pack_read_array(&in);
	return !in.failed;
}

enum mesh_err
record_read(struct bytes_view core, struct record *out)
{
	*out = (struct record){ .core = core };
	if (core.len > RECORD_MAX)
		return MESH_MALFORMED;
	enum mesh_err err = shape_check(core, NULL);
	if (err != MESH_OK)
		return err;
	struct bytes_in in = bytes_in(core);
	if (pack_read_array(&in) < CORE_ELEMENTS)
		return MESH_MALFORMED;
	read_position(&in, &out->at);
	out->back = pack_read_uint(&in, RECORD_SEQ_MAX);
	out->type = (uint16_t)pack_read_uint(&in, UINT16_MAX);
	out->time_ms = (unix_ms)pack_read_uint(&in, INT64_MAX);
	out->hop_max = (uint8_t)pack_read_uint(&in, RECORD_HOP_MAX);
	out->has_dst = !pack_read_nil(&in);
	if (out->has_dst)
		read_key(&in, &out->dst);
	out->body = pack_read_any(&in);
	bool sound = !in.failed && is_array(out->body) && obeys_rules(out) &&
	    has_its_numbers(out);
	return sound ? MESH_OK : MESH_MALFORMED;
}

void
record_write_head(const struct record *r, struct bytes_out *out)
{
	pack_array(out, CORE_ELEMENTS);
	pack_bin(out, bytes_view(r->at.origin.bytes, sizeof r->at.origin.bytes));
	pack_uint(out, r->at.lane);
	pack_uint(out, r->at.epoch);
	pack_uint(out, r->at.seq);
	pack_uint(out, r->back);
	pack_uint(out, r->type);
	pack_uint(out, (uint64_t)r->time_ms);
	pack_uint(out, r->hop_max);
	if (r->has_dst)
		pack_bin(out, bytes_view(r->dst.bytes, sizeof r->dst.bytes));
	else
		pack_nil(out);
}

enum mesh_err
record_write(const struct record *r, struct bytes_out *out)
{
	struct bytes_out before = *out;
	struct record check;
	if (!obeys_rules(r))
		return MESH_MALFORMED;
	record_write_head(r, out);
	bytes_put_view(out, r->body);
	enum mesh_err err = MESH_FULL;
	if (!out->failed) /* a body that is no msgpack array shows here */
		err = record_read(
		    bytes_view(out->ptr + before.len, out->len - before.len), &check);
	if (err != MESH_OK)
		*out = before;
	return err;
}

bool
record_key(const struct record *r, struct bytes_view *key)
{
	struct bytes_in in = bytes_in(r->body);
	if (!record_lane_is_keyed(r->at.lane) || r->type != RECORD_PUT)
		return false;
	if (pack_read_array(&in) < 1)
		return false;
	*key = pack_read_bin(&in);
	return !in.failed && key->len >= 1 && key->len <= RECORD_KEY_MAX;
}

struct mesh_record
record_public(const struct record *r, struct bytes_view proof)
{
	return (struct mesh_record){ .at = r->at,
		.back = r->back,
		.claims = r->back,
		.type = r->type,
		.time_ms = r->time_ms,
		.core = r->core,
		.proof = proof,
		.body = r->body };
}
