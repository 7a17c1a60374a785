#include "clause.h"
#include "arena.h"
#include "id.h"
#include "pack.h"
#include "seal.h"
#include "wire.h"

enum { ROW_VERSION = 1, ROW_ITEMS = 13, REASON_OPERATOR = 1 };
static const char row_prefix[] = "law/";

/* What stands behind the letters of a key. */
static const struct {
	const char *word;
	size_t bytes;
} kinds[] = {
	[CLAUSE_NONE] = { "", 0 },
	[CLAUSE_ADMIN] = { MESSAGE_ADMIN_KEY, sizeof(struct mesh_key) },
	[CLAUSE_ALLOW] = { MESSAGE_ALLOW_KEY, sizeof(struct mesh_key) },
	[CLAUSE_REVOKE] = { MESSAGE_REVOKE_KEY, sizeof(struct mesh_key) },
	[CLAUSE_NETKEY] = { MESSAGE_NETKEY_KEY, 0 },
	[CLAUSE_INVITE] = { MESSAGE_INVITE_KEY, CLAUSE_ID },
	[CLAUSE_USE] = { MESSAGE_USE_KEY, CLAUSE_ID + sizeof(struct mesh_key) },
};

static bool
has_id(enum clause_kind kind)
{
	return kind == CLAUSE_INVITE || kind == CLAUSE_USE;
}

static bool
has_site(enum clause_kind kind)
{
	return kind != CLAUSE_INVITE && kind != CLAUSE_NETKEY;
}

/* --- keys --- */

static bool
read_key(struct bytes_view key, struct clause *c)
{
	for (size_t k = CLAUSE_ADMIN; k < LENGTH(kinds); k++) {
		size_t len = strlen(kinds[k].word);
		if (key.len != len + kinds[k].bytes ||
		    memcmp(key.ptr, kinds[k].word, len) != 0)
			continue;
		const uint8_t *at = key.ptr + len;
		c->kind = (uint8_t)k;
		if (has_id(k))
			memcpy(c->id, at, CLAUSE_ID);
		if (has_site(k))
			memcpy(c->subject.bytes, key.ptr + key.len - 32, 32);
		return !has_site(k) || seal_is_sound(c->subject.bytes);
	}
	return false;
}

static void
write_key(const struct clause *c, struct bytes_out *out)
{
	bytes_put(out, kinds[c->kind].word, strlen(kinds[c->kind].word));
	if (has_id(c->kind))
		bytes_put(out, c->id, sizeof c->id);
	if (has_site(c->kind))
		bytes_put(out, c->subject.bytes, sizeof c->subject.bytes);
}

/* --- bodies --- */

static struct bytes_view
of_key(const struct mesh_key *k)
{
	return bytes_view(k->bytes, sizeof k->bytes);
}

static bool
read_grant(struct bytes_view body, struct clause *c)
{
	struct control_grant g;
	if (wire_decode(&control_grant_table, body, &g, NULL) != MESH_OK)
		return false;
	c->on = g.on;
	return true;
}

static bool
read_revoke(struct bytes_view body, struct clause *c)
{
	_Alignas(16) uint8_t room[512];
	struct arena arena = arena_init(room, sizeof room);
	struct control_revoke v;
	if (wire_decode(&control_revoke_table, body, &v, &arena) != MESH_OK)
		return false;
	if (v.purge && v.epoch > RECORD_SEQ_MAX)
		return false; /* no epoch could follow that a disk can hold */
	c->on = v.on;
	c->purge = v.purge;
	c->cut.epoch = v.epoch;
	const struct message_number *marks = v.marks.items;
	for (size_t i = 0; i < v.marks.count && i < CLAUSE_MARKS; i++)
		c->cut.marks[i] = marks[i].number < UINT32_MAX
		    ? (uint32_t)marks[i].number
		    : UINT32_MAX;
	return true;
}

static bool
read_invite(struct bytes_view body, struct clause *c)
{
	struct control_invite v;
	if (wire_decode(&control_invite_table, body, &v, NULL) != MESH_OK)
		return false;
	c->on = v.on;
	c->uses = v.uses;
	c->until_ms = v.expires_ms;
	memcpy(c->verifier, v.verifier.ptr, sizeof c->verifier);
	return true;
}

static bool
read_netkey(struct bytes_view body, struct clause *c)
{
	struct control_netkey v;
	if (wire_decode(&control_netkey_table, body, &v, NULL) != MESH_OK)
		return false;
	c->on = true;
	c->until_ms = v.use_after_ms;
	memcpy(c->subject.bytes, v.hash.ptr, sizeof c->subject.bytes);
	return true;
}

static bool (*const readers[])(struct bytes_view body, struct clause *c) = {
	[CLAUSE_ADMIN] = read_grant,
	[CLAUSE_ALLOW] = read_grant,
	[CLAUSE_REVOKE] = read_revoke,
	[CLAUSE_NETKEY] = read_netkey,
	[CLAUSE_INVITE] = read_invite,
	[CLAUSE_USE] = read_grant,
};

bool
clause_read(const struct record *r, struct clause *out)
{
	struct bytes_view key;
	*out = (struct clause){
		.author = r->at.origin, .epoch = r->at.epoch, .seq = r->at.seq
	};
	return r->at.lane == LANE_CONTROL && record_key(r, &key) &&
	    read_key(key, out) && readers[out->kind](r->body, out);
}

static enum mesh_err
write_revoke(const struct clause *c, struct bytes_view key, struct bytes_out *body)
{
	struct message_number marks[CLAUSE_MARKS];
	for (size_t i = 0; i < CLAUSE_MARKS; i++)
		marks[i].number = c->cut.marks[i];
	struct control_revoke v = { .key = key,
		.on = c->on,
		.reason = REASON_OPERATOR,
		.purge = c->purge,
		.epoch = c->cut.epoch,
		.marks = { marks, CLAUSE_MARKS } };
	return wire_encode(&control_revoke_table, &v, body);
}

static enum mesh_err
write_invite(const struct clause *c, struct bytes_view key, struct bytes_out *body)
{
	struct control_invite v = { .key = key,
		.on = c->on,
		.verifier = bytes_view(c->verifier, sizeof c->verifier),
		.uses = c->uses,
		.expires_ms = c->until_ms };
	return wire_encode(&control_invite_table, &v, body);
}

enum mesh_err
clause_write(const struct clause *c, struct bytes_out *body)
{
	uint8_t room[MESSAGE_KEY_MAX];
	struct bytes_out key_out = bytes_out(room, sizeof room);
	write_key(c, &key_out);
	struct bytes_view key = bytes_written(&key_out);
	struct control_netkey netkey = { key, of_key(&c->subject), c->until_ms };
	struct control_grant grant = { key, c->on };
	switch ((enum clause_kind)c->kind) {
	case CLAUSE_REVOKE:
		return write_revoke(c, key, body);
	case CLAUSE_INVITE:
		return write_invite(c, key, body);
	case CLAUSE_NETKEY:
		return wire_encode(&control_netkey_table, &netkey, body);
	case CLAUSE_ADMIN:
	case CLAUSE_ALLOW:
	case CLAUSE_USE:
		return wire_encode(&control_grant_table, &grant, body);
	case CLAUSE_NONE:
		break;
	}
	return MESH_MALFORMED;
}

bool
clause_is_same(const struct clause *a, const struct clause *b)
{
	return a->kind == b->kind && a->local == b->local &&
	    key_equal(&a->author, &b->author) &&
	    memcmp(a->id, b->id, sizeof a->id) == 0 &&
	    (a->kind == CLAUSE_NETKEY || key_equal(&a->subject, &b->subject));
}

bool
clause_is_same_use(const struct clause *a, const struct clause *b)
{
	return a->kind == CLAUSE_USE && b->kind == CLAUSE_USE &&
	    memcmp(a->id, b->id, CLAUSE_ID) == 0 && key_equal(&a->subject, &b->subject);
}

/* --- rows to keep --- */

enum row_flag { ROW_ON = 1, ROW_PURGE = 2, ROW_LOCAL = 4, ROW_OVER = 8 };

void
clause_row_key(const struct clause *c, struct bytes_out *key)
{
	enum { NAMED = 24 }; /* of the hash: nobody finds two by chance */
	const uint8_t head[] = { c->kind, c->local };
	uint8_t hash[SEAL_HASH];
	const struct bytes_view parts[] = { bytes_view(head, sizeof head),
		of_key(&c->author), bytes_view(c->id, sizeof c->id),
		c->kind == CLAUSE_NETKEY ? bytes_view(head, 0) : of_key(&c->subject) };
	seal_hash_parts(parts, LENGTH(parts), hash);
	bytes_put(key, row_prefix, sizeof row_prefix - 1);
	bytes_put(key, hash, NAMED);
}

static void
write_extra(const struct clause *c, struct bytes_out *row)
{
	bool cut = c->kind == CLAUSE_REVOKE;
	pack_bin(row, bytes_view(c->verifier, c->kind == CLAUSE_INVITE ? 32 : 0));
	pack_uint(row, cut ? c->cut.epoch : 0);
	pack_array(row, cut ? CLAUSE_MARKS : 0);
	for (size_t i = 0; cut && i < CLAUSE_MARKS; i++)
		pack_uint(row, c->cut.marks[i]);
}

void
clause_row_write(const struct clause *c, struct bytes_out *row)
{
	unsigned flags = (c->on ? ROW_ON : 0U) | (c->purge ? ROW_PURGE : 0U) |
	    (c->local ? ROW_LOCAL : 0U) | (c->over ? ROW_OVER : 0U);
	pack_array(row, ROW_ITEMS);
	pack_uint(row, ROW_VERSION);
	pack_uint(row, c->kind);
	pack_uint(row, flags);
	pack_bin(row, of_key(&c->author));
	pack_bin(row, of_key(&c->subject));
	pack_bin(row, bytes_view(c->id, sizeof c->id));
	pack_uint(row, c->epoch);
	pack_uint(row, c->seq);
	pack_uint(row, c->until_ms);
	pack_uint(row, c->uses);
	write_extra(c, row);
}

static bool
copy_bin(struct bytes_in *in, uint8_t *to, size_t len)
{
	struct bytes_view v = pack_read_bin(in);
	if (v.len != len)
		return false;
	memcpy(to, v.ptr, len);
	return true;
}

static bool
read_extra(struct bytes_in *in, struct clause *c)
{
	struct bytes_view verifier = pack_read_bin(in);
	uint64_t epoch = pack_read_uint(in, UINT64_MAX);
	size_t marks = pack_read_array(in);
	if (c->kind == CLAUSE_INVITE && verifier.len == sizeof c->verifier)
		memcpy(c->verifier, verifier.ptr, sizeof c->verifier);
	if (c->kind != CLAUSE_REVOKE)
		return c->kind != CLAUSE_INVITE || verifier.len == sizeof c->verifier;
	c->cut.epoch = epoch;
	for (size_t i = 0; i < marks && i < CLAUSE_MARKS; i++)
		c->cut.marks[i] = (uint32_t)pack_read_uint(in, UINT32_MAX);
	return true;
}

bool
clause_row_read(struct bytes_view key, struct bytes_view row, struct clause *out)
{
	struct bytes_in in = bytes_in(row);
	*out = (struct clause){ .kind = CLAUSE_NONE };
	if (key.len < sizeof row_prefix ||
	    memcmp(key.ptr, row_prefix, sizeof row_prefix - 1) != 0 ||
	    pack_read_array(&in) < ROW_ITEMS ||
	    pack_read_uint(&in, UINT8_MAX) != ROW_VERSION)
		return false;
	out->kind = (uint8_t)pack_read_uint(&in, CLAUSE_USE);
	unsigned flags = (unsigned)pack_read_uint(&in, UINT8_MAX);
	out->on = (flags & ROW_ON) != 0;
	out->purge = (flags & ROW_PURGE) != 0;
	out->local = (flags & ROW_LOCAL) != 0;
	out->over = (flags & ROW_OVER) != 0;
	bool whole = copy_bin(&in, out->author.bytes, sizeof out->author.bytes) &&
	    copy_bin(&in, out->subject.bytes, sizeof out->subject.bytes) &&
	    copy_bin(&in, out->id, sizeof out->id);
	out->epoch = pack_read_uint(&in, UINT64_MAX);
	out->seq = pack_read_uint(&in, UINT64_MAX);
	out->until_ms = pack_read_uint(&in, UINT64_MAX);
	out->uses = (uint16_t)pack_read_uint(&in, UINT16_MAX);
	return whole && read_extra(&in, out) && !in.failed && out->kind != CLAUSE_NONE;
}
