#include "log_sinks.h"
#include "describe.h"
#include "err.h"
#include "id.h"
#include "text.h"
#include "tree.h"

/* --- one field's value as text --- */

static void
put_id(const struct log_field *f, struct bytes_out *out)
{
	if (f->kind == LOG_FIELD_KEY)
		key_print_short(f->ptr, out);
	else
		id_print(f->ptr, out);
}

/* What numbers are as text; false: it is a number. */
static bool
field_text(const struct log_field *f, struct bytes_out *out)
{
	switch (f->kind) {
	case LOG_FIELD_TEXT:
		text_put_clean(out, bytes_view(f->text.ptr, f->text.len), 1024);
		return true;
	case LOG_FIELD_KEY:
	case LOG_FIELD_ID:
		put_id(f, out);
		return true;
	case LOG_FIELD_ERRNO:
		text_put(out, strerror((int)(f->i < 0 ? -f->i : f->i)));
		return true;
	case LOG_FIELD_END:
	case LOG_FIELD_EVENT:
	case LOG_FIELD_U64:
	case LOG_FIELD_I64:
		break;
	}
	return false;
}

/* --- logfmt --- */

static bool
needs_quotes(struct text_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if ((unsigned char)v.ptr[i] <= ' ' || strchr("\"=\\", v.ptr[i]) != NULL)
			return true;
	}
	return v.len == 0;
}

static void
put_logfmt_text(struct text_view v, struct bytes_out *out)
{
	bool quotes = needs_quotes(v);
	text_put(out, quotes ? "\"" : "");
	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] == '"' || v.ptr[i] == '\\')
			text_put(out, "\\");
		text_put_view(out, (struct text_view){ v.ptr + i, 1 });
	}
	text_put(out, quotes ? "\"" : "");
}

static void
put_logfmt(const struct log_field *f, struct bytes_out *out)
{
	char room[1200];
	struct bytes_out value = bytes_out(room, sizeof room);
	text_printf(out, " %s=", f->name);
	if (field_text(f, &value))
		put_logfmt_text(text_written(&value), out);
	else if (f->kind == LOG_FIELD_U64)
		text_put_u64(out, f->u);
	else
		text_put_i64(out, f->i);
}

/* Days to a civil date (Hinnant's algorithm), because gmtime keeps a global. */
static void
put_time(unix_ms t, struct bytes_out *out)
{
	int64_t s = t / 1000, day = s / 86400, z = day + 719468;
	int64_t era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
	int64_t y = yoe + era * 400 + (m <= 2);
	text_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ ", (int)y, (int)m, (int)d,
	    (int)(s % 86400 / 3600), (int)(s % 3600 / 60), (int)(s % 60),
	    (int)(t % 1000));
}

/* The line keeps its newline even when it was cut. */
static void
end_line(struct bytes_out *out)
{
	if (out->failed && out->len == out->cap)
		out->len--;
	out->failed = false;
	text_put(out, "\n");
}

void
log_line_text(const struct log_line *line, bool journal, struct bytes_out *out)
{
	/* syslog priorities 3, 4, 6, 7 */
	static const char *const prefix[] = { "<3>", "<4>", "<6>", "<7>" };
	if (journal)
		text_put(out, prefix[line->level]);
	else
		put_time(line->time_ms, out);
	text_printf(out, "%s %s", log_level_words[line->level],
	    log_event_rows[line->event].name);
	if (line->suppressed > 0)
		text_printf(
		    out, " suppressed=%llu", (unsigned long long)line->suppressed);
	for (const struct log_field *f = line->fields; f->kind != LOG_FIELD_END; f++) {
		if (f->kind != LOG_FIELD_EVENT)
			put_logfmt(f, out);
	}
	end_line(out);
}

/* --- JSON --- */

static void
put_member(const struct log_field *f, struct tree_out *tree, struct bytes_out *texts)
{
	size_t from = texts->len;
	if (field_text(f, texts))
		tree_put_text(tree, f->name,
		    (struct text_view){
			(const char *)texts->ptr + from, texts->len - from });
	else if (f->kind == LOG_FIELD_U64)
		tree_put_u64(tree, f->name, f->u);
	else
		tree_put_i64(tree, f->name, f->i);
}

void
log_line_json(const struct log_line *line, struct bytes_out *out)
{
	struct tree_item items[LOG_FIELDS + 4];
	char room[LOG_LINE / 2];
	struct tree_out tree = tree_out(items, LENGTH(items));
	struct bytes_out texts = bytes_out(room, sizeof room);
	tree_put_i64(&tree, "time_ms", line->time_ms);
	tree_put_text(&tree, "level", text(log_level_words[line->level]));
	tree_put_text(&tree, "event", text(log_event_rows[line->event].name));
	if (line->suppressed > 0)
		tree_put_u64(&tree, "suppressed", line->suppressed);
	for (const struct log_field *f = line->fields; f->kind != LOG_FIELD_END; f++) {
		if (f->kind != LOG_FIELD_EVENT)
			put_member(f, &tree, &texts);
	}
	struct json_out json = json_out(out);
	describe_tree(tree_done(&tree), &json);
	end_line(out);
}
