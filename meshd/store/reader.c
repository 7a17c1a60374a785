#include "reader.h"
#include "alert_rows.h"
#include "describe.h"
#include "entry_rows.h"
#include "fetch.h"
#include "id.h"
#include "message.h"
#include "node_rows.h"
#include "packet_rows.h"
#include "paging.h"
#include "queue.h"
#include "state_rows.h"
#include "store_tables.h"
#include "text.h"
#include <errno.h>
#include <stdlib.h>

int
reader_open(struct reader *r, const struct reader_params *params)
{
	*r = (struct reader){ .s = params->lent,
		.versions = params->versions,
		.faults = params->faults,
		.writes = params->writes };
	r->room = malloc(VIEW_ARENA);
	r->json = malloc(READER_ROOM);
	r->slots = calloc(READER_SITES, sizeof *r->slots);
	r->entries = calloc(1, sizeof *r->entries);
	r->spare = malloc(VIEW_ARENA);
	r->numbered = malloc(sizeof *r->numbered);
	if (r->room == NULL || r->json == NULL || r->slots == NULL ||
	    r->entries == NULL || r->spare == NULL || r->numbered == NULL) {
		reader_close(r);
		return -ENOMEM;
	}
	r->names_version = UINT64_MAX;
	r->cells.s = r->s;
	r->cells.netid = params->netid;
	int err = 0;
	if (params->path != NULL) {
		err = faults_errno(
		    statements_open_beside(&r->own, params->path, params->lent));
		r->own.tables = store_table_names;
		r->s = r->cells.s = &r->own;
	}
	struct search_list list = { r->s, r->entries, &r->names, r->room, r->spare };
	if (err == 0 && searcher_init(&r->searcher, &list, r->json) != MESH_OK)
		err = -ENOMEM;
	if (err != 0)
		reader_close(r);
	return err;
}

void
reader_close(struct reader *r)
{
	searcher_release(&r->searcher);
	free(r->room);
	free(r->json);
	free(r->slots);
	free(r->entries);
	free(r->spare);
	free(r->numbered);
	cells_release(&r->cells);
	if (r->own.db != NULL)
		statements_close(&r->own);
	*r = (struct reader){ .s = NULL };
}

static void
refresh_names(struct reader *r)
{
	uint64_t version = atomic_load(&r->versions[VIEW_STATE]);
	struct arena arena = arena_init(r->room, VIEW_ARENA);
	if (version == r->names_version)
		return;
	r->names = sites_init(r->slots, READER_SITES);
	state_rows_names(r->s, &r->names, &arena);
	r->names_version = r->s->err == SQLITE_OK ? version : UINT64_MAX;
}

/* --- one row --- */

struct item { /* what a row shows */
	const struct field_table *table;
	unix_ms time_ms;
	union {
		struct packet packet;
		struct message message;
		struct node node;
		struct state state;
		struct alert alert;
		struct entry entry;
	} as;
};

static bool
is_excepted(const struct store_question *q, const struct id *packet)
{
	for (size_t i = 0; i < q->except_count; i++)
		if (id_equal(&q->except[i], packet))
			return true;
	return false;
}

/* The packet that was read, as the message that it is. */
static enum mesh_err
as_message(const struct store_question *q, struct item *item)
{
	const struct packet packet = item->as.packet;
	item->table = &message_table;
	bool wanted = !is_excepted(q, &packet.id) &&
	    message_of_packet(&packet, &item->as.message);
	return wanted ? MESH_OK : MESH_NOT_FOUND;
}

static enum mesh_err
read_item(struct reader *r, const struct store_question *q, enum view view,
    const struct paging_row *row, struct item *out)
{
	struct arena arena = arena_init(r->room, VIEW_ARENA);
	enum mesh_err err = MESH_NOT_FOUND;
	switch (view) {
	case VIEW_PACKET:
		out->table = &packet_table;
		err = packet_rows_read(
		    r->s, row->key, &r->names, &arena, &out->as.packet);
		if (err == MESH_OK && q->noun == STORE_MESSAGES)
			err = as_message(q, out);
		break;
	case VIEW_NODE:
		out->table = &node_table;
		err = node_rows_read(r->s, row->key, &r->names, &arena, &out->as.node);
		break;
	case VIEW_STATE:
		out->table = &state_table;
		err = state_rows_read(
		    r->s, row->extra, &r->names, &arena, &out->as.state);
		break;
	case VIEW_ALERT:
		out->table = &alert_table;
		err = alert_rows_read(
		    r->s, row->key, &r->names, &arena, &out->as.alert);
		break;
	case VIEW_ENTRY:
		out->table = &entry_table;
		err = entry_rows_read(
		    r->s, row->extra, q->whole, &r->names, &arena, &out->as.entry);
		break;
	case VIEW_COUNT:
		break;
	}
	out->time_ms = view == VIEW_NODE ? out->as.node.last_ms : row->time_ms;
	return err;
}

static bool
is_over(const struct store_question *q, const struct item *item)
{
	return item->table == &entry_table && q->now_ms != 0 &&
	    (item->as.entry.has >> ENTRY_EXPIRES & 1) != 0 &&
	    item->as.entry.expires_ms <= q->now_ms;
}

static bool
is_timely(const struct store_question *q, const struct item *item)
{
	if (is_over(q, item))
		return false;
	if (q->from_ms != 0 && item->time_ms < q->from_ms)
		return false;
	return q->to_ms == 0 || item->time_ms <= q->to_ms;
}

static bool
asks_for_reply(const struct filter *f)
{
	for (size_t i = 0; f != NULL && i < f->term_count; i++)
		if (text_is(text(f->terms[i].path[0]->name), "reply"))
			return true;
	return false;
}

/* Append the item, or leave `out` as it was. */
static bool
describe(const struct item *item, enum audience audience, struct bytes_out *out)
{
	size_t before = out->len;
	if (before > 0)
		bytes_put_u8(out, ',');
	struct json_out json = json_out(out);
	describe_json(item->table, &item->as, audience, &json);
	if (!out->failed)
		return true;
	out->failed = false;
	out->len = before;
	return false;
}

/* --- one page --- */

struct filling {
	const struct store_question *q;
	enum view view;
	struct bytes_out json;
	size_t count, looked_at;
	struct paging_place last; /* where the next page begins, if there is one */
	bool more;
};

static void
name_reply(struct reader *r, struct item *item)
{
	if (item->table != &message_table || !id_is(&item->as.message.reply))
		return;
	(void)numbered_name(r->numbered, r->s, item->time_ms, &item->as.message.reply);
}

/* Only what is shown has its reply named, unless the filter asks for that. */
static bool
is_wanted(struct reader *r, struct filling *f, struct item *item)
{
	bool first = asks_for_reply(f->q->filter);
	if (!is_timely(f->q, item))
		return false;
	if (first)
		name_reply(r, item);
	bool wanted = f->q->filter == NULL || filter_eval(f->q->filter, &item->as);
	if (wanted && !first)
		name_reply(r, item);
	return wanted;
}

/* True while the page can take more. */
static bool
take_row(struct reader *r, struct filling *f, const struct paging_row *row)
{
	struct item item;
	f->more = true;
	if (f->looked_at++ == READER_ROWS ||
	    numbered_walked(r->numbered) >= READER_WALK ||
	    (f->q->limit != 0 && f->count == f->q->limit))
		return false;
	if (read_item(r, f->q, f->view, row, &item) == MESH_OK &&
	    is_wanted(r, f, &item)) {
		bool shown = describe(&item, f->q->audience, &f->json);
		if (!shown && f->count > 0)
			return false; /* on a page of its own */
		if (!shown) {
			f->json.cap = READER_ROOM;
			shown = describe(&item, f->q->audience, &f->json);
		}
		f->count += shown; /* too large for any page: passed */
	}
	paging_note(&f->last, row);
	f->more = false;
	return true;
}

static enum mesh_err
read_list(struct reader *r, struct request *request, struct filling *f)
{
	struct paging_row row;
	if (!paging_parse(f->q->after, views_table[f->view].newest_first, &f->last))
		return MESH_MALFORMED;
	sqlite3_stmt *st = paging_begin(r->s, f->view, f->q, &f->last);
	while (!atomic_load(&request->cancelled) && paging_next(r->s, st, &row) &&
	    take_row(r, f, &row))
		continue;
	statement_end(st);
	return MESH_OK;
}

static enum mesh_err
read_entries(struct reader *r, struct request *request, struct filling *f)
{
	struct entry_cursor *c = r->entries;
	struct paging_row row;
	c->s = r->s;
	c->room = r->spare;
	if (!paging_parse(f->q->after, false, &f->last))
		return MESH_MALFORMED;
	bool sound = true;
	if (f->q->id.len > 0)
		sound = entry_cursor_one(c, f->q->id);
	else
		entry_cursor_all(c, &f->last);
	while (sound && !atomic_load(&request->cancelled) &&
	    entry_cursor_next(c, &row) && take_row(r, f, &row))
		continue;
	entry_cursor_end(c);
	bool found = f->q->id.len == 0 || f->count > 0;
	return !sound ? MESH_MALFORMED : found ? MESH_OK : MESH_NOT_FOUND;
}

static enum mesh_err
read_one(struct reader *r, struct filling *f)
{
	struct view_key key;
	struct paging_row row;
	if (!paging_key_of(f->view, f->q->id, &key))
		return MESH_MALFORMED;
	row.key = view_key_bytes(&key);
	sqlite3_stmt *st = statement_of_table(r->s, ST_ROW_FIND, f->view);
	bind_bytes(st, 1, row.key);
	bool found = statement_row(r->s, st);
	if (found) {
		row.time_ms = column_i64(st, 0);
		row.extra = column_i64(st, 1);
	}
	statement_end(st);
	if (found)
		take_row(r, f, &row);
	f->more = false;
	return f->count > 0 ? MESH_OK : MESH_NOT_FOUND;
}

static enum mesh_err
answer_question(struct reader *r, struct request *request, struct store_page **out)
{
	struct filling f = { .q = &request->as.ask,
		.json = bytes_out(r->json, READER_PAGE) };
	if (!view_of_noun(f.q->noun, &f.view))
		return MESH_NOT_FOUND;
	uint64_t version = atomic_load(&r->versions[f.view]); /* before what it names */
	refresh_names(r);
	numbered_begin(r->numbered);
	enum mesh_err err = f.view == VIEW_ENTRY ? read_entries(r, request, &f)
	    : f.q->id.len > 0                    ? read_one(r, &f)
						 : read_list(r, request, &f);
	if (err != MESH_OK || r->s->err != SQLITE_OK)
		return err;
	*out = paging_new(bytes_written(&f.json), f.more ? &f.last : NULL);
	if (*out == NULL)
		return MESH_FULL;
	(*out)->count = f.count;
	(*out)->version = version;
	return MESH_OK;
}

/* A slice of it, or its end. */
static enum mesh_err
answer_search(struct reader *r, struct request *request, struct store_page **out)
{
	refresh_names(r);
	bool whole = search_walk(&r->searcher, request->as.search, &request->cancelled);
	bool hurried = atomic_load(&request->hurried);
	if (whole || hurried)
		return search_page(&r->searcher, request->as.search, !whole, out);
	return atomic_load(&request->cancelled) ? MESH_OK : MESH_TRUNCATED;
}

/* What does not read back is the writer's to give up, and the sooner the better: until
 * then a page ends before it.  Too busy: its own rounds find it. */
static enum mesh_err
answer_fetch(struct reader *r, struct request *request, struct store_page **out)
{
	struct mesh_position at = request->as.fetch.from;
	enum mesh_err err = fetch_page(
	    r->s, &at, request->as.fetch.count, request->as.fetch.end, out, &at.seq);
	struct request *look = err == MESH_OK && at.seq != 0 && r->writes != NULL
	    ? request_of_look(&at)
	    : NULL;
	if (look != NULL && queue_put(r->writes, look) != MESH_OK)
		request_free(look);
	return err;
}

static enum mesh_err
answer(struct reader *r, struct request *request, struct store_page **out)
{
	switch (request->kind) {
	case REQUEST_ASK:
		return answer_question(r, request, out);
	case REQUEST_FETCH:
		return answer_fetch(r, request, out);
	case REQUEST_FIND:
		return fetch_of_key(r->s, &request->as.find.origin,
		    request->as.find.lane, request->as.find.key, out);
	case REQUEST_FLOOR:
		request->outcome.number = fetch_floor(r->s, &request->as.find.origin,
		    request->as.find.lane, request->as.find.most);
		return MESH_OK;
	case REQUEST_OVER:
		return fetch_over(
		    r->s, &request->as.ending, &request->outcome.behind, out);
	case REQUEST_SEARCH:
		return answer_search(r, request, out);
	case REQUEST_SKETCH:
		return cells_make(&r->cells, request, out);
	case REQUEST_COMPARE:
		return cells_compare(&r->cells, request);
	case REQUEST_MEND:
	case REQUEST_FINDING:
	case REQUEST_RECORD:
	case REQUEST_LOCAL:
	case REQUEST_SETTLE:
	case REQUEST_PURGE:
	case REQUEST_KEEP:
	case REQUEST_LOOK:
	case REQUEST_TICK:
		break; /* the writer's */
	}
	return MESH_DENIED;
}

bool
reader_answer(struct reader *r, struct request *request)
{
	struct store_outcome *o = &request->outcome;
	statements_clear(r->s);
	statement_run(r->s, statement_of(r->s, ST_BEGIN_READ));
	o->err = answer(r, request, &o->page);
	int err = r->s->err;
	search_rest(&r->searcher);
	statements_clear(r->s);
	statement_run(r->s, statement_of(r->s, ST_COMMIT));
	statements_clear(r->s);
	if (err != SQLITE_OK)
		o->err = MESH_IO;
	if (o->err == MESH_TRUNCATED)
		return false;
	if (o->err != MESH_OK) {
		store_page_free(o->page);
		o->page = NULL;
	}
	faults_count(r->faults, err == SQLITE_OK ? COUNT_READS : COUNT_READS_FAILED);
	return true;
}
