#include "app_write.h"
#include "describe.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>

static struct json_out
begin(const char *op, struct bytes_out *out)
{
	struct json_out j = json_out(out);
	json_open_object(&j);
	if (op != NULL) {
		json_key(&j, "op");
		json_put_string(&j, op);
	}
	json_key(&j, "v");
	json_put_u64(&j, 1);
	return j;
}

static void
put_u64(struct json_out *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_put_u64(j, n);
}

static void
put_bool(struct json_out *j, const char *key, bool b)
{
	json_key(j, key);
	json_put_bool(j, b);
}

static void
put_sid(struct json_out *j, const char *sid)
{
	if (sid == NULL)
		return;
	json_key(j, "sid");
	json_put_string(j, sid);
}

void
app_write_ok(const struct app_stamp *stamp, enum app_past past, uint64_t lost,
    struct bytes_out *out)
{
	struct json_out j = begin("ok", out);
	put_sid(&j, stamp->sid);
	put_u64(&j, "ttl", stamp->ttl);
	put_u64(&j, "seq", stamp->seq);
	put_u64(&j, "boot", stamp->boot);
	if (past != APP_PAST_NONE)
		put_bool(&j, "known", past == APP_PAST_KNOWN);
	if (past == APP_PAST_KNOWN)
		put_u64(&j, "lost", lost);
	json_shut_object(&j);
}

void
app_write_done(const char *sid, uint64_t boot, struct bytes_out *out)
{
	struct json_out j = begin("ok", out);
	put_sid(&j, sid);
	put_u64(&j, "boot", boot);
	json_shut_object(&j);
}

void
app_write_error(struct text_view reason, struct bytes_out *out)
{
	struct json_out j = begin("error", out);
	json_key(&j, "reason");
	json_put_text(&j, reason);
	json_shut_object(&j);
}

void
app_write_ended(
    const uint64_t *ref, struct text_view reason, uint64_t boot, struct bytes_out *out)
{
	struct json_out j = begin(reason.ptr == NULL ? "ok" : "error", out);
	if (ref != NULL)
		put_u64(&j, "ref", *ref);
	if (reason.ptr != NULL) {
		json_key(&j, "reason");
		json_put_text(&j, reason);
	}
	put_u64(&j, "boot", boot);
	json_shut_object(&j);
}

void
app_write_early(
    const uint64_t *ref, struct text_view item, uint64_t boot, struct bytes_out *out)
{
	struct json_out j = begin("hits", out);
	if (ref != NULL)
		put_u64(&j, "ref", *ref);
	put_u64(&j, "boot", boot);
	json_key(&j, "item");
	json_put_raw(&j, item);
	json_shut_object(&j);
}

/* On a character's border. */
static struct text_view
shorter(struct text_view text, size_t len)
{
	while (len > 0 && ((uint8_t)text.ptr[len] & 0xc0) == 0x80)
		len--;
	return (struct text_view){ text.ptr, len };
}

static void
put_piece(const struct app_piece *piece, struct text_view text, struct bytes_out *out)
{
	char tag[17];
	struct json_out j = begin("ok", out);
	if (piece->ref != NULL)
		put_u64(&j, "ref", *piece->ref);
	put_u64(&j, "boot", piece->boot);
	put_u64(&j, "offset", piece->offset);
	put_u64(&j, "total", piece->total);
	(void)snprintf(tag, sizeof tag, "%016" PRIx64, piece->tag);
	json_key(&j, "tag");
	json_put_string(&j, tag);
	json_key(&j, "text");
	json_put_text(&j, text);
	json_shut_object(&j);
}

/* Escaped it is longer: so much of it as fits. */
void
app_write_piece(const struct app_piece *piece, struct bytes_out *out)
{
	struct bytes_out before = *out;
	struct text_view text = piece->text;
	if (text.len > 0 && piece->offset + text.len < piece->total)
		text = shorter(text, text.len - 1);
	put_piece(piece, text, out);
	while (out->failed && text.len > 0) {
		*out = before;
		text = shorter(text, text.len - text.len / 4 - 1);
		put_piece(piece, text, out);
	}
}

void
app_write_overflow(const struct app_stamp *stamp, uint64_t count, struct bytes_out *out)
{
	struct json_out j = begin("overflow", out);
	put_sid(&j, stamp->sid);
	put_u64(&j, "count", count);
	put_u64(&j, "seq", stamp->seq);
	put_u64(&j, "boot", stamp->boot);
	json_shut_object(&j);
}

enum cut { CUT_NOTHING, CUT_SOME };

/* An attempt that has to fit a datagram. */
struct attempt {
	struct bytes_out *out;
	size_t before, cap;
	struct json_out j;
};

static struct attempt
begin_item(const struct app_stamp *stamp, struct text_view word, enum cut cut,
    struct bytes_out *out)
{
	struct attempt a = { out, out->len, out->cap, { 0 } };
	if (a.cap - a.before > APP_DATAGRAM)
		out->cap = a.before + APP_DATAGRAM;
	a.j = begin(NULL, out);
	put_u64(&a.j, "seq", stamp->seq);
	put_u64(&a.j, "boot", stamp->boot);
	json_key(&a.j, "topic");
	json_put_text(&a.j, word);
	if (stamp->late)
		put_bool(&a.j, "late", true);
	if (cut == CUT_SOME)
		put_bool(&a.j, "trunc", true);
	return a;
}

/* False: it did not fit, nothing was written. */
static bool
end_item(struct attempt *a)
{
	struct bytes_out *out = a->out;
	json_shut_object(&a->j);
	out->cap = a->cap;
	if (!out->failed)
		return true;
	out->failed = false;
	out->len = a->before;
	return false;
}

static bool
try_alert(const struct app_stamp *stamp, const struct alert *alert, enum cut cut,
    struct bytes_out *out)
{
	struct attempt a = begin_item(stamp, text("alert"), cut, out);
	describe_members(&alert_table, alert, AUDIENCE_VIEWER, &a.j);
	return end_item(&a);
}

void
app_write_alert(
    const struct app_stamp *stamp, const struct alert *alert, struct bytes_out *out)
{
	struct alert said = *alert;
	const struct field_table *t = &alert_table;
	field_mark(
	    t, ALERT_ROW_SEQ, &said, false); /* the lease's number stands there */
	field_mark(t, ALERT_ROW_ACKED, &said, false);
	field_mark(t, ALERT_ROW_WITNESSES, &said, false);
	field_mark(t, ALERT_ROW_RULE, &said, false);
	if (try_alert(stamp, &said, CUT_NOTHING, out))
		return;
	field_mark(t, ALERT_ROW_DATA, &said, false);
	while (!try_alert(stamp, &said, CUT_SOME, out)) {
		if (said.text.len == 0) {
			out->failed = true; /* names without end: no alert of ours */
			return;
		}
		said.text = shorter(said.text, said.text.len / 2);
	}
}

/* --- other objects --- */

enum { ITEM_BYTES = 1024 }; /* of an object, without what it points to */

static bool
try_item(const struct app_stamp *stamp, struct text_view word,
    const struct field_table *t, const void *object, enum cut cut,
    struct bytes_out *out)
{
	struct attempt a = begin_item(stamp, word, cut, out);
	json_key(&a.j, "item");
	describe_json(t, object, AUDIENCE_VIEWER, &a.j);
	return end_item(&a);
}

static bool
is_long(const struct field *row)
{
	return row->kind == FIELD_TREE || row->kind == FIELD_LIST ||
	    row->kind == FIELD_BYTES || row->kind == FIELD_TEXT;
}

/* The object without its row `i`. */
static void
leave_out(const struct field_table *t, size_t i, uint8_t *object)
{
	field_mark(t, i, object, false);
	if (t->has_offset == FIELD_NO_HAS)
		memset(object + t->rows[i].offset, 0, sizeof(struct list_view));
}

void
app_write_item(const struct app_stamp *stamp, struct text_view word,
    const struct field_table *t, const void *object, struct bytes_out *out)
{
	uint64_t room[ITEM_BYTES / 8];
	uint8_t *less = (uint8_t *)room;
	if (try_item(stamp, word, t, object, CUT_NOTHING, out))
		return;
	if (t->object_bytes > sizeof room) {
		out->failed = true;
		return;
	}
	memcpy(less, object, t->object_bytes);
	for (size_t i = t->count; i > 0; i--) {
		if (!is_long(&t->rows[i - 1]))
			continue;
		leave_out(t, i - 1, less);
		if (try_item(stamp, word, t, less, CUT_SOME, out))
			return;
	}
	out->failed = true;
}
