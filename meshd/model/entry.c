#include "entry.h"
#include "bytes.h"
#include "text.h"
#include "tree.h"
#include <math.h>
#include <string.h>

const char *const entry_dtype_words[] = { "none", "f32", "f16", "i8", NULL };
static const size_t widths[] = { 0, 4, 2, 1 };

/* clang-format off */
static const struct field put_rows[] = {
	FIELD(struct entry_put, hash, UNIT_BYTES, FIELD_REQUIRED, 1, ENTRY_HASH_MAX, "The hash: key of the entry."),
	FIELD(struct entry_put, type, UNIT_NONE, FIELD_REQUIRED, 1, ENTRY_TYPE_MAX, "What sort of thing it is of."),
	FIELD_WORDS(struct entry_put, dtype, 0, entry_dtype_words, "How the embedding's numbers are written."),
	FIELD(struct entry_put, dim, UNIT_COUNT, 0, 1, ENTRY_DIM_MAX, "How many numbers it has."),
	FIELD(struct entry_put, embedding, UNIT_BYTES, 0, 1, (int64_t)4 * ENTRY_DIM_MAX, "The numbers: IEEE little-endian, or signed bytes."),
	FIELD(struct entry_put, scale, UNIT_NONE, 0, 0, 0, "i8: what a byte is multiplied by; absent: 1."),
	FIELD(struct entry_put, metadata, UNIT_NONE, 0, 0, 0, "Anything; `confidence` 0 to 1 orders the entries of a hash."),
	FIELD(struct entry_put, expires_ms, UNIT_UNIX_MS, 0, 1, INT64_MAX, "Hidden from then on."),
};
const struct field_table entry_put_table = { "entry put", put_rows, LENGTH(put_rows),
	sizeof(struct entry_put), offsetof(struct entry_put, has), false };

static const struct field entry_rows[] = {
	FIELD(struct entry, hash, UNIT_BYTES, 0, 0, 0, "The hash, in hex."),
	FIELD(struct entry, type, UNIT_NONE, 0, 0, 0, "What sort of thing it is of."),
	FIELD(struct entry, site, UNIT_NONE, 0, 0, 0, "The site that says so."),
	FIELD_WORDS(struct entry, dtype, 0, entry_dtype_words, "How the embedding's numbers are written."),
	FIELD(struct entry, dim, UNIT_COUNT, 0, 0, 0, "How many numbers the embedding has."),
	FIELD(struct entry, metadata, UNIT_NONE, FIELD_PRIVATE, 0, 0, "What else it says."),
	FIELD_SUB(struct entry, version, &state_version_table, 0, 0, 0, "Higher is newer."),
	FIELD(struct entry, time_ms, UNIT_UNIX_MS, 0, 0, 0, "When it was written, by that site's clock."),
	FIELD(struct entry, expires_ms, UNIT_UNIX_MS, 0, 0, 0, "When it goes."),
	FIELD(struct entry, embedding, UNIT_BYTES, FIELD_PRIVATE, 0, 0, "Its numbers in hex: only where they are asked for."),
	FIELD(struct entry, scale, UNIT_NONE, FIELD_PRIVATE, 0, 0, "i8: what a byte is multiplied by."),
	FIELD(struct entry, told_by, UNIT_NONE, 0, 0, 0, "The site that told of it when it was asked for: it is not kept here."),
};
const struct field_table entry_table = { "entry", entry_rows, LENGTH(entry_rows),
	sizeof(struct entry), offsetof(struct entry, has), false };
/* clang-format on */

bool
entry_dtype_of(struct text_view word, uint8_t *out)
{
	for (uint8_t i = 0; entry_dtype_words[i] != NULL; i++)
		if (word.len == strlen(entry_dtype_words[i]) &&
		    memcmp(word.ptr, entry_dtype_words[i], word.len) == 0) {
			*out = i;
			return true;
		}
	return false;
}

size_t
entry_width(uint8_t dtype)
{
	return dtype < LENGTH(widths) ? widths[dtype] : 0;
}

/* --- soundness --- */

bool
entry_type_is_sound(struct text_view type)
{
	for (size_t i = 0; i < type.len; i++) {
		unsigned char c = (unsigned char)type.ptr[i];
		if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
			return false;
	}
	return type.len > 0 && type.len <= ENTRY_TYPE_MAX;
}

/* Exponents of ones are no numbers.  An f32 below the normal range counts for nothing
 * and costs a search a hundred times what others do. */
static unsigned
is_no_f32(uint32_t bits)
{
	uint32_t exponent = bits & 0x7f800000U, rest = bits & 0x7fffffU;
	return (exponent == 0x7f800000U) | ((exponent == 0) & (rest != 0));
}

static uint32_t
bits_at(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* So many at a time that the compiler takes several in one step. */
enum { STRIDE = 16 };
static unsigned
are_no_f32(const uint8_t *p)
{
	unsigned bad = 0;
	uint32_t bits[STRIDE];
	for (size_t i = 0; i < STRIDE; i++)
		bits[i] = bits_at(p + 4 * i);
	for (size_t i = 0; i < STRIDE; i++)
		bad |= is_no_f32(bits[i]);
	return bad;
}

static unsigned
is_no_f16(const uint8_t *p)
{
	return (p[1] & 0x7cU) == 0x7cU;
}

/* Without a branch among them: each entry that comes is looked through. */
static bool
all_are_numbers(uint8_t dtype, const uint8_t *p, size_t count)
{
	unsigned bad = 0;
	size_t i = 0;
	if (dtype == ENTRY_F32) {
		for (; i + STRIDE <= count; i += STRIDE)
			bad |= are_no_f32(p + 4 * i);
		for (; i < count; i++)
			bad |= is_no_f32(bits_at(p + 4 * i));
	} else {
		for (; i < count; i++)
			bad |= is_no_f16(p + 2 * i);
	}
	return bad == 0;
}

int
entry_finite(uint8_t dtype, struct bytes_view embedding, size_t *at)
{
	size_t width = entry_width(dtype),
	       count = width < 2 ? 0 : embedding.len / width;
	if (all_are_numbers(dtype, embedding.ptr, count))
		return 0;
	for (*at = 0; all_are_numbers(dtype, embedding.ptr + *at * width, 1);)
		++*at;
	return -1;
}

static const char *
embedding_fault(const struct entry_put *put)
{
	size_t at;
	bool any = (put->has >> ENTRY_PUT_EMBEDDING & 1) != 0;
	bool said = (put->has >> ENTRY_PUT_DTYPE & 1) != 0 && put->dtype != ENTRY_PLAIN;
	bool sized = (put->has >> ENTRY_PUT_DIM & 1) != 0;
	if (!any)
		return said || sized ? "a dimension without an embedding" : NULL;
	if (!said || entry_width(put->dtype) == 0)
		return "an embedding of no known type of number";
	if (!sized || put->dim == 0 || put->dim > ENTRY_DIM_MAX ||
	    put->embedding.len != put->dim * entry_width(put->dtype))
		return "the embedding's length is not that of its dimension";
	if (entry_finite(put->dtype, put->embedding, &at) != 0)
		return "an embedding may hold finite numbers alone";
	return NULL;
}

static const char *
scale_fault(const struct entry_put *put)
{
	if ((put->has >> ENTRY_PUT_SCALE & 1) == 0)
		return NULL;
	if (put->dtype != ENTRY_I8)
		return "only i8 embeddings have a scale";
	return isnormal(put->scale) && put->scale > 0
	    ? NULL
	    : "the scale is no positive number";
}

static const struct field meta_rows[] = {
	FIELD(struct entry_meta, metadata, UNIT_NONE, 0, 0, 0, "As in an entry."),
};
const struct field_table entry_meta_table = { "metadata", meta_rows, LENGTH(meta_rows),
	sizeof(struct entry_meta), FIELD_NO_HAS, false };

static bool
is_container(const struct tree_item *item)
{
	return item->kind == TREE_MAP || item->kind == TREE_LIST;
}

/* By its name, or by its place in a list. */
static void
put_step(
    struct bytes_out *path, const struct tree_item *first, const struct tree_item *item)
{
	uint64_t place = 0;
	if (path->len > 0)
		text_put(path, ".");
	if (item->name.ptr != NULL) {
		text_put_view(path, item->name);
		return;
	}
	for (; first < item; first += first->span)
		place++;
	text_put_u64(path, place);
}

bool
entry_is_too_deep(struct tree_view metadata, struct bytes_out *path)
{
	const struct tree_item *open[ENTRY_META_DEPTH]; /* behind the top object */
	size_t depth = 0;
	for (size_t i = 0; i < metadata.count; i++) {
		const struct tree_item *item = &metadata.items[i];
		while (depth > 0 && item >= open[depth - 1] + open[depth - 1]->span)
			depth--;
		if (!is_container(item))
			continue;
		open[depth++] = item;
		if (depth < ENTRY_META_DEPTH)
			continue;
		for (size_t k = 0; k < depth; k++)
			put_step(
			    path, k == 0 ? metadata.items : open[k - 1] + 1, open[k]);
		return true;
	}
	return false;
}

static bool
is_deep(struct tree_view metadata)
{
	char room[160];
	struct bytes_out path = bytes_out(room, sizeof room);
	return entry_is_too_deep(metadata, &path);
}

static const char *
metadata_fault(const struct entry_put *put)
{
	uint8_t room[ENTRY_META_BYTES + 4];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct entry_meta alone = { put->metadata };
	if ((put->has >> ENTRY_PUT_METADATA & 1) == 0)
		return NULL;
	if (put->metadata.count > 0 && put->metadata.items[0].name.ptr == NULL)
		return "metadata is not an object";
	if (put->metadata.count > ENTRY_META_ITEMS)
		return "metadata has more than 64 values";
	if (mesh_body_encode(&entry_meta_table, &alone, &out) == MESH_OK)
		return NULL;
	return is_deep(put->metadata) ? "metadata goes deeper than six"
				      : "metadata has more than 4096 bytes";
}

const char *
entry_fault(const struct entry_put *put)
{
	if (!entry_type_is_sound(put->type))
		return "a type is 1 to 32 bytes without quotes or control characters";
	const char *fault = embedding_fault(put);
	if (fault == NULL)
		fault = scale_fault(put);
	return fault != NULL ? fault : metadata_fault(put);
}

/* --- views --- */

static void
mark(struct entry *e, unsigned row, bool present)
{
	e->has |= (uint64_t)present << row;
}

static void
show_dimension(const struct entry_put *put, struct entry *e)
{
	bool any = (put->has >> ENTRY_PUT_EMBEDDING & 1) != 0;
	e->dtype = any ? put->dtype : ENTRY_PLAIN;
	e->dim = put->dim;
	mark(e, ENTRY_DTYPE, true);
	mark(e, ENTRY_DIM, any);
}

void
entry_show_embedding(struct entry *e, const struct entry_put *put)
{
	bool any = (put->has >> ENTRY_PUT_EMBEDDING & 1) != 0;
	e->embedding = put->embedding;
	e->scale = put->scale;
	mark(e, ENTRY_EMBEDDING, any);
	mark(e, ENTRY_SCALE, any && (put->has >> ENTRY_PUT_SCALE & 1) != 0);
}

enum mesh_err
entry_view(const struct mesh_position *at, unix_ms time_ms, const struct entry_put *put,
    const struct sites *names, struct arena *into, struct entry *out)
{
	if (entry_fault(put) != NULL)
		return MESH_MALFORMED;
	*out = (struct entry){ .hash = put->hash,
		.type = put->type,
		.site = sites_name_copy(names, &at->origin, into),
		.metadata = put->metadata,
		.version = { at->epoch, at->seq },
		.time_ms = time_ms,
		.expires_ms = put->expires_ms };
	mark(out, ENTRY_HASH, true);
	mark(out, ENTRY_TYPE, true);
	mark(out, ENTRY_SITE, true);
	mark(out, ENTRY_METADATA, (put->has >> ENTRY_PUT_METADATA & 1) != 0);
	mark(out, ENTRY_VERSION, true);
	mark(out, ENTRY_TIME, time_ms != 0);
	mark(out, ENTRY_EXPIRES, (put->has >> ENTRY_PUT_EXPIRES & 1) != 0);
	show_dimension(put, out);
	return out->site.ptr != NULL ? MESH_OK : MESH_FULL;
}

/* --- the order of the entries of one hash --- */

struct entry_rank
entry_rank(const struct mesh_position *at, unix_ms time_ms, const struct entry_put *put)
{
	struct entry_rank rank = { .confidence = 0, .time_ms = time_ms };
	uint8_t hash[32];
	double confidence;
	if (tree_f64(put->metadata, "confidence", &confidence) && isfinite(confidence))
		rank.confidence = confidence;
	mesh_hash(at->origin.bytes, sizeof at->origin.bytes, hash);
	memcpy(rank.oid, hash, sizeof rank.oid);
	return rank;
}

bool
entry_before(const struct entry_rank *a, const struct entry_rank *b)
{
	if (a->confidence > b->confidence || a->confidence < b->confidence)
		return a->confidence > b->confidence;
	if (a->time_ms != b->time_ms)
		return a->time_ms > b->time_ms;
	return memcmp(a->oid, b->oid, sizeof a->oid) < 0;
}
