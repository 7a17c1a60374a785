/* conf_parse.h - the grammar of a configuration source, one line at a time.
 *
 *     # comment                        [section]
 *     key = value   # comment          [section "name"]
 *     key = "value with # in it"
 *
 * Knows no options: what a line says is looked up by conf_load.c.  Sections and keys
 * that begin with `x-` belong to others and are skipped.  Floor 5.  Pure; bounded by
 * its input, no recursion. */
#ifndef CONF_PARSE_H
#define CONF_PARSE_H
#include "bytes.h"
#include "options.h"

enum conf_line_kind { CONF_LINE_SECTION, CONF_LINE_VALUE, CONF_LINE_FAULT };
struct conf_line { /* views into the source, or into the parser until the next line */
	enum conf_line_kind kind;
	uint32_t number; /* from 1; arguments: which of them */
	struct text_view section, instance, key, value;
	const char *fault; /* FAULT: "a line is `key = value` or `[section]`" */
};
struct conf_parser {
	enum conf_source_kind kind;
	struct text_view rest, section, instance;
	uint32_t number;
	bool skip; /* inside an x- section */
	char room[192];
};
struct conf_parser conf_parser(const struct config_source *source);
bool conf_next_line(struct conf_parser *p, struct conf_line *out);

/* How many letters must change to make one of the other: 0 is equal; above 3 stops. */
unsigned conf_distance(struct text_view a, struct text_view b);
#endif
