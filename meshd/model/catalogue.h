/* catalogue.h - which numbers of an object are series, and what they are called.
 *
 * Made from its table: each row with FIELD_SERIES is a figure, called as in JSON with
 * dots; the rows of a member with FIELD_REASONS are figures of that member's name and a
 * reason each.  What is counted (counts and bytes) only grows, all else is a gauge.
 * Floor 5.  Pure. */
#ifndef MODEL_CATALOGUE_H
#define MODEL_CATALOGUE_H
#include "sample.h"

enum { CATALOGUE_FIGURES = 32 }; /* no object has more */
struct figure {
	struct text_view name;   /* "radio.link.lost"; in the arena */
	struct text_view reason; /* "closed"; empty: it has none */
	const struct field *row; /* of the object, or the member with the reasons */
	double value;
	enum sample_kind kind;
};
/* All that `object` has now, in the order of its table, `name` and a dot before each;
 * how many.  Those that the arena has no room for are left out. */
size_t catalogue_figures(const struct field_table *t, const void *object,
    const char *name, struct arena *arena, struct figure out[static CATALOGUE_FIGURES]);
#endif
