#include "node_rows.h"
#include "hearing_rows.h"
#include "id.h"
#include "named.h"
#include "subjects.h"
#include <string.h>

/* The same record once more says it as it was. */
static void
add_hearing(struct node_hearing *all, const struct node_hearing *one)
{
	struct node_hearing same = *one;
	if (all->last_ms == one->last_ms && all->epoch == one->epoch &&
	    all->seq == one->seq) {
		same.first_ms = all->first_ms < one->first_ms ? all->first_ms
							      : one->first_ms;
		*all = same;
	} else {
		node_hearing_add(all, one);
	}
}

void
node_rows_heard(
    struct views *v, const struct mesh_record *r, const struct reception *heard)
{
	struct node_hearing one, all;
	if (!node_hearing_of(&r->at, heard, &one))
		return;
	struct view_key node = view_key_of_id(&heard->from);
	if (hearing_rows_find(v->s, &node, &r->at.origin, &all))
		add_hearing(&all, &one);
	else
		all = one;
	hearing_rows_put(v->s, &node, &r->at.origin, &all);
	view_entry_put(v, VIEW_NODE, &node, &(struct view_entry){ 0, 0 });
}

/* The value names the node in full; a long id is cut short in the key. */
static bool
node_of(struct views *v, struct id *out)
{
	struct node_facts facts;
	struct text_view name;
	const struct state_put *put = &v->object.put;
	if (named_read(&node_facts_table, put->value, &facts, &v->arena, NULL) ==
		MESH_OK &&
	    facts.has >> FACTS_ID & 1 && node_network(&facts.id) != NETWORK_NONE) {
		*out = facts.id;
		return true;
	}
	return state_kind(put->key, out, &name) == STATE_NODE;
}

void
node_rows_said(struct views *v)
{
	struct id node;
	if (!node_of(v, &node))
		return;
	struct view_key key = view_key_of_id(&node);
	view_entry_put(v, VIEW_NODE, &key, &(struct view_entry){ 0, 0 });
}

static sqlite3_stmt *
facts_of(struct statements *s, const struct id *node)
{
	uint8_t room[STATE_KEY_MAX];
	struct bytes_out key = bytes_out(room, sizeof room);
	state_node_key(node, &key);
	sqlite3_stmt *st = statement_of(s, ST_RECORD_BY_SUBJECT);
	bind_copied_bytes(st, 1, bytes_written(&key));
	bind_i64(st, 2, LANE_STATE);
	return st;
}

static bool
has_row(struct statements *s, sqlite3_stmt *st)
{
	bool found = statement_row(s, st);
	statement_end(st);
	return found;
}

static bool
is_known(struct views *v, const struct id *node, const struct view_key *key)
{
	return hearing_rows_any(v->s, key) || has_row(v->s, facts_of(v->s, node));
}

static void
delete_unknown(struct views *v, const struct id *node, const struct view_key *key)
{
	v->touched[VIEW_NODE] = true;
	if (!is_known(v, node, key))
		view_entry_delete(v, VIEW_NODE, key);
}

void
node_rows_refold(struct views *v, const struct id *node)
{
	struct view_key key = view_key_of_id(node);
	if (is_known(v, node, &key))
		view_entry_put(v, VIEW_NODE, &key, &(struct view_entry){ 0, 0 });
	else
		view_entry_delete(v, VIEW_NODE, &key);
}

void
node_rows_unsaid(struct views *v)
{
	struct id node;
	if (!node_of(v, &node))
		return;
	struct view_key key = view_key_of_id(&node);
	delete_unknown(v, &node, &key);
}

void
node_rows_unheard(struct views *v, const struct mesh_position *upto)
{
	struct view_key key = { .len = 0 };
	struct id node;
	uint64_t epoch;
	while (hearing_rows_by(v->s, &upto->origin, &key, &epoch)) {
		if (epoch > upto->epoch)
			continue;
		hearing_rows_delete(v->s, &key, &upto->origin);
		if (view_id_of_key(view_key_bytes(&key), &node))
			delete_unknown(v, &node, &key);
	}
}

static void
fold_facts(struct node_fold *fold, const struct mesh_record *r, struct arena *arena)
{
	union lane_object object;
	const struct field_table *table;
	struct node_facts facts;
	if (lane_decode(r, &object, &table, arena) != MESH_OK ||
	    table != &state_put_table ||
	    named_read(&node_facts_table, object.put.value, &facts, arena, NULL) !=
		MESH_OK)
		return;
	if (facts.has >> FACTS_ID & 1 && !id_equal(&facts.id, &fold->id))
		return; /* a long id, cut short in its key */
	node_fold_facts(fold, &r->at, &facts);
}

static void
fold_hearings(struct statements *s, struct bytes_view key, struct node_fold *fold)
{
	struct node_hearing hearing;
	struct mesh_key site;
	sqlite3_stmt *st = hearing_rows_of(s, key);
	while (hearing_rows_next(s, st, key, &site, &hearing))
		node_fold_hearing(fold, &site, &hearing);
}

enum mesh_err
node_rows_read(struct statements *s, struct bytes_view key, const struct sites *names,
    struct arena *arena, struct node *out)
{
	struct id id;
	struct mesh_record r;
	if (!view_id_of_key(key, &id))
		return MESH_NOT_FOUND;
	struct node_fold *fold = arena_take(
	    arena, 1, sizeof *fold); /* the view borrows it */
	if (fold == NULL)
		return MESH_FULL;
	*fold = node_fold(&id);
	fold_hearings(s, key, fold);
	sqlite3_stmt *st = facts_of(s, &id);
	for (size_t used = arena->used; subjects_next(s, st, arena, &r);
	     arena->used = used)
		fold_facts(fold, &r, arena);
	return node_fold_view(fold, names, arena, out);
}
