#include "seek.h"
#include "bytes.h"
#include <math.h>
#include <string.h>

enum { SEEK_TOP_MAX = 64, SEEK_FILTER_MAX = 512, SEEK_META_MAX = ENTRY_META_BYTES + 8 };

/* clang-format off */
static const struct field place_rows[] = {
	FIELD(struct seek_place, score, UNIT_NONE, FIELD_REQUIRED, 0, 0, "The score of the last one seen."),
	FIELD(struct seek_place, hash, UNIT_BYTES, FIELD_REQUIRED, 1, ENTRY_HASH_MAX, "Its hash."),
	FIELD(struct seek_place, origin, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Whose entry it was."),
	FIELD(struct seek_place, time_ms, UNIT_UNIX_MS, 0, 0, 0, "Of a list: when it was written."),
};
static const struct field_table place_table = { "place", place_rows, LENGTH(place_rows),
	sizeof(struct seek_place), offsetof(struct seek_place, has), false };

static const struct field site_rows[] = {
	FIELD(struct seek_site, oid, UNIT_BYTES, FIELD_REQUIRED, SEEK_OID, SEEK_OID, "The first 8 bytes of the hash of its key."),
};
static const struct field_table site_table = { "asked site", site_rows, LENGTH(site_rows),
	sizeof(struct seek_site), FIELD_NO_HAS, true };

static const struct field seek_rows[] = {
	FIELD(struct seek, kind, UNIT_NONE, FIELD_REQUIRED, 1, 255, "1: the nearest by cosine; 3: a list by hash."),
	FIELD_WORDS(struct seek, dtype, 0, entry_dtype_words, "How `like` is written; a list has none."),
	FIELD(struct seek, dim, UNIT_COUNT, 0, 1, ENTRY_DIM_MAX, "Only embeddings of so many numbers are compared."),
	FIELD(struct seek, like, UNIT_BYTES, 0, 1, (int64_t)4 * ENTRY_DIM_MAX, "The numbers."),
	FIELD(struct seek, type, UNIT_NONE, 0, 1, ENTRY_TYPE_MAX, "Only entries of this type."),
	FIELD(struct seek, filter, UNIT_NONE, 0, 1, SEEK_FILTER_MAX, "Only what the expression says."),
	FIELD(struct seek, origin, UNIT_NONE, 0, 0, 0, "Only what this site says."),
	FIELD(struct seek, top, UNIT_COUNT, FIELD_REQUIRED, 1, SEEK_TOP_MAX, "So many of the best."),
	FIELD(struct seek, least, UNIT_NONE, 0, 0, 0, "None that scores less."),
	FIELD_SUB(struct seek, only, &site_table, 0, 0, SEEK_ONLY, "Only these sites are asked; absent: all."),
	FIELD_SUB(struct seek, after, &place_table, 0, 0, 0, "What stands behind this one."),
	FIELD(struct seek, hash, UNIT_BYTES, 0, 1, ENTRY_HASH_MAX, "A list: only entries of this hash."),
	FIELD(struct seek, whole, UNIT_NONE, 0, 0, 0, "Hits say all that the entry does."),
	FIELD(struct seek, rest, UNIT_COUNT, 0, 0, SEEK_META_MAX, "Their metadata from this byte on."),
	FIELD(struct seek, numbers, UNIT_COUNT, 0, 0, (int64_t)4 * ENTRY_DIM_MAX, "Instead: the embedding of that site's entry of that hash, from this byte on."),
};
const struct field_table seek_table = { "search", seek_rows, LENGTH(seek_rows),
	sizeof(struct seek), offsetof(struct seek, has), false };

static const struct field said_rows[] = {
	FIELD(struct seek_said, epoch, UNIT_NONE, FIELD_REQUIRED, 0, 0, "The epoch of the entry's record."),
	FIELD(struct seek_said, seq, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Its number."),
	FIELD(struct seek_said, time_ms, UNIT_UNIX_MS, 0, 0, 0, "When it was written, by that site's clock."),
	FIELD(struct seek_said, expires_ms, UNIT_UNIX_MS, 0, 0, 0, "When it goes."),
	FIELD_WORDS(struct seek_said, dtype, 0, entry_dtype_words, "How its embedding is written."),
	FIELD(struct seek_said, dim, UNIT_COUNT, 0, 1, ENTRY_DIM_MAX, "How many numbers that has."),
	FIELD(struct seek_said, metadata, UNIT_BYTES, 0, 0, SEEK_META_MAX, "What else it says: an array of that one value, from byte `rest` on as far as there is room."),
	FIELD(struct seek_said, bytes, UNIT_BYTES, 0, 0, SEEK_META_MAX, "So long is all of that."),
	FIELD(struct seek_said, numbers, UNIT_BYTES, 0, 0, (int64_t)4 * ENTRY_DIM_MAX, "Its embedding from byte `numbers` on as far as there is room, if that is asked for."),
	FIELD(struct seek_said, scale, UNIT_NONE, 0, 0, 0, "i8: what a byte of it is multiplied by."),
};
static const struct field_table said_table = { "said by an entry", said_rows, LENGTH(said_rows),
	sizeof(struct seek_said), offsetof(struct seek_said, has), false };

static const struct field hit_rows[] = {
	FIELD(struct seek_hit, hash, UNIT_BYTES, FIELD_REQUIRED, 1, ENTRY_HASH_MAX, "The entry's hash."),
	FIELD(struct seek_hit, origin, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Whose entry it is."),
	FIELD(struct seek_hit, type, UNIT_NONE, FIELD_REQUIRED, 1, ENTRY_TYPE_MAX, "Its type."),
	FIELD(struct seek_hit, score, UNIT_NONE, FIELD_REQUIRED, 0, 0, "The cosine; of a list the confidence."),
	FIELD_SUB(struct seek_hit, said, &said_table, 0, 0, 1, "What else the entry says, if hits are to be whole; nothing of what a program says."),
};
const struct field_table seek_hit_table = { "search hit", hit_rows, LENGTH(hit_rows),
	sizeof(struct seek_hit), FIELD_NO_HAS, false };

static const struct field answer_rows[] = {
	FIELD_SUB(struct seek_answer, hits, &seek_hit_table, FIELD_REQUIRED, 0, SEEK_TOP_MAX, "The best, best first."),
	FIELD(struct seek_answer, more, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Others stand behind the last one."),
	FIELD(struct seek_answer, partial, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Not all was looked at in time."),
};
const struct field_table seek_answer_table = { "search answer", answer_rows,
	LENGTH(answer_rows), sizeof(struct seek_answer), offsetof(struct seek_answer, has), false };
/* clang-format on */

static bool
has(const struct seek *s, unsigned row)
{
	return (s->has >> row & 1) != 0;
}

/* Of the nearest alone. */
static const char *
like_fault(const struct seek *s)
{
	size_t at;
	if (entry_width(s->dtype) == 0 || s->dim == 0 ||
	    s->like.len != s->dim * entry_width(s->dtype))
		return "the numbers are not those of the dimension";
	if (entry_finite(s->dtype, s->like, &at) != 0)
		return "only finite numbers can be compared";
	if (has(s, SEEK_HASH))
		return "the nearest are not sought by hash";
	return has(s, SEEK_LEAST) && !isfinite(s->least)
	    ? "the least score is no number"
	    : NULL;
}

const char *
seek_fault(const struct seek *s)
{
	if (s->kind != SEEK_NEAREST && s->kind != SEEK_LIST)
		return "a search of no known kind";
	const char *fault = s->kind == SEEK_NEAREST ? like_fault(s) : NULL;
	if (fault != NULL)
		return fault;
	if (has(s, SEEK_NUMBERS) &&
	    !(s->kind == SEEK_LIST && has(s, SEEK_HASH) && has(s, SEEK_ORIGIN)))
		return "an embedding of no one entry";
	if (has(s, SEEK_TYPE) && !entry_type_is_sound(s->type))
		return "no type";
	return has(s, SEEK_AFTER) && !isfinite(s->after.score) ? "no place" : NULL;
}

static int
hash_order(struct bytes_view a, struct bytes_view b)
{
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
	return order != 0 ? order : (int)a.len - (int)b.len;
}

int
seek_order(const struct seek_hit *a, const struct seek_hit *b)
{
	if (a->score > b->score || a->score < b->score)
		return a->score > b->score ? -1 : 1;
	int order = hash_order(a->hash, b->hash);
	return order != 0
	    ? order
	    : memcmp(a->origin.bytes, b->origin.bytes, sizeof a->origin.bytes);
}

static struct entry_rank
rank_of(const struct seek_hit *hit)
{
	const struct seek_said *said = seek_said(hit);
	struct entry_rank rank = { .confidence = hit->score,
		.time_ms = said != NULL ? said->time_ms : 0 };
	seek_oid(&hit->origin, rank.oid);
	return rank;
}

int
seek_list_order(const struct seek_hit *a, const struct seek_hit *b)
{
	int order = hash_order(a->hash, b->hash);
	if (order != 0)
		return order;
	struct entry_rank x = rank_of(a), y = rank_of(b);
	return entry_before(&x, &y) ? -1 : entry_before(&y, &x);
}

const struct seek_said *
seek_said(const struct seek_hit *hit)
{
	return hit->said.count > 0 ? hit->said.items : NULL;
}

static uint64_t
moved(uint64_t from, unsigned row, unsigned to)
{
	return (from >> row & 1) << to;
}

struct seek_said
seek_said_of(const struct entry *e)
{
	return (struct seek_said){ .has = 1U << SEEK_SAID_EPOCH | 1U << SEEK_SAID_SEQ |
		    moved(e->has, ENTRY_TIME, SEEK_SAID_TIME) |
		    moved(e->has, ENTRY_EXPIRES, SEEK_SAID_EXPIRES) |
		    moved(e->has, ENTRY_DTYPE, SEEK_SAID_DTYPE) |
		    moved(e->has, ENTRY_DIM, SEEK_SAID_DIM),
		.epoch = e->version.epoch,
		.seq = e->version.seq,
		.time_ms = e->time_ms,
		.expires_ms = e->expires_ms,
		.dtype = e->dtype,
		.dim = e->dim };
}

void
seek_oid(const struct mesh_key *site, uint8_t oid[static SEEK_OID])
{
	uint8_t hash[32];
	mesh_hash(site->bytes, sizeof site->bytes, hash);
	memcpy(oid, hash, SEEK_OID);
}

bool
seek_means(const struct seek *s, const struct mesh_key *site)
{
	uint8_t oid[SEEK_OID];
	const struct seek_site *sites = s->only.items;
	if (!has(s, SEEK_ONLY_SITES) || s->only.count == 0)
		return true;
	seek_oid(site, oid);
	for (size_t i = 0; i < s->only.count; i++)
		if (bytes_equal(sites[i].oid, bytes_view(oid, sizeof oid)))
			return true;
	return false;
}
