#include "ops_entry.h"
#include "drop.h"
#include "live.h"
#include "text.h"
#include "tree.h"
#include "units.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { TTL_MIN_MS = 1000, NUMBERS_MAX = 1000, LEFT_OUT_NAMES = 16 };

bool
ops_entry_type(struct call *c)
{
	if (c->params.type.len == 0 || entry_type_is_sound(c->params.type))
		return true;
	call_fail(c, 400,
	    "parameter type: 1 to 32 bytes without quotes or control characters");
	return false;
}

bool
ops_entry_narrow(struct call *c, struct store_question *q)
{
	struct text_view filter = c->params.filter;
	if (!ops_entry_type(c))
		return false;
	if (c->params.type.len > 0)
		filter = call_narrow(c, filter, "type", c->params.type);
	return call_of_site(c, &filter) && call_filter(c, &entry_table, filter, q);
}

/* --- what a list has not, because this site keeps less than the others --- */

/* NULL: nothing. */
static const char *
left_out(const struct call *c)
{
	static const char *const words[] = { [REPLICA_WHOLE] = NULL,
		[REPLICA_INDEX] = "embeddings",
		[REPLICA_KEY] = "types",
		[REPLICA_NOTHING] = "entries" };
	enum replica_part kept = replica_of_type(&c->world->others, c->params.type);
	return kept == REPLICA_INDEX && !c->params.embeddings ? NULL : words[kept];
}

/* Does the list want what that site says?  `only` NULL: what all say. */
static bool
is_meant(const struct mesh_peer *p, const struct mesh_key *only)
{
	return p->state != PEER_STRANGER && (only == NULL || key_equal(only, &p->key));
}

static void
put_names(struct call *c, const struct mesh_key *only, struct json_out *j)
{
	const struct sites *names = live_sites(c->world->live);
	struct mesh_peer p;
	size_t put = 0;
	json_open_array(j);
	for (size_t i = 0;
	     put < LEFT_OUT_NAMES && mesh_site_peer(c->world->core, i, &p); i++) {
		char room[SITE_SHOWN_MAX];
		if (!is_meant(&p, only))
			continue;
		json_put_text(j, sites_name(names, &p.key, room));
		put++;
	}
	json_shut_array(j);
}

static uint32_t
count_meant(const struct call *c, const struct mesh_key *only)
{
	struct mesh_peer p;
	uint32_t count = 0;
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &p); i++)
		count += is_meant(&p, only);
	return count;
}

static void
closing_list(struct call *c, struct json_out *j)
{
	const struct mesh_key *only = c->answers;
	uint32_t count = count_meant(c, only);
	if (count == 0) /* nobody else is there, or the list is of our own */
		return;
	json_key(j, "left_out");
	json_open_object(j);
	json_key(j, "what");
	json_put_string(j, left_out(c));
	json_key(j, "sites");
	json_put_u64(j, count);
	json_key(j, "of");
	put_names(c, only, j);
	json_shut_object(j);
}

/* The site whose entries are wanted, in `answers`: names may change meanwhile. */
static bool
keep_site(struct call *c)
{
	const struct mesh_key *key = c->params.site.len > 0 ? call_site(c) : NULL;
	struct mesh_key *kept = arena_take(&c->arena, 1, sizeof *kept);
	if (key == NULL)
		return c->params.site.len == 0;
	if (kept == NULL) {
		call_fail_err(c, MESH_FULL);
		return false;
	}
	*kept = *key;
	c->answers = kept;
	return true;
}

void
ops_entry_list_here(struct call *c)
{

	struct store_question q = { .noun = STORE_ENTRIES,
		.now_ms = c->world->now.unix_ms,
		.whole = c->params.embeddings };
	if (!keep_site(c) || !ops_entry_narrow(c, &q))
		return;
	c->closing = left_out(c) != NULL ? closing_list : NULL;
	call_ask(c, &q);
}

/* --- a hash in hex --- */

bool
ops_entry_hash(
    struct call *c, const char *name, struct text_view hex, struct bytes_view *out)
{
	struct bytes_out bytes = bytes_out(
	    arena_take(&c->arena, 1, ENTRY_HASH_MAX), ENTRY_HASH_MAX);
	if (bytes.ptr == NULL)
		bytes.cap = 0;
	if (hex.len == 0 || text_hex_decode(hex, &bytes) != MESH_OK) {
		call_fail(c, 400,
		    "parameter %s: a hash is 2 to 128 hex digits, not '%.*s'", name,
		    hex.len < 40 ? (int)hex.len : 40, hex.ptr);
		return false;
	}
	*out = bytes_written(&bytes);
	return true;
}

/* --- an embedding as numbers or hex --- */

static void
put_f32(struct bytes_out *out, double d)
{
	float f = (float)d;
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	for (int i = 0; i < 4; i++)
		bytes_put_u8(out, (uint8_t)(bits >> 8 * i));
}

static bool
put_number(const struct tree_item *item, uint8_t dtype, struct bytes_out *out)
{
	double d;
	struct tree_item named = *item;
	named.name = text("n");
	struct tree_view one = { &named, 1 };
	if (!tree_f64(one, "n", &d) || !isfinite(d))
		return false;
	if (dtype == ENTRY_F32) {
		put_f32(out, d);
		return isfinite((float)d);
	}
	if (!(d >= -128 && d <= 127 && floor(d) == d))
		return false;
	bytes_put_u8(out, (uint8_t)(int8_t)d);
	return true;
}

static bool
fail_number(struct call *c, size_t at, const char *name)
{
	call_fail(c, 400, "parameter %s: number %zu is none that its dtype can hold",
	    name, at);
	return false;
}

static bool
read_numbers(struct call *c, const char *name, struct tree_view list, uint8_t dtype,
    struct bytes_out *out)
{
	if (dtype == ENTRY_F16) {
		call_fail(
		    c, 400, "parameter %s: f16 comes as hex, two bytes a number", name);
		return false;
	}
	for (size_t i = 1; i < list.count; i++)
		if (!put_number(&list.items[i], dtype, out))
			return fail_number(c, i - 1, name);
	return true;
}

bool
ops_entry_embedding(
    struct call *c, const char *name, struct tree_view given, struct entry_put *put)
{
	size_t cap = sizeof(float) * ENTRY_DIM_MAX, at;
	struct bytes_out out = bytes_out(arena_take(&c->arena, 1, cap), cap);
	const struct tree_item *top = given.items;
	bool sound = out.ptr != NULL && given.count > 0 && top->name.ptr == NULL;
	if (sound && top->kind == TREE_LIST && given.count <= NUMBERS_MAX + 1) {
		if (!read_numbers(c, name, given, put->dtype, &out))
			return false;
	} else if (!sound || top->kind != TREE_TEXT ||
	    text_hex_decode(top->as.text, &out) != MESH_OK) {
		call_fail(c, 400,
		    "parameter %s: a list of up to %d numbers, or up to %d as hex",
		    name, NUMBERS_MAX, ENTRY_DIM_MAX);
		return false;
	}
	put->embedding = bytes_written(&out);
	put->dim = (uint16_t)(out.len / entry_width(put->dtype));
	put->has |= 1U << ENTRY_PUT_EMBEDDING | 1U << ENTRY_PUT_DTYPE |
	    1U << ENTRY_PUT_DIM;
	return entry_finite(put->dtype, put->embedding, &at) == 0 ||
	    fail_number(c, at, name);
}

bool
ops_entry_dtype(struct call *c, struct entry_put *put)
{
	put->dtype = ENTRY_F32;
	if (c->params.dtype.len == 0 ||
	    (entry_dtype_of(c->params.dtype, &put->dtype) && put->dtype != ENTRY_PLAIN))
		return true;
	call_fail(c, 400, "parameter dtype: f32, f16 or i8");
	return false;
}

/* --- add --- */

static bool
read_ttl(struct call *c, struct entry_put *put)
{
	int64_t ms;
	if (c->params.ttl.len == 0)
		return true;
	if (units_parse(c->params.ttl, UNIT_MS, &ms) != MESH_OK || ms < TTL_MIN_MS ||
	    ms > INT64_MAX / 2) {
		call_fail(c, 400, "parameter ttl: a time like 90s, 12h, 30d");
		return false;
	}
	if (c->world->now.unix_ms <= 0) {
		call_fail(
		    c, 503, "this site does not know the time, so nothing can end");
		return false;
	}
	put->expires_ms = c->world->now.unix_ms + ms;
	put->has |= 1U << ENTRY_PUT_EXPIRES;
	return true;
}

static bool
read_scale(struct call *c, struct entry_put *put)
{
	double scale;
	if (c->params.scale.items == NULL)
		return true;
	if (!call_number(c->params.scale, &scale) || !isnormal((float)scale) ||
	    scale < 0) {
		call_fail(c, 400, "parameter scale: a number greater than 0");
		return false;
	}
	put->scale = (float)scale;
	put->has |= 1U << ENTRY_PUT_SCALE;
	return true;
}

/* What is said of an embedding that is not there has been meant. */
static bool
is_plain(struct call *c)
{
	const char *said = c->params.dtype.len > 0 ? "dtype"
	    : c->params.scale.items != NULL        ? "scale"
						   : NULL;
	if (said != NULL)
		call_fail(c, 400, "parameter %s: there is no embedding", said);
	return said == NULL;
}

static bool
read_put(struct call *c, struct entry_put *put)
{
	const struct op_params *p = &c->params;
	if (!ops_entry_hash(c, "hash", p->hash, &put->hash) ||
	    !ops_entry_dtype(c, put) || !read_ttl(c, put))
		return false;
	put->type = p->type;
	put->metadata = p->meta;
	put->has |= 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE;
	put->has |= (uint64_t)(p->meta.items != NULL) << ENTRY_PUT_METADATA;
	if (p->embedding.items != NULL)
		return read_scale(c, put) &&
		    ops_entry_embedding(c, "embedding", p->embedding, put);
	put->dtype = ENTRY_PLAIN;
	return is_plain(c);
}

/* What a record cannot hold is refused here, where the place is known. */
static bool
is_shallow(struct call *c, const struct entry_put *put)
{
	char room[160];
	struct bytes_out path = bytes_out(room, sizeof room);
	if (!entry_is_too_deep(put->metadata, &path))
		return true;
	call_fail(c, 400,
	    "parameter meta: %.*s goes too deep: objects and lists stand "
	    "in each other at most %d deep",
	    (int)path.len, room, ENTRY_META_DEPTH);
	return false;
}

void
ops_entry_add(struct call *c)
{
	struct entry_put put = { 0 };
	struct entry said;
	if (!read_put(c, &put) || !is_shallow(c, &put))
		return;
	const char *fault = entry_fault(&put);
	if (fault != NULL) {
		call_fail(c, 400, "%s", fault);
		return;
	}
	struct mesh_position at = { .origin = c->world->self, .lane = LANE_REGISTRY };
	enum mesh_err err = entry_view(&at, c->world->now.unix_ms, &put,
	    live_sites(c->world->live), &c->arena, &said);
	if (err != MESH_OK) {
		call_fail_err(c, err);
		return;
	}
	said.has &= ~(UINT64_C(1) << ENTRY_VERSION); /* it has none yet */
	call_open(c);
	call_item(c, &entry_table, &said);
	call_close(c, (struct text_view){ 0 });
	call_append(c, LANE_REGISTRY, RECORD_PUT, &entry_put_table, &put);
}

/* --- remove --- */

struct removed {
	struct bytes_view hash;
	bool removed;
};
static const struct field removed_rows[] = {
	FIELD(struct removed, hash, UNIT_BYTES, 0, 0, 0, "The hash, in hex."),
	FIELD(struct removed, removed, UNIT_NONE, 0, 0, 0, "Our entry of it is gone."),
};
static const struct field_table removed_table = { "removed", removed_rows,
	LENGTH(removed_rows), sizeof(struct removed), FIELD_NO_HAS, false };

/* Should it be changed meanwhile, the newer one stays: a DROP names numbers. */
static void
drop(struct call *c, const struct mesh_record *record)
{
	struct removed said = { .removed = true };
	struct mesh_run run = { record->at.seq, record->at.seq };
	struct drop drop = { .runs = { &run, 1 } };
	if (!ops_entry_hash(c, "id", c->params.id, &said.hash))
		return;
	call_open(c);
	call_item(c, &removed_table, &said);
	call_close(c, (struct text_view){ 0 });
	call_append_in(
	    c, record->at.epoch, LANE_REGISTRY, RECORD_DROP, &drop_table, &drop);
}

void
ops_entry_remove(struct call *c)
{
	struct bytes_view hash;
	c->unknown = "this site has no entry of";
	if (ops_entry_hash(c, "id", c->params.id, &hash))
		call_find(c, LANE_REGISTRY, hash, drop);
}
