#include "arguments.h"
#include <string.h>

const char *
argument(const struct arguments *a, const char *name)
{
	for (size_t i = 0; i < a->pair_count; i++) {
		if (strcmp(a->pairs[i].name, name) == 0)
			return a->pairs[i].value;
	}
	return NULL;
}
