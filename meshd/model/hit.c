#include "hit.h"

/* clang-format off */
static const struct field hit_rows[] = {
	FIELD(struct hit, hash, UNIT_BYTES, 0, 0, 0, "The hash, in hex."),
	FIELD(struct hit, type, UNIT_NONE, 0, 0, 0, "What sort of thing it is of."),
	FIELD(struct hit, site, UNIT_NONE, 0, 0, 0, "The site that says so."),
	FIELD(struct hit, score, UNIT_NONE, 0, 0, 0, "Cosine of its embedding with the one asked for."),
	FIELD(struct hit, metadata, UNIT_NONE, FIELD_PRIVATE, 0, 0, "What else it says."),
	FIELD_SUB(struct hit, version, &state_version_table, 0, 0, 0, "Higher is newer."),
	FIELD(struct hit, time_ms, UNIT_UNIX_MS, 0, 0, 0, "When it was written, by that site's clock."),
	FIELD(struct hit, expires_ms, UNIT_UNIX_MS, 0, 0, 0, "When it goes."),
};
const struct field_table hit_table = { "hit", hit_rows, LENGTH(hit_rows),
	sizeof(struct hit), offsetof(struct hit, has), false };

static const struct field news_rows[] = {
	FIELD(struct hit_news, ref, UNIT_NONE, 0, 0, 0, "The asker's word for the search."),
	FIELD(struct hit_news, site, UNIT_NONE, 0, 0, 0, "The site that found it."),
	FIELD_SUB(struct hit_news, hits, &hit_table, FIELD_PRIVATE, 0, 0, "What it found, best first."),
};
const struct field_table hit_news_table = { "search news", news_rows, LENGTH(news_rows),
	sizeof(struct hit_news), FIELD_NO_HAS, false };

static const struct field complete_rows[] = {
	FIELD(struct hit_complete, answered, UNIT_COUNT, 0, 0, 0, "So many sites have."),
	FIELD(struct hit_complete, known, UNIT_COUNT, 0, 0, 0, "Of so many."),
};
static const struct field_table complete_table = { "complete", complete_rows, LENGTH(complete_rows),
	sizeof(struct hit_complete), FIELD_NO_HAS, false };

static const struct field early_rows[] = {
	FIELD(struct hit_early, partial, UNIT_NONE, 0, 0, 0, "True: the answer is still to come."),
	FIELD(struct hit_early, site, UNIT_NONE, 0, 0, 0, "The site that found it."),
	FIELD_SUB(struct hit_early, hits, &hit_table, 0, 0, 0, "What it found, best first: hash, type, site and score."),
	FIELD_SUB(struct hit_early, complete, &complete_table, 0, 0, 0, "Who has answered so far."),
};
const struct field_table hit_early_table = { "early hits", early_rows, LENGTH(early_rows),
	sizeof(struct hit_early), FIELD_NO_HAS, false };

static const struct field asked_rows[] = {
	FIELD(struct asked, id, UNIT_NONE, 0, 0, 0, "What an answer says again."),
	FIELD(struct asked, site, UNIT_NONE, 0, 0, 0, "The site where somebody searches."),
	FIELD(struct asked, within_ms, UNIT_MS, 0, 0, 0, "Later answers are refused."),
	FIELD(struct asked, type, UNIT_NONE, 0, 0, 0, "Only hits of this type."),
	FIELD(struct asked, filter, UNIT_NONE, 0, 0, 0, "Only what the expression says."),
	FIELD(struct asked, top, UNIT_COUNT, 0, 0, 0, "So many of the best."),
	FIELD(struct asked, threshold, UNIT_NONE, 0, 0, 0, "None that scores less."),
	FIELD_WORDS(struct asked, dtype, 0, entry_dtype_words, "How `like` is written."),
	FIELD(struct asked, dim, UNIT_COUNT, 0, 0, 0, "How many numbers it has."),
	FIELD(struct asked, like, UNIT_BYTES, 0, 0, 0, "The numbers, little-endian."),
};
const struct field_table asked_table = { "asked", asked_rows, LENGTH(asked_rows),
	sizeof(struct asked), offsetof(struct asked, has), false };
/* clang-format on */

static uint64_t
moved(uint64_t has, unsigned from, unsigned to)
{
	return (has >> from & 1) << to;
}

struct hit
hit_of(const struct entry *entry, double score)
{
	struct hit hit = { .hash = entry->hash,
		.type = entry->type,
		.site = entry->site,
		.score = score,
		.metadata = entry->metadata,
		.version = entry->version,
		.time_ms = entry->time_ms,
		.expires_ms = entry->expires_ms };
	hit.has = 1U << HIT_HASH | 1U << HIT_TYPE | 1U << HIT_SITE | 1U << HIT_SCORE |
	    1U << HIT_VERSION | moved(entry->has, ENTRY_METADATA, HIT_METADATA) |
	    moved(entry->has, ENTRY_TIME, HIT_TIME) |
	    moved(entry->has, ENTRY_EXPIRES, HIT_EXPIRES);
	return hit;
}
