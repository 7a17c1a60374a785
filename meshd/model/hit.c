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
