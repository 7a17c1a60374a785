#include "filter.h"
#include "text.h"
#include "units.h"
#include <stdio.h>
#include <string.h>

enum token {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_VALUE,
	TOKEN_OP,
	TOKEN_OPEN,
	TOKEN_SHUT,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_HAS,
	TOKEN_BAD
};
/* What waits on the operator stack; a parenthesis binds least. */
enum waiting { WAIT_OPEN, WAIT_OR, WAIT_AND, WAIT_NOT };

struct parser {
	struct text_view in;
	size_t at;    /* next character */
	size_t start; /* of the current token */
	enum token now;
	enum filter_op op;      /* TOKEN_OP */
	struct text_view value; /* TOKEN_WORD, TOKEN_VALUE: without quotes */
	bool quoted;            /* TOKEN_VALUE */
	struct filter *out;
	struct arena *into;
	struct filter_error *why;
	enum mesh_err err;
	uint8_t waiting[FILTER_TERMS * 2];
	size_t waiting_count;
};

static bool
fail_at(struct parser *p, size_t at, const char *what, struct text_view about)
{
	int len = about.len < 40 ? (int)about.len : 40;
	if (p->err != MESH_OK)
		return false;
	p->err = MESH_MALFORMED;
	p->why->column = at + 1;
	snprintf(p->why->text, sizeof p->why->text, "%s%s%.*s%s", what,
	    len > 0 ? " `" : "", len, len > 0 ? about.ptr : "", len > 0 ? "`" : "");
	return false;
}

static bool
fail_here(struct parser *p, const char *what)
{
	struct text_view about = { p->in.ptr + p->start, p->at - p->start };
	return fail_at(p, p->start, what, about);
}

/* --- tokens --- */

static bool
is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("_.!:-+*?/@%#~", c) != NULL) || (c & 0x80) != 0;
}

static struct text_view
take_bare(struct parser *p)
{
	size_t from = p->at;
	while (p->at < p->in.len && is_bare(p->in.ptr[p->at]))
		p->at++;
	return (struct text_view){ p->in.ptr + from, p->at - from };
}

static enum token
take_quoted(struct parser *p)
{
	const char *from = p->in.ptr + p->at + 1;
	const char *end = memchr(from, '"', p->in.len - p->at - 1);
	if (end == NULL)
		return TOKEN_BAD;
	p->value = (struct text_view){ from, (size_t)(end - from) };
	p->at = (size_t)(end - p->in.ptr) + 1;
	return TOKEN_VALUE;
}

static enum token
take_op(struct parser *p)
{
	static const struct {
		const char *sign;
		enum filter_op op;
	} ops[] = { { "!=", FILTER_NE }, { "<=", FILTER_LE }, { ">=", FILTER_GE },
		{ "=", FILTER_EQ }, { "<", FILTER_LT }, { ">", FILTER_GT },
		{ "~", FILTER_GLOB } };
	struct text_view rest = { p->in.ptr + p->at, p->in.len - p->at };
	for (size_t i = 0; i < LENGTH(ops); i++) {
		if (text_begins(rest, ops[i].sign)) {
			p->op = ops[i].op;
			p->at += strlen(ops[i].sign);
			return TOKEN_OP;
		}
	}
	return TOKEN_BAD;
}

static enum token
word_token(struct text_view word)
{
	static const struct {
		const char *word;
		enum token token;
	} reserved[] = { { "and", TOKEN_AND }, { "or", TOKEN_OR }, { "not", TOKEN_NOT },
		{ "has", TOKEN_HAS } };
	for (size_t i = 0; i < LENGTH(reserved); i++) {
		if (text_is(word, reserved[i].word))
			return reserved[i].token;
	}
	return TOKEN_WORD;
}

/* A word of the table: letters, digits, dots.  A value may hold more (globs, ids). */
static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static enum token
take_word(struct parser *p)
{
	size_t from = p->at;
	while (p->at < p->in.len && is_word_char(p->in.ptr[p->at]))
		p->at++;
	p->value = (struct text_view){ p->in.ptr + from, p->at - from };
	return p->value.len > 0 ? word_token(p->value) : TOKEN_BAD;
}

static void
skip_space(struct parser *p)
{
	while (
	    p->at < p->in.len && (p->in.ptr[p->at] == ' ' || p->in.ptr[p->at] == '\t'))
		p->at++;
	p->start = p->at;
}

static void
next_token(struct parser *p)
{
	skip_space(p);
	if (p->at == p->in.len) {
		p->now = TOKEN_END;
		return;
	}
	char c = p->in.ptr[p->at];
	if (c == '(' || c == ')') {
		p->at++;
		p->now = c == '(' ? TOKEN_OPEN : TOKEN_SHUT;
	} else if (strchr("=!<>~", c) != NULL) {
		p->now = take_op(p);
	} else {
		p->now = take_word(p);
	}
	if (p->now == TOKEN_BAD)
		p->at += p->at < p->in.len && p->at == p->start;
}

/* Where only a value can stand, its characters are not operators: `~*` `!a1b2c3d4`. */
static void
next_value(struct parser *p)
{
	skip_space(p);
	p->quoted = p->at < p->in.len && p->in.ptr[p->at] == '"';
	if (p->quoted) {
		p->now = take_quoted(p);
		return;
	}
	p->value = take_bare(p);
	p->now = p->value.len > 0 ? TOKEN_VALUE : TOKEN_BAD;
}

/* --- terms --- */

/* The rows from the outside in; what lies behind a tree's row is looked up in the tree.
 */
static bool
find_path(struct parser *p, struct filter_term *term)
{
	const struct field_table *t = p->out->table;
	struct text_view rest = term->word;
	while (t != NULL && term->depth < FILTER_PATH) {
		const char *dot = memchr(rest.ptr, '.', rest.len);
		size_t len = dot != NULL ? (size_t)(dot - rest.ptr) : rest.len;
		struct text_view name = { rest.ptr, len };
		const struct field *f = len > 0 ? field_find(t, name) : NULL;
		if (f == NULL || (f->flags & FIELD_SECRET) != 0)
			return false;
		term->path[term->depth] = f;
		term->in[term->depth++] = t;
		if (dot == NULL)
			return true;
		rest = (struct text_view){ dot + 1, rest.len - len - 1 };
		if (f->kind == FIELD_TREE) {
			term->rest = rest;
			return rest.len > 0;
		}
		t = f->sub;
	}
	return false;
}

static const struct field *
last_row(const struct filter_term *term)
{
	const struct field *f = term->path[term->depth - 1];
	if (f->kind == FIELD_LIST && f->sub != NULL && f->sub->bare)
		return &f->sub->rows[0];
	return f;
}

static bool
number_of_word(const struct field *f, struct text_view word, int64_t *out)
{
	for (int64_t i = 0; f->words != NULL && f->words[i] != NULL; i++) {
		if (word.len > 0 && text_is(word, f->words[i])) {
			*out = i;
			return true;
		}
	}
	return false;
}

static void
read_number(const struct field *f, struct filter_term *term)
{
	term->has_whole = number_of_word(f, term->text, &term->whole) ||
	    units_parse(term->text, f->unit, &term->whole) == MESH_OK;
	if (term->has_whole) {
		term->number = (double)term->whole;
		term->has_number = true;
	} else {
		term->has_number = text_parse_f64(term->text, &term->number) == MESH_OK;
	}
}

static bool
read_bool(struct filter_term *term)
{
	bool yes = text_is(term->text, "true") || text_is(term->text, "yes");
	bool no = text_is(term->text, "false") || text_is(term->text, "no");
	term->has_whole = term->has_number = yes || no;
	term->whole = yes;
	term->number = yes ? 1 : 0;
	return yes || no;
}

/* What a row's value can be compared with, and how. */
static bool
read_value(struct parser *p, struct filter_term *term)
{
	const struct field *f = last_row(term);
	bool ordered = term->op != FILTER_EQ && term->op != FILTER_NE;
	switch (f->kind) {
	case FIELD_BOOL:
		if (ordered || !read_bool(term))
			return fail_here(p, "wanted = or != and yes or no, not");
		return true;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_I32:
	case FIELD_I64:
	case FIELD_F32:
	case FIELD_F64:
		read_number(f, term);
		if (term->op == FILTER_GLOB && f->words == NULL)
			return fail_here(p, "~ is for texts, not");
		if (!term->has_number && term->op != FILTER_GLOB)
			return fail_here(p, "wanted a number or one of its words, not");
		return true;
	case FIELD_ID:
		if (id_parse(term->text, &term->id) != MESH_OK)
			term->id = (struct id){ .kind = ID_NONE };
		return true;
	case FIELD_TREE:
		read_number(f, term);
		return true;
	case FIELD_KEY:
	case FIELD_TEXT:
	case FIELD_BYTES:
	case FIELD_LIST:
	case FIELD_STRUCT:
		break;
	}
	return true;
}

static bool
is_comparable(const struct filter_term *term)
{
	const struct field *f = last_row(term);
	if (f->kind == FIELD_TREE)
		return term->rest.len > 0;
	return f->kind != FIELD_LIST && f->kind != FIELD_STRUCT;
}

static struct filter_term *
new_term(struct parser *p)
{
	struct filter *f = p->out;
	if (f->term_count == FILTER_TERMS || f->code_count >= FILTER_CODE) {
		p->err = MESH_FULL;
		p->why->column = p->start + 1;
		snprintf(p->why->text, sizeof p->why->text, "more than %d terms",
		    FILTER_TERMS);
		return NULL;
	}
	f->code[f->code_count++] = (uint8_t)f->term_count;
	return &f->terms[f->term_count++];
}

static bool
take_path(struct parser *p, struct filter_term *term)
{
	if (p->now != TOKEN_WORD)
		return fail_here(p, "wanted a word here:");
	term->word = p->value;
	return find_path(p, term) || fail_here(p, "no such word:");
}

/* word OP value, or a bare word that is yes or no. */
static bool
parse_comparison(struct parser *p, struct filter_term *term)
{
	if (!take_path(p, term))
		return false;
	next_token(p);
	if (p->now != TOKEN_OP)
		return fail_here(p, "wanted = != < <= > >= or ~ here:");
	term->op = p->op;
	next_value(p);
	if (p->now != TOKEN_VALUE)
		return fail_here(p, "wanted a value here:");
	term->text = p->value;
	term->quoted = p->quoted;
	if (!is_comparable(term))
		return fail_here(p, "this word has parts, name one; or ask has(word):");
	return read_value(p, term);
}

static bool
parse_has(struct parser *p, struct filter_term *term)
{
	term->op = FILTER_HAS;
	next_token(p);
	if (p->now != TOKEN_OPEN)
		return fail_here(p, "wanted ( after has:");
	next_token(p);
	if (!take_path(p, term))
		return false;
	next_token(p);
	return p->now == TOKEN_SHUT || fail_here(p, "wanted ) here:");
}

/* --- the expression: operators wait until what binds less comes --- */

static bool
emit(struct parser *p, enum waiting what)
{
	static const uint8_t codes[] = {
		[WAIT_OR] = FILTER_OR, [WAIT_AND] = FILTER_AND, [WAIT_NOT] = FILTER_NOT
	};
	if (p->out->code_count >= FILTER_CODE)
		return fail_here(p, "too long here:");
	p->out->code[p->out->code_count++] = codes[what];
	return true;
}

static bool
emit_down_to(struct parser *p, enum waiting least)
{
	while (p->waiting_count > 0 && p->waiting[p->waiting_count - 1] >= least &&
	    p->waiting[p->waiting_count - 1] != WAIT_OPEN) {
		if (!emit(p, p->waiting[--p->waiting_count]))
			return false;
	}
	return true;
}

static bool
wait(struct parser *p, enum waiting what)
{
	if (p->waiting_count == LENGTH(p->waiting))
		return fail_here(p, "too deep here:");
	p->waiting[p->waiting_count++] = (uint8_t)what;
	return true;
}

/* Where a term may begin: true and `*ended` once one is complete. */
static bool
parse_operand(struct parser *p, bool *ended)
{
	*ended = false;
	if (p->now == TOKEN_NOT)
		return wait(p, WAIT_NOT);
	if (p->now == TOKEN_OPEN)
		return wait(p, WAIT_OPEN);
	if (p->now == TOKEN_END)
		return fail_here(p, "something is missing at the end");
	struct filter_term *term = new_term(p);
	*ended = true;
	if (term == NULL)
		return false;
	return p->now == TOKEN_HAS ? parse_has(p, term) : parse_comparison(p, term);
}

/* After a term: `and`, `or`, `)` or the end. */
static bool
parse_operator(struct parser *p, bool *wants_operand)
{
	*wants_operand = p->now == TOKEN_AND || p->now == TOKEN_OR;
	if (*wants_operand) {
		enum waiting what = p->now == TOKEN_AND ? WAIT_AND : WAIT_OR;
		return emit_down_to(p, what) && wait(p, what);
	}
	if (p->now != TOKEN_SHUT)
		return fail_here(p, "wanted and, or, ) or the end here:");
	if (!emit_down_to(p, WAIT_OR))
		return false;
	if (p->waiting_count == 0)
		return fail_here(p, "no ( before this");
	p->waiting_count--;
	return true;
}

static bool
parse_all(struct parser *p)
{
	bool wants_operand = true, ended = false;
	next_token(p);
	if (p->now == TOKEN_END)
		return true;
	while (wants_operand || p->now != TOKEN_END) {
		if (wants_operand) {
			if (!parse_operand(p, &ended))
				return false;
			wants_operand = !ended;
		} else if (!parse_operator(p, &wants_operand)) {
			return false;
		}
		next_token(p);
	}
	if (!emit_down_to(p, WAIT_OR))
		return false;
	return p->waiting_count == 0 || fail_here(p, "a ) is missing at the end");
}

enum mesh_err
filter_parse(const struct field_table *t, struct text_view text, struct arena *into,
    const struct filter **out, struct filter_error *why)
{
	struct parser p = { .into = into, .why = why };
	*out = NULL;
	*why = (struct filter_error){ 0 };
	if (text.len > FILTER_TEXT) {
		fail_at(&p, FILTER_TEXT, "longer than 2048 bytes",
		    (struct text_view){ NULL, 0 });
		return MESH_FULL;
	}
	p.in = arena_text(into, text);
	p.out = arena_take(into, 1, sizeof *p.out);
	if (p.in.ptr == NULL || p.out == NULL)
		return MESH_FULL;
	p.out->table = t;
	if (!parse_all(&p))
		return p.err != MESH_OK ? p.err : MESH_MALFORMED;
	*out = p.out;
	return MESH_OK;
}
