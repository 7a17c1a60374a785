#include "conf_print.h"
#include "conf_value.h"
#include "text.h"
#include "units.h"

static void
put_words(const struct conf_option *row, struct bytes_out *out)
{
	for (size_t i = 0; row->field.words[i] != NULL; i++)
		text_printf(out, "%s%s", i > 0 ? ", " : "", row->field.words[i]);
}

static void
put_limits(const struct conf_option *row, struct bytes_out *out)
{
	int64_t lo, hi;
	if (row->field.kind == FIELD_BOOL) {
		text_put(out, "yes or no");
	} else if (row->field.words != NULL) {
		put_words(row, out);
		if (row->field.hi != 0)
			text_put(out, " or ");
	} else if (row->field.kind == FIELD_TEXT || row->field.kind == FIELD_LIST) {
		text_put(
		    out, row->field.kind == FIELD_LIST ? "text, repeatable" : "text");
	}
	if (conf_value_bounds(row, &lo, &hi) &&
	    (row->field.words == NULL || row->field.hi != 0)) {
		units_print(row->field.unit, lo, out);
		text_put(out, " to ");
		units_print(row->field.unit, hi, out);
	}
}

void
conf_print_range(const struct conf_option *row, struct bytes_out *out)
{
	size_t before = out->len;
	put_limits(row, out);
	if (row->fallback != NULL && row->fallback[0] != '\0')
		text_printf(
		    out, "%sdefault %s", out->len > before ? ", " : "", row->fallback);
}

static void
print_row(const struct section *s, const struct conf_option *row, struct bytes_out *out)
{
	text_printf(out, "# %s  (", row->field.doc);
	conf_print_range(row, out);
	text_put(out, ")\n");
	if (s->named || row->fallback == NULL)
		text_put(out, "#");
	text_printf(out, "%s = %s\n", row->field.name,
	    row->fallback != NULL ? row->fallback : "");
}

void
conf_print_defaults(const struct section *const sections[], struct bytes_out *out)
{
	for (size_t i = 0; sections[i] != NULL; i++) {
		const struct section *s = sections[i];
		text_put(out, i > 0 ? "\n" : "");
		text_printf(out, s->named ? "#[%s \"NAME\"]\n" : "[%s]\n", s->name);
		for (size_t k = 0; k < s->count; k++)
			print_row(s, &s->rows[k], out);
	}
}

static void
print_list(const struct list_view *list, struct bytes_out *out)
{
	const struct text_view *items = list->items;
	for (size_t i = 0; i < list->count; i++) {
		text_put(out, i > 0 ? ", " : "");
		text_put_view(out, items[i]);
	}
}

static void
print_number(const struct conf_option *row, const void *instance, struct bytes_out *out)
{
	int64_t n = 0;
	double d = 0;
	if (row->field.kind == FIELD_F32 || row->field.kind == FIELD_F64) {
		(void)field_f64(&row->field, instance, &d);
		text_put_f64(out, d);
		return;
	}
	(void)field_i64(&row->field, instance, &n);
	const char *const *words = row->field.words;
	if (words != NULL && (row->field.hi == 0 || n == 0)) {
		for (int64_t i = 0; i < n && *words != NULL; i++)
			words++;
		text_put(out, *words);
	} else {
		units_print(row->field.unit, n, out);
	}
}

void
conf_print_value(
    const struct conf_option *row, const void *instance, struct bytes_out *out)
{
	const uint8_t *at = (const uint8_t *)instance + row->field.offset;
	struct text_view v;
	struct list_view list;
	if ((row->field.flags & FIELD_SECRET) != 0) {
		text_put(out, "(secret)");
	} else if (row->field.kind == FIELD_BOOL) {
		text_put(out, *at != 0 ? "yes" : "no");
	} else if (row->field.kind == FIELD_TEXT) {
		memcpy(&v, at, sizeof v);
		text_put_view(out, v);
	} else if (row->field.kind == FIELD_LIST) {
		memcpy(&list, at, sizeof list);
		print_list(&list, out);
	} else {
		print_number(row, instance, out);
	}
}
