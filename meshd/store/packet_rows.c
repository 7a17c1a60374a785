#include "packet_rows.h"
#include "subjects.h"

void
packet_rows_subject(const struct reception *r, struct view_key *out)
{
	*out = view_key_of_id(&r->packet);
}

void
packet_rows_put(struct views *v, const struct reception *heard)
{
	struct view_key key = view_key_of_id(&heard->packet);
	struct view_entry entry = { heard->time_ms, 0 }, old;
	if (view_entry_find(v, VIEW_PACKET, &key, &old) && old.time_ms < entry.time_ms)
		entry = old;
	view_entry_put(v, VIEW_PACKET, &key, &entry);
}

void
packet_rows_refold(struct views *v, const struct id *packet)
{
	struct view_key key = view_key_of_id(packet);
	struct view_entry entry = { INT64_MAX, 0 };
	struct mesh_record r;
	sqlite3_stmt *st = subjects_of(v->s, LANE_PACKET, view_key_bytes(&key));
	for (;;) {
		union lane_object object;
		const struct field_table *table;
		v->arena = arena_init(v->room, VIEW_ARENA);
		if (!subjects_next(v->s, st, &v->arena, &r))
			break;
		if (lane_decode(&r, &object, &table, &v->arena) != MESH_OK ||
		    table != &reception_table)
			continue;
		if (object.reception.time_ms < entry.time_ms)
			entry.time_ms = object.reception.time_ms;
	}
	if (entry.time_ms == INT64_MAX)
		view_entry_delete(v, VIEW_PACKET, &key);
	else
		view_entry_put(v, VIEW_PACKET, &key, &entry);
}

static bool
is_position(const struct mesh_position *a, const struct mesh_position *b)
{
	return a->seq == b->seq && a->epoch == b->epoch &&
	    key_equal(&a->origin, &b->origin);
}

/* Does the fold still borrow from this one? */
static bool
stays(const struct packet_fold *f, const struct mesh_position *at)
{
	for (size_t i = 0; i < f->count; i++)
		if (is_position(&f->heard[i].at, at))
			return true;
	return is_position(&f->best_at, at);
}

enum mesh_err
packet_rows_read(struct statements *s, struct bytes_view key, const struct sites *names,
    struct arena *arena, struct packet *out)
{
	struct packet_fold fold = packet_fold();
	struct mesh_record r;
	sqlite3_stmt *st = subjects_of(s, LANE_PACKET, key);
	size_t used = arena->used;
	while (subjects_next(s, st, arena, &r)) {
		union lane_object object;
		const struct field_table *table;
		if (lane_decode(&r, &object, &table, arena) == MESH_OK &&
		    table == &reception_table) {
			packet_fold_add(&fold, &r.at, &object.reception);
			if (stays(&fold, &r.at))
				used = arena->used;
		}
		arena->used = used;
	}
	return packet_fold_view(&fold, names, arena, out);
}
