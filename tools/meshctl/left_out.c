#include "left_out.h"
#include "columns.h"
#include "tables.h"
#include "types.h"
#include <stdio.h>
#include <string.h>

enum { NAMED = 3 };
static const struct {
	const char *what, *missing, *way;
} ways[] = {
	{ "entries", "all entries", "registry list --everywhere" },
	{ "types", "entries of types that are not kept here",
	    "registry list --everywhere" },
	{ "embeddings", "embeddings", "registry get HASH --embeddings" },
};

/* "a, b, c and 2 more" */
static void
print_sites(const json_t *left)
{
	static const struct column name = { "", "", COLUMN_TEXT, 0, KEPT };
	const json_t *of = json_object_get(left, "of");
	json_int_t more = json_integer_value(json_object_get(left, "sites"));
	for (size_t i = 0; i < NAMED && i < json_array_size(of); i++, more--) {
		char text[80];
		cell_text(&name, json_array_get(of, i), 0, text, sizeof text);
		fprintf(stderr, "%s%s", i > 0 ? ", " : "", text);
	}
	if (more > 0)
		fprintf(stderr, " and %lld more", (long long)more);
}

void
left_out_print(const struct options *o, const json_t *answer)
{
	const json_t *left = json_object_get(answer, "left_out");
	const char *what = json_string_value(json_object_get(left, "what"));
	for (size_t i = 0; !o->quiet && what != NULL && i < LENGTH(ways); i++) {
		if (strcmp(ways[i].what, what) != 0)
			continue;
		fprintf(stderr, "not here: %s of ", ways[i].missing);
		print_sites(left);
		fprintf(stderr, "\nto see them: meshctl %s\n", ways[i].way);
	}
}
