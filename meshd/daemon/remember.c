#include "remember.h"
#include "id.h"
#include "lanes.h"
#include "named.h"
#include <stdlib.h>

enum { REMEMBER_ARENA = 32 * 1024, PAGE = 256 };

struct remember {
	struct remember_params at;
	struct mesh_position *places; /* owned: the next record of each log */
	size_t count, next;
	bool under_way;
	uint8_t block[REMEMBER_ARENA];
};

struct remember *
remember_new(const struct remember_params *params)
{
	struct remember *r = calloc(1, sizeof *r);
	if (r == NULL)
		return NULL;
	r->at = *params;
	r->at.holdings = NULL;
	r->places = calloc(params->holding_count + 1, sizeof *r->places);
	if (r->places == NULL) {
		free(r);
		return NULL;
	}
	for (size_t i = 0; i < params->holding_count; i++) {
		const struct mesh_holding *h = &params->holdings[i];
		if (h->lane == LANE_STATE || h->lane == LANE_CONTROL)
			r->places[r->count++] = (struct mesh_position){
				.origin = h->origin,
				.epoch = h->epoch,
				.seq = 1,
				.lane = h->lane
			};
	}
	return r;
}

void
remember_free(struct remember *r)
{
	if (r == NULL)
		return;
	free(r->places);
	free(r);
}

bool
remember_ask(struct remember *r)
{
	if (r->under_way)
		return true;
	if (r->next == r->count)
		return false;
	/* A reader that is busy is asked again in the next turn. */
	r->under_way = store_fetch(r->at.store, &r->places[r->next], PAGE,
			   STORE_TOKEN(OWNER_REMEMBER, r->next)) == MESH_OK;
	return true;
}

/* What we said of a node ourselves: its first sight and names live on in publish. */
static void
remember_own(struct remember *r, const struct mesh_record *record)
{
	struct arena arena = arena_init(r->block, sizeof r->block);
	union lane_object object;
	const struct field_table *table;
	struct node_facts facts;
	struct text_view name;
	struct id id;
	if (lane_decode(record, &object, &table, &arena) != MESH_OK ||
	    table != &state_put_table ||
	    state_kind(object.put.key, &id, &name) != STATE_NODE ||
	    named_read(&node_facts_table, object.put.value, &facts, &arena, NULL) !=
		MESH_OK)
		return;
	publish_remember(r->at.publish, &id, &facts);
}

static void
recall(struct remember *r, const struct mesh_record *record, struct mesh_now now)
{
	if (record->at.lane == LANE_CONTROL) {
		mesh_site_recall(r->at.core, record, now);
		return;
	}
	ingest_remember(r->at.ingest, record);
	if (key_equal(&record->at.origin, &r->at.self))
		remember_own(r, record);
}

void
remember_outcome(
    struct remember *r, const struct store_outcome *outcome, struct mesh_now now)
{
	const struct store_page *page = outcome->page;
	r->under_way = false;
	if (r->next == r->count)
		return;
	if (outcome->err != MESH_OK || page == NULL || page->count == 0) {
		r->next++;
		return;
	}
	for (size_t i = 0; i < page->count; i++)
		recall(r, &page->records[i], now);
	r->places[r->next].seq = page->records[page->count - 1].at.seq + 1;
}
