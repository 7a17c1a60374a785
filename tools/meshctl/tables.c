#include "tables.h"
#include "document.h"
#include "text.h"
#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const json_t *
member_at(const json_t *object, const char *path)
{
	while (object != NULL && path[0] != '\0') {
		char name[64];
		size_t len = strcspn(path, ".");
		snprintf(name, sizeof name, "%.*s", (int)len, path);
		object = json_is_array(object)
		    ? json_array_get(object, (size_t)strtoul(name, NULL, 10))
		    : json_object_get(object, name);
		path += len + (path[len] == '.');
	}
	return object;
}

static void
clean(const char *text, size_t len, char *to, size_t cap)
{
	struct bytes_out out = bytes_out(to, cap);
	text_put_clean(&out, bytes_view(text, len), cap - 1);
	text_end(&out);
}

/* "3m", "2h", "5d": one unit is enough to see what is stale. */
static void
age_text(int64_t ms, char *to, size_t cap)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "m" },
		{ 1000, "s" } };
	for (size_t i = 0; i < LENGTH(units); i++) {
		if (ms >= units[i].ms) {
			snprintf(to, cap, "%lld%s", (long long)(ms / units[i].ms),
			    units[i].unit);
			return;
		}
	}
	snprintf(to, cap, "now");
}

static void
bytes_text(double n, char *to, size_t cap)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t i = 0;
	while (n >= 1024 && i + 1 < LENGTH(units)) {
		n /= 1024;
		i++;
	}
	snprintf(to, cap, i == 0 ? "%.0f %s" : "%.1f %s", n, units[i]);
}

static void
plain_text(const json_t *value, char *to, size_t cap)
{
	if (json_is_string(value)) {
		struct text_view said = document_string(value);
		clean(said.ptr, said.len, to, cap);
	} else if (json_is_real(value)) {
		snprintf(to, cap, "%g", json_real_value(value));
	} else {
		char *dump = document_text(
		    value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(8));
		clean(
		    dump != NULL ? dump : "", dump != NULL ? strlen(dump) : 0, to, cap);
		free(dump);
	}
}

/* "hello", "waypoint hut", "trace" */
static void
said_text(const json_t *message, char *to, size_t cap)
{
	char words[300] = "", kind[16] = "";
	const json_t *said = json_object_get(message, "text");
	if (said != NULL)
		plain_text(said, words, sizeof words);
	if (json_object_get(message, "kind") != NULL)
		plain_text(json_object_get(message, "kind"), kind, sizeof kind);
	if (strcmp(kind, "text") == 0)
		kind[0] = '\0';
	snprintf(to, cap, "%s%s%s", kind,
	    kind[0] != '\0' && words[0] != '\0' ? " " : "", words);
}

static void
heard_text(const json_t *packet, char *to, size_t cap)
{
	if (json_is_true(json_object_get(packet, "local")))
		snprintf(to, cap, "local");
	else
		snprintf(to, cap, "%zu",
		    json_array_size(json_object_get(packet, "receptions")));
}

static const json_t *
first_at(const json_t *item, const char *paths)
{
	const json_t *value = NULL;
	char path[64];
	while (value == NULL) {
		size_t len = strcspn(paths, "|");
		snprintf(path, sizeof path, "%.*s", (int)len, paths);
		value = member_at(item, path);
		if (paths[len] == '\0')
			return value;
		paths += len + 1;
	}
	return value;
}

void
cell_text(
    const struct column *c, const json_t *item, int64_t now_ms, char *to, size_t cap)
{
	const json_t *value = first_at(item, c->path);
	to[0] = '\0';
	if (value == NULL || json_is_null(value))
		return;
	switch (c->kind) {
	case COLUMN_AGE:
		age_text(now_ms - json_integer_value(value), to, cap);
		break;
	case COLUMN_LEFT:
		age_text(json_integer_value(value) - now_ms, to, cap);
		if (json_integer_value(value) <= now_ms)
			snprintf(to, cap, "over");
		break;
	case COLUMN_FLAG:
		snprintf(to, cap, "%s", json_is_true(value) ? "yes" : "");
		break;
	case COLUMN_COUNT:
		snprintf(to, cap, "%zu", json_array_size(value));
		break;
	case COLUMN_HEARD:
		heard_text(value, to, cap);
		break;
	case COLUMN_BYTES:
		bytes_text(json_number_value(value), to, cap);
		break;
	case COLUMN_SNR:
		snprintf(to, cap, "%.2f", json_number_value(value));
		break;
	case COLUMN_SHORT:
		plain_text(value, to, cap < 9 ? cap : 9);
		break;
	case COLUMN_SAID:
		said_text(value, to, cap);
		break;
	case COLUMN_TEXT:
	case COLUMN_NUMBER:
	case COLUMN_JSON:
		plain_text(value, to, cap);
		break;
	}
}

static bool
is_right(enum column_kind kind)
{
	return kind != COLUMN_TEXT && kind != COLUMN_JSON && kind != COLUMN_FLAG &&
	    kind != COLUMN_SHORT && kind != COLUMN_SAID;
}

static bool
is_shown(const struct column *c, const struct options *o)
{
	enum { WIDE_FROM = 100 };
	return (c->fit & WIDE) == 0 || o->width >= WIDE_FROM;
}

void
table_print(const struct options *o, const struct column *columns, const json_t *items,
    int64_t now_ms)
{
	struct libscols_table *table = scols_new_table();
	if (table == NULL)
		return;
	for (const struct column *c = columns; c->path != NULL; c++)
		if (is_shown(c, o))
			scols_table_new_column(table, c->header, c->hint,
			    (is_right(c->kind) ? SCOLS_FL_RIGHT : 0) |
				((c->fit & CUT) != 0 ? SCOLS_FL_TRUNC : 0));
	scols_table_enable_noheadings(table, o->no_header);
	scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(table, (size_t)o->width);
	for (size_t i = 0; i < json_array_size(items); i++) {
		struct libscols_line *line = scols_table_new_line(table, NULL);
		size_t k = 0;
		for (const struct column *c = columns; c->path != NULL; c++) {
			char cell[512];
			if (!is_shown(c, o))
				continue;
			cell_text(
			    c, json_array_get(items, i), now_ms, cell, sizeof cell);
			scols_line_set_data(line, k++, cell);
		}
	}
	if (json_array_size(items) > 0)
		scols_print_table(table);
	else if (!o->quiet)
		fprintf(stderr, "nothing to list\n");
	scols_unref_table(table);
}

static void print_members(
    const struct options *o, json_t *object, int64_t now_ms, int indent);

/* Text that is longer than the line goes on below itself, under its own column. */
static void
print_wrapped(const char *value, int from, int width)
{
	size_t len = strlen(value);
	size_t room = width > from + 16 ? (size_t)(width - from) : 16;
	while (len > room) {
		size_t cut = room;
		while (cut > room / 2 && ((unsigned char)value[cut] & 0xc0) == 0x80)
			cut--;
		printf("%.*s\n%*s", (int)cut, value, from, "");
		value += cut;
		len -= cut;
	}
	printf("%s\n", value);
}

/* "3m ago", "in 2h", "now" */
static void
print_moment(int64_t ms, int64_t now_ms, const char *age)
{
	char ahead[32];
	age_text(ms - now_ms, ahead, sizeof ahead);
	if (ms - now_ms >= 1000)
		printf("in %s\n", ahead);
	else
		printf("%s%s\n", age, strcmp(age, "now") == 0 ? "" : " ago");
}

static void
print_value(const struct options *o, const char *name, const json_t *value,
    int64_t now_ms, int from)
{
	char cell[8192] = "";
	struct column c = { "", "", COLUMN_TEXT, 0, KEPT };
	size_t len = strlen(name);
	bool is_time = len > 3 && strcmp(name + len - 3, "_ms") == 0 &&
	    json_integer_value(value) > 1000000000000;
	c.kind = is_time ? COLUMN_AGE : COLUMN_TEXT;
	cell_text(&c, value, now_ms, cell, sizeof cell);
	if (is_time)
		print_moment(json_integer_value(value), now_ms, cell);
	else
		print_wrapped(cell, from, o->width);
}

static void
print_list(const struct options *o, const json_t *list, int64_t now_ms, int indent)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);
		if (i > 0)
			printf("\n");
		if (json_is_object(item)) {
			print_members(o, item, now_ms, indent);
		} else {
			printf("%*s", indent, "");
			print_value(o, "", item, now_ms, indent);
		}
	}
}

static void
print_members(const struct options *o, json_t *object, int64_t now_ms, int indent)
{
	int widest = 0;
	const char *name;
	json_t *value;
	json_object_foreach(object, name, value)
	{
		int len = (int)strlen(name);
		widest = len > widest && len < 24 ? len : widest;
	}
	json_object_foreach(object, name, value)
	{
		bool inner = json_is_object(value) ||
		    (json_is_array(value) && json_is_object(json_array_get(value, 0)));
		char shown[256]; /* members of a state's value are named by who wrote it
				  */
		clean(name, strlen(name), shown, sizeof shown);
		printf("%*s%-*s", indent, "", inner ? 0 : widest + 2, shown);
		if (!inner) {
			print_value(o, name, value, now_ms, indent + widest + 2);
			continue;
		}
		printf("\n");
		if (json_is_object(value))
			print_members(o, value, now_ms, indent + 2);
		else
			print_list(o, value, now_ms, indent + 2);
	}
}

void
object_print(const struct options *o, json_t *object, int64_t now_ms)
{
	json_t *copy = json_copy(object);
	json_object_del(copy, "schema");
	json_object_del(copy, "generated_at");
	print_members(o, copy, now_ms, 0);
	json_decref(copy);
}
