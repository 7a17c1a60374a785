#include "app_hits.h"
#include "describe.h"
#include "named.h"
#include "text.h"

struct said_hit {
	struct bytes_view hash;
	struct text_view type;
	double score;
};
struct said_hits {
	struct text_view id;
	struct list_view hits;
};
/* clang-format off */
static const struct field hit_rows[] = {
	FIELD(struct said_hit, hash, UNIT_BYTES, FIELD_REQUIRED, 1, ENTRY_HASH_MAX, "1 to 64 bytes in hex"),
	FIELD(struct said_hit, type, UNIT_NONE, FIELD_REQUIRED, 1, ENTRY_TYPE_MAX, "what sort of thing it is of"),
	FIELD(struct said_hit, score, UNIT_NONE, FIELD_REQUIRED, -1, 1, "how well it fits: at most 1"),
};
static const struct field_table hit_table = { "said hit", hit_rows, LENGTH(hit_rows),
	sizeof(struct said_hit), FIELD_NO_HAS, false };
static const struct field rows[] = {
	FIELD(struct said_hits, id, UNIT_NONE, FIELD_REQUIRED, 1, 20, "the search's"),
	FIELD_SUB(struct said_hits, hits, &hit_table, FIELD_REQUIRED, 0, HEARSAY_HITS, "what fits, best first"),
};
static const struct field_table table = { "said hits", rows, LENGTH(rows),
	sizeof(struct said_hits), FIELD_NO_HAS, false };
/* clang-format on */

const char *
app_hits_take(struct hearsay *h, struct tree_view members, int from, mesh_time_ms now,
    struct arena *scratch)
{
	struct said_hits said;
	uint64_t number;
	if (from < 0)
		return "hits: only who is subscribed to search may answer";
	if (named_read(&table, members, &said, scratch, NULL) != MESH_OK)
		return "hits: wanted are id and at most 64 of hash, type and score";
	const struct said_hit *all = said.hits.items;
	struct seek_hit *hits = arena_take(scratch, said.hits.count + 1, sizeof *hits);
	if (hits == NULL || text_parse_u64(said.id, &number) != MESH_OK)
		return "id: no search has it";
	for (size_t i = 0; i < said.hits.count; i++)
		hits[i] = (struct seek_hit){
			.hash = all[i].hash, .type = all[i].type, .score = all[i].score
		};
	struct list_view list = { hits, said.hits.count };
	return hearsay_tell(h, number, (uint32_t)from, &list, now);
}

bool
app_hits_question(const struct hearsay *h, struct text_view id, struct json_out *out)
{
	uint64_t number;
	struct feed_item item;
	if (h == NULL || text_parse_u64(id, &number) != MESH_OK ||
	    !hearsay_question(h, number, &item))
		return false;
	describe_json(item.table, item.object, AUDIENCE_VIEWER, out);
	return true;
}
