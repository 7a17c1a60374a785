#include "catalogue.h"
#include "arena.h"
#include "bytes.h"
#include "text.h"

enum { NAME_MAX_BYTES = SAMPLE_NAME_MAX + 1 };

struct listing {
	struct arena *arena;
	struct figure *out;
	size_t count;
};

static const void *
member(const struct field *f, const void *object)
{
	return (const uint8_t *)object + f->offset;
}

/* `prefix.name`; nothing: no room. */
static struct text_view
name_below(struct arena *arena, struct text_view prefix, const char *name)
{
	struct bytes_out out = bytes_out(
	    arena_take(arena, 1, NAME_MAX_BYTES), NAME_MAX_BYTES);
	if (out.ptr == NULL)
		return (struct text_view){ 0 };
	text_put_view(&out, prefix);
	text_put(&out, ".");
	text_put(&out, name);
	return out.failed ? (struct text_view){ 0 } : text_written(&out);
}

static void
put_figure(struct listing *l, struct text_view name, const struct field *row,
    const struct field *number, const void *object)
{
	bool counts = number->unit == UNIT_COUNT || number->unit == UNIT_BYTES;
	double value;
	if (name.len == 0 || l->count == CATALOGUE_FIGURES ||
	    !field_f64(number, object, &value))
		return;
	l->out[l->count++] = (struct figure){ .name = name,
		.reason = text(row != number ? number->name : NULL),
		.row = row,
		.value = value,
		.kind = counts ? SAMPLE_COUNTER : SAMPLE_GAUGE };
}

static void
put_reasons(
    struct listing *l, struct text_view name, const struct field *row, const void *of)
{
	for (size_t i = 0; i < row->sub->count; i++)
		if ((row->sub->rows[i].flags & FIELD_SERIES) != 0)
			put_figure(l, name, row, &row->sub->rows[i], of);
}

static void
put_table(/* NOLINT(misc-no-recursion): tables are a few levels deep */
    struct listing *l, struct text_view prefix, const struct field_table *t,
    const void *object)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->rows[i];
		bool inner = f->kind == FIELD_STRUCT;
		if (!field_is_present(t, i, object) ||
		    (!inner && (f->flags & FIELD_SERIES) == 0))
			continue;
		struct text_view name = name_below(l->arena, prefix, f->name);
		if (!inner)
			put_figure(l, name, f, f, object);
		else if ((f->flags & FIELD_REASONS) != 0)
			put_reasons(l, name, f, member(f, object));
		else
			put_table(l, name, f->sub, member(f, object));
	}
}

size_t
catalogue_figures(const struct field_table *t, const void *object, const char *name,
    struct arena *arena, struct figure out[static CATALOGUE_FIGURES])
{
	struct listing l = { arena, out, 0 };
	put_table(&l, text(name), t, object);
	return l.count;
}
