#include "verify_views.h"
#include "alert_rows.h"
#include "entry_rows.h"
#include "node_rows.h"
#include "packet_rows.h"
#include "state_rows.h"
#include "store_tables.h"
#include <string.h>

void
verify_views_begin(struct verify_views *c)
{
	*c = (struct verify_views){ .open = true };
}

void
verify_views_forget(struct verify_views *c, struct log_rows *log)
{
	log->views->walk.open = false;
	if (c->open)
		verify_views_begin(c);
}

/* --- what a fold writes was wrong --- */

struct before {
	int changes;
	bool touched[VIEW_COUNT];
	struct view_state now[VIEW_COUNT];
};

static struct before
before(const struct views *v)
{
	struct before b = { .changes = sqlite3_total_changes(v->s->db) };
	memcpy(b.touched, v->touched, sizeof b.touched);
	memcpy(b.now, v->now, sizeof b.now);
	return b;
}

/* A fold that found all as it should be has written nothing, nor shall the commit. */
static void
note(struct verify_views *c, struct views *v, const struct before *b, enum view which)
{
	if (sqlite3_total_changes(v->s->db) != b->changes) {
		c->wrong[which]++;
		return;
	}
	memcpy(v->touched, b->touched, sizeof v->touched);
	memcpy(v->now, b->now, sizeof v->now);
}

/* --- what sites heard: is it as it was folded? --- */

/* What receptions say of it the records will put again. */
static void
walk_heard(struct verify_views *c, struct views *v)
{
	for (int i = 0; i < VERIFY_VIEWS_STEP && !c->heard; i++) {
		enum hearing_check found = hearing_rows_check(v->s, &c->place);
		c->heard = found == HEARING_END;
		if (found != HEARING_TAKEN)
			continue;
		v->touched[VIEW_NODE] = true;
		c->wrong[VIEW_NODE]++;
	}
}

/* --- records: is there what they fold into? --- */

struct seen { /* a live record, which views_look has in hand */
	struct log_rows *log;
	struct views *v;
	const struct mesh_record *r;
	int64_t row;
	bool misplaced; /* under another subject than its own */
};

static void
place(const struct seen *s)
{
	if (!s->misplaced)
		return;
	sqlite3_stmt *st = statement_of(s->v->s, ST_RECORD_SUBJECT);
	bind_i64(st, 1, s->row);
	bind_bytes(st, 2, view_key_bytes(&s->v->subject));
	statement_run(s->v->s, st);
}

static void
see_heard(const struct seen *s)
{
	node_rows_heard(s->v, s->r, &s->v->object.reception);
}

/* Such a row is made from all that is said of it: where there is one, it is looked at
 * when its turn comes, once and not for each that speaks of it. */
static bool
has_row(const struct seen *s, enum view which)
{
	struct view_entry entry;
	place(s);
	return !s->misplaced && view_entry_find(s->v, which, &s->v->subject, &entry);
}

static void
see_packet(const struct seen *s)
{
	struct id id = s->v->object.reception.packet;
	if (!has_row(s, VIEW_PACKET))
		packet_rows_refold(s->v, &id);
}

static void
see_alert(const struct seen *s)
{
	struct id id = s->v->table == &alert_ack_table ? s->v->object.ack.id
						       : s->v->object.statement.id;
	if (!has_row(s, VIEW_ALERT))
		alert_rows_refold(s->v, &id);
}

/* What an epoch before the present one says may be over already. */
static void
see_state(const struct seen *s)
{
	struct view_key key;
	struct view_entry entry;
	state_rows_key(&s->r->at.origin, s->v->object.put.key, &key);
	if (!view_entry_find(s->v, VIEW_STATE, &key, &entry) &&
	    holding_rows_of(&s->log->holdings, &s->r->at)->h.epoch == s->r->at.epoch)
		state_rows_put(s->v, s->r, s->row);
}

static void
see_said(const struct seen *s)
{
	struct id node;
	struct text_view name;
	if (state_kind(s->v->object.put.key, &node, &name) == STATE_NODE)
		node_rows_said(s->v);
}

static void
see_entry(const struct seen *s)
{
	if (s->v->sound)
		entry_rows_put(s->v, s->r, s->row);
	else
		entry_rows_take(s->v, s->row);
}

static const struct {
	const struct field_table *table;
	enum view which;
	void (*see)(const struct seen *);
} sights[] = {
	{ &reception_table, VIEW_NODE, see_heard },
	{ &reception_table, VIEW_PACKET, see_packet }, /* takes the arena */
	{ &alert_statement_table, VIEW_ALERT, see_alert },
	{ &alert_ack_table, VIEW_ALERT, see_alert },
	{ &state_put_table, VIEW_STATE, see_state },
	{ &state_put_table, VIEW_NODE, see_said },
	{ &entry_put_table, VIEW_ENTRY, see_entry },
};

static void
see(struct verify_views *c, const struct seen *s)
{
	const struct field_table *table = s->v->table;
	for (size_t i = 0; i < LENGTH(sights); i++) {
		if (sights[i].table != table)
			continue;
		struct before b = before(s->v);
		sights[i].see(s);
		note(c, s->v, &b, sights[i].which);
	}
}

static void
read_record(struct verify_views *c, struct log_rows *log, sqlite3_stmt *st)
{
	struct mesh_record r;
	struct bytes_out room = bytes_out(log->scratch, CORES_ROOM);
	struct seen s = { log, log->views, &r, column_i64(st, CORES_COLUMNS), false };
	int64_t vector = column_i64(st, 2);
	if (column_i64(st, CORES_COLUMNS + 1) != 0 || vector == CORES_KEY ||
	    !cores_read(st, 0, NULL, &room, &r))
		return;
	struct bytes_view subject = views_look(s.v, &r);
	s.v->vector = vector > 0 ? vector : 0;
	s.misplaced = subject.len > 0 &&
	    !bytes_equal(subject, column_bytes(st, CORES_COLUMNS + 2));
	see(c, &s);
}

static void
read_records(struct verify_views *c, struct log_rows *log)
{
	int left = VERIFY_VIEWS_STEP;
	sqlite3_stmt *st = statement_of(log->s, ST_RECORD_AFTER);
	bind_i64(st, 1, c->row);
	bind_i64(st, 2, left);
	for (; statement_row(log->s, st); left--) {
		c->row = column_i64(st, CORES_COLUMNS);
		read_record(c, log, st);
	}
	c->tables = left > 0;
}

/* --- rows of views: are they what their records say? --- */

static void
refold(struct views *v, enum view which, const struct view_key *key)
{
	struct id id;
	if (which == VIEW_STATE)
		state_rows_refold(v, key);
	else if (!view_id_of_key(view_key_bytes(key), &id))
		view_entry_delete(v, which, key);
	else if (which == VIEW_PACKET)
		packet_rows_refold(v, &id);
	else if (which == VIEW_NODE)
		node_rows_refold(v, &id);
	else
		alert_rows_refold(v, &id);
}

/* No fold makes such a key. */
static void
take_misfit(struct views *v, enum view which, int64_t id)
{
	sqlite3_stmt *st = statement_of_table(v->s, ST_ROW_TAKE, which);
	bind_i64(st, 1, id);
	statement_run(v->s, st);
}

/* False: that was the last one. */
static bool
next_row(struct views *v, int64_t *misfit)
{
	struct view_walk *w = &v->walk;
	sqlite3_stmt *st = statement_of_table(v->s, ST_ROW_NEXT, w->which);
	bind_copied_bytes(st, 1, view_key_bytes(&w->upto));
	if (!statement_row(v->s, st))
		return false;
	struct bytes_view key = column_bytes(st, 1);
	*misfit = key.len > sizeof w->upto.bytes ? column_i64(st, 0) : 0;
	if (*misfit == 0) {
		w->upto.len = (uint8_t)key.len;
		memcpy(w->upto.bytes, key.ptr, key.len);
		w->rows++;
		w->firing += w->which == VIEW_ALERT && column_i64(st, 2) != 0;
	}
	statement_end(st);
	return true;
}

static bool
walk_row(struct views *v)
{
	int64_t misfit;
	if (!next_row(v, &misfit))
		return false;
	struct view_key key = v->walk.upto;
	if (misfit != 0)
		take_misfit(v, v->walk.which, misfit);
	else
		refold(v, v->walk.which, &key);
	return true;
}

static bool
walk_entry(struct views *v)
{
	sqlite3_stmt *st = statement_of(v->s, ST_ENTRY_NEXT);
	bind_i64(st, 1, v->walk.id);
	bind_i64(st, 2, LANE_REGISTRY);
	bind_i64(st, 3, CORES_KEY);
	bool found = statement_row(v->s, st);
	bool borne = found && column_i64(st, 1) != 0;
	if (found)
		v->walk.id = column_i64(st, 0);
	statement_end(st);
	v->walk.rows += found;
	if (found && !borne)
		entry_rows_take(v, v->walk.id);
	return found;
}

/* The number is what a page and the statistics say. */
static void
settle_count(struct verify_views *c, struct views *v)
{
	const struct view_walk *w = &v->walk;
	struct view_state *now = &v->now[w->which];
	if (now->rows == w->rows && now->firing == w->firing)
		return;
	if (!c->told[w->which] && c->wrong[w->which] == 0)
		c->wrong[w->which] = now->rows > w->rows ? now->rows - w->rows
		    : now->rows < w->rows                ? w->rows - now->rows
							 : 1;
	now->rows = w->rows;
	now->firing = w->firing;
	v->touched[w->which] = true;
}

/* False: that was the last view. */
static bool
walk_rows(struct verify_views *c, struct views *v)
{
	if (!v->walk.open) /* or all was folded again meanwhile */
		v->walk = (struct view_walk){
			.open = true, .which = c->which, .id = INT64_MIN
		};
	for (int i = 0; i < VERIFY_VIEWS_STEP; i++) {
		struct before b = before(v);
		bool found = c->which == VIEW_ENTRY ? walk_entry(v) : walk_row(v);
		note(c, v, &b, c->which);
		if (found)
			continue;
		if (v->s->err == SQLITE_OK)
			settle_count(c, v);
		v->walk.open = false;
		return ++c->which < VIEW_COUNT;
	}
	return true;
}

/* --- the step --- */

static void
tell(struct verify_views *c, struct findings *f)
{
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		if (c->wrong[i] == 0)
			continue;
		(void)findings_add_view(f, store_table_names[i], c->wrong[i]);
		c->told[i] = true;
	}
}

bool
verify_views_step(
    struct verify_views *c, struct log_rows *log, struct findings *findings)
{
	if (findings->count + VIEW_COUNT > FINDINGS)
		return true; /* those come first */
	memset(c->wrong, 0, sizeof c->wrong);
	if (!c->heard)
		walk_heard(c, log->views);
	else if (!c->tables)
		read_records(c, log);
	else
		c->open = walk_rows(c, log->views);
	tell(c, findings);
	return c->open;
}
