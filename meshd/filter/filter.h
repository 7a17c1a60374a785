/* filter.h - one language for alerts, packets, CLI, SSE, apps and web.
 *
 * `severity>=high and kind~"node.*" and not site=lab`: and or not ( ), = != < <= > >=,
 * ~ is glob (* and ?), has(word).  Words are row names with dots; a word inside a list
 * matches if one element does.  Values take units (`rtt_ms<2s`, `snr<-10`)
 * and, for rows with words, compare by the words' order.  A comparison with an absent
 * field is false, and so is < or > between a number and a text: inside a value
 * (`metadata.n>5`) a value that is written as a number means numbers, one in quotes
 * (`metadata.n>"5"`) or another word means texts.  Parsed once against the table it
 * will be used on: errors by column, 64 terms at most.  A program is a flat list that
 * is run over one machine word of bits: no recursion, no allocation, no backtracking.
 * Floor 5.  Pure. */
#ifndef FILTER_H
#define FILTER_H
#include "arena.h"
#include "fields.h"
#include "id.h"

enum { FILTER_TERMS = 64, FILTER_CODE = 192, FILTER_PATH = 4, FILTER_TEXT = 2048 };
enum filter_op {
	FILTER_EQ,
	FILTER_NE,
	FILTER_LT,
	FILTER_LE,
	FILTER_GT,
	FILTER_GE,
	FILTER_GLOB,
	FILTER_HAS
};
struct filter_term {
	struct text_view word;                     /* as written: "position.lat" */
	const struct field *path[FILTER_PATH];     /* rows from the outside in */
	const struct field_table *in[FILTER_PATH]; /* the table each row stands in */
	uint8_t depth;
	struct text_view rest; /* inside a tree: what is left of the word */
	enum filter_op op;
	struct text_view text; /* the value as written, quotes removed */
	bool quoted;
	bool has_number;
	double number; /* the value in the row's unit */
	bool has_whole;
	int64_t whole; /* the same, exactly */
	struct id id;  /* rows of kind ID, where the value reads as one */
};
enum filter_code {
	FILTER_AND = 0xfd,
	FILTER_OR = 0xfe,
	FILTER_NOT = 0xff
};              /* or a term */
struct filter { /* in the arena of filter_parse; borrow it while that lives */
	const struct field_table *table;
	size_t term_count, code_count;
	struct filter_term terms[FILTER_TERMS];
	uint8_t code[FILTER_CODE]; /* postfix: term numbers and filter_code */
};
struct filter_error {
	size_t column;  /* 1 is the first character */
	char text[120]; /* "no word `sevrity` in alert" */
};
/* An empty text is the filter that everything passes.  The text is copied. */
MESH_MUST_CHECK enum mesh_err filter_parse(const struct field_table *t,
    struct text_view text, struct arena *into, const struct filter **out,
    struct filter_error *why);
/* `object` belongs to f->table.  NULL passes everything. */
bool filter_eval(const struct filter *f, const void *object);
/* True when `f` is terms joined by `and` alone (or one term): each may then narrow a
 * query by itself, filter_eval decides the rest. */
bool filter_is_conjunction(const struct filter *f);
#endif
