#include "prometheus.h"
#include "arena.h"
#include "catalogue.h"
#include "ports.h"
#include "text.h"
#include <stdlib.h>

struct radio_figures {
	struct text_view radio;
	struct figure all[CATALOGUE_FIGURES];
	size_t count;
};
struct board { /* of all radios, while a page is written */
	struct radio_figures radios[PORTS_MAX];
	size_t count;
	uint8_t names[PORTS_MAX * CATALOGUE_FIGURES * (SAMPLE_NAME_MAX + 16)];
};

static const char *const kinds[] = { "gauge", "counter" };
static const char *const suffixes[] = { "", "_total" };

/* --- the format --- */

static void
put_name(struct bytes_out *out, struct text_view name, enum sample_kind kind)
{
	text_put(out, "meshd_");
	for (size_t i = 0; i < name.len; i++)
		bytes_put_u8(out, name.ptr[i] == '.' ? '_' : (uint8_t)name.ptr[i]);
	text_put(out, suffixes[kind]);
}

static void
put_head(struct bytes_out *out, struct text_view name, enum sample_kind kind,
    const char *doc)
{
	text_put(out, "# HELP ");
	put_name(out, name, kind);
	text_printf(out, " %s\n# TYPE ", doc);
	put_name(out, name, kind);
	text_printf(out, " %s\n", kinds[kind]);
}

static void
put_label(struct bytes_out *out, const char *before, const char *label,
    struct text_view value)
{
	text_printf(out, "%s%s=\"", before, label);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		if (c == '\\' || c == '"' || c == '\n')
			bytes_put_u8(out, '\\');
		bytes_put_u8(out, c == '\n' ? 'n' : (uint8_t)c);
	}
	text_put(out, "\"");
}

/* Empty texts are no labels. */
static void
put_labels(struct bytes_out *out, struct text_view radio, struct text_view reason)
{
	if (radio.len > 0)
		put_label(out, "{", "radio", radio);
	if (reason.len > 0)
		put_label(out, ",", "reason", reason);
	text_put(out, radio.len > 0 ? "} " : " ");
}

/* --- counters --- */

static void
put_counter(struct bytes_out *out, const struct op_world *w, size_t first, size_t row)
{
	const struct counter_row *r = &w->counters[first].list->rows[row];
	put_head(out, text(r->name), SAMPLE_COUNTER, r->doc);
	for (size_t i = first; i < w->counters_count; i++) {
		const struct op_counters *from = &w->counters[i];
		if (from->list != w->counters[first].list)
			continue;
		put_name(out, text(r->name), SAMPLE_COUNTER);
		put_labels(out, from->label, text(""));
		text_put_u64(out, from->get(from->room, row));
		text_put(out, "\n");
	}
}

/* Radios have one list: all of one name stand together. */
static bool
is_first(const struct op_world *w, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (w->counters[i].list == w->counters[at].list)
			return false;
	return true;
}

static void
put_counters(struct bytes_out *out, const struct op_world *w)
{
	for (size_t i = 0; i < w->counters_count; i++)
		for (size_t row = 0; is_first(w, i) && row < w->counters[i].list->count;
		     row++)
			put_counter(out, w, i, row);
}

/* --- radios --- */

static void
look(struct board *b, const struct op_world *w)
{
	struct arena names = arena_init(b->names, sizeof b->names);
	const struct port *port;
	b->count = 0;
	for (size_t i = 0; w->ports != NULL && i < PORTS_MAX &&
	     (port = ports_see(w->ports, i)) != NULL;
	     i++) {
		struct radio_status status;
		struct radio_figures *r = &b->radios[b->count++];
		port_status(port, &status);
		r->radio = status.name;
		r->count = catalogue_figures(
		    &radio_status_table, &status, "radio", &names, r->all);
	}
}

static bool
has_row(const struct radio_figures *r, size_t before, const struct field *row)
{
	for (size_t i = 0; i < before; i++)
		if (r->all[i].row == row)
			return true;
	return false;
}

static bool
is_new(const struct board *b, size_t radio, size_t at)
{
	const struct field *row = b->radios[radio].all[at].row;
	for (size_t i = 0; i < radio; i++)
		if (has_row(&b->radios[i], b->radios[i].count, row))
			return false;
	return !has_row(&b->radios[radio], at, row);
}

static void
put_figure(struct bytes_out *out, const struct board *b, const struct figure *like)
{
	put_head(out, like->name, like->kind, like->row->doc);
	for (size_t i = 0; i < b->count; i++)
		for (size_t k = 0; k < b->radios[i].count; k++) {
			const struct figure *f = &b->radios[i].all[k];
			if (f->row != like->row)
				continue;
			put_name(out, f->name, f->kind);
			put_labels(out, b->radios[i].radio, f->reason);
			text_put_f64(out, f->value);
			text_put(out, "\n");
		}
}

static void
put_radios(struct bytes_out *out, const struct board *b)
{
	for (size_t i = 0; i < b->count; i++)
		for (size_t k = 0; k < b->radios[i].count; k++)
			if (is_new(b, i, k))
				put_figure(out, b, &b->radios[i].all[k]);
}

static uint8_t *
write_page(const struct op_world *w, const struct board *b, size_t cap, size_t *len)
{
	uint8_t *block = malloc(cap);
	struct bytes_out out = bytes_out(block, block != NULL ? cap : 0);
	put_counters(&out, w);
	put_radios(&out, b);
	*len = out.len;
	if (!out.failed)
		return block;
	free(block);
	return NULL;
}

uint8_t *
prometheus_page(const struct op_world *w, size_t *len)
{
	struct board *b = malloc(sizeof *b);
	uint8_t *page = NULL;
	if (b == NULL)
		return NULL;
	look(b, w);
	for (size_t cap = PROMETHEUS_BYTES; page == NULL && cap <= PROMETHEUS_MOST;
	     cap *= 2)
		page = write_page(w, b, cap, len);
	free(b);
	return page;
}
