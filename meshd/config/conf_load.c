#include "conf_inside.h"
#include "conf_parse.h"
#include "conf_value.h"
#include "text.h"
#include <stdlib.h>

const char *const conf_auto_words[] = { "auto", NULL };

struct conf_text {
	struct text_view text;
};
static const struct field text_rows[] = {
	FIELD(struct conf_text, text, UNIT_NONE, 0, 0, 0, "One line's value."),
};
const struct field_table conf_text_table = { "text", text_rows, LENGTH(text_rows),
	sizeof(struct conf_text), FIELD_NO_HAS, true };

struct load { /* one config_load */
	struct config *config;
	const struct config_source *source;
	const struct conf_line *line; /* NULL: not about a line */
	struct bytes_out *complaints;
	size_t faults;
	bool no_memory;
};

/* --- storage --- */

static void *
take(struct load *l, size_t bytes)
{
	struct conf_block *b = calloc(1, sizeof(max_align_t) + bytes);
	if (b == NULL) {
		l->no_memory = true;
		return NULL;
	}
	b->next = l->config->blocks;
	l->config->blocks = b;
	return (uint8_t *)b + sizeof(max_align_t);
}

/* A copy with a terminator behind it, so that the system's calls can take it. */
static struct text_view
keep(struct load *l, struct text_view v)
{
	char *to = take(l, v.len + 1);
	if (to == NULL)
		return (struct text_view){ "", 0 };
	if (v.len > 0)
		memcpy(to, v.ptr, v.len);
	return (struct text_view){ to, v.len };
}

/* --- complaints --- */

static void
put_where(const struct load *l, struct bytes_out *out)
{
	text_put(out, l->source->name);
	if (l->source->kind == CONF_FILE && l->line != NULL)
		text_printf(out, ":%u", l->line->number);
}

static struct text_view
keep_where(struct load *l)
{
	char room[512];
	struct bytes_out out = bytes_out(room, sizeof room);
	put_where(l, &out);
	return keep(l, text_written(&out));
}

/* A complaint is written whole or not at all. */
static void
complain_at(struct load *l, struct text_view where, struct text_view what)
{
	struct bytes_out *o = l->complaints;
	size_t before = o->len;
	text_put_view(o, where);
	text_put(o, ": ");
	text_put_view(o, what);
	text_put(o, "\n");
	if (o->failed) {
		o->len = before;
		o->failed = false;
	}
	l->faults++;
}

static void
complain(struct load *l, struct text_view what)
{
	char room[512];
	struct bytes_out where = bytes_out(room, sizeof room);
	put_where(l, &where);
	complain_at(l, text_written(&where), what);
}

static void
put_clean(struct bytes_out *out, struct text_view v)
{
	text_put_clean(out, bytes_view(v.ptr, v.len), 60);
}

/* "radio.roof.host" */
static void
put_path(const struct conf_line *line, struct bytes_out *out)
{
	put_clean(out, line->section);
	if (line->instance.len > 0) {
		text_put(out, ".");
		put_clean(out, line->instance);
	}
	text_put(out, ".");
	put_clean(out, line->key);
}

/* --- instances --- */

struct conf_instance *
conf_instance_find(
    const struct config *c, const struct section *s, struct text_view name)
{
	struct conf_instance *i = c->first;
	while (i != NULL && (i->section != s || !text_is(name, i->name)))
		i = i->next;
	return i;
}

static struct conf_instance *
new_instance(struct load *l, const struct section *s, struct text_view name)
{
	struct conf_instance *i = take(l, sizeof *i);
	if (i == NULL)
		return NULL;
	*i = (struct conf_instance){ .section = s, .name = keep(l, name).ptr };
	i->object = take(l, s->bytes);
	i->origins = take(l, (s->count + 1) * sizeof *i->origins);
	i->writers = take(l, (s->count + 1) * sizeof *i->writers);
	if (l->no_memory)
		return NULL;
	char room[256];
	for (size_t k = 0; k < s->count; k++) {
		struct bytes_out wrong = bytes_out(room, sizeof room);
		const char *fallback = s->rows[k].fallback;
		/* A fallback that its own row refuses is caught by the contract test.
		 */
		if (fallback != NULL)
			(void)conf_value_read(
			    &s->rows[k], text(fallback), i->object, &wrong);
	}
	*l->config->last = i;
	l->config->last = &i->next;
	return i;
}

static size_t
count_instances(const struct config *c, const struct section *s)
{
	size_t n = 0;
	for (const struct conf_instance *i = c->first; i != NULL; i = i->next)
		n += i->section == s;
	return n;
}

/* --- lookup --- */

static bool
section_is(const struct section *s, struct text_view name)
{
	if (strlen(s->name) != name.len)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		/* The environment cannot write `-`. */
		bool dash = s->name[i] == '-' && name.ptr[i] == '_';
		if (!dash && name.ptr[i] != s->name[i])
			return false;
	}
	return true;
}

static const struct section *
find_section(struct load *l)
{
	const struct section *near = NULL;
	unsigned least = 3;
	for (size_t i = 0; l->config->sections[i] != NULL; i++) {
		const struct section *s = l->config->sections[i];
		if (section_is(s, l->line->section))
			return s;
		unsigned d = conf_distance(l->line->section, text(s->name));
		if (d < least) {
			least = d;
			near = s;
		}
	}
	char room[256];
	struct bytes_out what = bytes_out(room, sizeof room);
	text_put(&what, "[");
	put_clean(&what, l->line->section);
	text_put(&what, "]: no such section");
	if (near != NULL)
		text_printf(&what, "; did you mean [%s]?", near->name);
	complain(l, text_written(&what));
	return NULL;
}

static const struct conf_option *
find_row(struct load *l, const struct section *s)
{
	const struct conf_option *near = NULL;
	unsigned least = 4;
	for (size_t i = 0; i < s->count; i++) {
		if (text_is(l->line->key, s->rows[i].field.name))
			return &s->rows[i];
		unsigned d = conf_distance(l->line->key, text(s->rows[i].field.name));
		if (d < least && d <= l->line->key.len / 2) {
			least = d;
			near = &s->rows[i];
		}
	}
	char room[256];
	struct bytes_out what = bytes_out(room, sizeof room);
	put_path(l->line, &what);
	text_put(&what, ": no such option");
	if (near != NULL)
		text_printf(&what, "; did you mean %s?", near->field.name);
	complain(l, text_written(&what));
	return NULL;
}

static struct conf_instance *
find_instance(struct load *l, const struct section *s)
{
	char room[256];
	struct bytes_out what = bytes_out(room, sizeof room);
	if (s->named != (l->line->instance.len > 0)) {
		text_printf(&what,
		    s->named ? "[%s]: needs a name: [%s \"NAME\"]"
			     : "[%s]: has no names",
		    s->name, s->name);
		complain(l, text_written(&what));
		return NULL;
	}
	struct conf_instance *i = conf_instance_find(l->config, s, l->line->instance);
	if (i != NULL)
		return i;
	if (count_instances(l->config, s) >= CONF_INSTANCES) {
		text_printf(
		    &what, "[%s]: more than %d of them", s->name, CONF_INSTANCES);
		complain(l, text_written(&what));
		return NULL;
	}
	i = new_instance(l, s, l->line->instance);
	if (i != NULL)
		i->where = keep_where(l);
	return i;
}

/* --- values --- */

/* Lines of one source add up; a source replaces what lower ones said.  An empty value
 * takes everything away. */
static bool
add_to_list(struct load *l, struct conf_instance *i, size_t row, struct text_view value,
    struct bytes_out *what)
{
	const struct conf_option *o = &i->section->rows[row];
	uint8_t *at = (uint8_t *)i->object + o->field.offset;
	struct list_view list;
	memcpy(&list, at, sizeof list);
	if (i->writers[row] != l->source || value.len == 0)
		list = (struct list_view){ NULL, 0 };
	if (value.len > 0) {
		if (!conf_value_fits(o, value, what))
			return false;
		if (list.count == CONF_LIST_MAX) {
			text_printf(what, "more than %d of them", CONF_LIST_MAX);
			return false;
		}
		struct text_view *items = take(
		    l, (list.count + 1) * sizeof(struct text_view));
		if (items == NULL)
			return false;
		if (list.count > 0)
			memcpy(items, list.items, list.count * sizeof *items);
		items[list.count] = value;
		list = (struct list_view){ items, list.count + 1 };
	}
	memcpy(at, &list, sizeof list);
	return true;
}

static bool
set_value(struct load *l, struct conf_instance *i, size_t row, struct bytes_out *what)
{
	const struct conf_option *o = &i->section->rows[row];
	struct text_view value = keep(l, l->line->value);
	if (o->field.kind == FIELD_LIST)
		return add_to_list(l, i, row, value, what);
	if (l->source->kind == CONF_FILE && i->writers[row] == l->source) {
		text_put(what, "stands here twice, first at ");
		text_put_view(what, i->origins[row]);
		return false;
	}
	return conf_value_read(o, value, i->object, what);
}

static void
load_value(struct load *l)
{
	const struct section *s = find_section(l);
	const struct conf_option *o = s != NULL ? find_row(l, s) : NULL;
	struct conf_instance *i = o != NULL ? find_instance(l, s) : NULL;
	if (i == NULL)
		return;
	char room[512];
	struct bytes_out what = bytes_out(room, sizeof room);
	size_t row = (size_t)(o - s->rows);
	put_path(l->line, &what);
	text_put(&what, ": ");
	if (!set_value(l, i, row, &what)) {
		complain(l, text_written(&what));
		return;
	}
	i->origins[row] = keep_where(l);
	i->writers[row] = l->source;
}

static void
load_source(struct load *l)
{
	struct conf_parser parser = conf_parser(l->source);
	struct conf_line line;
	bool known = true;
	while (!l->no_memory && conf_next_line(&parser, &line)) {
		l->line = &line;
		if (line.kind == CONF_LINE_FAULT) {
			complain(l, text(line.fault));
		} else if (line.kind == CONF_LINE_SECTION) {
			const struct section *s = find_section(l);
			known = s != NULL && find_instance(l, s) != NULL;
		} else if (known) { /* the header's complaint covers its lines */
			load_value(l);
		}
	}
	l->line = NULL;
}

/* Where the option stands that a section's complaint begins with; empty: nowhere. */
static struct text_view
blamed(const struct conf_instance *i, struct text_view fault)
{
	for (size_t k = 0; k < i->section->count; k++) {
		size_t len = strlen(i->section->rows[k].field.name);
		if (fault.len > len && fault.ptr[len] == ':' &&
		    memcmp(fault.ptr, i->section->rows[k].field.name, len) == 0)
			return i->origins[k];
	}
	return text("");
}

static void
check_instance(struct load *l, const struct conf_instance *i)
{
	char room[512], fault_room[512];
	struct bytes_out what = bytes_out(room, sizeof room);
	struct bytes_out fault = bytes_out(fault_room, sizeof fault_room);
	if (i->section->check == NULL || i->section->check(i->object, &fault))
		return;
	text_printf(&what, "%s%s%s: ", i->section->name, i->name[0] != '\0' ? "." : "",
	    i->name);
	text_put_view(&what, text_written(&fault));
	struct text_view where = blamed(i, text_written(&fault));
	if (where.len == 0)
		where = i->where;
	for (size_t k = 0; k < i->section->count && where.len == 0; k++)
		where = i->origins[k];
	complain_at(l, where.len > 0 ? where : text("built in"), text_written(&what));
}

struct config *
config_load(const struct section *const sections[], const struct config_source *sources,
    size_t count, struct bytes_out *complaints)
{
	struct config *c = calloc(1, sizeof *c);
	struct load l = { .config = c, .complaints = complaints };
	if (c == NULL)
		return NULL;
	c->sections = sections;
	c->last = &c->first;
	for (size_t i = 0; sections[i] != NULL; i++) {
		if (!sections[i]->named)
			(void)new_instance(&l, sections[i], text(""));
	}
	for (size_t i = 0; i < count; i++) {
		l.source = &sources[i];
		load_source(&l);
	}
	for (const struct conf_instance *i = c->first; i != NULL && l.faults == 0;
	     i = i->next)
		check_instance(&l, i);
	if (l.faults == 0 && !l.no_memory)
		return c;
	config_free(c);
	return NULL;
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	for (struct conf_block *b = c->blocks, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(c);
}

const void *
config_get(const struct config *c, const struct section *s, const char *instance)
{
	const struct conf_instance *i = conf_instance_find(c, s, text(instance));
	return i != NULL ? i->object : NULL;
}

const char *
config_instance(const struct config *c, const struct section *s, size_t index)
{
	for (const struct conf_instance *i = c->first; i != NULL; i = i->next) {
		if (i->section == s && index-- == 0)
			return i->name;
	}
	return NULL;
}

struct text_view
config_origin(const struct config *c, const struct section *s, const char *instance,
    const struct conf_option *row)
{
	const struct conf_instance *i = conf_instance_find(c, s, text(instance));
	size_t k = (size_t)(row - s->rows);
	if (i == NULL || k >= s->count || i->origins[k].len == 0)
		return text("built in");
	return i->origins[k];
}
