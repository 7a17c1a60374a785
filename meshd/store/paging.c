#include "paging.h"
#include "id.h"
#include "state_rows.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum { PLACE_TEXT = 24 + 2 * VIEW_KEY_MAX, SITE_HEX = 64 };

static bool
parse_hex(struct text_view hex, uint8_t *to, size_t cap, uint8_t *len)
{
	struct bytes_out out = bytes_out(to, hex.len / 2);
	if (hex.len > 2 * cap || text_hex_decode(hex, &out) != MESH_OK)
		return false;
	*len = (uint8_t)out.len;
	return true;
}

bool
paging_parse(struct text_view after, bool timed, struct paging_place *out)
{
	*out = (struct paging_place){ .timed = timed };
	if (after.len == 0)
		return true;
	out->set = true;
	if (timed) {
		const char *dot = memchr(after.ptr, '.', after.len);
		if (dot == NULL)
			return false;
		struct text_view time = { after.ptr, (size_t)(dot - after.ptr) };
		if (text_parse_i64(time, &out->time_ms) != MESH_OK)
			return false;
		after.ptr = dot + 1;
		after.len -= time.len + 1;
	}
	return parse_hex(after, out->key.bytes, sizeof out->key.bytes, &out->key.len);
}

static void
print(const struct paging_place *place, struct bytes_out *out)
{
	if (place->timed) {
		text_put_i64(out, place->time_ms);
		bytes_put_u8(out, '.');
	}
	text_put_hex(out, view_key_bytes(&place->key));
}

void
paging_note(struct paging_place *place, const struct paging_row *row)
{
	size_t len = row->key.len < sizeof place->key.bytes ? row->key.len
							    : sizeof place->key.bytes;
	place->set = true;
	place->time_ms = row->time_ms;
	place->key.len = (uint8_t)len;
	memcpy(place->key.bytes, row->key.ptr, len);
}

static sqlite3_stmt *
begin_newest_first(struct statements *s, enum view view, const struct store_question *q,
    const struct paging_place *place)
{
	sqlite3_stmt *st = statement_of_table(s, ST_ROW_NEWEST_FIRST, view);
	unix_ms end = q->to_ms == 0 || q->to_ms == INT64_MAX ? INT64_MAX : q->to_ms + 1;
	if (place->set && place->time_ms < end) {
		bind_i64(st, 1, place->time_ms);
		bind_copied_bytes(st, 2, view_key_bytes(&place->key));
	} else {
		bind_i64(st, 1, end);
		bind_bytes(st, 2, bytes_view(NULL, 0));
	}
	bind_i64(st, 3, q->from_ms == 0 ? INT64_MIN : q->from_ms);
	return st;
}

sqlite3_stmt *
paging_begin(struct statements *s, enum view view, const struct store_question *q,
    const struct paging_place *place)
{
	if (views_table[view].newest_first)
		return begin_newest_first(s, view, q, place);
	sqlite3_stmt *st = statement_of_table(s, ST_ROW_BY_KEY, view);
	bind_copied_bytes(st, 1, view_key_bytes(&place->key));
	return st;
}

bool
paging_next(struct statements *s, sqlite3_stmt *st, struct paging_row *out)
{
	if (!statement_row(s, st))
		return false;
	*out = (struct paging_row){ column_bytes(st, 0), column_i64(st, 1),
		column_i64(st, 2) };
	return true;
}

static bool
state_key_of(struct text_view id, struct view_key *out)
{
	struct mesh_key site;
	uint8_t len;
	if (id.len <= SITE_HEX + 1 || id.ptr[SITE_HEX] != '/' ||
	    id.len - SITE_HEX - 1 > STATE_KEY_MAX ||
	    !parse_hex((struct text_view){ id.ptr, SITE_HEX }, site.bytes,
		sizeof site.bytes, &len))
		return false;
	state_rows_key(
	    &site, bytes_view(id.ptr + SITE_HEX + 1, id.len - SITE_HEX - 1), out);
	return true;
}

/* An alert's hex may read as any kind of hash; only its bytes matter. */
static bool
alert_key_of(struct text_view text, struct view_key *out)
{
	uint8_t bytes[32], len;
	if (!parse_hex(text, bytes, sizeof bytes, &len) || len == 0)
		return false;
	struct id id = id_make(ID_ALERT, bytes, len);
	*out = view_key_of_id(&id);
	return true;
}

bool
paging_key_of(enum view view, struct text_view text, struct view_key *out)
{
	struct id id;
	if (view == VIEW_STATE)
		return state_key_of(text, out);
	if (view == VIEW_ALERT)
		return alert_key_of(text, out);
	if (id_parse(text, &id) != MESH_OK)
		return false;
	if (id.kind == ID_SITE) /* 64 hex digits: among nodes, a MeshCore key */
		id.kind = ID_MC_NODE;
	*out = view_key_of_id(&id);
	return true;
}

struct store_page *
paging_new(struct bytes_view json, const struct paging_place *next)
{
	char room[PLACE_TEXT];
	struct bytes_out place = bytes_out(room, sizeof room);
	if (next != NULL)
		print(next, &place);
	struct store_page *page = calloc(1, sizeof *page + json.len + place.len);
	if (page == NULL)
		return NULL;
	struct bytes_out out = bytes_out(page + 1, json.len + place.len);
	bytes_put_view(&out, json);
	bytes_put_view(&out, bytes_written(&place));
	page->json = bytes_view(out.ptr, json.len);
	page->next = (struct text_view){ (const char *)out.ptr + json.len, place.len };
	return page;
}
