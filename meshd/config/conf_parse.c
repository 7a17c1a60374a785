#include "conf_parse.h"
#include "text.h"

struct conf_parser
conf_parser(const struct config_source *source)
{
	struct conf_parser p = { .kind = source->kind, .rest = source->text };
	if (p.kind == CONF_FILE && text_begins(p.rest, "\xef\xbb\xbf"))
		p.rest = (struct text_view){ p.rest.ptr + 3, p.rest.len - 3 };
	return p;
}

static struct text_view
part(struct text_view v, size_t from, size_t to)
{
	return (struct text_view){ v.ptr + from, to - from };
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct text_view
trimmed(struct text_view v)
{
	size_t from = 0, to = v.len;
	while (from < to && is_blank(v.ptr[from]))
		from++;
	while (to > from && is_blank(v.ptr[to - 1]))
		to--;
	return part(v, from, to);
}

/* Index of `c`, or the length. */
static size_t
index_of(struct text_view v, char c)
{
	const char *at = v.len > 0 ? memchr(v.ptr, c, v.len) : NULL;
	return at != NULL ? (size_t)(at - v.ptr) : v.len;
}

static bool
take_line(struct conf_parser *p, struct text_view *line)
{
	if (p->rest.len == 0)
		return false;
	size_t end = index_of(p->rest, p->kind == CONF_FILE ? '\n' : '\0');
	*line = part(p->rest, 0, end);
	p->rest = part(p->rest, end < p->rest.len ? end + 1 : end, p->rest.len);
	p->number++;
	if (p->kind == CONF_FILE && line->len > 0 && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool
is_word(struct text_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '_' || c == '-';
		if (!good)
			return false;
	}
	return v.len > 0;
}

/* Names stand in log lines, state keys and URLs: no blanks, quotes or controls. */
static bool
is_name(struct text_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if ((unsigned char)v.ptr[i] <= ' ' ||
		    strchr("\"\\/[]#=", v.ptr[i]) != NULL)
			return false;
	}
	return v.len > 0 && v.len <= CONF_NAME_MAX &&
	    text_is_utf8(bytes_view(v.ptr, v.len));
}

static bool
is_plain(struct text_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if ((unsigned char)v.ptr[i] < ' ' && v.ptr[i] != '\t')
			return false;
	}
	return text_is_utf8(bytes_view(v.ptr, v.len));
}

static bool
fault(struct conf_line *out, const char *what)
{
	out->kind = CONF_LINE_FAULT;
	out->fault = what;
	return true;
}

/* The value ends at a comment; quotes keep blanks and `#`. */
static const char *
read_value(struct text_view *v)
{
	*v = trimmed(*v);
	if (v->len > 0 && v->ptr[0] == '"') {
		struct text_view inside = part(*v, 1, v->len);
		size_t end = index_of(inside, '"');
		if (end == inside.len)
			return "the quote is not closed";
		struct text_view after = trimmed(part(inside, end + 1, inside.len));
		if (after.len > 0 && after.ptr[0] != '#')
			return "text after the closing quote";
		*v = part(inside, 0, end);
		return NULL;
	}
	for (size_t i = 0; i < v->len; i++) {
		if (v->ptr[i] == '#' && (i == 0 || is_blank(v->ptr[i - 1]))) {
			*v = trimmed(part(*v, 0, i));
			break;
		}
	}
	return NULL;
}

static bool
section_line(struct conf_parser *p, struct text_view line, struct conf_line *out)
{
	size_t end = index_of(line, ']');
	struct text_view after = { NULL, 0 };
	p->skip = true; /* until the header is good: one fault, not one per line */
	if (end == line.len)
		return fault(out, "the section's name is not closed by ]");
	after = trimmed(part(line, end + 1, line.len));
	if (after.len > 0 && after.ptr[0] != '#')
		return fault(out, "text after the section's ]");
	struct text_view inside = trimmed(part(line, 1, end));
	size_t quote = index_of(inside, '"');
	struct text_view name = trimmed(part(inside, 0, quote)), instance = { "", 0 };
	if (quote < inside.len) {
		instance = part(inside, quote + 1, inside.len);
		if (index_of(instance, '"') + 1 != instance.len)
			return fault(out, "a section is [name] or [name \"instance\"]");
		instance.len--;
		if (!is_name(instance))
			return fault(out,
			    "an instance is called by 1 to 32 letters, "
			    "digits or signs without blanks");
	}
	if (!is_word(name))
		return fault(out, "a section is [name] or [name \"instance\"]");
	p->section = out->section = name;
	p->instance = out->instance = instance;
	p->skip = text_begins(name, "x-");
	out->kind = CONF_LINE_SECTION;
	return !p->skip;
}

static bool
value_line(struct conf_parser *p, struct text_view line, struct conf_line *out)
{
	size_t equals = index_of(line, '=');
	out->section = p->section;
	out->instance = p->instance;
	out->key = trimmed(part(line, 0, equals));
	if (equals == line.len || !is_word(out->key))
		return fault(
		    out, "a line is `key = value`, `[section]` or `# comment`");
	if (p->section.len == 0)
		return fault(out, "a value before the first [section]");
	out->value = part(line, equals + 1, line.len);
	const char *what = read_value(&out->value);
	if (what != NULL)
		return fault(out, what);
	if (!is_plain(out->value))
		return fault(out, "the value is not plain UTF-8 text");
	out->kind = CONF_LINE_VALUE;
	return !text_begins(out->key, "x-");
}

static bool
file_line(struct conf_parser *p, struct text_view line, struct conf_line *out)
{
	line = trimmed(line);
	if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
		return false;
	if (line.ptr[0] == '[')
		return section_line(p, line, out);
	return !p->skip && value_line(p, line, out);
}

/* radio.roof.host=10.0.0.7: the first dot ends the section, the last begins the key. */
static bool
argument_line(struct text_view line, struct conf_line *out)
{
	size_t equals = index_of(line, '=');
	struct text_view path = trimmed(part(line, 0, equals));
	size_t first = index_of(path, '.'), last = path.len;
	while (last > 0 && path.ptr[last - 1] != '.')
		last--;
	if (equals == line.len || last == 0)
		return fault(out, "write section.key=value or section.name.key=value");
	out->section = part(path, 0, first);
	out->key = part(path, last, path.len);
	out->value = trimmed(part(line, equals + 1, line.len));
	if (last > first + 1)
		out->instance = part(path, first + 1, last - 1);
	if (!is_word(out->section) || !is_word(out->key) ||
	    (last > first + 1 && !is_name(out->instance)))
		return fault(out, "write section.key=value or section.name.key=value");
	if (!is_plain(out->value))
		return fault(out, "the value is not plain UTF-8 text");
	out->kind = CONF_LINE_VALUE;
	return !text_begins(out->section, "x-") && !text_begins(out->key, "x-");
}

static char
lower(char c)
{
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *at = c != '\0' ? strchr(upper, c) : NULL;
	if (at != NULL)
		c = "abcdefghijklmnopqrstuvwxyz"[at - upper];
	return c;
}

/* MESHD_RADIO__ROOF__HOST -> radio, roof, host.  Without `__` it is not ours. */
static bool
environment_line(struct conf_parser *p, struct text_view line, struct conf_line *out)
{
	size_t equals = index_of(line, '=');
	if (!text_begins(line, "MESHD_") || equals == line.len)
		return false;
	struct text_view name = part(line, 6, equals), parts[3];
	size_t count = 0, from = 0;
	for (size_t i = 0; i + 1 < name.len; i++) {
		if (name.ptr[i] != '_' || name.ptr[i + 1] != '_' || i < from)
			continue;
		if (count < 2)
			parts[count++] = part(name, from, i);
		from = i + 2;
	}
	if (count == 0 || name.len >= sizeof p->room)
		return false;
	parts[count++] = part(name, from, name.len);
	for (size_t i = 0; i < count; i++) {
		char *to = p->room + (parts[i].ptr - name.ptr);
		for (size_t k = 0; k < parts[i].len; k++) {
			to[k] = lower(parts[i].ptr[k]);
		}
		parts[i].ptr = to;
	}
	out->section = parts[0];
	out->key = parts[count - 1];
	out->value = part(line, equals + 1, line.len);
	if (count == 3)
		out->instance = parts[1];
	if (!is_word(out->section) || !is_word(out->key) ||
	    (count == 3 && !is_name(out->instance)))
		return fault(
		    out, "write MESHD_SECTION__KEY or MESHD_SECTION__NAME__KEY");
	if (!is_plain(out->value))
		return fault(out, "the value is not plain UTF-8 text");
	out->kind = CONF_LINE_VALUE;
	return true;
}

static bool
any_line(struct conf_parser *p, struct text_view line, struct conf_line *out)
{
	switch (p->kind) {
	case CONF_FILE:
		return file_line(p, line, out);
	case CONF_ARGUMENTS:
		return argument_line(line, out);
	case CONF_ENVIRONMENT:
		return environment_line(p, line, out);
	}
	return false;
}

bool
conf_next_line(struct conf_parser *p, struct conf_line *out)
{
	struct text_view line;
	while (take_line(p, &line)) {
		*out = (struct conf_line){ .number = p->number, .instance = { "", 0 } };
		if (any_line(p, line, out))
			return true;
	}
	return false;
}

unsigned
conf_distance(struct text_view a, struct text_view b)
{
	enum { LONGEST = 40 };
	unsigned row[LONGEST + 1];
	if (a.len > LONGEST || b.len > LONGEST)
		return 4;
	for (unsigned k = 0; k <= b.len; k++)
		row[k] = k;
	for (unsigned i = 0; i < a.len; i++) {
		unsigned diagonal = row[0];
		row[0] = i + 1;
		for (unsigned k = 0; k < b.len; k++) {
			unsigned change = diagonal + (a.ptr[i] != b.ptr[k]);
			diagonal = row[k + 1];
			unsigned least = (diagonal < row[k] ? diagonal : row[k]) + 1;
			row[k + 1] = change < least ? change : least;
		}
	}
	return row[b.len];
}
