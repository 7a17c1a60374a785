#include "alert_rows.h"
#include "id.h"
#include "subjects.h"

void
alert_rows_subject(const struct id *alert, struct view_key *out)
{
	*out = view_key_of_id(alert);
}

static bool
stays(const struct alert_fold *f, const struct mesh_position *at)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct mesh_position *w = &f->witnesses[i].at;
		if (w->seq == at->seq && w->epoch == at->epoch &&
		    key_equal(&w->origin, &at->origin))
			return true;
	}
	return false;
}

static void
add(struct alert_fold *fold, const struct mesh_record *r, struct arena *arena)
{
	union lane_object object;
	const struct field_table *table;
	if (lane_decode(r, &object, &table, arena) != MESH_OK)
		return;
	if (table == &alert_statement_table)
		alert_fold_add(fold, &r->at, r->time_ms, &object.statement);
	else if (table == &alert_ack_table)
		alert_fold_ack(fold, &object.ack);
}

enum mesh_err
alert_rows_read(struct statements *s, struct bytes_view key, const struct sites *names,
    struct arena *arena, struct alert *out)
{
	struct alert_fold fold;
	struct mesh_record r;
	alert_fold_init(&fold);
	sqlite3_stmt *st = subjects_of(s, LANE_ALERT, key);
	size_t used = arena->used;
	while (subjects_next(s, st, arena, &r)) {
		add(&fold, &r, arena);
		if (stays(&fold, &r.at))
			used = arena->used;
		arena->used = used;
	}
	return alert_fold_view(&fold, names, arena, out);
}

void
alert_rows_refold(struct views *v, const struct id *alert)
{
	struct view_key key = view_key_of_id(alert);
	struct sites nobody = sites_init(NULL, 0);
	struct alert view;
	v->arena = arena_init(v->room, VIEW_ARENA);
	if (alert_rows_read(v->s, view_key_bytes(&key), &nobody, &v->arena, &view) !=
	    MESH_OK) {
		view_entry_delete(v, VIEW_ALERT, &key);
		return;
	}
	struct view_entry entry = { view.time_ms, view.state == ALERT_FIRING };
	view_entry_put(v, VIEW_ALERT, &key, &entry);
}
