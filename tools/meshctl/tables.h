/* tables.h - JSON items as aligned columns, never wider than the terminal.
 *
 * Texts may come off the air: control and bidi characters are dropped before
 * libsmartcols measures and cuts them.  Floor 11. */
#ifndef MESHCTL_TABLES_H
#define MESHCTL_TABLES_H
#include "arguments.h"
#include <jansson.h>

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_AGE,
	COLUMN_LEFT, /* until then */
	COLUMN_FLAG,
	COLUMN_COUNT,
	COLUMN_HEARD, /* of a packet: by how many, or `local`: it stays at this site */
	COLUMN_BYTES,
	COLUMN_SNR,
	COLUMN_SHORT /* the first 8 letters of a key */,
	COLUMN_JSON,
	COLUMN_SAID /* of a message: its text, and its kind where that is another */
};
enum column_fit {
	KEPT = 0,
	CUT = 1, /* may be cut to fit */
	WIDE = 2 /* is left out where the terminal has fewer than 100 columns */
};
struct column {
	const char *path; /* dotted, inside an item; "a|b" is a, or b where a is absent;
			   * "" is the item itself.  NULL ends */
	const char *header;
	enum column_kind kind;
	double hint;  /* share of the width (below 1) or least columns */
	unsigned fit; /* enum column_fit, of which some may be joined */
};
/* Print the items; `now_ms` is what ages count from.  Nothing for an empty list but a
 * line on stderr. */
void table_print(const struct options *o, const struct column *columns,
    const json_t *items, int64_t now_ms);
/* One object as "name  value" lines, inner objects indented. */
void object_print(const struct options *o, json_t *object, int64_t now_ms);
/* The member at a dotted path, or NULL. */
const json_t *member_at(const json_t *object, const char *path);
/* A cell's text into `to`, cleaned. */
void cell_text(
    const struct column *c, const json_t *item, int64_t now_ms, char *to, size_t cap);
#endif
