#include "seek.h"
#include "bytes.h"
#include <math.h>
#include <string.h>

enum { SEEK_TOP_MAX = 64, SEEK_FILTER_MAX = 512 };

/* clang-format off */
static const struct field place_rows[] = {
	FIELD(struct seek_place, score, UNIT_NONE, FIELD_REQUIRED, 0, 0, "The score of the last one seen."),
	FIELD(struct seek_place, hash, UNIT_BYTES, FIELD_REQUIRED, 1, ENTRY_HASH_MAX, "Its hash."),
	FIELD(struct seek_place, origin, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Whose entry it was."),
};
static const struct field_table place_table = { "place", place_rows, LENGTH(place_rows),
	sizeof(struct seek_place), offsetof(struct seek_place, has), false };

static const struct field site_rows[] = {
	FIELD(struct seek_site, oid, UNIT_BYTES, FIELD_REQUIRED, SEEK_OID, SEEK_OID, "The first 8 bytes of the hash of its key."),
};
static const struct field_table site_table = { "asked site", site_rows, LENGTH(site_rows),
	sizeof(struct seek_site), FIELD_NO_HAS, true };

static const struct field seek_rows[] = {
	FIELD(struct seek, kind, UNIT_NONE, FIELD_REQUIRED, 1, 255, "1: the nearest by cosine."),
	FIELD_WORDS(struct seek, dtype, FIELD_REQUIRED, entry_dtype_words, "How `like` is written."),
	FIELD(struct seek, dim, UNIT_COUNT, FIELD_REQUIRED, 1, ENTRY_DIM_MAX, "Only embeddings of so many numbers are compared."),
	FIELD(struct seek, like, UNIT_BYTES, FIELD_REQUIRED, 1, (int64_t)4 * ENTRY_DIM_MAX, "The numbers."),
	FIELD(struct seek, type, UNIT_NONE, 0, 1, ENTRY_TYPE_MAX, "Only entries of this type."),
	FIELD(struct seek, filter, UNIT_NONE, 0, 1, SEEK_FILTER_MAX, "Only what the expression says."),
	FIELD(struct seek, origin, UNIT_NONE, 0, 0, 0, "Only what this site says."),
	FIELD(struct seek, top, UNIT_COUNT, FIELD_REQUIRED, 1, SEEK_TOP_MAX, "So many of the best."),
	FIELD(struct seek, least, UNIT_NONE, 0, 0, 0, "None that scores less."),
	FIELD_SUB(struct seek, only, &site_table, 0, 0, SEEK_ONLY, "Only these sites are asked; absent: all."),
	FIELD_SUB(struct seek, after, &place_table, 0, 0, 0, "What stands behind this one."),
};
const struct field_table seek_table = { "search", seek_rows, LENGTH(seek_rows),
	sizeof(struct seek), offsetof(struct seek, has), false };

static const struct field hit_rows[] = {
	FIELD(struct seek_hit, hash, UNIT_BYTES, FIELD_REQUIRED, 1, ENTRY_HASH_MAX, "The entry's hash."),
	FIELD(struct seek_hit, origin, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Whose entry it is."),
	FIELD(struct seek_hit, type, UNIT_NONE, FIELD_REQUIRED, 1, ENTRY_TYPE_MAX, "Its type."),
	FIELD(struct seek_hit, score, UNIT_NONE, FIELD_REQUIRED, 0, 0, "The cosine."),
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

const char *
seek_fault(const struct seek *s)
{
	size_t at;
	if (s->kind != SEEK_NEAREST)
		return "a search of no known kind";
	if (entry_width(s->dtype) == 0 || s->dim == 0 ||
	    s->like.len != s->dim * entry_width(s->dtype))
		return "the numbers are not those of the dimension";
	if (entry_finite(s->dtype, s->like, &at) != 0)
		return "only finite numbers can be compared";
	if (has(s, SEEK_LEAST) && !isfinite(s->least))
		return "the least score is no number";
	if (has(s, SEEK_TYPE) && !entry_type_is_sound(s->type))
		return "no type";
	return has(s, SEEK_AFTER) && !isfinite(s->after.score) ? "no place" : NULL;
}

int
seek_order(const struct seek_hit *a, const struct seek_hit *b)
{
	if (a->score > b->score || a->score < b->score)
		return a->score > b->score ? -1 : 1;
	size_t len = a->hash.len < b->hash.len ? a->hash.len : b->hash.len;
	int order = memcmp(a->hash.ptr, b->hash.ptr, len);
	if (order == 0)
		order = (int)a->hash.len - (int)b->hash.len;
	return order != 0
	    ? order
	    : memcmp(a->origin.bytes, b->origin.bytes, sizeof a->origin.bytes);
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
